"""Several lowered programs as one: periods, each with a weight, that may have decisions in common.

    minimize  Σ_p weight_p f_p(x, y_p)      with every row of each period p over its own decisions
    x_p = x_1                               for what they have in common, a row for each entry

A period is whatever is planned beside others and not after them: a scenario, a representative day. What
couples steps, such as a storage, a peak or a queue, is inside a period by construction, and never crosses
from one to another. Each keeps its names, with `@` and that of the period behind, and its labels, shifted by
what stands before it; so what is written in labels of a period means the same in the composition.

**Rewrites.** Each period is lowered by itself, and what its rewrites left out is put back in it alone.
Claim: this is right for the composition as long as nothing that they change is shared (`evdsl.model.shared`
says what they may change). Proof. The proof of each replaces the flows of a point that breaks a rule by
others that keep it and make no stage of that period worse. What is shared stays as it is, so the other
periods are not touched and the rows that hold them together still hold. Weights are not negative, so Σ_p
weight_p f_p is no worse in any stage; nor is what it is replaced by for an aversion to risk, which rises
with each f_p (`evdsl.optimization.scenarios.risk`). The rows that keep an earlier stage at its value bound
these same sums from the side to which they got better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import linopy
import numpy as np
import pandas as pd
import xarray as xr
from linopy.constraints import CSRConstraint, Grid  # type: ignore[attr-defined]  # it does not list it

from evdsl.diagnostics.source import Span
from evdsl.language.arrays import FloatArray
from evdsl.model.linear import Linear, add_rows, empty_model, strict_alignment, total
from evdsl.model.lower import Applied, Lowered
from evdsl.model.matrix import ModelMatrix, read
from evdsl.model.point import Values
from evdsl.model.program import Consequence, Program

MARK = "@"
"""Between the name of a variable or a row and that of its period."""


@dataclass(frozen=True, slots=True)
class Period:
    """A lowered program, its name among others, and how much it counts."""

    name: str
    weight: float
    lowered: Lowered

    @property
    def program(self) -> Program:
        """Its program."""
        return self.lowered.program


@dataclass(frozen=True, slots=True)
class Composition:
    """The periods as one program; its words are the weighted sums of theirs."""

    program: Program
    periods: tuple[Period, ...]
    firsts: tuple[int, ...]
    """The label of the first decision of each period."""

    @property
    def lowered(self) -> Lowered:
        """As stages are solved: what rewrites left out is put back period by period."""
        relaxed = tuple(
            replace(one, first=_named(one.first, period), second=_named(one.second, period))
            for period in self.periods
            for one in period.lowered.relaxed
        )
        return Lowered(self.program, (Applied("composition", "", "", self._undone),), relaxed)

    def expression(self, position: int, found: Linear) -> Linear:
        """What is written in labels of the period at that position, in those of the composition."""
        return _shifted(found, self.firsts[position])

    def split(self, values: Values) -> list[Values]:
        """The values of each period, by the names that it has alone."""
        return [
            {
                name: values[own]
                for name in period.program.model.variables
                if (own := _named(name, period)) in values
            }
            for period in self.periods
        ]

    def joined(self, parts: Sequence[Values]) -> Values:
        """Values of periods by the names of the composition."""
        return {
            _named(name, period): array
            for period, part in zip(self.periods, parts, strict=True)
            for name, array in part.items()
        }

    def _undone(self, values: Values) -> Values | None:
        restored: list[Values] = []
        for period, part in zip(self.periods, self.split(values), strict=True):
            found = period.lowered.undo(part)
            if isinstance(found, str):
                return None
            restored.append(found)
        own = {name: array for name, array in values.items() if MARK not in name}
        return {**own, **self.joined(restored)}


def compose(periods: Sequence[Period], shared: Sequence[Mapping[str, Linear]] = ()) -> Composition:
    """The periods as one program; `shared` has for each the expressions, by name, that are equal in all.

    Weights are not negative. The programs stay as they are.
    """
    model, firsts = empty_model(), list[int]()
    ledger: dict[str, Span] = {}
    for period in periods:
        firsts.append(int(model._xCounter))
        matrix = read(period.program.model)
        _add_variables(model, period, firsts[-1])
        _add_rows(model, period, matrix, firsts[-1])
        ledger |= {_named(name, period): span for name, span in period.program.ledger.items()}
    first = periods[0].program
    program = replace(
        first,
        model=model,
        requirements=(),
        ledger=ledger,
        words=_mean_words(periods, firsts),
        decisions={
            _named(name, period): _shifted(found, start)
            for period, start in zip(periods, firsts, strict=True)
            for name, found in period.program.decisions.items()
        },
        powers=(),
        consequences=tuple(
            _consequence(one, period) for period in periods for one in period.program.consequences
        ),
    )
    found = Composition(program, tuple(periods), tuple(firsts))
    _hold_equal(found, shared)
    return found


def _named(name: str, period: Period) -> str:
    return f"{name}{MARK}{period.name}"


def _shifted(found: Linear, by: int) -> Linear:
    return replace(found, label=found.label + by)


def _mean_words(periods: Sequence[Period], firsts: Sequence[int]) -> dict[str, Linear]:
    return {
        name: total(
            reduce(
                lambda one, other: one + other,
                (
                    _shifted(period.program.words[name], start) * period.weight
                    for period, start in zip(periods, firsts, strict=True)
                ),
            )
        )
        for name in periods[0].program.words
    }


def _add_variables(model: linopy.Model, period: Period, first: int) -> None:
    for name, variable in period.program.model.variables.items():
        coords = [pd.RangeIndex(variable.sizes[dim], name=dim) for dim in map(str, variable.dims)]
        kind: dict[str, Any] = {
            flag: True for flag in ("binary", "integer", "semi_continuous") if variable.attrs.get(flag)
        }
        with strict_alignment():
            if "binary" in kind:
                made = model.add_variables(coords=coords, name=_named(str(name), period), binary=True)
            else:
                low, high = (
                    xr.DataArray(np.asarray(getattr(variable, side).values), coords=coords)
                    for side in ("lower", "upper")
                )
                made = model.add_variables(low, high, coords=coords, name=_named(str(name), period), **kind)
        if not np.array_equal(made.labels.values, variable.labels.values + first):
            raise AssertionError(f"the labels of {name} are not those of its period, shifted")


def _add_rows(model: linopy.Model, period: Period, matrix: ModelMatrix, first: int) -> None:
    """The rows of a period; its labels are its columns, since none of its variables has holes."""
    start = 0
    for name, labels in matrix.families:
        count = int(np.count_nonzero(labels >= 0))
        rows, dims = slice(start, start + count), period.program.model.constraints[name].coord_names
        start += count
        if not count:
            continue
        entries = matrix.rows[rows]
        entries = type(entries)(
            (entries.data, entries.indices + first, entries.indptr), shape=(count, model._xCounter)
        )
        upper, lower = matrix.row_upper[rows], matrix.row_lower[rows]
        has_upper = np.isfinite(upper)
        sense: Any = np.where(lower == upper, "=", np.where(has_upper, "<=", ">="))
        sense = str(sense[0]) if (sense == sense[0]).all() else sense
        grid = Grid({dim: pd.RangeIndex(count, name=dim) for dim in dims[:1]})
        made = CSRConstraint(entries, np.arange(count), np.where(has_upper, upper, lower), sense, grid, model)
        model.add_constraints(made, name=_named(name, period), freeze=True)


def _consequence(follows: Consequence, period: Period) -> Consequence:
    """What follows in a period, at a point of the composition."""

    def own(values: Mapping[str, Any]) -> dict[str, Any]:
        mark = f"{MARK}{period.name}"
        return {name.removesuffix(mark): array for name, array in values.items() if name.endswith(mark)}

    def worth(values: Mapping[str, Any], _: linopy.Model) -> FloatArray:
        return follows.worth(own(values), period.program.model)

    def sizes(values: Mapping[str, Any], _: linopy.Model) -> FloatArray:
        return follows.sizes(own(values), period.program.model)

    return Consequence(_named(follows.name, period), worth, sizes)


def _hold_equal(composition: Composition, shared: Sequence[Mapping[str, Linear]]) -> None:
    """Rows that hold what is common equal to that of the first period."""
    if not shared:
        return
    for name, first in shared[0].items():
        for position in range(1, len(composition.periods)):
            one = composition.expression(0, first)
            apart = composition.expression(position, shared[position][name]) - one
            says = np.unique(apart.row)
            if not len(says):
                continue
            where = np.full(apart.size, -1)
            where[says] = np.arange(len(says))
            kept = replace(apart, row=where[apart.row], constant=apart.constant[says])
            row = _named(f"shared.{name}", composition.periods[position])
            add_rows(composition.program.model, row, kept, "=", np.zeros(kept.size))
