"""What a user adds to the model of a problem through linopy, and how every later solve keeps it.

`Problem.model` is handed out whole: all ports apart, every rule as a row, binaries where a rule is
combinatorial. A solve of a spec simplifies further, by proofs about the rows and the objective of that spec;
rows of a user's own may break them. So once anything was added, it is the model in the user's hands that is
solved, in every stage and on every backend, and no simplification but the counting of ports is made, which
is exact whatever else must hold (`evdsl.model.lower.ports_to_counts`).

Rows, variables, tighter bounds and terms of the objective can be added; terms belong to the first stage,
which later stages hold with them. What would take back something that the spec says (a row that is gone or
was changed, a wider bound, another sense) is refused: the spec is the place to say that. A schedule is put on
its bounds after it was solved, so what was added is held against the finished schedule too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import linopy
import numpy as np
import xarray as xr

from evdsl.data.data import Data
from evdsl.language.spec import Spec
from evdsl.model.capabilities import Capabilities
from evdsl.model.formulate import formulate
from evdsl.model.labelled import aim_at, label
from evdsl.model.linear import Linear, total
from evdsl.model.lower import SIMPLIFICATIONS, Lowered, lower
from evdsl.model.matrix import Labelled, ModelMatrix, read
from evdsl.model.point import Values, value_of
from evdsl.solver.certify import TOLERANCE

LITERAL = Capabilities(integers=True)
"""What a model may ask of a solver that is handed out: binaries, which all take."""


class ExtensionError(ValueError):
    """A model that was handed out says something that a solve of the spec cannot keep."""


@dataclass(frozen=True, slots=True)
class Extension:
    """What was added: names of rows, variables, and variables with tighter bounds; terms of the objective."""

    rows: tuple[str, ...]
    variables: tuple[str, ...]
    bounds: tuple[str, ...]
    objective: Linear

    def __bool__(self) -> bool:
        return bool(self.rows or self.variables or self.bounds or len(self.objective.label))

    @property
    def names(self) -> tuple[str, ...]:
        """In words, as a report tells them."""
        parts = [f"rows `{name}`" for name in self.rows]
        parts += [f"variables `{name}`" for name in self.variables]
        parts += [f"bounds of `{name}`" for name in self.bounds]
        return (*parts, "terms of the objective") if len(self.objective.label) else tuple(parts)


@dataclass(frozen=True, slots=True, eq=False)
class ModelView:
    """A labelled model in a user's hands, beside the program behind it and what it was at first."""

    lowered: Lowered
    model: linopy.Model
    original: ModelMatrix

    @classmethod
    def of(cls, spec: Spec, data: Data) -> ModelView:
        """The whole model of the first stage of a spec."""
        lowered = lower(formulate(spec, data, whole=True), LITERAL, SIMPLIFICATIONS)
        model = label(lowered.program)
        aim_at(model, lowered.program, lowered.program.stages[0])
        return cls(lowered, model, read(model))

    def extension(self) -> Extension:
        """What was added since. Raises `ExtensionError` where something of the spec was taken back."""
        if self.model.is_quadratic:
            raise ExtensionError("the objective has quadratic terms, which no solver is given")
        now, before = read(self.model), self.original
        columns = len(before.cost)
        variables = _added(before.variables, now.variables, "variables")
        families = _added(before.families, now.families, "rows")
        _check_rows(before, now)
        bounds = _tightened(before, now)
        if now.sign != before.sign:
            raise ExtensionError("the sense of the objective was turned round; write it in the spec")
        terms = now.sign * (now.cost - np.append(before.cost, np.zeros(len(now.cost) - columns)))
        at = np.flatnonzero(terms)
        labels = np.concatenate([array[array >= 0] for _, array in now.variables]).astype(np.int64)
        objective = Linear("", np.zeros(len(at), dtype=np.int64), labels[at], terms[at], np.zeros(1))
        return Extension(families, variables, bounds, total(objective))

    def is_changed(self) -> bool:
        """Whether anything is no longer as it was handed out."""
        try:
            return bool(self.extension())
        except ExtensionError:
            return True

    def extended(self, extension: Extension) -> Lowered:
        """The program that is solved with what was added; `weighted_sum` of its first stage has the terms."""
        program = replace(self.lowered.program, model=self.model, added_terms=extension.objective)
        return replace(self.lowered, program=program)


