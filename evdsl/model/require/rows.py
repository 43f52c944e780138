"""`require`: the user's own constraints as rows of the model.

A requirement `left <= right for v in V, t in T` is one row for each cell of V x T in which both sides have
a meaning: `left - right <= 0`, its constant part on the right. A largest value that is kept small is a
decision of its own, `f <= z` in every cell that it is taken over. A cell in which nothing is decided
needs no row where it holds; where it does not, its row has a decision that is zero, and cannot be met.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from evdsl.data.sets import Axis, axis_of
from evdsl.language.arrays import FloatArray
from evdsl.language.builder import Builder
from evdsl.language.requirement import Requirement
from evdsl.language.tolerances import ROUNDING
from evdsl.language.values import Aggregated, Const, Operation, Quantity, Value, WordUse
from evdsl.model.require import grid as affine
from evdsl.model.require.columns import DecisionColumns
from evdsl.model.require.grid import Affine
from evdsl.model.require.quantities import quantity


def build(builder: Builder) -> None:
    """The rows of all requirements."""
    columns = DecisionColumns(builder)
    for requirement in builder.spec.requirements:
        _Statement(requirement, columns).write()


@dataclass(slots=True)
class _Statement:
    """One requirement on its way into the model."""

    requirement: Requirement
    columns: DecisionColumns
    extremes: int = field(default=0)

    def write(self) -> None:
        """Its rows."""
        builder, own = self.columns.builder, self.requirement
        axes = [axis_of(b.name, b.over, builder.spec, builder.data) for b in own.binders]
        left, right = self.value(own.left, axes), self.value(own.right, axes)
        size = _size(left) + _size(right)
        self._rows(own.row, left.plus(right.scale(-1.0)), own.relation, size)

    def value(self, value: Value, axes: Sequence[Axis]) -> Affine:
        """A value over the cells of some axes."""
        match value:
            case Const(value=number):
                return affine.number(number, len(axes))
            case WordUse(name=name):
                column = np.array([self.columns.word(name, self.requirement.span)])
                cell = np.zeros((len(axes), 1), dtype=np.int64)
                return affine.terms(cell, column, np.ones(1), (1,) * len(axes))
            case Quantity():
                return quantity(value, axes, self.columns, self.requirement.span)
            case Aggregated():
                return self._aggregate(value, axes)
            case Operation(operator=operator, operands=operands):
                return self._operation(operator, [self.value(operand, axes) for operand in operands])
        raise TypeError(f"{type(value).__name__} has no place in a requirement")

    def _operation(self, operator: str, parts: list[Affine]) -> Affine:
        first, second = parts[0], parts[1]
        match operator:
            case "+":
                return first.plus(second)
            case "-":
                return first.plus(second.scale(-1.0))
            case "*":
                return second.times(first) if len(second.column) else first.times(second)
            case "/":
                with np.errstate(divide="ignore"):
                    return first.times(affine.constant(1.0 / second.constant, second.there))
        bound = np.minimum if operator == "min" else np.maximum
        numbers = [part.constant for part in parts]
        depth = numbers[0].ndim
        joined = numbers[0] if depth else np.asarray(numbers[0])
        for other in numbers[1:]:
            joined = bound(joined, other)
        return affine.constant(np.asarray(joined, dtype=float))

    def _aggregate(self, value: Aggregated, axes: Sequence[Axis]) -> Affine:
        builder = self.columns.builder
        axis = axis_of(value.variable, value.over, builder.spec, builder.data)
        body = self.value(value.body, [*axes, axis])
        size = len(axis)
        if value.function == "sum":
            return body.summed(size)
        there = np.broadcast_to(body.there, (*body.there.shape[:-1], size))
        count = there.sum(axis=-1)
        some = np.asarray(count > 0)
        if value.function == "mean":
            share = affine.constant(1.0 / np.maximum(count, 1), some)
            return body.summed(size).times(share)
        if not len(body.column):
            worst = -np.inf if value.function == "max" else np.inf
            found = np.where(there, body.constant, worst)
            extreme = found.max(axis=-1) if value.function == "max" else found.min(axis=-1)
            return affine.constant(np.where(np.isfinite(extreme), extreme, 0.0), some)
        return self._extreme(value.function, body, some)

    def _extreme(self, function: str, body: Affine, some: np.ndarray) -> Affine:
        """The largest or smallest value of a body over its last axis: at least, or at most, each."""
        own, builder = self.requirement, self.columns.builder
        self.extremes += 1
        name = f"{own.row}.{function}{self.extremes if self.extremes > 1 else ''}"
        over = body.shape[:-1]
        size = int(np.prod(over))
        made = builder.variable(name, name, size, own.span, lower=float("-inf"))
        first = self.columns.add(name, made, size)
        cell = np.indices(over).reshape(len(over), size)
        bound = affine.terms(cell, first + np.arange(size), np.ones(size), over)
        inner = affine.terms(
            np.vstack([cell, np.zeros((1, size), dtype=np.int64)]),
            bound.column,
            -bound.coefficient,
            (*over, 1),
        )
        relation = "<=" if function == "max" else ">="
        self._rows(f"{name}.of", body.plus(inner), relation, _size(body))
        return Affine(bound.constant, some, bound.cell, bound.column, bound.coefficient, bound.over)

    def _rows(self, name: str, found: Affine, relation: str, size: FloatArray) -> None:
        """`found relation 0` in every cell that has a meaning."""
        shape = found.shape
        wide = found.laid_out(shape)
        there = np.broadcast_to(found.there, shape).ravel()
        constant = np.broadcast_to(found.constant, shape).ravel()
        flat = np.zeros(len(wide.column), dtype=np.int64)
        if shape:
            flat = np.ravel_multi_index(tuple(wide.cell), shape)
        used = np.flatnonzero((wide.coefficient != 0) & there[flat])
        decided = np.zeros(len(there), dtype=bool)
        decided[flat[used]] = True
        scale = ROUNDING * np.broadcast_to(size, shape).ravel()
        excess = {"<=": constant, ">=": -constant, "==": np.abs(constant)}[relation]
        broken = np.flatnonzero(there & ~decided & (excess > scale))
        decided[broken] = True
        kept = np.flatnonzero(decided)
        if not len(kept):
            return
        span = self.requirement.span
        number = np.full(len(there), -1)
        number[kept] = np.arange(len(kept))
        rows, column, coefficient = number[flat[used]], wide.column[used], wide.coefficient[used]
        if len(broken):
            rows = np.append(rows, number[broken])
            column = np.append(column, np.full(len(broken), self.columns.zero(span)))
            coefficient = np.append(coefficient, np.ones(len(broken)))
        left = self.columns.combine(rows, column, coefficient, name, len(kept))
        self.columns.builder.rows(name, left, relation, 0.0 - constant[kept], span)


def _size(found: Affine) -> FloatArray:
    """How large the constant part of a side is: what its rounding is measured by."""
    return np.asarray(np.abs(found.constant))
