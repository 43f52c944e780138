"""A model as a free MPS file, exact: every number is written so that it reads back as the same double.

HiGHS's own writer keeps 15 digits, which moves an optimum in the tenth; linopy's writes the unscaled model.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from evdsl.model_matrix import ModelMatrix


def write_mps(matrix: ModelMatrix, path: Path) -> None:
    """Writes the scaled, minimized model. Columns are `x0`, `x1`, ..., rows `r0`, `r1`, ... .

    Rows have one side or two equal ones, as linopy's do. Every bound is written: readers disagree about the
    default ones of integers, and about a negative upper bound alone.
    """
    with path.open("w", encoding="ascii") as file:
        file.write("NAME model\nROWS\n N cost\n")
        file.write("".join(f" {kind} r{row}\n" for row, kind in enumerate(_kinds(matrix))))
        file.write("COLUMNS\n")
        file.write("".join(_columns(matrix)))
        file.write("RHS\n")
        side = np.where(np.isfinite(matrix.row_lower), matrix.row_lower, matrix.row_upper)
        file.write("".join(f" RHS r{row} {value!r}\n" for row, value in enumerate(side.tolist()) if value))
        file.write("BOUNDS\n")
        bounds = zip(matrix.lower.tolist(), matrix.upper.tolist(), strict=True)
        file.write("".join(_bounds(column, *pair) for column, pair in enumerate(bounds)))
        file.write("ENDATA\n")


def _kinds(matrix: ModelMatrix) -> list[str]:
    lower, upper = np.isfinite(matrix.row_lower), np.isfinite(matrix.row_upper)
    return [str(kind) for kind in np.where(lower & upper, "E", np.where(lower, "G", "L")).tolist()]


def _columns(matrix: ModelMatrix) -> list[str]:
    by_column = matrix.rows.tocsc()
    starts, rows, values = (array.tolist() for array in (by_column.indptr, by_column.indices, by_column.data))
    lines: list[str] = []
    within = False
    for column, (cost, integer) in enumerate(zip(matrix.cost.tolist(), matrix.integer.tolist(), strict=True)):
        if integer != within:
            within = integer
            lines.append(f" M{column} 'MARKER' '{'INTORG' if integer else 'INTEND'}'\n")
        name = f" x{column} "
        lines.append(f"{name}cost {cost!r}\n")
        first, last = starts[column], starts[column + 1]
        lines += [f"{name}r{rows[entry]} {values[entry]!r}\n" for entry in range(first, last)]
    if within:
        lines.append(" M 'MARKER' 'INTEND'\n")
    return lines


def _bounds(column: int, lower: float, upper: float) -> str:
    low = f" MI B x{column}\n" if lower == -math.inf else f" LO B x{column} {lower!r}\n"
    high = f" PL B x{column}\n" if upper == math.inf else f" UP B x{column} {upper!r}\n"
    return low + high
