"""What a storage can be told: its powers, losses and leakage, where it may end."""

from __future__ import annotations

from pathlib import Path

import pytest

import evdsl
from evdsl.diagnostics.source import Source
from evdsl.optimization.comparison import compare
from evdsl.optimization.policies import POLICIES
from evdsl.semantics.resolve import resolve
from evdsl.testing import claims, misses

HEAD = """
station s {{
    start = 2024-03-12
    horizon = {hours}
    step = {step}
}}
grid {{
    {grid}
}}
"""


def site(rest: str, hours: str = "2 h", step: str = "1 h", grid: str = "price = 0.10 EUR/kWh") -> str:
    return HEAD.format(hours=hours, step=step, grid=grid) + rest


def storage(settings: str) -> str:
    return "storage box {\n    " + settings.replace("; ", "\n    ") + "\n}\n"


def solved(text: str, solver: str) -> evdsl.Result:
    """The optimum of a spec, verified, and held in fractions as well."""
    result = evdsl.compile(evdsl.loads(text)).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations[:3]
    assert result.schedule is not None
    found = (
        *misses(result.spec, result.data, result.schedule),
        *claims(result.spec, result.data, result.schedule),
    )
    assert [str(miss) for miss in found if miss.wrong] == []
    return result


TWO_PRICES = "price = { 00:00: 0.10 EUR/kWh, 01:00: 0.30 EUR/kWh }"


@pytest.mark.parametrize("step", ["1 h", "20 min", "2 h"])
def test_what_leaks_does_not_depend_on_the_length_of_a_step(solver: str, step: str) -> None:
    box = "capacity = 100 kWh; power = 10 kW; soc_initial = 100 %; soc_final = 0 %; leakage = 0.1 %/h"
    result = solved(site(storage(box), "24 h", step) + "minimize energy_cost\n", solver)
    assert result.schedule is not None
    assert float(result.schedule["box.energy_end"]) == pytest.approx(97.627399, abs=1e-6)


def test_what_leaks_is_bought_when_it_is_cheap_and_not_before(solver: str) -> None:
    box = storage("capacity = 100 kWh; power = 10 kW; leakage = 1 %/h")
    result = solved(site(box, grid=TWO_PRICES) + "minimize cost\n", solver)
    assert result.stages[0].value == pytest.approx(0.100505, abs=1e-6)


@pytest.mark.parametrize(("final", "cost"), [("soc_final = 0 %", -0.50), ("soc_final = 40 % .. 60 %", -0.10)])
def test_a_range_of_the_final_state_says_the_most_too(solver: str, final: str, cost: float) -> None:
    box = storage(f"capacity = 10 kWh; power = 10 kW; {final}")
    result = solved(site(box, "1 h", grid="price = -0.10 EUR/kWh") + "minimize cost\n", solver)
    assert result.stages[0].value == pytest.approx(cost, abs=1e-7)


@pytest.mark.parametrize(
    ("settings", "cost"),
    [
        ("power = 10 kW", 0.10 * 10),
        ("charge = 4 kW; discharge = 10 kW", 0.10 * 4 + 0.30 * 6),
        ("charge = 10 kW; discharge = 4 kW", 0.10 * 4 + 0.30 * 6),
        ("power = 10 kW; charge_efficiency = 50 %", 0.10 * 10 + 0.30 * 5),
        ("power = 10 kW; discharge_efficiency = 50 %", 0.10 * 10 + 0.30 * 5),
        ("power = 10 kW; efficiency = 50 %; discharge_efficiency = 100 %", 0.10 * 10 + 0.30 * 5),
    ],
)
def test_powers_and_losses_may_differ_by_way(solver: str, settings: str, cost: float) -> None:
    box = storage(f"capacity = 20 kWh; soc_initial = 0 %; {settings}")
    load = "load house {\n    power = { 00:00: 0 kW, 01:00: 10 kW }\n}\n"
    result = solved(site(box + load, grid=TWO_PRICES) + "minimize cost\n", solver)
    assert result.stages[0].value == pytest.approx(cost, abs=1e-7)


