"""Shares of what the connection costs and earns: by hand, added up, and where they may not stand."""

from __future__ import annotations

import pytest

import evdsl
from evdsl.diagnostics.diagnostic import render
from evdsl.diagnostics.source import Source
from evdsl.report.facts import lets
from evdsl.report.run.document import document
from evdsl.semantics.resolve import resolve
from evdsl.testing.exact.claims import EXACTLY
from evdsl.testing.exact.claims import lets as missed
from evdsl.testing.trial import Trial
from evdsl.verifier import shares

SITE = """
station s {
    start   = 2024-03-12
    horizon = 1 h
    step    = 1 h
}
grid {
    price   = 0.20 EUR/kWh
    feed_in = 0.08 EUR/kWh
}
solar roof {
    power = SUN kW
}
load house {
    power = 2 kW
}
class car {
    charge = 6 kW
}
vehicle first of car {
    arrival = 00:00
    stay    = 1 h
    energy  = 4 kWh
}
vehicle last of car {
    arrival = 00:00
    stay    = 1 h
    energy  = 6 kWh
}
disable partial_charging
"""
V2G = """
station s {
    start   = 2024-03-12
    horizon = 2 h
    step    = 1 h
}
grid {
    price   = { 00:00: 0.10 EUR/kWh, 01:00: 0.50 EUR/kWh }
    feed_in = { 00:00: 0.05 EUR/kWh, 01:00: 0.40 EUR/kWh }
}
solar roof {
    power = { 00:00: 0 kW, 01:00: 4 kW }
}
port slow {
    power      = 10 kW
    discharge  = 10 kW
    efficiency = 80 %
}
storage pack {
    capacity    = 20 kWh
    power       = 8 kW
    soc_initial = 50 %
    soc_final   = 10 %
}
class car {
    battery   = 40 kWh
    charge    = 10 kW
    discharge = 10 kW
}
vehicle ev of car {
    arrival     = 00:00
    stay        = 2 h
    soc_arrival = 50 %
    soc_target  = 25 %
}
disable partial_charging
enable v2g
"""


