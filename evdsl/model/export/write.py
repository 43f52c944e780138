"""A model as a file for other tools: `.mps` and `.lp` for solvers, `.nc` for linopy.

linopy's own writers of the first two leave out the constant of the objective and number what they name,
and HiGHS's keeps 15 digits; so both are written here, every number so that it reads back as the same
double, and every column and row by its name: `charge(day_shift.3,08h15,ac)`. What a format takes for an
operator or a blank in a name is a `_`; names that become equal are told apart by `~2`. A constant of the
objective is a column `objective_constant` that is fixed at 1, which every reader takes alike.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from evdsl.diagnostics.files import replace_with
from evdsl.model.export.mps import Names, write_mps
from evdsl.model.labels import Index, index_of
from evdsl.model.linear import decisions
from evdsl.model.matrix import ModelMatrix, read
from evdsl.model.program import Program, aim, weighed

ENDINGS = (".mps", ".lp", ".nc")
CONSTANT = "objective_constant"
WIDTH = 200
"""Characters of a line of an LP file; readers know at least 255."""


def prepare(program: Program) -> float:
    """Gives the model its first stage as objective, its constant as a column; returns the constant."""
    stage = program.stages[0]
    found = weighed(program, stage)
    constant = stage.constant + float(found.constant[0])
    if constant:
        one = program.model.add_variables(lower=1.0, upper=1.0, name=CONSTANT)
        label = np.asarray(one.labels.values).reshape(1)
        found = found.without_constant() + constant * decisions(label, "")
        program.ledger[CONSTANT] = stage.span
    aim(program, found, "min" if stage.sign > 0 else "max")
    return constant


def write(program: Program, path: Path) -> None:
    """Writes a prepared program; what was there before is replaced only when all is written."""

    def written(to: Path) -> None:
        if path.suffix.lower() == ".nc":
            _netcdf(program, to)
        else:
            writer = write_mps if path.suffix.lower() == ".mps" else write_lp
            writer(read(program.model), to, names_of(index_of(program)))

    replace_with(path, written)


def names_of(index: Index) -> Names:
    """What columns and rows are called in a file."""
    columns = [
        _safe(family.name, index.words(family, i)) for family in index.variables for i in range(len(family))
    ]
    rows = [_safe(family.name, index.words(family, i)) for family in index.rows for i in range(len(family))]
    return Names(_unique(columns), _unique(rows))


def _safe(name: str, words: Sequence[str]) -> str:
    """A name that all readers take: letters, digits and `._,()`, not to be read as a number."""
    clocks = [re.sub(r"(\d\d):(\d\d)", r"\1h\2", word) for word in words]
    parts = [re.sub(r"[^A-Za-z0-9_.]", "_", word.replace("#", "no")) for word in clocks]
    name = re.sub(r"[^A-Za-z0-9_.]", "_", name)
    # `e1` and `.5` are numbers to a reader of LP files, and so is what begins like them.
    name = f"_{name}" if re.match(r"[eE]?[0-9.]|[eE]$", name) else name
    return f"{name}({','.join(parts)})" if parts else name


def _unique(names: list[str]) -> list[str]:
    taken: set[str] = set(names)
    seen: set[str] = set()
    found: list[str] = []
    for name in names:
        shown, number = name, 1
        while shown in seen or (number > 1 and shown in taken):
            number += 1
            shown = f"{name}~{number}"
        seen.add(shown)
        found.append(shown)
    return found


def write_lp(matrix: ModelMatrix, path: Path, names: Names) -> None:
    """Writes the model in CPLEX's LP format, in its own sense; every bound is written."""
    rows = matrix.rows
    with path.open("w", encoding="ascii") as file:
        file.write("Minimize\n" if matrix.sign > 0 else "Maximize\n")
        cost = matrix.sign * matrix.cost
        used = np.flatnonzero(cost)
        # An objective of nothing needs a term, for readers that know no empty one.
        file.write(
            "".join(
                _sum("cost", names.columns, used if len(used) else [0], cost[used] if len(used) else [0.0])
            )
        )
        file.write("\nSubject To\n")
        for row, name in enumerate(names.rows):
            first, last = rows.indptr[row], rows.indptr[row + 1]
            low, high = float(matrix.row_lower[row]), float(matrix.row_upper[row])
            sign, side = ("=", low) if low == high else (">=", low) if math.isfinite(low) else ("<=", high)
            where, values = (
                (rows.indices[first:last], rows.data[first:last]) if last > first else ([0], [0.0])
            )
            file.write("".join(_sum(name, names.columns, where, values)) + f" {sign} {side!r}\n")
        file.write("Bounds\n")
        bounds = zip(names.columns, matrix.lower.tolist(), matrix.upper.tolist(), strict=True)
        file.write("".join(f" {_bound(low)} <= {name} <= {_bound(high)}\n" for name, low, high in bounds))
        whole = np.flatnonzero(matrix.integer)
        if len(whole):
            file.write("General\n" + "".join(f" {names.columns[i]}\n" for i in whole.tolist()))
        file.write("End\n")


def _sum(name: str, columns: Sequence[str], where: Any, values: Any) -> Iterator[str]:
    yield f" {name}:"
    width = len(name) + 2
    for column, value in zip(where, values, strict=True):
        term = f" {'-' if value < 0 else '+'} {abs(float(value))!r} {columns[column]}"
        if width + len(term) > WIDTH:
            yield "\n "
            width = 1
        width += len(term)
        yield term


def _bound(value: float) -> str:
    return repr(value) if math.isfinite(value) else "+inf" if value > 0 else "-inf"


def _netcdf(program: Program, path: Path) -> None:
    """linopy's own file, with the names of all labels among its parameters."""
    model, index = program.model, index_of(program)
    names = {
        f"{family.kind} {family.name}": (
            f"{family.kind} {family.name} label",
            [index.label(family, i) for i in range(len(family))],
        )
        for family in index.families
        if len(family)
    }
    before = model.parameters
    model.parameters = xr.Dataset(names)
    try:
        model.to_netcdf(path, engine="netcdf4")
    finally:
        model.parameters = before