def test_a_storage_that_may_end_with_less_alone_burns_nothing(solver: str) -> None:
    """Full at first, to end with less, and nothing takes what it gives: doing both at once would help."""
    box = "capacity = 10 kWh; power = 4 kW; efficiency = 50 %; soc_initial = 100 %; soc_final = 0 % .. 80 %"
    text = site(storage(box), "1 h") + "minimize cost\n"
    assert evdsl.compile(evdsl.loads(text)).run(solver).status is evdsl.Status.INFEASIBLE
    assert solved("disable exclusive\n" + text, solver).stages[0].value <= 1e-7


@pytest.mark.parametrize(
    ("settings", "variable", "rule"),
    [
        ("power = 10 kW; leakage = 1 %/h", "box.energy_end", "storage-energy"),
        ("charge = 5 kW; discharge = 10 kW", "box.charge", "storage-power"),
        ("charge = 10 kW; discharge = 5 kW", "box.discharge", "storage-power"),
        ("power = 10 kW; charge_efficiency = 80 %", "box.charge", "storage-energy"),
    ],
)
def test_a_schedule_that_breaks_one_of_these_is_refused_twice(
    settings: str, variable: str, rule: str
) -> None:
    result = solved(site(storage(f"capacity = 40 kWh; {settings}")) + "minimize cost\n", "highs")
    assert result.schedule is not None
    wrong = result.schedule.copy(deep=True)
    wrong[variable] = wrong[variable] + 6.0
    assert rule in {violation.rule for violation in evdsl.verify(result.spec, wrong, result.data).violations}
    assert rule.replace("-", " ") in {
        miss.rule for miss in misses(result.spec, result.data, wrong) if miss.wrong
    }


def test_a_schedule_that_ends_above_its_range_is_refused_twice() -> None:
    grid = "price = -0.10 EUR/kWh"
    free, bounded = (
        site(storage(f"capacity = 10 kWh; power = 10 kW; soc_final = {final}"), "1 h", grid=grid)
        + "minimize cost\n"
        for final in ("50 %", "40 % .. 60 %")
    )
    result, spec = solved(free, "highs"), evdsl.loads(bounded)
    assert result.schedule is not None
    found = evdsl.verify(spec, result.schedule, result.data).violations
    assert [v.size for v in found if v.rule == "storage-final"] == [pytest.approx(4.0)]
    assert [float(m.by) for m in misses(spec, result.data, result.schedule) if m.rule == "storage final"] == [
        pytest.approx(4.0)
    ]


SUN = """
solar roof {
    power = { 00:00: 5 kW, 01:00: 0 kW }
}
load house {
    power = { 00:00: 2 kW, 01:00: 8 kW }
}
"""
DEARER = "price = { 00:00: 0.10 EUR/kWh, 01:00: 0.50 EUR/kWh }"


@pytest.mark.parametrize("crossing", ["", "disable import_or_export\n"])
@pytest.mark.parametrize("exclusive", ["", "disable exclusive\n"])
@pytest.mark.parametrize(("source", "cost"), [("any", 0.50), ("generation", 1.70), ("surplus", 2.50)])
def test_a_storage_is_charged_from_its_source(
    solver: str, source: str, cost: float, exclusive: str, crossing: str
) -> None:
    box = storage(f"capacity = 10 kWh; power = 10 kW; soc_initial = 0 %; source = {source}")
    text = site(box + SUN, grid=DEARER) + exclusive + crossing + "minimize cost\n"
    assert solved(text, solver).stages[0].value == pytest.approx(cost, abs=1e-7)


def test_a_roof_is_shared_by_the_storages_that_it_is_the_source_of(solver: str) -> None:
    """5 kWh of sun in all, whichever of the two takes it; the third takes 3 kWh of the grid."""
    boxes = "".join(
        storage(f"capacity = {size} kWh; power = 10 kW; soc_initial = 0 %; source = {source}").replace(
            "box", name
        )
        for name, size, source in (("one", 4, "generation"), ("two", 4, "generation"), ("three", 3, "any"))
    )
    text = site(boxes + SUN, grid=DEARER) + "minimize cost\n"
    assert solved(text, solver).stages[0].value == pytest.approx(0.10 * 5, abs=1e-7)


