"""Each rewrite leaves the optimum as it was: solved before and after, on both solvers."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import evdsl
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.model.intervals import assign, cliques
from evdsl.model.lower import REWRITES, lower
from evdsl.model.ports import eligible, gated_of, groups_of
from evdsl.optimization.problem import compile_spec
from evdsl.optimization.stages import pose_stage
from evdsl.solver.audit import solve as solve
from evdsl.solver.discovery import find
from evdsl.solver.solution import Options

STATION = """
station s {{
    start = 2024-03-12
    horizon = 8 h
    step = 1 h
}}
"""


def few_ports(seed: int, toggles: str = "") -> str:
    """More cars than ports, of two kinds, at times and demands drawn by `seed`."""
    draw = random.Random(seed)
    prices = ", ".join(f"{h:02d}:00: {draw.choice([5, 10, 20, 40])} ct/kWh" for h in range(8))
    cars = ""
    for index in range(5):
        arrival = draw.choice([0, 0.5, 1, 2, 3.25, 4])
        stay = draw.choice([1.5, 2, 3, 4])
        cars += (
            f"vehicle v{index} of car {{\n"
            f"    arrival = 00:00 + {arrival} h\n    stay = {stay} h\n"
            f"    soc_arrival = {draw.randint(10, 60)} %\n    soc_target = {draw.randint(60, 100)} %\n}}\n"
        )
    return (
        STATION.format()
        + f"grid {{\n    import_limit = 14 kW\n    export_limit = 5 kW\n    price = {{ {prices} }}\n"
        + "    feed_in = 8 ct/kWh\n}\n"
        + "port ac {\n    count = 1\n    power = 7 kW\n}\n"
        + "port dc {\n    count = 1\n    power = 11 kW\n    discharge = 6 kW\n}\n"
        + "class car {\n    battery = 20 kWh\n    charge = 9 kW\n    discharge = 6 kW\n"
        + f"    efficiency = 95 %\n    soc = 10 % .. 100 %\n    wear = 1 ct/kWh\n}}\n{cars}{toggles}\n"
        + "enable v2g\nminimize cost + 60 ct/kWh * unmet\n"
    )


def value(text: str, solver: str, without: tuple[str, ...] = ()) -> float:
    result = compile_spec(evdsl.loads(text)).run(solver, without=without)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations
    return result.stages[0].value


@pytest.mark.parametrize("rewrite", ["ports_to_counts", "exclusive_to_nothing", "crossing_to_nothing"])
@pytest.mark.parametrize("seed", range(3))
def test_leaving_a_rewrite_out_does_not_change_the_optimum(rewrite: str, seed: int, solver: str) -> None:
    text = few_ports(seed)
    assert value(text, solver) == pytest.approx(value(text, solver, (rewrite,)), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_ports_may_be_swapped_without_being_indexed(seed: int, solver: str) -> None:
    text = few_ports(seed, "disable hold_port")
    counted = value(text, solver)
    assert counted == pytest.approx(value(text, solver, ("ports_to_counts",)), rel=1e-6, abs=1e-6)
    assert counted <= value(few_ports(seed), solver) + 1e-6


def test_every_rewrite_is_tested_here() -> None:
    tested = {"ports_to_counts", "ports_to_indexed", "exclusive_to_nothing", "crossing_to_nothing"}
    tested |= {"en_route_to_nothing"}  # in `language/test_trip.py`
    assert {rewrite.name for rewrite in REWRITES} == tested | {"exclusive_to_binary"}


FREE_ENERGY = (
    STATION.format()
    + """
