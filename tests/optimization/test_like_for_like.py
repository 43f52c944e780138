"""Rules beside the optimum: like with like, and no figure for what the spec does not allow."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from optimization.likes import DUST, SCARCE, SOLD, SUNNY, UNSERVED
from worlds import said

import evdsl
from evdsl.optimization.comparison import Comparison, compare
from evdsl.optimization.policies import POLICIES
from evdsl.optimization.policies.battery import course
from evdsl.report.comparison import document, rows_of, text
from evdsl.schedule.sales import sold_beyond

SOLVERS = ("highs", "scip")


def compared(spec: str, solver: str = "highs", **toggles: list[str]) -> Comparison:
    return compare(evdsl.compile(evdsl.loads(spec, **toggles)).run(solver), POLICIES)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_rule_as_good_as_the_optimum_is_0_percent_worse(solver: str) -> None:
    comparison = compared(DUST, solver)
    assert [comparison.worse_by(ruled) for ruled in comparison.ruled] == [0.0] * 5
    assert comparison.optimum.terms["unmet"] == 0.0
    rows = [line.split() for line in text(comparison).splitlines() if line.startswith("edf ")]
    assert rows == [["edf", "0.00", "0", "%", "100", "%", "10.00"]]


@pytest.mark.parametrize("solver", SOLVERS)
def test_who_may_use_any_port_leaves_the_scarce_one_free(solver: str) -> None:
    comparison = compared(SCARCE, solver)
    assert all(ruled.is_allowed for ruled in comparison.ruled)
    assert [comparison.worse_by(ruled) for ruled in comparison.ruled] == [0.0] * 5


def test_who_needs_the_scarce_port_takes_it() -> None:
    """30 kWh in two hours are more than the slow port gives."""
    spec = SCARCE.replace("stay    = 4 h\n    energy  = 10", "stay    = 2 h\n    energy  = 30")
    ruled = compared(
        spec.replace("arrival = 01:00\n    stay    = 3", "arrival = 02:00\n    stay    = 2")
    ).ruled
    assert all(one.is_allowed for one in ruled)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_rule_that_breaks_the_spec_is_not_allowed_and_has_no_figure(solver: str) -> None:
    comparison = compared(UNSERVED, solver)
    allowed = {ruled.policy.name: ruled.is_allowed for ruled in comparison.ruled}
    assert allowed == {
        "uncontrolled": False,
        "fifs": False,
        "edf": True,
        "llf": True,
        "round_robin": False,
    }
    lines = text(comparison).splitlines()
    assert [line for line in lines if line.startswith("uncontrolled")] == [
        "uncontrolled                 not allowed"
    ]
    assert [line for line in lines if line.startswith("not allowed")] == [
        "not allowed: uncontrolled, fifs, round_robin; `urgent` lacks 5.00 kWh, and"
    ]
    rules = document(comparison)["rules"]
    assert isinstance(rules, list)
    assert rules[0]["objective"] is None
    assert rules[0]["worse_by"] is None
    assert rules[0]["terms"] == {}
    assert rules[0]["violations"] == {"unmet": 1}
    # 20 EUR where 15 are enough.
    assert rules[2]["worse_by"] == pytest.approx(1 / 3)


@pytest.mark.parametrize("solver", SOLVERS)
def test_what_is_sold_beyond_is_sold_by_the_rules_too(solver: str) -> None:
    comparison = compared(SOLD, solver)
    best = comparison.best()
    assert best is not None
    assert best.value == pytest.approx(8.0, abs=1e-5)
    assert comparison.beyond == pytest.approx([10.0], abs=1e-5)
    assert [comparison.worse_by(ruled) for ruled in comparison.ruled] == [0.0] * 5
    told = "sold beyond what was asked: 10.00 kWh, to 1 vehicle; the rules sell as much"
    assert told in text(comparison).splitlines()


def test_what_is_sold_beyond_is_told_in_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sold.evs"
    path.write_text(SOLD)
    _, out, _ = said(capsys, "solve", str(path))
    assert "sold      10.00 kWh beyond what was asked, to 1 vehicle" in out
    _, out, _ = said(capsys, "solve", str(path), "--json")
    assert json.loads(out)["vehicles"][0]["sold_beyond"] == pytest.approx(10.0, abs=1e-5)


def test_energy_without_a_tariff_is_not_sold() -> None:
    """Prices below zero pay for charging more than is asked for, and no driver pays."""
    spec = SOLD.replace("    tariff  = 0.50 EUR/kWh\n", "").replace("0.10 EUR", "-0.10 EUR")
    result = evdsl.compile(evdsl.loads(spec.replace("maximize profit", "minimize cost"))).run("highs")
    assert result.schedule is not None
    assert result.terms["cost"] == pytest.approx(-2.0, abs=1e-5)
    assert sold_beyond(result.spec, result.data, result.schedule).tolist() == [0.0]


def test_what_is_sold_beyond_is_counted_at_the_port_where_energy_is_asked_for() -> None:
    spec = SOLD.replace("soc_arrival = 0 %\n    soc_target  = 50 %", "energy = 4 kWh")
    result = evdsl.compile(evdsl.loads(spec)).run("highs")
    assert result.schedule is not None
    assert sold_beyond(result.spec, result.data, result.schedule) == pytest.approx([16.0], abs=1e-5)


@pytest.mark.parametrize(
    ("sun", "more", "cost"),
    [
        # 10 kWh are left over: 8 kW above a cap of 1 kW are all given, in 3 and 7 kWh.
        (7, "", 0.60),
        # 16 kWh are left over; 12 are needed.
        (10, "", 0.0),
        # 20 % have to be left: 4 of the 10 kWh.
        (7, "soc_final = 20 %", 1.80),
        # Half is lost on the way back and forth: 10 kWh become 2.50.
        (7, "efficiency = 50 %", 2.85),
    ],
)
def test_storage_takes_what_is_left_over_and_gives_at_the_peak(sun: int, more: str, cost: float) -> None:
    comparison = compared(SUNNY.format(sun=sun, more=more))
    for ruled in comparison.ruled:
        assert ruled.is_allowed, ruled.verdict.violations
        assert ruled.terms["cost"] == pytest.approx(cost, abs=1e-6)


def test_storage_takes_the_top_off_the_peak() -> None:
    """10 kWh for 4 and 8 kW: both come down to 1 kW."""
    comparison = compared(SUNNY.format(sun=7, more=""))
    schedule = comparison.ruled[0].schedule
    assert schedule["battery.discharge"].values == pytest.approx([0, 0, 3, 7], abs=1e-6)
    assert schedule["import"].values == pytest.approx([0, 0, 1, 1], abs=1e-6)


def test_storage_that_has_to_be_fuller_at_the_end_is_charged_from_the_grid() -> None:
    comparison = compared(SUNNY.format(sun=0, more="soc_final = 25 %"))
    assert all(ruled.is_allowed for ruled in comparison.ruled)
    # 16 kWh for the house and 5 for the storage.
    assert comparison.ruled[0].terms["cost"] == pytest.approx(6.30, abs=1e-9)


def test_storage_without_a_surplus_is_said_to_be_idle() -> None:
    comparison = compared(SUNNY.format(sun=0, more=""))
    assert comparison.idle_storages == ("battery",)
    assert "idle under the rules" in text(comparison)


def test_storage_gives_each_day_what_it_has() -> None:
    """A dull first day does not keep the second one from its sun."""
    battery = evdsl.loads(SUNNY.format(sun=7, more="")).named("storage", "battery")
    net = np.array([4.0] * 24 + [-2.0] * 10 + [2.0] * 10 + [0.0] * 4)
    free = np.full(48, np.inf)
    done = course(battery, net, free, free, 1.0)
    assert done.charge.tolist() == [0.0] * 24 + [2.0] * 10 + [0.0] * 14
    assert done.discharge.tolist() == [0.0] * 34 + [2.0] * 10 + [0.0] * 4


def test_storage_keeps_to_what_its_feeders_let_through() -> None:
    battery = evdsl.loads(SUNNY.format(sun=7, more="")).named("storage", "battery")
    net = np.array([-5.0, -5.0, 5.0, 5.0])
    done = course(battery, net, np.full(4, 3.0), np.full(4, 2.0), 1.0)
    assert done.charge.tolist() == [3.0, 3.0, 0.0, 0.0]
    assert done.discharge == pytest.approx([0.0, 0.0, 2.0, 2.0])


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_of_a_comparison_is_wider_than_the_terminal(width: int) -> None:
    for spec in (UNSERVED, SOLD, SUNNY.format(sun=7, more=""), SUNNY.format(sun=0, more="")):
        lines = text(compared(spec), width).splitlines()
        assert max(map(len, lines)) <= width


def test_a_narrow_terminal_leaves_columns_out_and_says_which() -> None:
    lines = text(compared(SOLD), 60).splitlines()
    assert "a wider terminal has columns for peak kW, revenue EUR;" in " ".join(lines)


EARNS = """station s {
    start   = 2024-03-12
    horizon = 2 h
    step    = 1 h
}
grid {
    import_limit = 10 kW
    price        = { 00:00: 0.30 EUR/kWh, 01:00: -0.10 EUR/kWh }
}
port ac {
    count = 1
    power = 10 kW
}
class car {
    battery = 40 kWh
    charge  = 10 kW
}
vehicle one of car {
    arrival   = 00:00
    departure = 02:00
    energy    = 10 kWh
}
minimize cost
"""


@pytest.mark.parametrize("solver", SOLVERS)
def test_what_pays_where_the_optimum_earns_is_told_as_an_amount_and_no_share(solver: str) -> None:
    comparison = compared(EARNS, solver)
    first = comparison.ruled[0]
    assert comparison.loss(first) == pytest.approx(4.0)
    assert comparison.worse_by(first) is None
    (line,) = (line for line in text(comparison).splitlines() if line.startswith("uncontrolled"))
    assert line.split()[:4] == ["uncontrolled", "3.00", "4.00", "EUR"]


def test_what_the_objective_weighs_has_a_column() -> None:
    spec = EARNS.replace("minimize cost", "minimize cost + 0.01 EUR/kWh/h * delay")
    assert any(title.startswith("delay") for title in rows_of(compared(spec))[0])
    assert not any(title.startswith("delay") for title in rows_of(compared(EARNS))[0])
