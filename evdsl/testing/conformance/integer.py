"""Integers: what rounding would get wrong, and what enumeration knows."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from evdsl.solver.backend import Backend
from evdsl.solver.solution import Options, Status
from evdsl.testing.conformance.case import (
    Case,
    empty,
    ends,
    expect,
    expect_optimum,
    optimum,
    over,
    program,
)

if TYPE_CHECKING:
    import linopy

INF = math.inf
INTEGERS = ("integers",)


def _fixed_charge() -> linopy.Model:
    """Two chargers with a price for being on at all; one alone cannot carry the load."""
    model = empty()
    power = model.add_variables(0, over([11, 22, 50]), coords=[range(3)], dims=["i"], name="power")
    on = model.add_variables(coords=[range(3)], dims=["i"], name="on", binary=True)
    model.add_constraints(power - on * over([11, 22, 50]) <= 0, name="most")
    model.add_constraints(power - on * over([4, 4, 30]) >= 0, name="least")
    model.add_constraints(power.sum() == 25, name="load")
    model.add_objective(power.sum() + (on * over([3, 5, 20])).sum())
    return model


def _tiny_binary() -> linopy.Model:
    """A binary of 5e-8 would do for the row; only a whole one is honest."""
    model = empty()
    power = model.add_variables(0, 10, name="power")
    on = model.add_variables(name="on", binary=True)
    model.add_constraints(power - 1e7 * on <= 0, name="on.power")
    model.add_constraints(1 * power >= 0.5, name="need")
    model.add_objective(100 * on + power)
    return model


def _whole(backend: Backend, model: linopy.Model) -> None:
    solution = backend.solve(model, Options())
    expect_optimum(solution, 100.5)
    expect(float(solution.values["on"]) == 1.0, f"a binary is {solution.values['on']!r}")


def _schedule() -> linopy.Model:
    rng = np.random.default_rng(4)
    rows = [(list(rng.integers(1, 9, 12).astype(float)), ">=", 20.0) for _ in range(6)]
    return program(list(rng.integers(1, 20, 12).astype(float) + 0.37), rows, binary=True)


def _exactly_binary(backend: Backend, model: linopy.Model) -> None:
    solution = backend.solve(model, Options())
    expect(solution.status is Status.OPTIMAL, f"the status is {solution.status.value}")
    values = solution.values["x"]
    expect(np.isin(values, (0.0, 1.0)).all(), f"binaries are {values}")


def _assignment() -> linopy.Model:
    import xarray as xr

    model = empty()
    cost = np.random.default_rng(7).integers(1, 50, (5, 5)).astype(float)
    z = model.add_variables(coords=[range(5), range(5)], dims=["session", "port"], name="z", binary=True)
    model.add_constraints(z.sum("port") == 1, name="session")
    model.add_constraints(z.sum("session") == 1, name="port")
    costs = xr.DataArray(cost, coords={"session": range(5), "port": range(5)})
    model.add_objective((z * costs).sum())
    return model


def _cheapest_assignment() -> float:
    cost = np.random.default_rng(7).integers(1, 50, (5, 5)).astype(float)
    return min(float(cost[range(5), order].sum()) for order in itertools.permutations(range(5)))


def _dense(seed: int) -> tuple[list[float], list[tuple[list[float], str, float]]]:
    """Three general integers under many dense rows: a shape on which HiGHS has called wrong optima.

    After its issues #2325 and #2328 (76 dense rows, 6 columns), small enough to enumerate.
    """
    rng = np.random.default_rng(seed)
    cost = [float(c) for c in np.round(rng.uniform(-70, 70, 3), 2)]
    rows: list[tuple[list[float], str, float]] = [
        ([float(a) for a in np.round(rng.uniform(-100, 100, 3), 2)], "<=", float(rng.integers(50, 1500)))
        for _ in range(25)
    ]
    return cost, rows


def _enumerate(seed: int) -> float:
    cost, rows = _dense(seed)
    side = np.arange(-20.0, 21.0)
    points = np.stack(np.meshgrid(side, side, side), -1).reshape(-1, 3)
    left = points @ np.array([row for row, _, _ in rows]).T
    holds = (left <= np.array([limit for _, _, limit in rows]) + 1e-9).all(axis=1)
    return float((points[holds] @ np.array(cost)).min())


def _dense_case(seed: int) -> Case:
    def build() -> linopy.Model:
        cost, rows = _dense(seed)
        return program(cost, rows, lower=-20, upper=20, integer=True)

    def check(backend: Backend, model: linopy.Model) -> None:
        expect_optimum(backend.solve(model, Options()), _enumerate(seed))

    return Case(f"enumeration knows no better point than dense program {seed}", build, check, INTEGERS)


def _semicontinuous(demand: float) -> linopy.Model:
    model = empty()
    power = model.add_variables(4, 11, name="power", semi_continuous=True)
    grid = model.add_variables(0, 20, name="grid")
    model.add_constraints(power + grid >= demand, name="demand")
    model.add_objective(power + 3 * grid)
    return model


CASES: tuple[Case, ...] = (
    Case(
        "a knapsack is packed best",
        lambda: program([10, 13, 7, 11], [([4, 6, 3, 5], "<=", 10)], binary=True, maximize=True),
        optimum(23.0, x=[1, 1, 0, 0]),
        INTEGERS,
    ),
    Case(
        "a cover is cheapest",
        lambda: program(
            [3, 2, 2, 4],
            [([1, 1, 0, 0], ">=", 1), ([0, 1, 1, 0], ">=", 1), ([1, 0, 1, 1], ">=", 1)],
            binary=True,
        ),
        optimum(4.0, x=[0, 1, 1, 0]),
        INTEGERS,
    ),
    Case(
        "rounding the relaxation would be wrong",
        lambda: program([0, 1], [([-3, 2], "<=", 1), ([3, 2], "<=", 8)], integer=True, maximize=True),
        optimum(2.0, x={1: 2}),
        INTEGERS,
    ),
    Case(
        "integers keep fractional bounds",
        lambda: program([1, -1], [([1, 1], "<=", 9)], lower=0.5, upper=[2.7, 3.9], integer=True),
        optimum(-2.0, x=[1, 3]),
        INTEGERS,
    ),
    Case(
        "integers go below zero",
        lambda: program([1, 1], [([2, 1], ">=", -7.5)], lower=-5, upper=5, integer=True),
        optimum(-6.0, x={0: -1, 1: -5}),
        INTEGERS,
    ),
    Case(
        "integers need no upper bound",
        lambda: program([3, 2], [([7, 3], ">=", 100)], integer=True),
        optimum(44.0, x=[14, 1]),
        INTEGERS,
    ),
    Case(
        "an equation in integers",
        lambda: program([1, 1], [([7, 11], "=", 100)], upper=50, integer=True),
        optimum(12.0, x=[8, 4]),
        INTEGERS,
    ),
    Case(
        "infeasible only because of integers",
        lambda: program([1, 1], [([2, 4], "=", 7)], upper=50, integer=True),
        ends(Status.INFEASIBLE),
        INTEGERS,
    ),
    Case(
        "infeasible between two integers",
        lambda: program([1], [([1], ">=", 0.2), ([1], "<=", 0.8)], upper=5, integer=True),
        ends(Status.INFEASIBLE),
        INTEGERS,
    ),
    Case(
        "a ray of integers is unbounded",
        lambda: program([-1, 0], [([1, -1], "<=", 0.5)], integer=True),
        ends(Status.UNBOUNDED),
        INTEGERS,
    ),
    Case(
        "no integer point is infeasible, though the relaxation is unbounded",
        lambda: program([-1, 0, 0], [([1, -1, 0], "<=", 0.5), ([0, 0, 2], "=", 1)], integer=True),
        ends(Status.INFEASIBLE),
        INTEGERS,
    ),
    Case("a charger that is on has its least power", _fixed_charge, optimum(33.0), INTEGERS),
    Case("a binary lets nothing through unless it is one", _tiny_binary, _whole, INTEGERS),
    Case("binaries are exactly zero or one", _schedule, _exactly_binary, INTEGERS),
    Case("an assignment is cheapest", _assignment, optimum(_cheapest_assignment()), INTEGERS),
    *(_dense_case(seed) for seed in range(6)),
    Case(
        "a semicontinuous variable is off where that is cheaper",
        lambda: _semicontinuous(1.0),
        optimum(3.0, power=[0.0]),
        ("semicontinuous",),
    ),
    Case(
        "a semicontinuous variable that is on keeps its least value",
        lambda: _semicontinuous(3.0),
        optimum(4.0, power=[4.0]),
        ("semicontinuous",),
    ),
)
