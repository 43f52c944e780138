"""The decisions of the model that requirements speak of, as the columns of sparse rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from operator import add
from typing import Any

import numpy as np

from evdsl.diagnostics.source import Span
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.builder import Linear
from evdsl.model.builder import ModelBuilder
from evdsl.model.point import along_time
from evdsl.model.program import Consequence

ZERO = "own.zero"


@dataclass(slots=True)
class DecisionColumns:
    """The decisions that requirements speak of, numbered one after the other."""

    builder: ModelBuilder
    names: list[str] = field(default_factory=list)
    first: dict[str, int] = field(default_factory=dict)
    made: dict[str, Linear] = field(default_factory=dict)
    total: int = 0

    def of(self, name: str, size: int) -> int | None:
        """The number of the first decision of that name; `None` where the model has none."""
        if name not in self.first:
            found = self.builder.get(name)
            if found is None:
                return None
            self.add(name, found, size)
        return self.first[name]

    def add(self, name: str, made: Linear, size: int) -> int:
        """New decisions."""
        self.names.append(name)
        self.first[name], self.made[name] = self.total, made
        self.total += size
        return self.first[name]

    def word(self, name: str, owner: Span) -> int:
        """A word of the objective as one decision that is equal to it."""
        key = f"own.{name}"
        if key not in self.first:
            made = self.builder.variable(key, key, 1, owner, lower=float("-inf"))
            equal = self.builder.total(made) - self.builder.word(name)
            self.builder.rows(f"{key}.is", equal, "==", 0.0, owner)
            self.add(key, made, 1)
            worth = self.builder.total(self.builder.word(name))
            sizes = replace(worth, coefficient=np.abs(worth.coefficient), constant=np.abs(worth.constant))
            self.builder.consequences.append(
                Consequence(key, partial(along_time, worth), partial(along_time, sizes))
            )
        return self.first[key]

    def point(self, values: Mapping[str, Any]) -> FloatArray:
        """The values of all these decisions at a point, by their numbers."""
        return np.concatenate([np.ravel(np.asarray(values[name], dtype=float)) for name in self.names])

    def zero(self, owner: Span) -> int:
        """A decision that is zero, for rows in which nothing is decided."""
        if ZERO not in self.first:
            self.add(ZERO, self.builder.variable(ZERO, ZERO, 1, owner, upper=0.0), 1)
        return self.first[ZERO]

    def combine(
        self, rows: IntArray, column: IntArray, coefficient: FloatArray, name: str, count: int
    ) -> Linear:
        """Σ coefficient · decision by row, along a new dimension."""
        starts = np.array([self.first[known] for known in self.names])
        owner = np.searchsorted(starts, column, side="right") - 1
        parts: list[Linear] = []
        for number in np.unique(owner):
            mine = owner == number
            positions = column[mine] - starts[number]
            picked = self.builder.take(self.made[self.names[number]], positions, "term")
            weighed = self.builder.scale(picked, coefficient[mine])
            parts.append(self.builder.group_sum(weighed, rows[mine], name, count))
        return reduce(add, parts)
