"""A covariance from a file: a row and a column for each of the equal parts of a day, and its symmetric root.

The first line names the columns. A first column that names the rows may be there, as `pandas` writes one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from evdsl.data import cells
from evdsl.data.paths.history import KEPT_FILES, version_of
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.table import Table, read_table
from evdsl.language.arrays import FloatArray
from evdsl.language.values import FileSeries

RELATIVE = 1e-9
"""Of the largest entry, or of the largest eigenvalue: what is less is rounding."""
MOST_PARTS = 1440
"""Of a day: each minute."""


@dataclass(frozen=True, slots=True)
class Root:
    """A symmetric matrix whose square is a covariance, and the clock times of its rows."""

    clock: FloatArray
    matrix: FloatArray


def read_root(series: FileSeries) -> Root | Diagnostic:
    """The root of the covariance in a file; E511 where it is none."""
    found = _read(series, version_of(series.path))
    # What is kept may have been asked for at another place of the spec.
    return replace(found, span=series.span) if isinstance(found, Diagnostic) else found


@lru_cache(maxsize=KEPT_FILES)
def _read(
    series: FileSeries,
    version: tuple[int, int],  # noqa: ARG001 -- a file that has been changed is read anew
) -> Root | Diagnostic:
    table = read_table(series.path, series.shown, series.span, series.dialect or "")
    if isinstance(table, Diagnostic):
        return table
    covariance = _matrix(series, table)
    if isinstance(covariance, Diagnostic):
        return covariance
    problem = _asymmetry(series, table, covariance)
    if problem is not None:
        return problem
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    least, largest = float(values[0]), float(np.abs(values).max())
    if least < -RELATIVE * largest:
        message = f'"{series.shown}" is no covariance: it has the eigenvalue {least:.4g}, and its largest is '
        message += f"{float(values[-1]):.4g}"
        help = "some sum of its parts would vary by less than nothing: compute it of whole days of one file"
        return Diagnostic("E511", message, series.span, "", help)
    root = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
    count = len(covariance)
    root *= series.factor
    root.flags.writeable = False
    return Root(np.arange(count) * 24.0 / count, root)


def _matrix(series: FileSeries, table: Table) -> FloatArray | Diagnostic:
    """The numbers of the file, as many rows as columns."""
    rows, width = len(table.rows), len(table.header)
    first = width - rows
    if first not in (0, 1) or rows > MOST_PARTS:
        message = (
            f'"{series.shown}" is no covariance: it has {rows:,} row{"s" * (rows != 1)} of numbers below '
        )
        message += f"its header, and {width:,} column{'s' * (width != 1)}"
        help = "give it a line of names, and below it as many rows as columns, such as one for each hour"
        if rows > MOST_PARTS:
            help = f"it has at most one row for each minute of a day, {MOST_PARTS:,}"
        elif width - rows == -1 or rows == 0:
            help = "begin it with a line that names its columns, such as `00:00,01:00,...`"
        return Diagnostic("E511", message, series.span, "", help)
    columns: list[list[float]] = []
    for column in range(first, width):
        found = cells.numbers(table, column, range(rows), series.span, "mend the cell")
        if isinstance(found, Diagnostic):
            return found
        columns.append(found)
    return np.array(columns).T


def _asymmetry(series: FileSeries, table: Table, covariance: FloatArray) -> Diagnostic | None:
    """E511 with the entry that differs most from the one across the diagonal."""
    apart = np.abs(covariance - covariance.T)
    if float(apart.max()) <= RELATIVE * float(np.abs(covariance).max()):
        return None
    row, column = (int(at) for at in np.unravel_index(int(apart.argmax()), apart.shape))
    names = table.header[len(table.header) - len(covariance) :]
    message = (
        f'"{series.shown}" is no covariance: line {table.lines[row]} has {covariance[row, column]:.10g} in '
    )
    message += f'the column "{names[column]}", and line {table.lines[column]} has '
    message += f'{covariance[column, row]:.10g} in "{names[row]}"'
    return Diagnostic("E511", message, series.span, "", "give both the same number")