def told(text: str, solver: str) -> tuple[evdsl.Result, dict[str, float]]:
    result = evdsl.solve(evdsl.loads(text), solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.schedule is not None
    assert not [str(miss) for miss in missed(result.spec, result.data, result.schedule) if miss.wrong]
    return result, {name: value for name, (value, _) in lets(result).items()}


def test_each_pays_by_what_it_takes(solver: str) -> None:
    """Import 8 and sun 4 kW at 0.20, house 2, cars 4 and 6 kW: the last pays 0.80 of 1.60."""
    text = SITE.replace("SUN", "4") + (
        "let own = energy_cost[last]\nlet others = energy_cost[first] + house.energy_cost\n"
        "let all = sum(v in vehicles: energy_cost[v]) + house.energy_cost\nminimize cost\n"
    )
    result, found = told(text, solver)
    assert result.terms["energy_cost"] == pytest.approx(1.60)
    assert found == pytest.approx({"own": 0.80, "others": 0.80, "all": 1.60})


def test_a_negative_price_is_shared_alike(solver: str) -> None:
    text = (
        SITE.replace("SUN", "4").replace("0.20", "-0.20")
        + "disable curtailment\nlet own = energy_cost[last]\n"
    )
    assert told(f"{text}minimize cost\n", solver)[1]["own"] == pytest.approx(-0.80)


def test_what_gives_is_paid_by_what_it_gives(solver: str) -> None:
    """The sun gives 4, the pack 8 and the car 8 kW at the site: 20 kW at 0.40."""
    text = V2G + (
        "let sun = roof.export_revenue\nlet stored = pack.export_revenue\nlet own = export_revenue[ev]\n"
        "let at = export_revenue[slow]\nlet all = sun + stored + own\nminimize cost\n"
    )
    result, found = told(text, solver)
    assert result.terms["export_revenue"] == pytest.approx(8.0)
    assert found == pytest.approx({"sun": 1.6, "stored": 3.2, "own": 3.2, "at": 3.2, "all": 8.0})


def test_losses_of_a_port_are_paid_by_its_vehicle(solver: str) -> None:
    """At 80 % a port takes 7.5 kW of the site for 6 at the car; the other takes 5, the house 2: 14.5 kW."""
    port = "port slow {\n    count      = 2\n    power      = 10 kW\n    efficiency = 80 %\n}\n"
    lines = "let own = energy_cost[last]\nlet at = energy_cost[slow]\nlet rest = house.energy_cost\n"
    found = told(f"{SITE.replace('SUN', '0')}{port}{lines}minimize cost\n", solver)[1]
    assert found == pytest.approx({"own": 1.50, "at": 2.50, "rest": 0.40})


def test_json_has_the_shares_of_each_vehicle() -> None:
    result = evdsl.solve(evdsl.loads(SITE.replace("SUN", "4") + "minimize cost\n"))
    record = document(result)
    vehicles = record["vehicles"]
    assert isinstance(vehicles, list)
    assert [one["energy_cost"] for one in vehicles] == pytest.approx([1.60 / 3, 0.80])
    assert [one["export_revenue"] for one in vehicles] == [0.0, 0.0]


def test_json_has_no_shares_of_what_has_no_price() -> None:
    text = SITE.replace("SUN", "4").replace("    feed_in = 0.08 EUR/kWh\n", "") + "minimize cost\n"
    vehicles = document(evdsl.solve(evdsl.loads(text)))["vehicles"]
    assert isinstance(vehicles, list)
    assert [one["export_revenue"] for one in vehicles] == [None, None]


@pytest.mark.parametrize(
    ("lines", "what", "marked"),
    [
        ("minimize energy_cost[last]", "an objective", "energy_cost[last]"),
        ("minimize cost - export_revenue[vehicles]", "an objective", "export_revenue[vehicles]"),
        ("pareto cost, energy_cost[last] points 3", "an objective", "energy_cost[last]"),
        ("let own = house.energy_cost\nminimize cost + own", "an objective", "own"),
        (
            "minimize cost\nrequire r: energy_cost[v] <= 3 EUR for v in vehicles",
            "a requirement",
            "energy_cost[v]",
        ),
    ],
)
def test_no_stage_and_no_requirement_has_a_share(lines: str, what: str, marked: str) -> None:
    found = resolve(Source("s.evs", SITE.replace("SUN", "4") + lines + "\n"))[1]
    assert [one.code for one in found] == ["E404"], render(found)
    message = f"`{marked}` is a share of the whole: a quotient of decisions, which {what} cannot have"
    assert found[0].message == message
    assert found[0].span is not None
    assert found[0].span.text == marked


@pytest.mark.parametrize(
    ("quantity", "price"), [("energy_cost[last]", "price"), ("roof.export_revenue", "feed_in")]
)
def test_a_share_needs_the_price_that_is_shared(quantity: str, price: str) -> None:
    text = "".join(line for line in SITE.splitlines(keepends=True) if not line.startswith(f"    {price} "))
    found = resolve(Source("s.evs", text.replace("SUN", "4") + f"let own = {quantity}\nminimize unmet\n"))[1]
    word = quantity.partition("[")[0].rpartition(".")[2]
    assert [(one.code, one.message) for one in found] == [
        ("E405", f"`{word}` needs the `{price}` of the `grid`")
    ]


def test_what_flows_through_the_connection_is_nobodys(solver: str) -> None:
    """In and out at once pays here; who takes nothing pays nothing of it, and the claims of shares hold."""
    text = (
        "station s {\n start = 2024-03-12\n horizon = 1 h\n step = 1 h\n}\n"
        "grid {\n price = 0.10 EUR/kWh\n feed_in = 0.30 EUR/kWh\n import_limit = 5 kW\n}\n"
        "solar roof { power = 3 kW }\nload house { power = 0 kW }\n"
        "disable import_or_export\nlet own = house.energy_cost\nminimize cost\n"
    )
    result, found = told(text, solver)
    assert result.terms["energy_cost"] == pytest.approx(0.50)
    assert found["own"] == 0.0
    trial = Trial(text, solvers=(solver,))
    assert [one.check(trial) for one in EXACTLY if one.name in ("shared_out", "lets_told")] == [None, None]


def test_a_wrong_share_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the claim about lets, and by the one about their sum."""
    right = shares.per_kilowatt
    monkeypatch.setattr(shares, "per_kilowatt", lambda *given: 0.9 * right(*given))
    trial = Trial(
        SITE.replace("SUN", "4") + "let own = energy_cost[last]\nminimize cost\n", solvers=("highs",)
    )
    wrong = [one.check(trial) for one in EXACTLY if one.name in ("shared_out", "lets_told")]
    assert wrong == [
        "highs: let own is missed by 0.08 at the schedule",
        "highs: shares of energy_cost is missed by 0.16 at the schedule",
    ]
