"""Each rewrite leaves the optimum as it was: solved before and after, on both solvers."""

from __future__ import annotations

import random

import numpy as np
import pytest

import evdsl
from evdsl.lower import REWRITES
from evdsl.lower.ports_to_counts import assigned, cliques
from evdsl.problem import compile_spec

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
        ports = assigned(begin, end, np.full(12, -1), deepest)
        for i in range(12):
            for j in range(i):
                if ports[i] == ports[j]:
                    assert begin[i] >= end[j] or begin[j] >= end[i]
