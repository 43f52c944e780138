"""Numbers of a size that solvers handle, and those that no scaling can save.

Solvers compare with absolute tolerances of about 1e-7 and ignore coefficients below 1e-9. With prices of
1e-9 HiGHS calls a wrong point optimal, and a row in gigawatts is met within a tenth of it. So each row
whose coefficients are all small is multiplied by a power of two that brings the largest to about one, and
the objective by one that brings its median cost to about a thousand: exact in floating point, undone on
return.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.model.matrix import INFINITE, ModelMatrix, read

if TYPE_CHECKING:
    import linopy
    from scipy.sparse import csr_array

SMALLEST = 1e-9
"""Both solvers ignore coefficients below this."""

WIDEST = 1e12
"""Coefficients further apart than this leave nothing of double precision."""

COST_TOLERANCE = 1e-7
"""A reduced cost below this is zero to a solver."""

DUST = 1e-13
"""A cost this far below the usual one is what rounding left of a sum, not a price. Of a price that is -0.15
for ten minutes of a step and 0.30 for five the hours of the day, rounded to 4e-15, leave 2e-15."""


@dataclass(frozen=True, slots=True)
class ScalingProblem:
    """Why the numbers of a model cannot be trusted, and the constraint, variable or `objective` meant."""

    name: str
    message: str


def scale_matrix(matrix: ModelMatrix) -> ModelMatrix:
    """The same model with rows and costs of a size that solvers handle well.

    Rows are never made smaller: that would loosen the tolerance of those with one large coefficient.
    """
    from scipy.sparse import csr_array

    rows = matrix.rows
    largest = abs(rows).max(axis=1).toarray().ravel() if rows.nnz else np.zeros(rows.shape[0])
    small = (largest > 0) & (largest < 1)
    factor = np.where(small, np.exp2(-np.floor(np.log2(np.where(small, largest, 1.0)))), 1.0)
    if small.any():
        data = rows.data * np.repeat(factor, np.diff(rows.indptr))
        rows = csr_array((data, rows.indices, rows.indptr), shape=rows.shape)
    cost_factor = _cost_factor(matrix.cost)
    return replace(
        matrix,
        cost=matrix.cost * cost_factor,
        rows=rows,
        row_lower=matrix.row_lower * factor,
        row_upper=matrix.row_upper * factor,
        row_factor=matrix.row_factor * factor,
        cost_factor=matrix.cost_factor * cost_factor,
    )


def scaling_problem(model: linopy.Model | ModelMatrix) -> ScalingProblem | None:
    """Why no solver can be trusted with the numbers of a model; None where nothing is wrong.

    A small coefficient or cost only counts where it matters: where its variable can be so large that the
    term is seen. Dust, such as 5e-17 left of a difference of prices, does not.
    """
    matrix = scale_matrix(model if isinstance(model, ModelMatrix) else read(model))
    return _not_finite(matrix) or _rows_apart(matrix) or _costs_apart(matrix)


def _not_finite(matrix: ModelMatrix) -> ScalingProblem | None:
    wrong = ~(np.abs(matrix.rows.data) < INFINITE)
    if wrong.any():
        name = matrix.row_name(_row_of(matrix.rows, int(np.argmax(wrong))))
        return ScalingProblem(name, f"a coefficient of `{name}` is not a finite number")
    wrong = _no_interval(matrix.row_lower, matrix.row_upper)
    if wrong.any():
        name = matrix.row_name(int(np.argmax(wrong)))
        return ScalingProblem(name, f"a side of `{name}` is not a finite number")
    wrong = _no_interval(matrix.lower, matrix.upper)
    if wrong.any():
        name = matrix.column_name(int(np.argmax(wrong)))
        return ScalingProblem(name, f"a bound of `{name}` is not a finite number")
    if not (np.abs(matrix.cost) < INFINITE).all():
        return ScalingProblem("objective", "a cost of the objective is not a finite number")
    return None


def _rows_apart(matrix: ModelMatrix) -> ScalingProblem | None:
    rows, size = matrix.rows, np.abs(matrix.rows.data)
    seen = (size > 0) & (_effect(size, _reach(matrix)[rows.indices]) > SMALLEST)
    if not seen.any():
        return None
    entry = int(np.argmin(np.where(seen, size, np.inf)))
    row = _row_of(rows, entry)
    within = slice(rows.indptr[row], rows.indptr[row + 1])
    other = within.start + int(np.argmax(size[within]))
    if size[entry] >= SMALLEST and size[other] <= WIDEST * size[entry]:
        other = int(np.argmax(size))
        if size[other] <= WIDEST * size[entry]:
            return None
    small, large = (rows.data[at] / matrix.row_factor[_row_of(rows, at)] for at in (entry, other))
    name, beside = matrix.row_name(row), matrix.row_name(_row_of(rows, other))
    message = f"`{name}` has a coefficient of {small:.3g} and `{beside}` one of {large:.3g}"
    return ScalingProblem(name, message)


def _costs_apart(matrix: ModelMatrix) -> ScalingProblem | None:
    size = np.abs(matrix.cost)
    usual = _median(size)
    # What a cost is beside the usual ones decides: dust is no price, and an idle penalty no usual cost.
    lost = (size > DUST * usual) & (size < COST_TOLERANCE) & (_effect(size, _reach(matrix)) > 1e-9 * usual)
    if not lost.any():
        return None
    least, most = size[lost].min() / matrix.cost_factor, size.max() / matrix.cost_factor
    return ScalingProblem("objective", f"the objective has a cost of {least:.3g} beside one of {most:.3g}")


def _cost_factor(cost: FloatArray) -> float:
    """A power of two that brings the median cost to about 2**10, and no cost beyond 2**20.

    HiGHS perturbs costs by absolute amounts: prices of cents per step are drowned, and its simplex took up
    to eight times longer on a fleet. Beyond 2**20 double precision ends before the tolerance does.
    """
    size = np.abs(cost)
    usual, most = _median(size), float(size.max(initial=0.0))
    if not 0 < usual <= most < math.inf:
        return 1.0
    exponent = min(10 - math.ceil(math.log2(usual)), 20 - math.ceil(math.log2(most)))
    return 2.0 ** max(-900, min(900, exponent))


def _median(size: FloatArray) -> float:
    """The median of what is not zero, and zero where everything is."""
    present = size[size > 0]
    return float(np.median(present)) if present.size else 0.0


def _reach(matrix: ModelMatrix) -> FloatArray:
    """How large each column can be in either direction."""
    return np.maximum(np.abs(matrix.lower), np.abs(matrix.upper))


def _effect(size: FloatArray, reach: FloatArray) -> FloatArray:
    """The largest term that a coefficient can make; a zero makes none, however far its variable goes."""
    return np.multiply(size, reach, out=np.zeros_like(size), where=size > 0)


def _no_interval(lower: FloatArray, upper: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Where a side is no number, or an infinity of the wrong sign; `1 <= x <= 0` is the solver's matter."""
    return np.isnan(lower) | np.isnan(upper) | (lower >= INFINITE) | (upper <= -INFINITE)


def _row_of(rows: csr_array, entry: int) -> int:
    return int(np.searchsorted(rows.indptr, entry, side="right")) - 1