def _added(before: Labelled, now: Labelled, what: str) -> tuple[str, ...]:
    """The names beyond those of the spec, which must all be there, in front, as they were."""
    there = dict(now)
    for name, labels in before:
        if name not in there:
            raise ExtensionError(f"the {what} `{name}` of the spec were taken away; change the spec instead")
        if not np.array_equal(labels, there[name]):
            raise ExtensionError(f"the {what} `{name}` of the spec were replaced; change the spec instead")
    if [name for name, _ in now[: len(before)]] != [name for name, _ in before]:
        raise ExtensionError(f"{what} of the spec were taken away and added again; change the spec instead")
    return tuple(name for name, _ in now[len(before) :])


def _check_rows(before: ModelMatrix, now: ModelMatrix) -> None:
    """The rows of the spec say what they said."""
    rows, columns = before.rows.shape
    block = now.rows[:rows]
    same_sides = (now.row_lower[:rows] == before.row_lower) & (now.row_upper[:rows] == before.row_upper)
    changed = abs(block[:, :columns] - before.rows)
    bad = np.asarray(changed.sum(axis=1)).ravel() > 0
    bad |= np.asarray(abs(block[:, columns:]).sum(axis=1)).ravel() > 0
    bad |= ~same_sides
    if bad.any():
        name = before.row_name(int(np.flatnonzero(bad)[0]))
        raise ExtensionError(f"the rows `{name}` of the spec were changed; change the spec instead")


def _tightened(before: ModelMatrix, now: ModelMatrix) -> tuple[str, ...]:
    """The variables of the spec whose bounds are tighter than they were; wider ones are refused."""
    columns = len(before.cost)
    lower, upper = now.lower[:columns], now.upper[:columns]
    kinds = (now.integer[:columns] != before.integer) | (
        now.semicontinuous[:columns] != before.semicontinuous
    )
    wider = (lower < before.lower) | (upper > before.upper) | kinds
    if wider.any():
        name = before.column_name(int(np.flatnonzero(wider)[0]))
        raise ExtensionError(
            f"`{name}` may take values that the spec does not allow; change the spec instead"
        )
    tighter = np.flatnonzero((lower > before.lower) | (upper < before.upper))
    return tuple(dict.fromkeys(before.column_name(int(at)) for at in tighter))


def shortfall_of(view: ModelView, extension: Extension, values: Values) -> str:
    """How the finished schedule misses what was added; empty where it does not.

    What the terms of the objective come to is held against the solver's bound by the check of every schedule.
    """
    now, rows = read(view.model), view.original.rows.shape[0]
    point = np.concatenate(
        [
            np.broadcast_to(np.asarray(values[name], dtype=float), labels.shape)[labels >= 0].ravel()
            for name, labels in now.variables
        ]
    )
    own = replace(now, rows=now.rows[rows:], row_lower=now.row_lower[rows:], row_upper=now.row_upper[rows:])
    missed = own.violation(point)
    if missed <= TOLERANCE:
        return ""
    names = ", ".join(extension.names)
    return f"the schedule misses what was added through linopy ({names}) by {missed:.2g}"


def added_values(extension: Extension, model: linopy.Model, values: Values) -> dict[str, xr.DataArray]:
    """The variables that were added, under their labels."""
    found: dict[str, xr.DataArray] = {}
    for name in extension.variables:
        labels = model.variables[name].labels
        cells = np.where(labels.values >= 0, np.asarray(values[name], dtype=float), np.nan)
        found[name] = xr.DataArray(cells, dims=labels.dims, coords=labels.coords, attrs={"added": 1})
    return found


def with_added(schedule: xr.Dataset, added: Mapping[str, xr.DataArray]) -> xr.Dataset:
    """A schedule with these beside it; a dimension that it labels otherwise gets the variable's name."""
    for name, array in added.items():
        other = {
            dim: f"{name}.{dim}"
            for dim in map(str, array.dims)
            if dim in schedule.dims and not _same_labels(schedule, array, dim)
        }
        array = array.rename(other).drop_vars(
            [
                str(coord)
                for coord in array.coords
                if str(coord) in schedule.variables and coord not in array.dims
            ]
        )
        schedule = schedule.assign({f"{name}.added" if name in schedule.variables else name: array})
    return schedule


def _same_labels(schedule: xr.Dataset, array: xr.DataArray, dim: str) -> bool:
    return (
        dim in array.indexes and dim in schedule.indexes and array.indexes[dim].equals(schedule.indexes[dim])
    )


def terms_worth(extension: Extension, model: linopy.Model, values: Values) -> float:
    """What the added terms of the objective come to."""
    return value_of(extension.objective, values, model) if len(extension.objective.label) else 0.0