def test_what_a_car_gives_is_no_generation_and_no_surplus(solver: str) -> None:
    car = """
class car {
    battery = 10 kWh
    charge = 10 kW
    discharge = 10 kW
}
vehicle v of car {
    arrival = 00:00
    stay = 1 h
    soc_arrival = 100 %
    soc_target = 0 %
}
enable v2g
load house {
    power = { 00:00: 0 kW, 01:00: 10 kW }
}
"""
    for source, cost in (("any", 0.0), ("generation", 3.0), ("surplus", 3.0)):
        box = storage(f"capacity = 10 kWh; power = 10 kW; soc_initial = 0 %; source = {source}")
        text = site(box + car, grid="price = 0.30 EUR/kWh") + "minimize energy_cost\n"
        assert solved(text, solver).stages[0].value == pytest.approx(cost, abs=1e-7)


@pytest.mark.parametrize("exclusive", ["", "disable exclusive\n"])
@pytest.mark.parametrize(("sink", "cost"), [("any", -4.40), ("site", 0.10)])
def test_a_storage_gives_to_its_sink(solver: str, sink: str, cost: float, exclusive: str) -> None:
    grid = "price = { 00:00: 0.10 EUR/kWh, 01:00: 0.60 EUR/kWh }\n    feed_in = 0.60 EUR/kWh"
    grid = grid.replace("feed_in = 0.60 EUR/kWh", "feed_in = { 00:00: 0 EUR/kWh, 01:00: 0.60 EUR/kWh }")
    box = storage(f"capacity = 10 kWh; power = 10 kW; soc_initial = 0 %; sink = {sink}")
    load = "load house {\n    power = { 00:00: 0 kW, 01:00: 1 kW }\n}\n"
    text = site(box + load, grid=grid) + exclusive + "minimize cost\n"
    assert solved(text, solver).stages[0].value == pytest.approx(cost, abs=1e-7)


def test_an_import_may_cross_an_export_beside_a_storage_that_waits_for_surplus(solver: str) -> None:
    """With exports dearer than imports, 20 kW pass through in each hour, and no box is charged in them."""
    grid = "price = 0.10 EUR/kWh\n    feed_in = 0.15 EUR/kWh\n    export_limit = 20 kW"
    box = storage("capacity = 10 kWh; power = 10 kW; soc_initial = 0 %; source = surplus")
    text = site(box + SUN, grid=grid) + "disable import_or_export\nminimize cost\n"
    # In the first hour 20 kW out, of which 3 are sun; in the second 28 in and 20 out.
    assert solved(text, solver).stages[0].value == pytest.approx(17 * 0.10 + 28 * 0.10 - 40 * 0.15, abs=1e-7)


@pytest.mark.parametrize(
    ("settings", "changes", "rule"),
    [
        ("source = generation", {"box.charge": 6.0}, "storage-source"),
        ("source = surplus", {"box.charge": 2.0, "import": 2.0}, "storage-source"),
        ("sink = site", {"box.discharge": 9.0}, "storage-sink"),
    ],
)
def test_a_flow_from_or_to_elsewhere_is_refused_twice(
    settings: str, changes: dict[str, float], rule: str
) -> None:
    box = storage(f"capacity = 40 kWh; power = 10 kW; {settings}")
    result = solved(site(box + SUN, grid=DEARER) + "minimize cost\n", "highs")
    assert result.schedule is not None
    wrong = result.schedule.copy(deep=True)
    for name, power in changes.items():
        wrong[name] = wrong[name] * 0.0 + power
    assert rule in {violation.rule for violation in evdsl.verify(result.spec, wrong, result.data).violations}
    assert rule.replace("-", " ") in {
        miss.rule for miss in misses(result.spec, result.data, wrong) if miss.wrong
    }


