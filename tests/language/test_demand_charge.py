"""What demand charges bill: optima known by hand, on both solvers."""

from __future__ import annotations

import pytest
from worlds import SHARED_CASES

import evdsl

SOLVERS = pytest.mark.parametrize("solver", ["highs", "scip"])
CASE = SHARED_CASES / "peak_reached.evs"


def solved(text: str, solver: str) -> evdsl.Result:
    result = evdsl.compile(evdsl.loads(text)).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok
    return result


def site(horizon: str, step: str, *blocks: str, start: str = "2024-01-01") -> str:
    """A station with cars of 11 kW and these blocks, all of whose demands are met."""
    station = f"station s {{\n start = {start}\n horizon = {horizon}\n step = {step}\n}}\n"
    return f"{station}class car {{\n charge = 11 kW\n}}\n{''.join(blocks)}disable partial_charging\n"


def car(energy: str, arrival: str = "00:00", stay: str = "2 h") -> str:
    return f"vehicle v of car {{\n arrival = {arrival}\n stay = {stay}\n energy = {energy}\n}}\n"


def charge(name: str, price: str, *settings: str) -> str:
    lines = "".join(f" {line}\n" for line in settings)
    return f"demand_charge {name} {{\n price = {price} EUR/kW\n{lines}}}\n"


def cost_of(text: str, solver: str) -> float:
    return solved(f"{text}minimize demand_cost\n", solver).terms["demand_cost"]
