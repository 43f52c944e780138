"""A model as a free MPS file, exact: every number is written so that it reads back as the same double.

HiGHS's own writer keeps 15 digits, which moves an optimum in the tenth; linopy's writes the unscaled model.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from evdsl.model.export.names import Names

if TYPE_CHECKING:
    from evdsl.model.matrix import ModelMatrix


def write_mps(matrix: ModelMatrix, path: Path, names: Names | None = None) -> None:
    """Writes the scaled, minimized model; with `names`, in its own sense and under these names.

    Rows have one side or two equal ones, as linopy's do. Every bound is written: readers disagree about the
    default ones of integers, and about a negative upper bound alone.
    """
    sign = matrix.sign if names is not None else 1.0
    names = names or Names.numbered(matrix)
    with path.open("w", encoding="ascii") as file:
        file.write("NAME model\n")
        if sign < 0:
            file.write("OBJSENSE\n    MAX\n")
        file.write("ROWS\n N cost\n")
        file.write("".join(f" {kind} {row}\n" for row, kind in zip(names.rows, _kinds(matrix), strict=True)))
        file.write("COLUMNS\n")
        file.write("".join(_columns(matrix, names, sign)))
        file.write("RHS\n")
        side = np.where(np.isfinite(matrix.row_lower), matrix.row_lower, matrix.row_upper)
        sides = zip(names.rows, side.tolist(), strict=True)
        file.write("".join(f" RHS {row} {value!r}\n" for row, value in sides if value))
        file.write("BOUNDS\n")
        bounds = zip(names.columns, matrix.lower.tolist(), matrix.upper.tolist(), strict=True)
        file.write("".join(_bounds(*entry) for entry in bounds))
        file.write("ENDATA\n")


def _kinds(matrix: ModelMatrix) -> list[str]:
    lower, upper = np.isfinite(matrix.row_lower), np.isfinite(matrix.row_upper)
    return [str(kind) for kind in np.where(lower & upper, "E", np.where(lower, "G", "L")).tolist()]


def _columns(matrix: ModelMatrix, names: Names, sign: float) -> list[str]:
    by_column = matrix.rows.tocsc()
    starts, rows, values = (array.tolist() for array in (by_column.indptr, by_column.indices, by_column.data))
    lines: list[str] = []
    within = False
    costs = (sign * matrix.cost).tolist()
    for column, (cost, integer) in enumerate(zip(costs, matrix.integer.tolist(), strict=True)):
        if integer != within:
            within = integer
            lines.append(f" M{column} 'MARKER' '{'INTORG' if integer else 'INTEND'}'\n")
        name = f" {names.columns[column]} "
        lines.append(f"{name}cost {cost!r}\n")
        first, last = starts[column], starts[column + 1]
        lines += [f"{name}{names.rows[rows[entry]]} {values[entry]!r}\n" for entry in range(first, last)]
    if within:
        lines.append(" M 'MARKER' 'INTEND'\n")
    return lines


def _bounds(column: str, lower: float, upper: float) -> str:
    low = f" MI B {column}\n" if lower == -math.inf else f" LO B {column} {lower!r}\n"
    high = f" PL B {column}\n" if upper == math.inf else f" UP B {column} {upper!r}\n"
    return low + high
