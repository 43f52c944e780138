"""Numbers of every size: what tolerances would swallow, and what must be refused."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from evdsl.solver.backend import Backend
from evdsl.solver.solution import Options, Status
from evdsl.testing.conformance.case import (
    Case,
    Check,
    empty,
    expect,
    expect_end,
    expect_optimum,
    optimum,
    program,
)

if TYPE_CHECKING:
    import linopy

INTEGERS = ("integers",)


def _two_tariffs(unit: float, *, integer: bool = False) -> linopy.Model:
    """Seven units from a cheap source of four and a dear one; three of ten from the cheaper of two."""
    rows = [([1.0, 1.0, 0.0, 0.0], ">=", 7.0), ([0.0, 0.0, 1.0, 1.0], ">=", 3.0)]
    cost = [2 * unit, 3 * unit, unit, 2 * unit]
    return program(cost, rows, upper=[4, 9, 10, 10], integer=integer)


def _energy_in(unit: float) -> linopy.Model:
    """The same need with rows in another unit: an absolute tolerance would leave some of it out."""
    return program([2, 3], [([unit, unit], ">=", 7 * unit), ([unit, 0], "<=", 4 * unit)])


def _coefficient(small: float, reach: float) -> linopy.Model:
    model = empty()
    x = model.add_variables(0, 10, name="x")
    y = model.add_variables(0, reach, name="y")
    model.add_constraints(x + small * y >= 5, name="site.limit")
    model.add_objective(x + 1e-6 * small * y)
    return model


def _penalty(penalty: float) -> linopy.Model:
    """A price beside the penalty of what is not needed."""
    return program([1e-3, 2e-3, penalty], [([1, 1, 1], ">=", 7)], upper=[4, 9, 9])


def _infinite_side() -> linopy.Model:
    return program([1], [([1], ">=", 1e21)])


def _refused(name: str) -> Check:
    def check(backend: Backend, model: linopy.Model) -> None:
        solution = backend.solve(model, Options())
        expect_end(solution, Status.ERROR)
        expect(name in solution.message, f"the message does not name `{name}`: {solution.message}")

    return check


def _right_or_refused(value: float) -> Check:
    def check(backend: Backend, model: linopy.Model) -> None:
        solution = backend.solve(model, Options())
        if solution.status is not Status.ERROR:
            expect_optimum(solution, value)

    return check


CASES: tuple[Case, ...] = (
    *(
        Case(
            f"costs of {unit:g} choose as well as costs of one",
            partial(_two_tariffs, unit),
            optimum(20 * unit, x=[4, 3, 3, 0]),
        )
        for unit in (1e-12, 1e-9, 1e-6, 1e6, 1e9, 1e12)
    ),
    *(
        Case(
            f"costs of {unit:g} choose as well among integers",
            partial(_two_tariffs, unit, integer=True),
            optimum(20 * unit, x=[4, 3, 3, 0]),
            INTEGERS,
        )
        for unit in (1e-9, 1e9)
    ),
    *(
        Case(
            f"rows in units of {unit:g} hold as well as rows in units of one",
            partial(_energy_in, unit),
            optimum(17.0, x=[4, 3]),
        )
        for unit in (1e-10, 1e-6, 1e6)
    ),
    Case("an idle penalty does not drown the prices", lambda: _penalty(1e9), optimum(0.01, x=[4, 3, 0])),
    Case("dust in a row is no matter", lambda: _coefficient(1e-17, 10.0), optimum(5.0)),
    Case(
        "a coefficient that solvers would ignore is refused",
        lambda: _coefficient(1e-12, math.inf),
        _refused("site.limit"),
    ),
    Case(
        "a coefficient that is ignored but matters is refused, bounded or not",
        lambda: _coefficient(1e-12, 1e13),
        _refused("site.limit"),
    ),
    Case(
        "coefficients beyond double precision are refused, or solved rightly all the same",
        lambda: program([1, 1], [([1e14, 0], ">=", 5e14), ([1e-3, 1e-2], ">=", 0.1)]),
        _right_or_refused(14.5),
    ),
    Case("a penalty that drowns the prices is refused", lambda: _penalty(1e12), _refused("objective")),
    Case("a side that is no number is refused", _infinite_side, _refused("row.0")),
)
