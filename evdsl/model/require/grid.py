"""Affine expressions over a grid of cells, sparse in their terms: the rows of a requirement in the making.

A grid has one axis for each bound variable, from the outermost. Over it an `Affine` is, for each cell,

    constant[cell] + Σ coefficient · decision

where a decision is a number of the model's columns. What does not depend on an axis has length 1 along it,
as in numpy's broadcasting, so that `price[t]` is one number a step however many vehicles there are. `there`
says which cells have a meaning: a battery has no state while its vehicle is away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evdsl.language.arrays import FloatArray, IntArray

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Affine:
    """`cell` has a row for each axis and a column for each term; `over` is the shape that terms are laid
    out in, 1 along each axis that they do not depend on."""

    constant: FloatArray
    there: NDArray[np.bool_]
    cell: IntArray
    column: IntArray
    coefficient: FloatArray
    over: Shape

    @property
    def shape(self) -> Shape:
        """The shape of the cells that can differ."""
        return np.broadcast_shapes(self.constant.shape, self.there.shape, self.over)

    def scale(self, factor: float) -> Affine:
        """The same times a number."""
        return self._with(self.constant * factor, self.coefficient * factor)

    def plus(self, other: Affine) -> Affine:
        """The sum; it has a meaning where both have."""
        over = np.broadcast_shapes(self.over, other.over)
        first, second = self.laid_out(over), other.laid_out(over)
        return Affine(
            self.constant + other.constant,
            self.there & other.there,
            np.concatenate([first.cell, second.cell], axis=1),
            np.concatenate([first.column, second.column]),
            np.concatenate([first.coefficient, second.coefficient]),
            over,
        )

    def times(self, factors: Affine) -> Affine:
        """The product with what has no decision in it."""
        assert not len(factors.column), "products of two decisions are refused before"
        wide = self.laid_out(np.broadcast_shapes(self.over, factors.constant.shape))
        weight = factors.constant[_at(wide.cell, factors.constant.shape)]
        found = wide._with(self.constant * factors.constant, wide.coefficient * weight)
        return Affine(
            found.constant, self.there & factors.there, wide.cell, wide.column, found.coefficient, wide.over
        )

    def laid_out(self, over: Shape) -> Affine:
        """The same with its terms repeated along the axes in which they do not differ yet."""
        cell, column, coefficient = self.cell, self.column, self.coefficient
        for axis, (have, want) in enumerate(zip(self.over, over, strict=True)):
            if have == want or want == 1:
                continue
            count = cell.shape[1]
            cell = np.repeat(cell, want, axis=1)
            cell[axis] = np.tile(np.arange(want), count)
            column, coefficient = np.repeat(column, want), np.repeat(coefficient, want)
        wider = tuple(want if have == 1 else have for have, want in zip(self.over, over, strict=True))
        return Affine(self.constant, self.there, cell, column, coefficient, wider)

    def summed(self, size: int) -> Affine:
        """The sum along the last axis, of `size` cells, over those that have a meaning."""
        there = self.there
        wide = self
        if there.shape[-1] != 1 or self.over[-1] != 1:
            wide = self.laid_out(np.broadcast_shapes(self.over, there.shape, (*there.shape[:-1], size)))
            weight = there[_at(wide.cell, there.shape)].astype(float)
        else:
            weight = np.full(len(wide.column), float(size))
        constant = np.where(there, self.constant, 0.0)
        total = constant.sum(axis=-1) if constant.shape[-1] == size else constant[..., 0] * size
        kept = weight != 0
        return Affine(
            np.asarray(total, dtype=float),
            np.ones((1,) * total.ndim, dtype=bool),
            wide.cell[:-1, kept],
            wide.column[kept],
            (wide.coefficient * weight)[kept],
            wide.over[:-1],
        )

    def at(self, point: FloatArray) -> FloatArray:
        """Its value in every cell where the decisions have these values, by column."""
        wide = self.laid_out(self.shape)
        flat = np.zeros(len(wide.column), dtype=np.int64)
        if self.shape:
            flat = np.ravel_multi_index(tuple(wide.cell), self.shape)
        terms = np.bincount(flat, wide.coefficient * point[wide.column], minlength=int(np.prod(self.shape)))
        return np.asarray(terms.reshape(self.shape) + self.constant, dtype=float)

    def absolute(self) -> Affine:
        """The same with absolute constants and coefficients."""
        return self._with(np.abs(self.constant), np.abs(self.coefficient))

    def _with(self, constant: FloatArray, coefficient: FloatArray) -> Affine:
        return Affine(constant, self.there, self.cell, self.column, coefficient, self.over)


def _at(cell: IntArray, shape: Shape) -> tuple[IntArray, ...]:
    """Positions in an array that has length 1 along some axes."""
    return tuple(cell[axis] if size > 1 else np.zeros_like(cell[axis]) for axis, size in enumerate(shape))


def constant(values: FloatArray, there: NDArray[np.bool_] | None = None) -> Affine:
    """An expression without decisions."""
    depth = values.ndim
    whole = np.ones((1,) * depth, dtype=bool) if there is None else there
    nothing = np.zeros(0, dtype=np.int64)
    empty = np.zeros((depth, 0), dtype=np.int64)
    return Affine(np.asarray(values, dtype=float), whole, empty, nothing, np.zeros(0), (1,) * depth)


def number(value: float, depth: int) -> Affine:
    """A number, in a grid with that many axes."""
    return constant(np.full((1,) * depth, value))


def terms(cell: IntArray, column: IntArray, coefficient: FloatArray, over: Shape) -> Affine:
    """An expression of decisions alone, one for each column of `cell`."""
    flat = number(0.0, len(over))
    return Affine(flat.constant, flat.there, cell, column, coefficient, over)
