"""How two models of one spec differ, and the least easing of what differs that makes one feasible.

The models M0 and M1 are of one shape, and M1 is M0 with one statement eased by a step. Where they differ in
bounds and sides alone, M0 + e (M1 - M0) / step is linear in e, and the least e >= 0 at which it is feasible
is the minimum of one program with one column more. Sides move with e for as long as nothing else takes
over (a port may be weaker than the class); so who calls solves the spec itself at the e that was found.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array, csr_array, eye_array, hstack, vstack

from evdsl.language.arrays import FloatArray
from evdsl.model.matrix import ModelMatrix
from evdsl.optimization.explanation.levers import Lever
from evdsl.optimization.explanation.variant import Optimum, Session, VariantModel, same_shape


@dataclass(frozen=True, slots=True, eq=False)
class MatrixChange:
    """By how much bounds and sides of a model differ from those of another, for each unit of a statement."""

    lower: FloatArray
    upper: FloatArray
    row_lower: FloatArray
    row_upper: FloatArray


def change(first: ModelMatrix, second: ModelMatrix, step: float) -> MatrixChange | None:
    """The change from one model to another; `None` where more than bounds and sides differ."""
    if not same_shape(first, second):
        return None
    difference = abs(first.rows - second.rows)
    if difference.nnz and float(difference.max()) > 1e-12:
        return None
    found: list[FloatArray] = []
    for name in ("lower", "upper", "row_lower", "row_upper"):
        one, other = getattr(first, name), getattr(second, name)
        finite = np.isfinite(one)
        if (finite != np.isfinite(other)).any():
            return None
        found.append(np.where(finite, np.where(finite, other, 0.0) - np.where(finite, one, 0.0), 0.0) / step)
    return MatrixChange(*found)


def of_rows(posed: VariantModel, row: str) -> MatrixChange:
    """The rows of a requirement or of an earlier stage, each looser by one unit of it."""
    matrix = posed.matrix
    moved = np.zeros(len(matrix.row_lower))
    for name, _ in matrix.families:
        if name == row:
            moved[posed.rows(name)] = 1.0
    nothing = np.zeros(len(matrix.cost))
    return MatrixChange(nothing, nothing, -moved, moved)


def least_relaxation(
    base: VariantModel, other: VariantModel | None, lever: Lever, asker: Session, step: float = 1.0
) -> float | None:
    """The least easing of a lever in its unit; `None` where one program does not give it."""
    if other is None:
        moved: MatrixChange | None = of_rows(base, lever.name)
    else:
        moved = change(base.matrix, other.matrix, step)
    if moved is None:
        return None
    answer = asker.solve(_eased(base.matrix, moved))
    return None if answer is None else max(answer.value, 0.0)


def _eased(matrix: ModelMatrix, moved: MatrixChange) -> ModelMatrix:
    """The model with a column for the easing, which is made small."""
    columns = len(matrix.cost)
    rows, low, high = [], [], []
    both = np.flatnonzero(
        (moved.row_lower != 0) & (moved.row_upper != 0) & (moved.row_lower != moved.row_upper)
    )
    side = np.where(np.isfinite(matrix.row_upper), moved.row_upper, moved.row_lower)
    own_low, own_high = matrix.row_lower.copy(), matrix.row_upper.copy()
    own_low[both] = -np.inf
    rows.append(_with_ease(matrix.rows, -side))
    low.append(own_low)
    high.append(own_high)
    # An equation that opens both ways is two rows.
    rows.append(_with_ease(csr_array(matrix.rows[both]), -moved.row_lower[both]))
    low.append(matrix.row_lower[both])
    high.append(np.full(len(both), np.inf))
    units = csr_array(eye_array(columns))
    lower, upper = matrix.lower.copy(), matrix.upper.copy()
    for bound, slope, below in ((lower, moved.lower, True), (upper, moved.upper, False)):
        at = np.flatnonzero(slope)
        rows.append(_with_ease(csr_array(units[at]), -slope[at]))
        low.append(bound[at].copy() if below else np.full(len(at), -np.inf))
        high.append(np.full(len(at), np.inf) if below else bound[at].copy())
        bound[at] = -np.inf if below else np.inf
    stacked = csr_array(vstack([part for part in rows if part.shape[0]]))
    return replace(
        matrix,
        cost=np.append(np.zeros(columns), 1.0),
        rows=stacked,
        row_lower=np.concatenate(low),
        row_upper=np.concatenate(high),
        lower=np.append(lower, 0.0),
        upper=np.append(upper, np.inf),
        integer=np.append(matrix.integer, False),
        semicontinuous=np.append(matrix.semicontinuous, False),
    )


def _with_ease(rows: csr_array, slope: FloatArray) -> csr_array:
    at = np.flatnonzero(slope)
    column = coo_array((slope[at], (at, np.zeros(len(at), dtype=int))), shape=(rows.shape[0], 1))
    return csr_array(hstack([rows, column]))


def moved_rows(matrix: ModelMatrix, moved: MatrixChange, amount: float) -> ModelMatrix:
    """The model with some rows looser by an amount; an equation moves up."""
    lower, upper = matrix.row_lower, matrix.row_upper
    equation = (lower == upper) & (moved.row_upper != 0)
    lower = np.where(equation, lower + amount, lower + amount * moved.row_lower)
    return replace(matrix, row_lower=lower, row_upper=upper + amount * moved.row_upper)


def lagrangian(
    first: ModelMatrix, second: ModelMatrix, answer: Optimum, step: float
) -> tuple[float, FloatArray, FloatArray]:
    """The derivative of the Lagrangian from one model to the other, and its parts by column and by row."""
    point, duals = answer.point, answer.duals
    assert duals is not None, "the solver gives multipliers"
    reduced = first.cost - first.rows.T @ duals
    side = np.where(
        duals > 0, _rise(first.row_lower, second.row_lower), _rise(first.row_upper, second.row_upper)
    )
    by_row = duals * (side - (second.rows - first.rows) @ point) / step
    bound = np.where(reduced > 0, _rise(first.lower, second.lower), _rise(first.upper, second.upper))
    by_column = (reduced * bound + (second.cost - first.cost) * point) / step
    return float(by_row.sum() + by_column.sum()), by_column, by_row


def _rise(first: FloatArray, second: FloatArray) -> FloatArray:
    finite = np.isfinite(first) & np.isfinite(second)
    return np.where(finite, np.where(finite, second, 0.0) - np.where(finite, first, 0.0), 0.0)
