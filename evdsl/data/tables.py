"""CSV files as columns of text, read without guessing: no addresses, no archives, capped in size."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from pathlib import Path
from zoneinfo import ZoneInfo

from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean, excerpt
from evdsl.diagnostics.files import read_text
from evdsl.diagnostics.source import Span
from evdsl.language.clock import FIRST_YEAR, LAST_YEAR, is_skipped

MAXIMUM_BYTES = 32_000_000
MAXIMUM_ROWS = 1_000_000
"""A year of minutes has half a million."""
MAXIMUM_CELLS = 4_000_000
"""In memory a cell takes sixty bytes."""
LARGEST = 1e15
"""Of a number in a file: what is larger is a mistake of the file, and spoils sums."""
MEND = "mend the cell, or leave the row out of the file"
"""What to do about a cell of a file of which a row may be missing."""
OTHER_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
"""A date that is not written as year-month-day."""
OTHER_SEPARATORS = {";": "`;`", "\t": "tabulators", "|": "`|`"}


@dataclass(frozen=True, slots=True)
class Table:
    """The header and the rows of a file; row `i` stands on line `lines[i]` of it."""

    shown: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def column(self, name: str, span: Span) -> int | Diagnostic:
        """The position of a column."""
        if self.header.count(name) == 1:
            return self.header.index(name)
        if name in self.header:
            message = f'"{self.shown}" has {self.header.count(name)} columns "{name}"'
            return Diagnostic("E504", message, span, "", "give each column a name of its own")
        columns = ", ".join(self.header[:12]) + (", ..." if len(self.header) > 12 else "")
        help = did_you_mean(name, self.header) or f"its columns are {columns}"
        return Diagnostic("E504", f'"{self.shown}" has no column "{name}"', span, "", help)


def read(path: Path, shown: str, span: Span) -> Table | Diagnostic:
    """All rows of a CSV file with a header; blank lines are passed over."""
    text = read_text(path, shown, MAXIMUM_BYTES, span)
    if isinstance(text, Diagnostic):
        return Diagnostic("E503", text.message, span, "", text.help)
    lines_about = text.count("\n")
    if lines_about > MAXIMUM_ROWS or text.count(",") + lines_about > MAXIMUM_CELLS:
        message = f'"{shown}" has more than {MAXIMUM_ROWS:,} rows or {MAXIMUM_CELLS:,} cells'
        return Diagnostic("E503", message, span, "", "keep the columns and the rows that the spec needs")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    try:
        header = tuple(cell.strip() for cell in next(reader, ()))
        before = reader.line_num
        for row in reader:
            # The line on which a row begins: texts in quotes may go over several.
            line, before = before + 1, reader.line_num
            if row and any(row):
                rows.append(tuple(row))
                lines.append(line)
    except csv.Error as error:
        message = f'"{shown}" is not a CSV file: {str(error).lower()} (line {reader.line_num})'
        return Diagnostic("E503", message, span, "", "save it with commas between its cells")
    if not header or not rows:
        message = f'"{shown}" {"has a header and no rows" if header else "is empty"}'
        return Diagnostic("E503", message, span, "", "a CSV file has a header and rows below it")
    return _uneven(shown, header, rows, lines, span) or Table(shown, header, tuple(rows), tuple(lines))


def _uneven(
    shown: str, header: tuple[str, ...], rows: list[tuple[str, ...]], lines: list[int], span: Span
) -> Diagnostic | None:
    other = next((c for c in OTHER_SEPARATORS if len(header) == 1 and c in header[0]), None)
    if other is not None:
        message = f'"{shown}" has {OTHER_SEPARATORS[other]} between its cells, and commas are expected'
        help = "save it with commas between its cells and points in its numbers"
        return Diagnostic("E503", message, span, "", help)
    for row, line in zip(rows, lines, strict=True):
        if len(row) != len(header):
            message = f'line {line} of "{shown}" has {_count(len(row))}, and its header has {len(header)}'
            help = "give every row the cells of the header; numbers have points, not commas"
            return Diagnostic("E505", message, span, "", help)
    return None


def _count(cells: int) -> str:
    return f"{cells} cell{'s' * (cells != 1)}"


def times(
    table: Table, column: int, rows: Sequence[int], zone: ZoneInfo, span: Span
) -> list[datetime] | Diagnostic:
    """Timestamps of a column in the given rows: ISO 8601, with an offset or local to the zone."""
    found: list[datetime] = []
    for index in rows:
        stamp = time(table, column, index, zone, span)
        if isinstance(stamp, Diagnostic):
            return stamp
        found.append(stamp)
    return found


def time(
    table: Table, column: int, index: int, zone: ZoneInfo, span: Span, mend: str = MEND
) -> datetime | Diagnostic:
    """The timestamp of one row: E505 where it is none, E413 where the clocks skip it."""
    text = table.rows[index][column].strip()
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        stamp = datetime.min
    if not FIRST_YEAR <= stamp.year <= LAST_YEAR:
        if OTHER_DATE.match(text):
            mend = "write the times of the file as year-month-day, such as 2024-03-12 07:30"
        return _bad(table, column, index, "a date and time such as 2024-03-12 07:30", span, mend)
    if stamp.tzinfo is None and is_skipped(stamp, zone):
        line = table.lines[index]
        message = f'line {line} of "{table.shown}" has {text}, which is skipped by the clocks of {zone}'
        help = "give times with their offset, such as 2024-03-12 07:30+01:00, or those of the clocks"
        return Diagnostic("E413", message, span, "", help)
    return stamp


def numbers(
    table: Table, column: int, rows: Sequence[int], span: Span, mend: str = MEND
) -> list[float] | Diagnostic:
    """Numbers of a column in the given rows."""
    found: list[float] = []
    for index in rows:
        text = table.rows[index][column]
        try:
            value = float(text) if "_" not in text else float("nan")
        except ValueError:
            value = float("nan")
        if not abs(value) <= LARGEST:
            wanted = f"a number below {LARGEST:g}" if LARGEST < abs(value) < inf else "a finite number"
            return _bad(table, column, index, wanted, span, mend)
        found.append(value)
    return found


def _bad(table: Table, column: int, index: int, wanted: str, span: Span, help: str) -> Diagnostic:
    text, line = table.rows[index][column], table.lines[index]
    shown = excerpt(text, 40)
    what = f'"{shown}"' if text.strip() else "an empty cell"
    message = (
        f'line {line} of "{table.shown}" has {what} in the column "{table.header[column]}", not {wanted}'
    )
    if text.count(",") == 1 and text.replace(",", "").strip("+- ").isdigit():
        help = f"decimals have a point: {text.strip().replace(',', '.')}"
    return Diagnostic("E505", message, span, "", help)
