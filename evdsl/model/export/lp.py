"""A model in CPLEX's LP format, exact: every number is written so that it reads back as the same double."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evdsl.model.export.names import Names
from evdsl.model.matrix import ModelMatrix

WIDTH = 200
"""Characters of a line of an LP file; readers know at least 255."""


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
