"""What single phases carry: optima known by hand, on both solvers, and where no row speaks of phases."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import evdsl
from evdsl.cli.main import main
from evdsl.report.run import text as report
from evdsl.report.run.document import document

SOLVERS = ("highs", "scip")
CAR = "charge = 32 A\n phases = 1"


def solved(text: str, solver: str = "highs") -> evdsl.Result:
    result = evdsl.compile(evdsl.loads(text)).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations
    return result


def worth(result: evdsl.Result) -> float:
    return result.stages[0].value


def site(grid: str, *blocks: str, step: str = "1 h", goal: str = "minimize unmet") -> str:
    """An hour of a station whose connection has these settings."""
    clock = f" start = 2024-03-12\n horizon = 1 h\n step = {step}\n"
    blocks = ("grid {\n price = 0.20 EUR/kWh\n " + grid + "\n}\n", *blocks)
    return f"station s {{\n{clock}}}\n{''.join(blocks)}\n{goal}\n"


def ports(name: str, phases: str = "", count: int = 1, more: str = "power = 32 A") -> str:
    """Some ports, and a class of one phase and 32 A that uses them alone."""
    given = f"phases = {phases}" if phases else ""
    block = f"port {name} {{\n count = {count}\n {more}\n {given}\n}}\n"
    return block + f"class of_{name} {{\n {CAR}\n ports = [{name}]\n}}\n"


def cars(port: str, count: int, energy: str = "7.36 kWh") -> str:
    stay = "arrival = 00:00\n stay = 1 h"
    return f"fleet at_{port} of of_{port} {{\n count = {count}\n {stay}\n energy = {energy}\n}}\n"


# What the design says


@pytest.mark.parametrize("solver", SOLVERS)
def test_three_cars_on_one_phase_share_what_it_carries(solver: str) -> None:
    text = site("phase_limit = 63 A", ports("first", "[L1]", 3), cars("first", 3))
    assert worth(solved(text, solver)) == pytest.approx(7.59)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_car_on_another_phase_takes_nothing_from_them(solver: str) -> None:
    both = (ports("first", "[L1]", 2), cars("first", 2), ports("second", "[L2]"), cars("second", 1))
    result = solved(site("phase_limit = 40 A", *both), solver)
    assert 22.08 - worth(result) == pytest.approx(16.56)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("phases", "delivered"), [("rotate", 22.08), ("[L1]", 9.2), ("", 9.2)])
def test_ports_that_rotate_give_each_car_a_phase_of_its_own(
    solver: str, phases: str, delivered: float
) -> None:
    """Ports that say nothing have all three phases, and a car of one uses L1 of each."""
    result = solved(site("phase_limit = 40 A", ports("ac", phases, 3), cars("ac", 3)), solver)
    assert 22.08 - worth(result) == pytest.approx(delivered)


@pytest.mark.parametrize("solver", SOLVERS)
def test_phases_differ_by_no_more_than_they_may(solver: str) -> None:
    both = (ports("first", "[L1]", 2), cars("first", 2), ports("second", "[L2]"), cars("second", 1))
    result = solved(site("unbalance_limit = 20 A", *both), solver)
    assert 22.08 - worth(result) == pytest.approx(9.2)


SUN = site(
    "phase_limit = 20 A\n feed_in = 0.05 EUR/kWh",
    ports("first", "[L1]"),
    cars("first", 1),
    "solar roof {\n power = 6.9 kW\n}\n",
)
"""6.9 kW of sun on three phases, and one car on L1."""


@pytest.mark.parametrize("solver", SOLVERS)
def test_sun_on_three_phases_makes_room_on_one(solver: str) -> None:
    result = solved(SUN, solver)
    assert 7.36 - worth(result) == pytest.approx(6.9)
    (step,) = document(result)["site"]  # type: ignore[misc]  # one record a step
    assert [step[f"grid.L{phase}"] for phase in (1, 2, 3)] == pytest.approx([20, -10, -10])


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("step", "least", "share"),
    [("1 h", "", 2 / 3), ("1 h", "min_power", 0.0), ("20 min", "min_power", 2 / 3)],
)
def test_a_least_current_makes_cars_take_turns(solver: str, step: str, least: str, share: float) -> None:
    given = "power = 32 A\n min_power = 6 A"
    text = site(
        "phase_limit = 16 A",
        ports("first", "[L1]", 3, given),
        cars("first", 3, "1.84 kWh"),
        f"{'enable' if least else 'disable'} min_power\n",
        step=step,
        goal="maximize fairness",
    )
    assert worth(solved(text, solver)) == pytest.approx(share, abs=1e-6)


# Amperes


@pytest.mark.parametrize(
    ("phases", "power"),
    [("", 11.04), ("phases = [L1, L2, L3]", 11.04), ("phases = rotate", 11.04), ("phases = [L2]", 3.68)],
)
def test_a_current_is_that_of_each_phase_of_a_port(phases: str, power: float) -> None:
    spec = evdsl.loads(site("", f"port ac {{\n power = 16 A\n min_power = 8 A\n {phases}\n}}\n"))
    port = spec.named("port", "ac")
    assert port.number("power") == power
    assert port.number("min_power") == pytest.approx(power / 2)


def test_rates_may_be_currents_or_powers() -> None:
    port = "port ac {\n power = 16 A\n phases = [L3]\n rates = [6 A, 2 kW, 16 A]\n}\n"
    assert evdsl.loads(site("", port)).named("port", "ac").numbers("rates") == (1.38, 2.0, 3.68)


@pytest.mark.parametrize(("phases", "power"), [("", 11.04), ("phases = 1", 3.68), ("phases = 2", 7.36)])
def test_a_current_is_that_of_each_phase_of_a_class(phases: str, power: float) -> None:
    spec = evdsl.loads(site("", f"class car {{\n charge = 16 A\n discharge = 8 A\n {phases}\n}}\n"))
    category = spec.named("class", "car")
    assert category.number("charge") == power
    assert category.number("discharge") == pytest.approx(power / 2)


def test_the_voltage_of_the_station_says_what_an_ampere_is_worth() -> None:
    text = site("", "port ac {\n power = 16 A\n phases = [L1]\n}\n")
    text = text.replace(" step = 1 h\n", " step = 1 h\n voltage = 120 V\n")
    assert evdsl.loads(text).named("port", "ac").number("power") == 1.92


def test_volts_and_amperes_multiply_to_a_power() -> None:
    spec = evdsl.loads(site("import_limit = 63 A * 230 V * 3"))
    grid = spec.named("grid", "")
    assert grid.get("import_limit").value == pytest.approx(43.47)  # type: ignore[union-attr]  # a constant


def test_check_tells_what_currents_come_to(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "site.evs"
    file.write_text(site("phase_limit = 40 A", ports("ac", "[L1]", 3), cars("ac", 3)))
    assert main(["check", "-v", str(file)]) == 0
    told = capsys.readouterr().out
    assert "grid: phase_limit is the current of a phase of 230 V" in told
    assert "port ac: power = 32 A on 1 phase of 230 V, 7.36 kW" in told
    assert "class of_ac: charge = 32 A on 1 phase of 230 V, 7.36 kW" in told


def test_check_says_nothing_of_volts_where_none_are_used(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "site.evs"
    file.write_text(site("import_limit = 20 kW", "load house { power = 1 kW }\n"))
    assert main(["check", "-v", str(file)]) == 0
    assert " V" not in capsys.readouterr().out


# How many phases a vehicle uses


def wallbox(port: str, category: str, limit: str = "") -> str:
    """A car that would take 50 kWh in the hour, at one port."""
    blocks = (f"port ac {{\n {port}\n}}\n", f"class car {{\n {category}\n}}\n")
    vehicle = "vehicle v of car {\n arrival = 00:00\n stay = 1 h\n energy = 50 kWh\n}\n"
    return site(limit, *blocks, vehicle)


@pytest.mark.parametrize(
    ("port", "category", "taken"),
    [
        ("power = 22.08 kW", "charge = 30 kW", 22.08),
        ("power = 22.08 kW", "charge = 30 kW\n phases = 1", 7.36),
        ("power = 22.08 kW", "charge = 30 kW\n phases = 2", 14.72),
        ("power = 22.08 kW\n phases = [L2, L3]", "charge = 30 kW\n phases = 1", 11.04),
        ("power = 7.36 kW\n phases = [L1]", "charge = 11 kW", 7.36),
        ("power = 7.36 kW\n phases = [L1]", "charge = 16 A", 3.68),
        ("power = 7.36 kW\n phases = [L1]", "charge = 11.04 kW\n phases = 3", 3.68),
        ("power = 7.36 kW\n phases = [L1]", "charge = 3 kW\n phases = 1", 3.0),
    ],
)
def test_a_vehicle_takes_what_its_phases_let_it(port: str, category: str, taken: float) -> None:
    """With or without a limit of phases: what a vehicle takes does not depend on one that is far away."""
    for limit in ("", "phase_limit = 500 A"):
        assert 50 - worth(solved(wallbox(port, category, limit))) == pytest.approx(taken)


def test_the_first_phases_of_a_port_are_used() -> None:
    """On L3 L1 a car of one phase is on L3, where a house of 20 A leaves 10 of 30 A."""
    house = "load house {\n power = 4.6 kW\n phases = [L3]\n}\n"
    text = wallbox("power = 32 A\n phases = [L3, L1]", "charge = 32 A\n phases = 1", "phase_limit = 30 A")
    assert 50 - worth(solved(text + house)) == pytest.approx(2.3)
    other = text.replace("[L3, L1]", "[L1, L3]")
    assert 50 - worth(solved(other + house)) == pytest.approx(6.9)


@pytest.mark.parametrize(("phases", "share"), [("", 1.0), ("phases = 1", 1 / 3)])
def test_least_powers_and_rates_count_by_the_phases_in_use(phases: str, share: float) -> None:
    """Of 12 kW as the one rate a car of one phase takes 4; below 6 kW of 12 it takes nothing, or 2."""
    category = f"charge = 50 kW\n {phases}"
    rated = wallbox("power = 12 kW\n rates = [12 kW]", category) + "enable min_power\n"
    assert 50 - worth(solved(rated)) == pytest.approx(12 * share)
    least = rated.replace("rates = [12 kW]", "min_power = 6 kW").replace("energy = 50", "energy = 1.9")
    assert worth(solved(least)) == pytest.approx(1.9)
    enough = least.replace("energy = 1.9", f"energy = {6 * share}")
    assert worth(solved(enough)) == pytest.approx(0.0, abs=1e-6)


# What hangs where


def test_a_feeder_carries_the_phases_of_what_hangs_on_it_and_below() -> None:
    """10 A are 2.3 kW: the car below and the one beside it share them, the one on the connection does not."""
    feeders = "feeder main {\n limit = 50 kW\n phase_limit = 10 A\n}\n"
    feeders += "feeder east {\n limit = 50 kW\n feeder = main\n}\n"
    power = "power = 32 A\n feeder = "
    blocks = [ports(name, "[L1]", 1, f"{power}{name[1:]}") for name in ("_east", "_main")]
    blocks = [block.replace("port _", "port x_").replace("[_", "[x_") for block in blocks]
    text = site(
        "", feeders, *blocks, cars("_east", 1), cars("_main", 1), ports("free", "[L1]"), cars("free", 1)
    )
    assert 22.08 - worth(solved(text)) == pytest.approx(2.3 + 7.36)


def test_losses_of_a_port_are_on_its_phase() -> None:
    """20 A are 4.6 kW at the site, of which 80 % reach the car."""
    text = site(
        "phase_limit = 20 A", ports("ac", "[L1]", 1, "power = 32 A\n efficiency = 80 %"), cars("ac", 1)
    )
    assert 7.36 - worth(solved(text)) == pytest.approx(0.8 * 4.6)


@pytest.mark.parametrize("solver", SOLVERS)
def test_what_one_vehicle_gives_makes_room_for_another_on_its_phase_alone(solver: str) -> None:
    """Behind 10 A, 2.3 kW, a car that gives 3 kW on L1 lets another take 5.3 kW there, and on L2 2.3."""
    giver = (
        "port out {\n power = 32 A\n discharge = 3 kW\n phases = [L1]\n}\n"
        "class full {\n battery = 20 kWh\n charge = 3 kW\n discharge = 3 kW\n phases = 1\n ports = [out]\n}\n"
        "vehicle giver of full {\n arrival = 00:00\n stay = 1 h\n"
        " soc_arrival = 100 %\n soc_target = 50 %\n}\n"
    )
    for phase, taken in (("L1", 5.3), ("L2", 2.3)):
        text = site("phase_limit = 10 A", giver, ports("ac", f"[{phase}]"), cars("ac", 1), "enable v2g\n")
        assert 7.36 - worth(solved(text, solver)) == pytest.approx(taken)


def test_a_storage_makes_room_on_its_phases() -> None:
    pack = "storage pack {\n capacity = 10 kWh\n power = 3 kW\n PHASES\n"
    pack += " soc_initial = 100 %\n soc_final = 0 %\n}\n"
    base = site("phase_limit = 10 A", pack, ports("ac", "[L1]"), cars("ac", 1))
    for phases, taken in (("phases = [L1]", 5.3), ("phases = [L2]", 2.3), ("", 3.3)):
        result = solved(base.replace("PHASES", phases))
        assert 7.36 - worth(result) == pytest.approx(taken)


def test_a_cohort_counts_as_balanced_over_three_phases() -> None:
    """Behind 10 A, 2.3 kW on each phase, 6.9 kW of vehicles of 1 kW charge, whatever their class says."""
    cohort = (
        "class scooter {\n charge = 1 kW\n phases = 1\n}\n"
        "cohort crowd of scooter {\n classes = 1\n arrivals = 0 vehicles/h\n initial = [0, 10]\n"
        " departures = 0 %\n}\n"
    )
    text = site("phase_limit = 10 A", cohort, goal="minimize dissatisfaction", step="30 min")
    result = solved(text)
    assert result.schedule is not None
    assert float(result.schedule["crowd"].values[0]) == pytest.approx(6.9)


def test_a_limit_may_change_over_the_day() -> None:
    limit = "phase_limit = { 00:00: 10 A, 00:30: 20 A }"
    text = site(limit, ports("ac", "[L1]"), cars("ac", 1), step="30 min")
    assert 7.36 - worth(solved(text)) == pytest.approx(1.15 + 2.3)


# Beside what was there


def test_a_spec_without_limits_of_phases_has_no_rows_by_phase() -> None:
    text = site("import_limit = 20 kW", ports("ac", "rotate", 3), cars("ac", 3))
    model = evdsl.compile(evdsl.loads(text)).model
    names = [*model.variables, *model.constraints]
    assert not [name for name in names if "L1" in name]
    assert [name for name in evdsl.compile(evdsl.loads(SUN)).model.variables if "L1" in name] == ["grid.L1"]


def test_ports_that_rotate_are_one_group_where_nothing_asks_for_phases() -> None:
    text = site("", ports("ac", "rotate", 3), cars("ac", 3))
    assert len(evdsl.compile(evdsl.loads(text)).program.slot_index.groups) == 1
    limited = site("phase_limit = 40 A", ports("ac", "rotate", 4), cars("ac", 3))
    groups = evdsl.compile(evdsl.loads(limited)).program.slot_index.groups
    assert [group.names for group in groups] == [("ac.1", "ac.4"), ("ac.2",), ("ac.3",)]
    assert [group.phases for group in groups] == [(0, 1, 2), (1, 2, 0), (2, 0, 1)]


def test_money_is_for_the_sum_of_the_phases() -> None:
    """10 A come in on L1 while 10 flow out on each of the others: on balance 2.3 kW are sold."""
    result = solved(SUN)
    assert result.terms["cost"] == pytest.approx(0.0, abs=1e-9)
    assert result.schedule is not None
    assert float(np.asarray(result.schedule["export"].values).sum()) == pytest.approx(0.0, abs=1e-9)


# What is told


def test_the_report_says_what_each_phase_carries() -> None:
    text = report.text(solved(SUN))
    assert "phases    up to L1 20.0 A, L2 -10.0 A, L3 -10.0 A; at the limit: L1 for 1 h" in text


def test_the_report_says_how_far_phases_are_apart() -> None:
    both = (ports("first", "[L1]", 2), cars("first", 2), ports("second", "[L2]"), cars("second", 1))
    text = " ".join(report.text(solved(site("unbalance_limit = 20 A", *both)), width=120).split())
    assert (
        "phases up to L1 20.0 A, L2 20.0 A, L3 0.0 A; 20.0 A apart at most, which they may be, for 1 h"
        in text
    )


def test_the_document_has_the_currents_of_a_feeder_by_its_name() -> None:
    feeder = "feeder east {\n limit = 50 kW\n phase_limit = 10 A\n}\n"
    text = site("", feeder, ports("ac", "[L2]", 1, "power = 32 A\n feeder = east"), cars("ac", 1))
    (step,) = json.loads(json.dumps(document(solved(text))))["site"]
    assert [step[f"east.L{phase}"] for phase in (1, 2, 3)] == pytest.approx([0, 10, 0])


def test_a_document_without_limits_of_phases_has_no_currents() -> None:
    (step,) = document(solved(site("", ports("ac", "[L2]"), cars("ac", 1))))["site"]  # type: ignore[misc]  # one
    assert not [name for name in step if "L1" in name]
