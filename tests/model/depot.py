"""A depot, and its best schedules under requirements."""

from __future__ import annotations

import evdsl
from evdsl.optimization.problem import compile_spec
from evdsl.solver.solution import Status

STATION = """\
station depot {
    start   = 2024-03-12
    horizon = 4 h
    step    = 1 h
    zone    = "Europe/Rome"
}
"""
GRID = """\
grid {
    price  = { 00:00: 0.1 EUR/kWh, 01:00: 0.2 EUR/kWh, 02:00: 0.3 EUR/kWh, 03:00: 0.4 EUR/kWh }
    carbon = { 00:00: 400 g/kWh, 01:00: 300 g/kWh, 02:00: 200 g/kWh, 03:00: 100 g/kWh }
}
"""
VANS = """\
class van {
    battery = 50 kWh
    charge  = 10 kW
}
fleet vans of van {
    count       = 2
    arrival     = 00:00
    stay        = 4 h
    soc_arrival = 20 %
    soc_target  = 60 %
}
"""
GOAL = "minimize cost + 1 EUR/kWh * unmet\n"
DEPOT = STATION + GRID + VANS + GOAL


def on_solvers(*rows: tuple[str | float, ...]) -> list[tuple[str | float, ...]]:
    """Each row on one solver, in turn, and every third on both."""
    both = ("highs", "scip")
    return [
        (*row, solver)
        for number, row in enumerate(rows)
        for solver in (both if number % 3 == 0 else both[number % 2 :][:1])
    ]


def solved(text: str, solver: str) -> evdsl.Result:
    result = compile_spec(evdsl.loads(text)).run(solver)
    assert result.status is Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations[:3]
    return result


def best(text: str, solver: str) -> float:
    return solved(text, solver).stages[0].value


def requiring(*statements: str) -> str:
    lines = [f"require r{number}: {statement}\n" for number, statement in enumerate(statements)]
    return DEPOT + "".join(lines)


VISITS = VANS.replace("stay        = 4 h", "stay        = 2 h").replace("count       = 2", "count       = 1")
ODD = """\
storage store {
    capacity = 20 kWh
    power    = 10 kW
}
class bike {
    charge = 1 kW
}
vehicle b of bike {
    arrival = 00:00
    stay    = 2 h
    energy  = 1 kWh
}
port ac {
    count = 3
    power = 11 kW
}
param limit = { 00:00: 5 kW, 02:00: 7 kW }
param q = 3
require used: import[t] <= q * limit[t] for t in steps
"""
