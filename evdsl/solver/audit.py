"""What a backend says, held against the model that it was given, whoever wrote the backend.

`evdsl.solver.certify` keeps a backend from believing its solver; this keeps the compiler from believing its
backend, which may not use it. A schedule is taken on four conditions that cost one product with the matrix:

- it has a finite number for each variable of the model;
- no row, bound or integer is violated by more than `evdsl.solver.certify.TOLERANCE` of the scaled model;
- its objective is what the backend says that it is;
- `optimal` and `within_gap` have a bound that is that near, and not on the wrong side.

Where the first three do not hold the backend contradicts itself, and nothing of what it says is used: the
status is `error`. Where the last does not, the point still is one: the status is `feasible`, and the solution
is marked as unproven. What none of
this finds out is a backend that invents a bound for a point that is not the best, or says that there is no
point at all: only another solver does (`evdsl solve --backend`, the claim `solvers_agree` of `evdsl fuzz`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.model.matrix import ModelMatrix, read
from evdsl.solver.backend import Backend, Listener
from evdsl.solver.certify import PROVEN, TOLERANCE, USUAL, within
from evdsl.solver.choice import Choice
from evdsl.solver.muted_backend import muted_backend
from evdsl.solver.scaling import scale_matrix
from evdsl.solver.solution import Attempt, Options, Progress, Solution, Status

if TYPE_CHECKING:
    import linopy

CLAIMED = 1e-5
"""By what share of it an objective may differ from that of the values: solvers round integers behind it."""


def solve(
    backend: Backend, model: linopy.Model, options: Options, listener: Listener | None = None
) -> Solution:
    """The answer of a backend as far as it can be believed; what it raises is an answer too."""
    if isinstance(backend, Choice):  # which comes back here with each of its backends
        return backend.solve(model, options, listener)
    started = time.perf_counter()
    solution = _answered(backend, model, options, listener)
    seconds = time.perf_counter() - started
    attempts = solution.attempts or (Attempt("", USUAL, solution.message, seconds),)
    *earlier, last = (replace(attempt, backend=backend.name) for attempt in attempts)
    if not solution.is_answer:
        last = replace(last, message=solution.message)
    return replace(solution, attempts=(*earlier, last), backend=backend.name)


def _answered(backend: Backend, model: linopy.Model, options: Options, listener: Listener | None) -> Solution:
    raised: list[BaseException] = []

    def told(progress: Progress) -> None:
        assert listener is not None
        try:
            listener(progress)
        except BaseException as error:
            raised.append(error)
            raise

    try:
        solution = muted_backend(backend).solve(model, options, None if listener is None else told)
    except MemoryError:
        raise
    except Exception as error:
        if error in raised:  # of the listener, which is no part of the backend
            raise
        message = f"{backend.name} failed with {type(error).__name__}: {error}"
        return Solution(Status.ERROR, message=message)
    try:
        return audit(model, solution, backend.name, options.gap)
    except (AttributeError, TypeError, ValueError) as error:
        message = f"{backend.name} gave an answer that is none ({type(error).__name__}: {error})"
        return Solution(Status.ERROR, message=message)


def audit(model: linopy.Model, solution: Solution, who: str, gap: float) -> Solution:
    """A solution whose claims hold, the same with a lesser status, or an error that says what contradicts."""
    if not isinstance(solution, Solution):
        raise TypeError(f"a `Solution` is wanted, not {type(solution).__name__}")
    if not solution.status.has_schedule:
        return solution
    matrix = scale_matrix(read(model))
    point = _point(matrix, solution.values)
    lie = point if isinstance(point, str) else _contradiction(matrix, point, solution)
    if lie:
        message = f"{who} says {solution.status.value}, but {lie}"
        return Solution(
            Status.ERROR,
            seconds=solution.seconds,
            message=message,
            interrupted=solution.interrupted,
            attempts=solution.attempts,
        )
    if solution.status is Status.FEASIBLE:
        return solution
    assert not isinstance(point, str)
    (value, size), bound = _worth(matrix, point), _in_scaled_units(matrix, solution.bound)
    allowed = PROVEN if solution.status is Status.OPTIMAL else max(gap, PROVEN)
    if within(value, bound, size, allowed):
        return solution
    said = f"its bound is {solution.bound:.9g}" if math.isfinite(bound) else "it has no bound"
    message = f"{who} says {solution.status.value} of {solution.objective:.9g}, but {said}"
    proven = solution.bound if -math.inf < bound <= value else math.nan
    return replace(solution, status=Status.FEASIBLE, bound=proven, message=message, unproven=True)


def _point(matrix: ModelMatrix, values: Mapping[str, FloatArray]) -> FloatArray | str:
    """The values in the order of the columns, or what is missing of them."""
    parts: list[FloatArray] = []
    for name, labels in matrix.variables:
        found = values.get(name)
        if found is None or np.shape(found) != labels.shape:
            return f"it gives no values of `{name}`"
        if not np.isrealobj(found):
            return f"a value of `{name}` is no real number"
        part = np.asarray(found, dtype=float)[labels >= 0]
        if not np.isfinite(part).all():
            return f"a value of `{name}` is no finite number"
        parts.append(part)
    return np.concatenate(parts) if parts else np.zeros(0)


def _contradiction(matrix: ModelMatrix, point: FloatArray, solution: Solution) -> str | None:
    violation = matrix.violation(point)
    if violation > TOLERANCE:
        return f"its point violates the model by {violation:.2g}"
    value, size = _worth(matrix, point)
    if not within(value, _in_scaled_units(matrix, solution.objective), size, CLAIMED):
        return f"its point is worth {matrix.in_model_units(value):.9g}, and not {solution.objective:.9g}"
    return None


def _worth(matrix: ModelMatrix, point: FloatArray) -> tuple[float, float]:
    """The scaled objective of a point, and the sum of the absolute values of its terms."""
    return float(matrix.cost @ point), float(np.abs(matrix.cost) @ np.abs(point))


def _in_scaled_units(matrix: ModelMatrix, value: float) -> float:
    return matrix.sign * value * matrix.cost_factor
