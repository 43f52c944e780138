"""CSV files as columns of text, read without guessing: no addresses, no archives, capped in size."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evdsl.diagnostic import Diagnostic, did_you_mean
from evdsl.files import read_text
from evdsl.source import Span

MAXIMUM_BYTES = 32_000_000


@dataclass(frozen=True, slots=True)
class Table:
    """The header and the rows of a file; row `i` stands on line `lines[i]` of it."""

    shown: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def column(self, name: str, span: Span) -> int | Diagnostic:
        """The position of a column."""
        if name in self.header:
            return self.header.index(name)
        help = did_you_mean(name, self.header) or f"its columns are {', '.join(self.header[:12])}"
        return Diagnostic("E504", f'"{self.shown}" has no column "{name}"', span, "", help)


def read(path: Path, shown: str, span: Span) -> Table | Diagnostic:
    """All rows of a CSV file with a header; blank lines are passed over."""
    text = read_text(path, shown, MAXIMUM_BYTES, span)
    if isinstance(text, Diagnostic):
        return Diagnostic("E503", text.message, span, "", text.help)
    reader = csv.reader(io.StringIO(text, newline=""))
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    try:
        header = tuple(cell.strip() for cell in next(reader, ()))
        for row in reader:
            if row and any(row):
                rows.append(tuple(row))
                lines.append(reader.line_num)
    except csv.Error as error:
        return Diagnostic("E503", f'"{shown}" is not a CSV file: {str(error).lower()}', span)
    if not header or not rows:
        return Diagnostic("E503", f'"{shown}" has {"no rows" if header else "nothing in it"}', span)
    for row, line in zip(rows, lines, strict=True):
        if len(row) != len(header):
            message = f'line {line} of "{shown}" has {len(row)} cells, and its header has {len(header)}'
            return Diagnostic("E505", message, span)
    return Table(shown, header, tuple(rows), tuple(lines))


def times(table: Table, column: int, span: Span) -> list[datetime] | Diagnostic:
    """Timestamps of a column: ISO 8601, with or without an offset."""
    found: list[datetime] = []
    for row, line in zip(table.rows, table.lines, strict=True):
        try:
            found.append(datetime.fromisoformat(row[column].strip()))
        except ValueError:
            return _bad(table, column, line, row[column], "a date and time such as 2024-03-12 07:30", span)
    return found


def numbers(table: Table, column: int, rows: Sequence[int], span: Span) -> list[float] | Diagnostic:
    """Finite numbers of a column in the given rows."""
    found: list[float] = []
    for index in rows:
        text = table.rows[index][column]
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not abs(value) < 1e300:
            return _bad(table, column, table.lines[index], text, "a finite number", span)
        found.append(value)
    return found


def _bad(table: Table, column: int, line: int, text: str, wanted: str, span: Span) -> Diagnostic:
    shown = text if len(text) <= 40 else text[:37] + "..."
    what = f'"{shown}"' if text.strip() else "an empty cell"
    message = f'line {line} of "{table.shown}" has {what} in the column "{table.header[column]}", not {wanted}'
    return Diagnostic("E505", message, span, "", "mend the file, or leave the row out of it")