grid {
    import_limit = 20 kW
    price = { 00:00: -10 ct/kWh, 04:00: 20 ct/kWh }
    feed_in = 1 ct/kWh
}
class car {
    battery = 20 kWh
    charge = 10 kW
    discharge = 10 kW
    efficiency = 80 %
}
vehicle v of car {
    arrival = 00:00
    stay = 8 h
    soc_arrival = 90 %
    soc_target = 90 %
}
enable v2g
"""
)


def test_negative_prices_keep_the_binaries_and_no_car_burns_energy(solver: str) -> None:
    program = compile_spec(evdsl.loads(FREE_ENERGY + "minimize cost\n"))
    result = program.run(solver)
    assert result.verdict is not None
    assert result.verdict.ok
    assert result.schedule is not None
    both = np.minimum(result.schedule["charge"].values, result.schedule["discharge"].values)
    assert both.max() == 0.0
    burning = compile_spec(evdsl.loads(FREE_ENERGY + "disable exclusive\nminimize cost\n")).run(solver)
    assert burning.stages[0].value < result.stages[0].value - 1e-3
    assert burning.verdict is not None
    assert burning.verdict.ok, burning.verdict.violations


def test_exports_dearer_than_imports_keep_the_binary_of_the_connection(solver: str) -> None:
    text = FREE_ENERGY.replace("feed_in = 1 ct/kWh", "feed_in = 30 ct/kWh\n    export_limit = 8 kW")
    text = text.replace("-10 ct/kWh", "10 ct/kWh") + "minimize cost\n"
    result = compile_spec(evdsl.loads(text)).run(solver)
    assert result.schedule is not None
    assert np.minimum(result.schedule["import"].values, result.schedule["export"].values).max() == 0.0
    assert result.size["integers"] == 8
    free = compile_spec(evdsl.loads(text + "disable import_or_export\n")).run(solver)
    assert free.stages[0].value < result.stages[0].value - 1e-3


def test_vehicles_on_a_free_group_need_no_binaries() -> None:
    text = few_ports(0).replace("count = 1\n    power = 7 kW", "count = 9\n    power = 7 kW")
    text = text.replace("enable v2g", "disable v2g").replace("power = 11 kW", "power = 7 kW")
    problem = compile_spec(evdsl.loads(text))
    result = problem.run("highs")
    assert result.size["integers"] == 0
    assert result.schedule is not None
    assert (result.schedule["port"].values >= 0).any()


def test_intervals_get_as_many_ports_as_their_deepest_overlap() -> None:
    draw = random.Random(5)
    for _ in range(200):
        begin = np.array([draw.randint(0, 40) / 4 for _ in range(12)])
        end = begin + np.array([draw.randint(1, 16) / 4 for _ in range(12)])
        sets = cliques(begin, end)
        deepest = max(len(found) for found in sets)
        instants = np.unique(begin)
        assert deepest == max(int(((begin <= t) & (end > t)).sum()) for t in instants)
        ports = assign(begin, end, np.full(12, -1), deepest)
        for i in range(12):
            for j in range(i):
                if ports[i] == ports[j]:
                    assert begin[i] >= end[j] or begin[j] >= end[i]


EVENING = (
    STATION.replace("8 h", "4 h").format()
    + """
