"""Linear expressions while a model is built: plain arrays of terms, which linopy gets once, as whole rows.

linopy's own expressions are datasets with labels; each sum and product of them takes milliseconds, and a
model has hundreds. `docs/design/terms.md` has the measurement.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import linopy
import numpy as np
import pandas as pd
import xarray as xr
from linopy.constraints import CSRConstraint, Grid  # type: ignore[attr-defined]  # it does not list it
from scipy.sparse import csr_array

from evdsl.data.piecewise import without_rounding
from evdsl.language.arrays import FloatArray, IntArray


@contextmanager
def strict_alignment() -> Iterator[None]:
    """linopy as the compiler needs it: labels that do not match raise, they are not matched by guess.

    Sparse rows are to be had in this way alone. The option is that of the whole process; the caller's
    choice is put back.
    """
    before = linopy.options["semantics"]
    linopy.options["semantics"] = "v1"
    try:
        yield
    finally:
        linopy.options["semantics"] = before


def empty_model() -> linopy.Model:
    """A linopy model as the compiler makes them: flat dimensions with names, sparse rows."""
    with strict_alignment():
        return linopy.Model(force_dim_names=True, sparse=True)


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """`constant[r] + Σ coefficient · decision` over the terms of each entry r along a dimension.

    `dimension` is empty for a single number; `label` is linopy's for the decision.
    """

    dimension: str
    row: IntArray
    label: IntArray
    coefficient: FloatArray
    constant: FloatArray

    # Arrays must not take over `array * expression`.
    __array_ufunc__ = None

    @property
    def size(self) -> int:
        """How many entries it has."""
        return len(self.constant)

    def __neg__(self) -> Linear:
        return self * -1.0

    def __mul__(self, factor: float) -> Linear:
        return replace(self, coefficient=self.coefficient * factor, constant=self.constant * factor)

    __rmul__ = __mul__

    def __add__(self, other: Linear | float) -> Linear:
        if not isinstance(other, Linear):
            return replace(self, constant=self.constant + other)
        first, second = self, other
        if not first.dimension and second.dimension:
            first = _repeated(first, second)
        elif first.dimension and not second.dimension:
            second = _repeated(second, first)
        if (first.dimension, first.size) != (second.dimension, second.size):
            a, b = f"{first.dimension} ({first.size})", f"{second.dimension} ({second.size})"
            raise ValueError(f"an expression along {a} and one along {b} cannot be added")
        return Linear(
            first.dimension,
            np.concatenate([first.row, second.row]),
            np.concatenate([first.label, second.label]),
            np.concatenate([first.coefficient, second.coefficient]),
            first.constant + second.constant,
        )

    __radd__ = __add__

    def __sub__(self, other: Linear | float) -> Linear:
        return self + (-1.0 * other)

    def signed(self, sign: float) -> Linear:
        """Its terms with coefficients of that sign, without constant."""
        mine = self.coefficient * sign > 0
        row, label, coefficient = self.row[mine], self.label[mine], self.coefficient[mine]
        return Linear(self.dimension, row, label, coefficient, np.zeros(self.size))

    def without_constant(self) -> Linear:
        """Its terms alone."""
        return replace(self, constant=np.zeros(self.size))

    def at(self, value: FloatArray) -> FloatArray:
        """Its entries where the decisions have these values, by label."""
        found = np.bincount(self.row, self.coefficient * value[self.label], minlength=self.size)
        return np.asarray(found + self.constant, dtype=float)


def zero() -> Linear:
    """Zero."""
    return Linear("", *_empty(), np.zeros(1))


def decisions(labels: IntArray, dimension: str) -> Linear:
    """Each of some decisions as an entry of its own."""
    size = len(labels)
    return Linear(dimension, np.arange(size), labels.astype(np.int64), np.ones(size), np.zeros(size))


def total(found: Linear) -> Linear:
    """The sum of all entries, the terms of each decision together; what cancels but for rounding is zero."""
    label, where = np.unique(found.label, return_inverse=True)
    coefficient = np.bincount(where, found.coefficient, minlength=len(label)).astype(float)
    size = np.bincount(where, np.abs(found.coefficient), minlength=len(label)).astype(float)
    coefficient = without_rounding(coefficient, size)
    row = np.zeros(len(label), dtype=np.int64)
    return Linear("", row, label, coefficient, np.array([found.constant.sum()]))


def per_term(found: Linear) -> Linear:
    """Each term of an expression as an entry of its own, without the constant."""
    size = len(found.label)
    return Linear("term", np.arange(size), found.label, found.coefficient, np.zeros(size))


def group_sum(found: Linear, groups: IntArray, dimension: str, size: int) -> Linear:
    """Sums of entries by group; negative groups are left out, and groups without entries are zero."""
    row = groups[found.row]
    kept = row >= 0
    inside = groups >= 0
    constant = np.bincount(groups[inside], found.constant[inside], minlength=size).astype(float)
    return Linear(dimension, row[kept], found.label[kept], found.coefficient[kept], constant)


def take(found: Linear, positions: IntArray, dimension: str) -> Linear:
    """The entries at these positions, which may be in any order and repeat."""
    order = np.argsort(found.row, kind="stable")
    edges = np.searchsorted(found.row[order], np.arange(found.size + 1))
    count = (edges[1:] - edges[:-1])[positions]
    row = np.repeat(np.arange(len(positions)), count)
    first = np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.int64) if len(count) else count
    inner = np.arange(len(row)) - np.repeat(first, count)
    taken = order[np.repeat(edges[:-1][positions], count) + inner]
    return Linear(dimension, row, found.label[taken], found.coefficient[taken], found.constant[positions])


def scale(found: Linear, factors: FloatArray) -> Linear:
    """Each entry times its own factor."""
    return replace(
        found, coefficient=found.coefficient * factors[found.row], constant=found.constant * factors
    )


def _repeated(single: Linear, like: Linear) -> Linear:
    """A single expression as every entry along the dimension of another."""
    size, terms = like.size, len(single.label)
    return Linear(
        like.dimension,
        np.repeat(np.arange(size), terms),
        np.tile(single.label, size),
        np.tile(single.coefficient, size),
        np.full(size, single.constant[0]),
    )


def _empty() -> tuple[IntArray, IntArray, FloatArray]:
    return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)


def as_linopy(found: Linear, model: linopy.Model) -> linopy.LinearExpression:
    """A single expression as linopy's own."""
    assert not found.dimension, "only single expressions are handed over"
    data = xr.Dataset(
        {
            "coeffs": ("_term", found.coefficient),
            "vars": ("_term", found.label),
            "const": ((), float(found.constant[0])),
        }
    )
    return linopy.LinearExpression(data, model)


def add_rows(model: linopy.Model, name: str, left: Linear, sign: str, right: FloatArray) -> None:
    """The rows `left sign right`, one for each entry; each has a decision."""
    empty = left.size - len(np.unique(left.row))
    if empty:
        raise AssertionError(f"{empty} rows of {name} have no decision")
    side = right - left.constant
    columns = int(left.label.max(initial=0)) + 1
    matrix = csr_array((left.coefficient, (left.row, left.label)), shape=(left.size, columns))
    matrix.sum_duplicates()
    index = pd.RangeIndex(left.size, name=left.dimension)
    grid = Grid({left.dimension: index} if left.dimension else {})
    rows = CSRConstraint(matrix, np.arange(left.size), side, sign, grid, model)
    model.add_constraints(rows, name=name, freeze=True)
