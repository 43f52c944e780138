"""A linopy model as arrays: what a backend hands to its solver, and what the answer is checked against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evdsl.language.arrays import FloatArray

if TYPE_CHECKING:
    import linopy
    from scipy.sparse import csr_array

Flags = NDArray[np.bool_]
Labelled = tuple[tuple[str, NDArray[np.integer]], ...]

INFINITE = 1e20
"""What solvers take for no bound at all."""


@dataclass(frozen=True, slots=True, eq=False)
class ModelMatrix:
    """`minimize cost @ x` where `row_lower <= rows @ x <= row_upper` and `lower <= x <= upper`.

    A model that maximizes has `sign` -1 and its costs negated. `integer` and `semicontinuous` mark
    columns; a semicontinuous one is zero or within its bounds. `variables` are the names with their
    labels, -1 where there is none; columns stand in this order without the absent ones. `families` are the
    names of the constraints with their labels, in the order of the rows. `row_factor` and
    `cost_factor` are what linopy and `evdsl.solver.scaling` have multiplied rows and costs by.
    """

    sign: float
    cost: FloatArray
    rows: csr_array
    row_lower: FloatArray
    row_upper: FloatArray
    lower: FloatArray
    upper: FloatArray
    integer: Flags
    semicontinuous: Flags
    variables: Labelled
    families: Labelled
    row_factor: FloatArray
    cost_factor: float = 1.0

    @property
    def is_discrete(self) -> bool:
        """Whether a column is integer or semicontinuous, so that the model is no linear program."""
        return bool(self.integer.any() or self.semicontinuous.any())

    def in_model_units(self, value: float) -> float:
        """A value of the scaled, minimized objective in the sense and the units of the model."""
        return self.sign * value / self.cost_factor + 0.0

    def row_name(self, row: int) -> str:
        """The name of the constraint that a row belongs to."""
        return _name_at(self.families, row)

    def column_name(self, column: int) -> str:
        """The name of the variable that a column belongs to."""
        return _name_at(self.variables, column)

    def values(self, point: FloatArray) -> dict[str, FloatArray]:
        """The point by variable name, in the shape of the labels; `nan` in absent cells."""
        return _by_name(self.variables, point)

    def duals(self, row_duals: FloatArray) -> dict[str, FloatArray]:
        """Shadow prices by constraint name: the change of the objective per unit of the right-hand side."""
        return _by_name(self.families, self.sign * row_duals * self.row_factor / self.cost_factor + 0.0)

    def violation(self, point: FloatArray) -> float:
        """The worst violation of a row, a bound or integrality, relative to sides larger than one.

        Rounding in a row whose terms are huge and cancel is no violation: a millionth of the sum of the
        terms counts as the size of the side, should that be larger.
        """
        if not np.isfinite(point).all():
            return float("inf")
        activity = self.rows @ point
        rounding = 1e-6 * (abs(self.rows) @ np.abs(point))
        off = self.semicontinuous & (np.abs(point) < self.lower / 2)
        lower, upper = np.where(off, 0.0, self.lower), np.where(off, 0.0, self.upper)
        fraction = np.abs(point - np.round(point))[self.integer]
        return max(
            _shortfall(activity, self.row_lower, rounding),
            _shortfall(-activity, -self.row_upper, rounding),
            _shortfall(point, lower, 0.0),
            _shortfall(-point, -upper, 0.0),
            float(fraction.max(initial=0.0)),
        )


def read(model: linopy.Model) -> ModelMatrix:
    """The linear model as it stands, unscaled. The model is not changed."""
    from linopy.scaling import constraint_scaling_lookup
    from scipy.sparse import csr_array, diags_array

    arrays = model.matrices
    columns = len(arrays.vlabels)
    rows = csr_array((0, columns)) if arrays.A is None else csr_array(arrays.A)
    side, sense = np.asarray(arrays.b, float), np.asarray(arrays.sense)
    cost, lower, upper = (np.array(array, float) for array in (arrays.c, arrays.lb, arrays.ub))
    column_scale = np.asarray(arrays.var_scaling, float)
    if (column_scale != 1).any():
        # linopy's own scaling of columns is undone: values and bounds are those of the user.
        rows = csr_array(rows @ diags_array(column_scale))
        cost, lower, upper = cost * column_scale, lower / column_scale, upper / column_scale
    sign = -1.0 if model.objective.sense == "max" else 1.0
    return ModelMatrix(
        sign=sign,
        cost=sign * cost / model.objective.scaling,
        rows=rows,
        row_lower=np.where(sense != "<", side, -np.inf),
        row_upper=np.where(sense != ">", side, np.inf),
        lower=np.where(lower <= -INFINITE, -np.inf, lower),
        upper=np.where(upper >= INFINITE, np.inf, upper),
        integer=np.isin(arrays.vtypes, ("B", "I")),
        semicontinuous=arrays.vtypes == "S",
        variables=tuple((str(name), variable.labels.values) for name, variable in model.variables.items()),
        families=tuple(
            (str(name), _row_labels(constraint)) for name, constraint in model.constraints.items()
        ),
        row_factor=constraint_scaling_lookup(model)[arrays.clabels],
    )


def _row_labels(constraint: linopy.constraints.ConstraintBase) -> NDArray[np.integer]:
    """The labels of a constraint, -1 where there is no row; sparse constraints do not store them."""
    active = np.asarray(constraint.active_labels())
    labels = np.full(constraint.shape, -1, dtype=np.int64)
    if active.size:
        labels.reshape(-1)[active - constraint.range[0]] = active
    return labels


def _shortfall(value: FloatArray, bound: FloatArray, size: FloatArray | float) -> float:
    finite = np.isfinite(bound)
    side = np.where(finite, bound, 0.0)
    short = (side - value) / np.maximum(np.maximum(1.0, np.abs(side)), size)
    return float(np.where(finite, short, 0.0).max(initial=0.0))


def _name_at(labelled: Labelled, position: int) -> str:
    for name, labels in labelled:
        count = int(np.count_nonzero(labels >= 0))
        if position < count:
            return name
        position -= count
    raise IndexError("no such position")


def _by_name(labelled: Labelled, flat: FloatArray) -> dict[str, FloatArray]:
    found: dict[str, FloatArray] = {}
    start = 0
    for name, labels in labelled:
        present = labels >= 0
        count = int(np.count_nonzero(present))
        cells = np.full(labels.shape, np.nan)
        cells[present] = flat[start : start + count]
        found[name] = cells
        start += count
    return found
