"""A case, the models that cases are made of, and what they expect."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evdsl.solver.backend import Backend
from evdsl.solver.solution import Options, Solution, Status

if TYPE_CHECKING:
    import linopy

Row = tuple[Sequence[float], str, float]
Check = Callable[[Backend, "linopy.Model"], None]

CLOSE = 1e-6
"""How near a value must come to the known one, relative to it or to one."""


class NonconformityError(AssertionError):
    """What a backend did that it must not do, or the other way round."""


@dataclass(frozen=True, slots=True)
class Case:
    """One demand: a model, and what must be true of a backend that is given it.

    `needs` are fields of `evdsl.model.capabilities.Capabilities` without which the case is skipped.
    """

    name: str
    build: Callable[[], linopy.Model]
    check: Check
    needs: tuple[str, ...] = ()


def empty() -> linopy.Model:
    """A model as the compiler makes them: flat dimensions with names, sparse rows."""
    from evdsl.model.linear import empty_model

    return empty_model()


def over(values: Sequence[float], dimension: str = "i") -> Any:
    """Numbers along a dimension."""
    import xarray as xr

    return xr.DataArray(np.asarray(values, dtype=float), coords={dimension: range(len(values))})


def program(
    cost: Sequence[float],
    rows: Sequence[Row] = (),
    *,
    lower: float | Sequence[float] = 0.0,
    upper: float | Sequence[float] = math.inf,
    integer: bool = False,
    binary: bool = False,
    maximize: bool = False,
) -> linopy.Model:
    """A model of one variable `x` over `i`, with rows `row.0`, ... of coefficients, sign and side."""
    import pandas as pd

    model = empty()
    size = len(cost)
    index = [pd.RangeIndex(size, name="i")]
    if binary:
        x = model.add_variables(coords=index, name="x", binary=True)
    else:
        low, high = (over(np.broadcast_to(bound, size).tolist()) for bound in (lower, upper))
        x = model.add_variables(low, high, coords=index, name="x", integer=integer)
    for number, (coefficients, sign, side) in enumerate(rows):
        model.add_constraints((x * over(coefficients)).sum(), sign, side, name=f"row.{number}")
    model.add_objective((x * over(cost)).sum(), sense="max" if maximize else "min")
    return model


def expect(condition: object, message: str) -> None:
    """Raises `NonconformityError` where a condition does not hold."""
    if not condition:
        raise NonconformityError(message)


def close(value: float, known: float) -> bool:
    """Whether a value is the known one, as far as solvers go."""
    return abs(value - known) <= CLOSE * max(abs(known), 1e-9 if 0 < abs(known) < 1e-6 else 1.0)


def optimum(
    value: float, options: Options | None = None, **values: Mapping[int, float] | Sequence[float]
) -> Check:
    """The solve ends optimal with this objective, a bound that proves it, and these values where given."""

    def check(backend: Backend, model: linopy.Model) -> None:
        solution = backend.solve(model, options or Options())
        expect_optimum(solution, value)
        for name, wanted in values.items():
            cells = wanted.items() if isinstance(wanted, Mapping) else enumerate(wanted)
            found = solution.values[name].ravel()
            for place, known in cells:
                expect(close(found[place], known), f"`{name}` is {found[place]} at {place}, not {known}")

    return check


def expect_optimum(solution: Solution, value: float) -> None:
    """The solution is optimal at this value, and its bound and gap say so."""
    said = f"{solution.status.value} ({solution.message})"
    expect(solution.status is Status.OPTIMAL, f"the status is {said}, not optimal")
    expect(close(solution.objective, value), f"the objective is {solution.objective!r}, not {value!r}")
    expect(close(solution.bound, value), f"the bound is {solution.bound!r}, not {value!r}")


def ends(*allowed: Status) -> Check:
    """The solve ends with one of these, and without a schedule where there is none."""

    def check(backend: Backend, model: linopy.Model) -> None:
        solution = backend.solve(model, Options())
        expect_end(solution, *allowed)

    return check


def expect_end(solution: Solution, *allowed: Status) -> None:
    """The status is one of these, and the rest of the solution agrees with it."""
    said = f"{solution.status.value} ({solution.message})"
    expect(solution.status in allowed, f"the status is {said}, not {[a.value for a in allowed]}")
    if not solution.status.has_schedule:
        expect(not solution.values, f"there are values, though the status is {said}")
        expect(math.isnan(solution.objective), f"there is an objective, though the status is {said}")
        expect(solution.message, f"there is no message, though the status is {said}")
