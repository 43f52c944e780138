"""`require`, and what a stage weighs beside words: the user's own expressions as rows of the model.

A requirement `left <= right for v in V, t in T` is one row for each cell of V x T in which both sides have
a meaning: `left - right <= 0`, its constant part on the right. A largest value that is kept small is a
decision of its own, `f <= z` in every cell that it is taken over. A cell in which nothing is decided
needs no row where it holds; where it does not, its row has a decision that is zero, and cannot be met.

A term of an objective is an expression in the same decisions. Where it is made small, a largest value in it
has a positive factor (`evdsl.semantics.curvature`), so that z is pushed down onto the largest f; an earlier
stage that is kept at its value keeps every f below, since the rows hold f itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import linopy
import numpy as np

from evdsl.data.series import above
from evdsl.data.sets import Axis, axis_of
from evdsl.diagnostics.source import Span
from evdsl.language.arrays import FloatArray
from evdsl.language.builder import Linear
from evdsl.language.requirement import TERMS, Requirement, Term
from evdsl.language.tolerances import ROUNDING
from evdsl.language.values import Aggregated, Const, Operation, Quantity, Value, WordUse
from evdsl.model.builder import ModelBuilder
from evdsl.model.program import Consequence
from evdsl.model.require import grid as affine
from evdsl.model.require.columns import DecisionColumns
from evdsl.model.require.grid import Affine
from evdsl.model.require.quantities import quantity


def build(builder: ModelBuilder) -> None:
    """The rows of all requirements, and the terms of the stages with theirs."""
    columns = DecisionColumns(builder)
    for requirement in builder.spec.requirements:
        _Statement(requirement.row, requirement.span, columns).require(requirement)
    for number, term in enumerate(builder.spec.terms, 1):
        statement = _Statement(f"{TERMS}.{number}", term.value.span, columns)
        builder.expressions[term.name] = statement.weigh(term)


RELATIONS = {"max": "<=", "min": ">="}
"""How each value stands to the largest and to the smallest of some."""


@dataclass(slots=True)
class _Statement:
    """One requirement, or one term of an objective, on its way into the model."""

    row: str
    span: Span
    columns: DecisionColumns
    extremes: int = field(default=0)

    def require(self, own: Requirement) -> None:
        """The rows of a requirement."""
        builder = self.columns.builder
        axes = [axis_of(b.name, b.over, builder.spec, builder.data) for b in own.binders]
        left, right = self.value(own.left, axes), self.value(own.right, axes)
        size = _size(left) + _size(right)
        self._rows(own.row, left.plus(right.scale(-1.0)), own.relation, size)

    def weigh(self, term: Term) -> Linear:
        """A term as an expression of the model."""
        found = self.value(term.value, ())
        if not len(found.column):
            return self.columns.builder.zero() + float(found.constant)
        row = np.zeros(len(found.column), dtype=np.int64)
        terms = self.columns.combine(row, found.column, found.coefficient, self.row, 1)
        return self.columns.builder.total(terms) + float(found.constant)

    def value(self, value: Value, axes: Sequence[Axis]) -> Affine:
        """A value over the cells of some axes."""
        match value:
            case Const(value=number):
                return affine.number(number, len(axes))
            case WordUse(name=name):
                column = np.array([self.columns.word(name, self.span)])
                cell = np.zeros((len(axes), 1), dtype=np.int64)
                return affine.terms(cell, column, np.ones(1), (1,) * len(axes))
            case Quantity():
                return quantity(value, axes, self.columns, self.span)
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
        if any(len(part.column) for part in parts):
            return self._bound(operator, parts)
        if operator == "above":
            there = np.asarray(first.there & second.there)
            return affine.constant(above(first.constant, second.constant), there)
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
            extreme = (np.max if value.function == "max" else np.min)(found, axis=-1, initial=worst)
            return affine.constant(np.where(np.isfinite(extreme), extreme, 0.0), some)
        return self._extreme(value.function, body, some)

    def _extreme(self, function: str, body: Affine, some: np.ndarray) -> Affine:
        """The largest or smallest value of a body over its last axis: at least, or at most, each."""
        name, bound = self._decision(function, body.shape[:-1])
        cell, over = np.vstack([bound.cell, np.zeros((1, bound.cell.shape[1]), dtype=np.int64)]), bound.over
        inner = affine.terms(cell, bound.column, -bound.coefficient, (*over, 1))
        self._rows(f"{name}.of", body.plus(inner), RELATIONS[function], _size(body))
        self._follows(name, function, [body], along=True)
        return Affine(bound.constant, some, bound.cell, bound.column, bound.coefficient, bound.over)

    def _bound(self, function: str, parts: list[Affine]) -> Affine:
        """The larger or smaller of some values, in each cell in which all of them have a meaning."""
        there = parts[0].there
        for part in parts[1:]:
            there = there & part.there
        shape = np.broadcast_shapes(*(part.shape for part in parts))
        name, bound = self._decision(function, shape)
        for number, part in enumerate(parts, 1):
            rows = replace(part, there=there).plus(bound.scale(-1.0))
            self._rows(f"{name}.of{number}", rows, RELATIONS[function], _size(part))
        self._follows(name, function, parts, along=False)
        return replace(bound, there=there)

    def _decision(self, function: str, over: tuple[int, ...]) -> tuple[str, Affine]:
        """The name of a decision for each cell, and the decisions."""
        self.extremes += 1
        name = f"{self.row}.{function}{self.extremes if self.extremes > 1 else ''}"
        size = int(np.prod(over))
        made = self.columns.builder.variable(name, name, size, self.span, lower=float("-inf"))
        first = self.columns.add(name, made, size)
        cell = np.indices(over).reshape(len(over), size)
        return name, affine.terms(cell, first + np.arange(size), np.ones(size), over)

    def _follows(self, name: str, function: str, parts: Sequence[Affine], along: bool) -> None:
        """Notes what the decisions of an extreme are worth at a point: over its parts, or its last axis."""
        columns, shape = self.columns, np.broadcast_shapes(*(part.shape for part in parts))
        least = -np.inf if function == "max" else np.inf

        def worth(values: Mapping[str, Any], _: linopy.Model) -> FloatArray:
            point = columns.point(values)
            found = [np.where(p.there, p.at(point), least) for p in parts]
            extreme = (np.maximum if function == "max" else np.minimum).reduce
            cells = (
                np.broadcast_to(found[0], shape) if along else extreme(np.broadcast_arrays(*found), axis=0)
            )
            most = extreme(cells, axis=-1, initial=least) if along else cells
            return np.where(np.isfinite(most), most, 0.0).ravel()

        def sizes(values: Mapping[str, Any], _: linopy.Model) -> FloatArray:
            point = columns.point(values)
            found = [np.where(p.there, p.absolute().at(point), 0.0) for p in parts]
            cells = (
                np.broadcast_to(found[0], shape) if along else np.maximum.reduce(np.broadcast_arrays(*found))
            )
            return np.ravel(cells.max(axis=-1, initial=0.0) if along else cells)

        columns.builder.consequences.append(Consequence(name, worth, sizes))

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
        number = np.full(len(there), -1)
        number[kept] = np.arange(len(kept))
        rows, column, coefficient = number[flat[used]], wide.column[used], wide.coefficient[used]
        if len(broken):
            rows = np.append(rows, number[broken])
            column = np.append(column, np.full(len(broken), self.columns.zero(self.span)))
            coefficient = np.append(coefficient, np.ones(len(broken)))
        left = self.columns.combine(rows, column, coefficient, name, len(kept))
        self.columns.builder.rows(name, left, relation, 0.0 - constant[kept], self.span)


def _size(found: Affine) -> FloatArray:
    """How large the constant part of a side is: what its rounding is measured by."""
    return np.asarray(np.abs(found.constant))
