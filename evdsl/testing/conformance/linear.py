"""Linear programs: optima, ends without one, and where the values stand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from evdsl.solver.backend import Backend
from evdsl.solver.solution import Options, Status
from evdsl.testing.conformance.case import (
    Case,
    Check,
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


def _only_bounds() -> linopy.Model:
    return program([1, -1, 2], lower=[-3, 0, 1], upper=[5, 4, 9])


def _feasibility() -> linopy.Model:
    model = program([0, 0], [([1, 1], ">=", 3), ([1, -1], "=", 1)], upper=10)
    model.remove_objective()
    return model


def _fulfilled(backend: Backend, model: linopy.Model) -> None:
    solution = backend.solve(model, Options())
    expect_optimum(solution, 0.0)
    first, second = solution.values["x"]
    expect(first + second >= 3 - 1e-6, "a row is violated")
    expect(abs(first - second - 1) <= 1e-6, "an equality is violated")


def _nothing() -> linopy.Model:
    return empty()


def _masked() -> linopy.Model:
    import xarray as xr

    from evdsl.model.linear import strict_alignment

    model = empty()
    here = xr.DataArray([True, False, True, False], coords={"i": range(4)})
    x = model.add_variables(0, 5, coords=[range(4)], dims=["i"], mask=here, name="x")
    y = model.add_variables(0, 1, name="y")
    with strict_alignment():  # else linopy warns that it takes an absent cell for a zero
        model.add_constraints(x.sum() + y >= 7, name="need")
        model.add_objective((x * over([1, 1, 2, 1])).sum() + 9 * y)
    return model


def _absent_cells_are_nan(backend: Backend, model: linopy.Model) -> None:
    solution = backend.solve(model, Options())
    expect_optimum(solution, 9.0)
    values = solution.values["x"]
    expect(values.shape == (4,), f"the shape is {values.shape}, not (4,)")
    expect(np.isnan(values[[1, 3]]).all(), "a cell without a variable has a value")
    expect(np.allclose(values[[0, 2]], [5, 2], atol=1e-6), f"the values are {values}")


def _transport() -> linopy.Model:
    model = empty()
    ship = model.add_variables(0, INF, coords=[range(2), range(3)], dims=["plant", "city"], name="ship")
    spill = model.add_variables(0, INF, coords=[range(3)], dims=["city"], name="spill")
    model.add_variables(2, 2, name="idle")
    model.add_constraints(ship.sum("city") <= over([20, 30], "plant"), name="supply")
    model.add_constraints(ship.sum("plant") - spill == over([10, 25, 15], "city"), name="demand")
    cost = over([8, 6], "plant") + over([0, 1, 4], "city")
    cost = cost.copy(data=[[8, 6, 10], [9, 12, 13]])
    model.add_objective((ship * cost).sum() + 100 * spill.sum())
    return model


def _shaped(backend: Backend, model: linopy.Model) -> None:
    solution = backend.solve(model, Options())
    # Plant 0 ships all of its 20 to city 1, where it saves most.
    expect_optimum(solution, 20 * 6 + 10 * 9 + 5 * 12 + 15 * 13)
    shapes = {name: values.shape for name, values in solution.values.items()}
    expect(shapes == {"ship": (2, 3), "spill": (3,), "idle": ()}, f"the shapes are {shapes}")
    expect(np.allclose(solution.values["ship"], [[0, 20, 0], [10, 5, 15]], atol=1e-6), "the plan is wrong")
    expect(float(solution.values["idle"]) == 2.0, "a fixed variable is not at its value")


def _prices(maximize: bool) -> linopy.Model:
    # The classic: 36 at (2, 6), with shadow prices 0, 3/2 and 1.
    rows = [([1, 0], "<=", 4.0), ([0, 2], "<=", 12.0), ([3, 2], "<=", 18.0)]
    sign = 1 if maximize else -1
    return program([3 * sign, 5 * sign], rows, maximize=maximize)


def _shadow_prices(sign: int) -> Check:
    def check(backend: Backend, model: linopy.Model) -> None:
        solution = backend.solve(model, Options())
        expect_optimum(solution, 36.0 * sign)
        found = [float(solution.duals[f"row.{number}"]) for number in range(3)]
        expect(np.allclose(found, [0, 1.5 * sign, sign], atol=1e-6), f"the shadow prices are {found}")

    return check


def _no_shadow_prices(backend: Backend, model: linopy.Model) -> None:
    solution = backend.solve(model, Options())
    expect_optimum(solution, 3.0)
    expect(not solution.duals, "a model with integers has shadow prices")


def _cheapest_steps() -> linopy.Model:
    """One vehicle, 96 steps: the energy goes into the cheapest ones."""
    price = np.sin(np.arange(96) * 1.7) + 2
    return program(list(price), [([1.0] * 96, "=", 40.5)], upper=1.0)


def _cheapest_cost() -> float:
    price = np.sort(np.sin(np.arange(96) * 1.7) + 2)
    return float(price[:40].sum() + 0.5 * price[40])


CASES: tuple[Case, ...] = (
    Case(
        "a linear program is minimized",
        lambda: program([1, 1], [([1, 2], ">=", 4), ([3, 1], ">=", 6)]),
        optimum(2.8, x=[1.6, 1.2]),
    ),
    Case("a linear program is maximized", lambda: _prices(maximize=True), optimum(36.0, x=[2, 6])),
    Case(
        "equalities hold",
        lambda: program([2, 3], [([1, 1], "=", 10), ([1, -1], "=", 2)]),
        optimum(24.0, x=[6, 4]),
    ),
    Case(
        "free variables go below zero",
        lambda: program([1, 1], [([1, 0], ">=", -5), ([1, 1], ">=", -12)], lower=-INF),
        optimum(-12.0),
    ),
    Case(
        "fixed variables stay",
        lambda: program([1, 2], [([1, 1], ">=", 5)], lower=[3, 0], upper=[3, INF]),
        optimum(7.0, x=[3, 2]),
    ),
    Case(
        "a constant of the objective is a fixed variable",
        lambda: program([5, 1], [([0, 1], ">=", 2)], lower=[1, 0], upper=[1, 9]),
        optimum(7.0),
    ),
    Case("bounds alone decide without rows", _only_bounds, optimum(-5.0, x=[-3, 4, 1])),
    Case(
        "a variable without rows goes to its better bound",
        lambda: program([1, -2], [([1, 0], ">=", 1)], lower=[0, -1], upper=[9, 7]),
        optimum(-13.0, x=[1, 7]),
    ),
    Case(
        "negative bounds hold",
        lambda: program([-1, 1], [([1, 1], "<=", -4)], lower=[-4, -6], upper=[-1, -2]),
        optimum(-5.0, x=[-1, -6]),
    ),
    Case(
        "many rows through one vertex do no harm",
        lambda: program(
            [1, 1],
            [([1, 0], "<=", 1), ([0, 1], "<=", 1), ([1, 1], "<=", 2), ([2, 1], "<=", 3), ([1, 2], "<=", 3)],
            maximize=True,
        ),
        optimum(2.0, x=[1, 1]),
    ),
    Case(
        "one of many optima is enough",
        lambda: program([1, 1, 1], [([1, 1, 1], ">=", 7)], upper=4),
        optimum(7.0),
    ),
    Case(
        "the same row twice does no harm",
        lambda: program([1, 2], [([1, 1], "=", 3), ([2, 2], "=", 6)], upper=2),
        optimum(4.0, x=[2, 1]),
    ),
    Case("without an objective any feasible point is optimal", _feasibility, _fulfilled),
    Case("a model without variables is optimal at zero", _nothing, optimum(0.0)),
    Case(
        "a row of zeros that holds is no matter",
        lambda: program([1], [([0], "<=", 5), ([1], ">=", 2)]),
        optimum(2.0),
    ),
    Case(
        "a row of zeros that cannot hold is infeasible",
        lambda: program([1], [([0], ">=", 5)]),
        ends(Status.INFEASIBLE),
    ),
    Case(
        "rows that contradict are infeasible",
        lambda: program([1, 1], [([1, 1], ">=", 5), ([1, 1], "<=", 4)]),
        ends(Status.INFEASIBLE),
    ),
    Case(
        "a row that the bounds contradict is infeasible",
        lambda: program([1, 1], [([1, 1], ">=", 5)], upper=2),
        ends(Status.INFEASIBLE),
    ),
    Case(
        "a lower bound above the upper one is infeasible",
        lambda: program([1, 1], [([1, 1], ">=", 1)], lower=[3, 0], upper=[2, 5]),
        ends(Status.INFEASIBLE, Status.ERROR),
    ),
    Case(
        "infeasible without a row to blame alone",
        lambda: program([0, 0], [([1, 2], "=", 1), ([2, 1], "=", 1), ([1, 1], "=", 1)], lower=-INF),
        ends(Status.INFEASIBLE),
    ),
    Case(
        "a ray makes the minimum unbounded",
        lambda: program([-1, 0], [([1, -1], "<=", 1)]),
        ends(Status.UNBOUNDED),
    ),
    Case(
        "a ray makes the maximum unbounded",
        lambda: program([1, 1], [([1, -1], "<=", 1)], maximize=True),
        ends(Status.UNBOUNDED),
    ),
    Case(
        "a free variable with a cost is unbounded",
        lambda: program([1, 0], [([0, 1], "<=", 1)], lower=-INF),
        ends(Status.UNBOUNDED),
    ),
    Case(
        "infeasible is not unbounded, whatever the ray",
        lambda: program([-1, 0, 0], [([1, -1, 0], "<=", 1), ([0, 0, 1], ">=", 2), ([0, 0, 1], "<=", 1)]),
        ends(Status.INFEASIBLE),
    ),
    Case("absent cells have no value", _masked, _absent_cells_are_nan),
    Case("values have the shapes of their variables", _transport, _shaped),
    Case("energy goes into the cheapest steps", _cheapest_steps, optimum(_cheapest_cost())),
    Case(
        "shadow prices of a maximum have its sign",
        lambda: _prices(maximize=True),
        _shadow_prices(1),
        ("duals",),
    ),
    Case(
        "shadow prices of a minimum have its sign",
        lambda: _prices(maximize=False),
        _shadow_prices(-1),
        ("duals",),
    ),
    Case(
        "a model with integers has no shadow prices",
        lambda: program([1, 1], [([1, 1], ">=", 2.5)], integer=True),
        _no_shadow_prices,
        ("integers", "duals"),
    ),
)