grid {
    import_limit = 20 kW
    price = { 00:00: 40 ct/kWh, 02:00: 20 ct/kWh }
}
class car {
    battery = 20 kWh
    charge = 10 kW
    discharge = 10 kW
    efficiency = 90 %
    end_value = 1 ct/kWh
}
vehicle v of car {
    arrival = 00:00
    stay = 4 h
    soc_arrival = 50 %
    soc_target = 80 %
}
storage store {
    capacity = 10 kWh
    power = 5 kW
    efficiency = 90 %
    end_value = 1 ct/kWh
}
load hall {
    power = 3 kW
}
enable v2g
"""
)
ROOF = "solar roof {\n    power = 1 kW\n}\n"
MAST = "wind mast {\n    power = 1 kW\n}\n"
CABLE = "feeder cable {\n    limit = 15 kW\n}\n"
ON_CABLE = "port dc {\n    count = 2\n    power = 9 kW\n    discharge = 9 kW\n    feeder = cable\n}\n"
SECOND = "vehicle w of car {\n    arrival = 00:00\n    stay = 4 h\n    energy = 5 kWh\n}\n"


@pytest.mark.parametrize(
    ("given", "instead", "ending", "left_out"),
    [
        ("", "", "minimize cost", True),
        ("price =", "feed_in = 5 ct/kWh\n    price =", "minimize cost", True),
        ("load hall", ROOF + "load hall", "minimize cost", True),
        ("", "", "disable curtailment\nminimize cost", True),
        ("", "", "maximize fairness", True),
        ("", "", "minimize cost + 0.5 EUR/kWh * unmet\nthen minimize delay\nthen minimize peak", True),
        ("40 ct/kWh", "-40 ct/kWh", "minimize unmet", True),
        ("40 ct/kWh", "-40 ct/kWh", "minimize cost", False),
        ("price =", "carbon = -1 g/kWh\n    price =", "minimize co2", False),
        ("price =", "feed_in = -5 ct/kWh\n    price =", "minimize cost", False),
        ("load hall", ROOF + "disable curtailment\nload hall", "minimize cost", False),
        ("load hall", MAST + "disable curtailment\nload hall", "minimize cost", False),
        ("end_value = 1 ct/kWh\n}\nv", "end_value = -1 ct/kWh\n}\nv", "minimize cost", False),
        ("end_value = 1 ct/kWh\n}\nl", "end_value = -1 ct/kWh\n}\nl", "minimize cost", False),
        ("load hall", CABLE + "load hall", "minimize cost", True),
        ("    power = 3 kW", "    power = 3 kW\n    feeder = cable\n}\n" + CABLE[:-2], "minimize cost", True),
        ("    power = 5 kW", "    power = 5 kW\n    feeder = cable", f"{CABLE}minimize cost", False),
        ("load hall", f"{CABLE}{ON_CABLE}load hall", "minimize cost", False),
        ("", "", "require calm: import[t] <= 19 kW for t in steps\nminimize cost", False),
        ("soc_target = 80 %", "energy = 5 kWh", "minimize cost", False),
        ("battery = 20 kWh", "up_to = target\n    battery = 20 kWh", "minimize cost", False),
        ("storage store", SECOND + "storage store", "minimize cost", False),
        ("", "", "maximize energy_cost", False),
        ("", "", "maximize discharged", False),
        ("", "", "minimize end_value", False),
        ("", "", "minimize fairness_gap", False),
        ("", "", "minimize cost\nthen maximize discharged", False),
    ],
)
def test_batteries_lose_their_binaries_just_where_both_at_once_never_pays(
    given: str, instead: str, ending: str, left_out: bool
) -> None:
    assert not given or EVENING.count(given) == 1
    text = EVENING.replace(given, instead) if given else EVENING
    problem = compile_spec(evdsl.loads(f"{text}{ending}\n"))
    binaries = problem.run("highs").size["integers"]
    all_binaries = problem.run("highs", without=["exclusive_to_nothing"]).size["integers"]
    assert binaries == (all_binaries - 8 if left_out else all_binaries)
    assert all_binaries >= 8


PAYING = EVENING.replace("enable v2g\n", "").replace(
    "    efficiency = 90 %\n    end_value", "    end_value", 1
)
PAYING = PAYING.replace("    discharge = 10 kW\n", "    tariff = 50 ct/kWh\n")


@pytest.mark.parametrize(
    ("ending", "left_out"),
    [
        ("maximize profit", True),
        ("minimize revenue", True),
        ("minimize unmet + 1 kWh/EUR * cost", True),
        ("minimize fairness_gap", True),
        ("maximize lexfairness\nthen minimize cost", True),
        ("minimize cost\nthen maximize delay", True),
        ("maximize energy_cost", False),
        ("minimize end_value", False),
        (f"{ROOF}maximize curtailed", False),
        ("enable v2g\nmaximize profit", False),
    ],
)
def test_where_no_vehicle_gives_a_storage_loses_its_binaries_whatever_drivers_are_weighed_with(
    ending: str, left_out: bool, solver: str
) -> None:
    discharge = "    discharge = 10 kW\n    tariff" if "v2g" in ending else "    tariff"
    problem = compile_spec(evdsl.loads(PAYING.replace("    tariff", discharge) + ending + "\n"))
    result = problem.run(solver)
    full = problem.run(solver, without=["exclusive_to_nothing"])
    assert (full.size["integers"] - result.size["integers"] == 4) is left_out
    assert result.stages[-1].value == pytest.approx(full.stages[-1].value, rel=1e-6, abs=1e-6)


HUB = """
station hub {
    start   = 2026-07-03 06:00
    horizon = 16 h
    step    = 5 min
    zone    = "Europe/Paris"
    seed    = 5
}
grid {
    import_limit  = 500 kW
    price         = { 00:00: 0.14 EUR/kWh, 07:00: 0.24 EUR/kWh, 12:00: 0.17 EUR/kWh,
                      17:00: 0.31 EUR/kWh }
    demand_charge = 0.6 EUR/kW
}
feeder ports {
    limit = 6 * 168 kW
}
storage buffer {
    capacity   = 400 kWh
    power      = 300 kW
    efficiency = 95 %
    soc        = 10 % .. 95 %
}
class car {
    battery = 70 kWh
    charge  = 168 kW
    tariff  = 0.59 EUR/kWh
}
cohort walkin of car {
    classes         = 4
    arrivals        = { 06:00: 4 vehicles/h, 10:00: 10 vehicles/h, 15:00: 7 vehicles/h,
                        19:00: 4 vehicles/h }
    draw            = poisson
    spread          = [0, 1, 2, 3, 2]
    departures      = [100 %, 0 %, 0 %, 0 %, 0 %]
    dissatisfaction = 1 kWh
    feeder          = ports
}
maximize profit - 1 EUR/kWh * dissatisfaction
"""


@pytest.mark.parametrize("toggles", ["", "disable exclusive\n"])
def test_the_storage_of_a_hub_whose_cars_wait_as_counts_needs_no_binaries(toggles: str, solver: str) -> None:
    result = compile_spec(evdsl.loads(HUB + toggles)).run(solver)
    assert (result.status, result.size["integers"]) == (evdsl.Status.OPTIMAL, 0)
    assert result.verdict is not None
    assert result.verdict.ok
    assert result.stages[0].value == pytest.approx(916.292238, abs=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_a_hub_has_the_same_optimum_with_the_binaries_of_its_storage(seed: int, solver: str) -> None:
    draw = random.Random(seed)
    text = HUB.replace("5 min", "2 h").replace("seed    = 5", f"seed    = {seed}")
    text = text.replace("0.6 EUR/kW", f"{draw.choice([0.0, 0.6, 3.0])} EUR/kW")
    text = text.replace("efficiency = 95 %", f"efficiency = {draw.choice([60, 80, 95])} %")
    text = text.replace("import_limit  = 500 kW", f"import_limit  = {draw.choice([40, 90, 500])} kW")
    sun = ", ".join(f"{hour:02d}:00: {draw.choice([0, 80, 400])} kW" for hour in range(6, 22, 4))
    text += (
        f"solar roof {{\n    power = {{ 00:00: 0 kW, {sun} }}\n}}\nvehicle v of car {{\n    arrival = 08:00\n"
    )
    text += f"    stay = 6 h\n    energy = {draw.choice([20, 60])} kWh\n}}\n"
    without = compile_spec(evdsl.loads(text)).run(solver)
    assert without.size["integers"] == 0
    assert without.stages[0].value == pytest.approx(value(text, solver, ("exclusive_to_nothing",)), rel=1e-6)
    assert value(text, solver) == without.stages[0].value


CONNECTION = """
grid {
    import_limit = 20 kW
    export_limit = 10 kW
    price = { 00:00: 40 ct/kWh, 02:00: 20 ct/kWh }
    feed_in = 30 ct/kWh
    carbon = { 00:00: -50 g/kWh, 01:00: 200 g/kWh }
}
solar roof {
    power = { 00:00: 6 kW, 01:00: 0 kW, 02:00: 8 kW }
}
load hall {
    power = 3 kW
}
class car {
    charge = 4 kW
}
vehicle v of car {
    arrival = 00:00
    stay = 4 h
    energy = 10 kWh
}
"""


@pytest.mark.parametrize(
    ("given", "instead", "ending", "steps"),
    [
        ("", "", "minimize cost", 2),
        ("feed_in = 30", "feed_in = 20", "minimize cost", 0),
        ("feed_in = 30", "feed_in = 41", "minimize cost", 4),
        ("", "", "minimize energy_cost", 0),
        ("", "", "maximize export_revenue", 4),
        ("", "", "minimize co2", 1),
        ("", "", "minimize co2 + 1 kg/EUR * cost", 0),
        ("", "", "minimize co2 + 5 kg/EUR * cost", 2),
        ("", "", "minimize energy_cost\nthen minimize co2", 1),
        ("", "", "minimize cost\nthen minimize co2", 3),
        ("", "", "minimize peak\nthen minimize energy_cost", 0),
        ("", "", "require calm: import[t] <= 19 kW for t in steps\nminimize energy_cost", 4),
        ("", "", "require calm: export[t] <= 9 kW for t in steps\nminimize energy_cost", 4),
        ("", "", "require cheap: cost <= 9 EUR\nminimize energy_cost", 4),
        ("", "", "require served: unmet <= 2 kWh\nminimize energy_cost", 0),
        ("", "", "require served: charge[v, t] <= 3 kW for t in steps\nminimize energy_cost", 0),
    ],
)
def test_the_connection_keeps_a_binary_just_where_both_at_once_may_pay(
    given: str, instead: str, ending: str, steps: int
) -> None:
    text = EVENING.split("grid {", 1)[0] + CONNECTION.replace(given, instead, 1)
    problem = compile_spec(evdsl.loads(f"{text}{ending}\n"))
    assert problem.run("highs").size["integers"] == steps
    assert problem.run("highs", without=["crossing_to_nothing"]).size["integers"] == 4


def test_a_stay_of_no_length_and_one_that_begins_as_another_ends_need_no_port_of_their_own() -> None:
    sets = cliques(np.array([0.0, 1.0, 1.0, 3.0]), np.array([1.0, 3.0, 1.0, 4.0]))
    assert [found.tolist() for found in sets] == [[0], [1], [3]]
    # Who stays when another leaves is in no new set, until somebody comes.
    sets = cliques(np.array([0.0, 0.5, 1.5]), np.array([2.0, 1.0, 3.0]))
    assert [found.tolist() for found in sets] == [[0, 1], [0, 2]]


def test_a_stay_gets_the_port_that_it_prefers_if_that_is_free_and_else_the_lowest() -> None:
    begin, end = np.array([0.0, 0.0, 1.0, 1.0, 2.0]), np.array([2.0, 4.0, 4.0, 2.0, 4.0])
    assert assign(begin, end, np.array([2, -1, -1, -1, -1]), 4).tolist() == [2, 0, 1, 3, 2]
    assert assign(begin, end, np.array([0, 0, 3, 3, 2]), 4).tolist() == [0, 1, 3, 2, 2]
    # Taken from the middle of the free ports, the others are still dealt out from the lowest.
    together = np.zeros(6)
    assert assign(together, together + 1, np.array([0, 1, -1, -1, -1, -1]), 6).tolist() == list(range(6))
    with pytest.raises(AssertionError, match="more stays overlap"):
        assign(begin, end, np.full(5, -1), 3)


SUNNY = EVENING.replace("load hall", "solar roof {\n    power = { 00:00: 0 kW, 02:00: 9 kW }\n}\nload hall")
SELLING = SUNNY.replace("price =", "feed_in = 5 ct/kWh\n    export_limit = 2 kW\n    price =")


def undone(
    text: str, rewrite: str = "exclusive_to_nothing", **turned: list[float]
) -> tuple[dict[str, Any], Any]:
    """A solution with some of its powers replaced, and what becomes of it when the rewrites are undone."""
    backend = find("highs")
    assert not isinstance(backend, Diagnostic)
    problem = compile_spec(evdsl.loads(f"{text}minimize cost\n"))
    lowered = lower(problem.program, backend.capabilities)
    assert rewrite in {step.rewrite for step in lowered.applied}
    values = dict(solve(backend, pose_stage(lowered.program, 0, []).model, Options()).values)
    values |= {name.replace("_", "."): np.array(powers) for name, powers in turned.items()}
    return values, lowered.undo(values)


def test_energy_that_was_only_turned_round_is_taken_out_of_a_solution() -> None:
    # By 2 kW into a battery at 90 % and 1.62 kW out of it, 0.38 kW are burnt; by 1 kW, 0.19 kW.
    values, found = undone(
        SUNNY,
        charge=[0, 1, 3, 8],
        discharge=[0, 3.81, 1.62, 1.62],
        store_charge=[2, 0, 5, 0],
        store_discharge=[4.62, 0, 0, 0],
        roof_power=[0, 0, 5.38, 6.08],
        **{"import": [4.38, 0.19, 0, 0.3]},
    )
    assert found["charge"].tolist() == pytest.approx([0, 0, 1, 6])
    assert found["discharge"].tolist() == pytest.approx([0, 3, 0, 0])
    assert found["store.charge"].tolist() == pytest.approx([0, 0, 5, 0])
    assert found["store.discharge"].tolist() == pytest.approx([3, 0, 0, 0])
    assert found["import"].tolist() == pytest.approx([4, 0, 0, 0], abs=1e-9)
    assert found["roof.power"].tolist() == pytest.approx([0, 0, 5, 6])
    assert found["energy"] is values["energy"]


def test_what_was_burnt_is_sold_as_far_as_the_limit_allows_and_else_not_made() -> None:
    turned = {"charge": [0, 0, 3, 2], "discharge": [0, 0, 1.62, 1.62], "store_charge": [0, 0, 0, 0]}
    flows = {"import": [3, 3, 0, 0], "export": [0, 0, 1.2, 1.9], "roof_power": [0, 0, 9, 9]}
    _, found = undone(SELLING, **turned, **flows)
    assert found["export"].tolist() == pytest.approx([0, 0, 1.58, 2])
    assert found["roof.power"].tolist() == pytest.approx([0, 0, 9, 8.72])
    assert found["import"].tolist() == pytest.approx([3, 3, 0, 0], abs=1e-9)


def test_what_can_neither_be_sold_nor_left_unmade_is_solved_again_with_binaries() -> None:
    nothing = [0.0, 0.0, 0.0, 0.0]
    turned = {"charge": [2, 0, 0, 0], "discharge": [1.62, 0, 0, 0], "roof_power": nothing}
    _, found = undone(
        SUNNY, **turned, store_charge=nothing, store_discharge=[3.38, 3, 0, 0], **{"import": nothing}
    )
    assert found == "exclusive_to_nothing"


def test_what_is_bought_and_sold_at_once_is_neither_where_that_never_pays() -> None:
    text = EVENING.split("grid {", 1)[0] + CONNECTION
    flows = {"import": [5.0, 5.0, 5.0, 1.0], "export": [2.0, 6.0, 2.0, 3.0]}
    _, found = undone(text, "crossing_to_nothing", **flows)
    assert found["import"].tolist() == [3.0, 0.0, 5.0, 1.0]
    assert found["export"].tolist() == [0.0, 1.0, 2.0, 3.0]


SLOW = "port slow {\n    count = 2\n    power = 7 kW\n}\n"
FAST = "port fast {\n    count = 2\n    power = 11 kW\n}\n"
CABLES = "feeder cable {\n    limit = 50 kW\n}\n"
CARS = "class car {\n    battery = 50 kWh\n    charge = 11 kW\n    discharge = 5 kW\n}\n" + "".join(
    f"vehicle {name} of car {{\n    arrival = 0{hour}:00\n    stay = 2 h\n    soc_arrival = 40 %\n"
    "    soc_target = 50 %\n}\n"
    for name, hour in (("a", 0), ("b", 1), ("c", 2))
)


def with_(port: str, line: str) -> str:
    return port.replace("\n}", f"\n    {line}\n}}")


@pytest.mark.parametrize(
    ("blocks", "toggles", "ports", "choosing"),
    [
        # At most two are there at once: `c` comes as `a` leaves.
        (SLOW + FAST, "", ["fast"], False),
        (FAST + SLOW, "", ["fast"], False),
        (SLOW + FAST.replace("count = 2", "count = 1"), "", ["slow", "fast"], True),
        (FAST.replace("count = 2", "count = 1"), "", ["fast"], True),
        (FAST, "", ["fast"], False),
        (SLOW + FAST.replace("11 kW", "22 kW").replace("7 kW", "11 kW"), "", ["fast"], False),
        (SLOW.replace("7 kW", "22 kW") + FAST, "", ["slow fast"], False),
        (SLOW + with_(FAST, "efficiency = 99 %"), "", ["slow", "fast"], True),
        (with_(SLOW, "efficiency = 99 %") + FAST, "", ["slow", "fast"], True),
        (CABLES + SLOW + with_(FAST, "feeder = cable"), "", ["slow", "fast"], True),
        (with_(SLOW, "discharge = 5 kW") + FAST, "", ["fast"], False),
        (with_(SLOW, "discharge = 5 kW") + FAST, "enable v2g", ["slow", "fast"], True),
        (with_(SLOW, "discharge = 4 kW") + with_(FAST, "discharge = 5 kW"), "enable v2g", ["fast"], False),
        (
            with_(SLOW, "discharge = 5 kW") + with_(FAST, "discharge = 4 kW"),
            "enable v2g",
            ["slow", "fast"],
            True,
        ),
        (with_(SLOW, "min_power = 2 kW") + FAST, "", ["fast"], False),
        (with_(SLOW, "min_power = 2 kW") + FAST, "enable min_power", ["slow", "fast"], True),
        (with_(SLOW, "min_power = 2 kW") + FAST, "enable uninterrupted", ["slow", "fast"], True),
        (with_(SLOW, "rates = [2 kW, 7 kW]") + FAST, "enable min_power", ["slow", "fast"], True),
        (SLOW + FAST, "require some: charge[slow, t] <= 5 kW for t in steps", ["slow", "fast"], True),
        (SLOW + FAST, "require some: charge[a, t] <= 5 kW for t in steps", ["fast"], False),
    ],
)
def test_a_port_that_another_one_beats_in_everything_is_left_out(
    blocks: str, toggles: str, ports: list[str], choosing: bool
) -> None:
    problem = compile_spec(
        evdsl.loads(
            f"{STATION.format()}grid {{\n    price = 20 ct/kWh\n}}\n{blocks}{CARS}{toggles}\nminimize cost\n"
        )
    )
    groups, allowed = groups_of(problem.spec)
    may = eligible(problem.spec, problem.data, groups, allowed)
    names = [" ".join(dict.fromkeys(name.split(".")[0] for name in group.names)) for group in groups]
    for vehicle in range(3):
        assert [name for name, chosen in zip(names, may[vehicle], strict=True) if chosen] == ports
    assert gated_of(problem.spec, problem.data, groups, may).tolist() == [choosing] * 3


def test_a_rewrite_says_whether_binaries_decide() -> None:
    backend = find("highs")
    assert not isinstance(backend, Diagnostic)
    left_out = {"ports_to_counts", "exclusive_to_nothing"}
    problem = compile_spec(evdsl.loads(few_ports(0)))
    applied = lower(problem.program, backend.capabilities, tuple(left_out)).applied
    assert {step.rewrite: step.binaries for step in applied} == {
        "ports_to_indexed": True,
        "exclusive_to_binary": True,
        "crossing_to_nothing": False,
    }