@pytest.mark.parametrize("settings", ["source = generation", "source = surplus", "sink = site"])
def test_rules_charge_from_the_source_and_give_to_the_sink(settings: str) -> None:
    box = storage(f"capacity = 10 kWh; power = 10 kW; soc_initial = 0 %; {settings}")
    other = storage("capacity = 10 kWh; power = 10 kW; soc_initial = 0 %; soc_final = 30 %")
    text = site(box + other.replace("box", "other") + SUN, grid=DEARER) + "minimize cost\n"
    comparison = compare(solved(text, "highs"), POLICIES)
    assert [ruled.policy.name for ruled in comparison.ruled if not ruled.verdict.ok] == []


@pytest.mark.parametrize(
    ("grid", "toggle", "codes"),
    [
        ("", "disable import_or_export\n", ["E411"]),
        ("", "", []),
        ("\n    import_limit = 20 kW", "disable import_or_export\n", []),
        ("\n    export_limit = 20 kW", "disable import_or_export\n", []),
    ],
)
def test_waiting_for_surplus_needs_a_bound_of_what_is_imported(
    grid: str, toggle: str, codes: list[str]
) -> None:
    box = storage("capacity = 10 kWh; power = 10 kW; source = surplus")
    text = (
        site(box, grid=f"price = 0.10 EUR/kWh\n    feed_in = 0.05 EUR/kWh{grid}") + toggle + "minimize cost\n"
    )
    found = resolve(Source("lot.evs", text, Path("/nowhere/lot.evs")))[1]
    assert [one.code for one in found] == codes


@pytest.mark.parametrize(
    ("least", "load", "toggle", "cost"),
    [
        ("", 2, "enable min_power\n", 0.20),
        ("; min_power = 5 kW", 2, "", 0.20),
        ("; min_power = 5 kW", 2, "enable min_power\n", 0.60),
        ("; min_power = 5 kW", 6, "enable min_power\n", 0.60),
        ("; min_power = 5 kW", 2, "enable min_power\ndisable exclusive\n", 0.20),  # 7 kW out, 5 of them in
        ("; min_power = 8 kW", 12, "enable min_power\n", 1.20),
    ],
)
def test_a_storage_has_a_least_power_either_way(
    solver: str, least: str, load: float, toggle: str, cost: float
) -> None:
    box = storage(f"capacity = 20 kWh; power = 20 kW; soc_initial = 0 %{least}")
    house = f"load house {{\n    power = {{ 00:00: 0 kW, 01:00: {load} kW }}\n}}\n"
    text = site(box + house, grid=TWO_PRICES) + toggle + "minimize cost\n"
    assert solved(text, solver).stages[0].value == pytest.approx(cost, abs=1e-7)


def test_a_power_below_the_least_of_a_storage_is_refused_twice() -> None:
    box = storage("capacity = 40 kWh; power = 10 kW; min_power = 5 kW")
    result = solved(site(box) + "enable min_power\nminimize cost\n", "highs")
    assert result.schedule is not None
    for name in ("box.charge", "box.discharge"):
        wrong = result.schedule.copy(deep=True)
        wrong[name] = wrong[name] * 0.0 + 2.0
        found = [
            v.size for v in evdsl.verify(result.spec, wrong, result.data).violations if v.rule == "min-power"
        ]
        assert found == [pytest.approx(2.0)] * 2
        exact = [float(m.by) for m in misses(result.spec, result.data, wrong) if m.rule == "levels"]
        assert exact == [pytest.approx(2.0)] * 2


def test_rules_keep_to_the_least_power_of_a_storage() -> None:
    box = storage("capacity = 10 kWh; power = 10 kW; soc_initial = 0 %; min_power = 2.5 kW; soc_final = 20 %")
    text = site(box + SUN, "4 h", "30 min", grid=DEARER) + "enable min_power\nminimize cost\n"
    comparison = compare(solved(text, "highs"), POLICIES)
    assert [ruled.policy.name for ruled in comparison.ruled if not ruled.verdict.ok] == []
