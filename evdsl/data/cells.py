"""Times and numbers in the cells of a table, each with its line where it is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache
from math import inf
from zoneinfo import ZoneInfo

from evdsl.diagnostics.diagnostic import Diagnostic, excerpt
from evdsl.diagnostics.source import Span
from evdsl.diagnostics.table import Table
from evdsl.language.clock import FIRST_YEAR, LAST_YEAR, is_skipped
from evdsl.language.timestamps import epoch, has_strokes, looks_like_a_date, timestamp
from evdsl.semantics.files.columns import AS_ISO, which_dialect

MEND = "mend the cell, or leave the row out of the file"
"""What to do about a cell of a file of which a row may be missing."""
LARGEST = 1e15
"""Of a number in a file: what is larger is a mistake of the file, and spoils sums."""
UNIVERSAL = re.compile(
    r"(?:UTC|GMT|(?<![A-Za-z])(?:utc|gmt))(?![A-Za-z0-9])(?:([+-])(\d{1,2})(?::?(\d{2}))?)?"
)
"""In the name of a column of times: `time (UTC)`, `start_utc`, `UTC+01:00`."""


def times(
    table: Table, column: int, rows: Sequence[int], zone: ZoneInfo, span: Span
) -> list[datetime] | Diagnostic:
    """Timestamps of a column in the given rows: ISO 8601, with an offset or local to the zone."""
    read = [time(table, column, index, zone, span) for index in rows]
    bad = [stamp for stamp in read if isinstance(stamp, Diagnostic)]
    if bad:
        return counted(bad[0], len(bad))
    return [stamp for stamp in read if not isinstance(stamp, Diagnostic)]


def counted(first: Diagnostic, count: int) -> Diagnostic:
    """The finding of the first of several bad cells of a column, with how many there are."""
    if count == 1:
        return first
    more = "1 more cell of the column is" if count == 2 else f"{count - 1} more cells of the column are"
    return replace(first, message=f"{first.message}; {more} wrong")


def time(
    table: Table, column: int, index: int, zone: ZoneInfo, span: Span, mend: str = MEND
) -> datetime | Diagnostic:
    """The timestamp of one row: E505 where it is none, E413 where the clocks skip it.

    Without an offset it is of the clocks that the name of its column says, or else of those of the zone.
    """
    text = table.rows[index][column].strip()
    stamp = timestamp(text, table.dialect) or epoch(text) or datetime.min
    if not FIRST_YEAR <= stamp.year <= LAST_YEAR:
        bad = _bad(table, column, index, "a date and time such as 2024-03-12 07:30", span, mend)
        if has_strokes(text) and not table.dialect:
            return replace(bad, help=which_dialect(text))
        return replace(bad, help=AS_ISO) if looks_like_a_date(text) else bad
    if stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=clock_in(table.header[column]))
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
    as_written = _as_written(table, column, rows, span)
    if isinstance(as_written, Diagnostic):
        return as_written
    found: list[float] = []
    bad: list[tuple[int, float]] = []
    for index in rows:
        text = as_written(table.rows[index][column])
        try:
            value = float(text) if "_" not in text else float("nan")
        except ValueError:
            value = float("nan")
        if not abs(value) <= LARGEST:
            bad.append((index, value))
        found.append(value)
    if not bad:
        return found
    index, value = bad[0]
    wanted = f"a number below {LARGEST:g}" if LARGEST < abs(value) < inf else "a finite number"
    return counted(_bad(table, column, index, wanted, span, mend), len(bad))


def _as_written(
    table: Table, column: int, rows: Sequence[int], span: Span
) -> Callable[[str], str] | Diagnostic:
    """From the numbers of a column to those of a spec, by the dialect of its file.

    Where all cells have points alone, as `1.234`, these may part thousands or decimals: of a file of Europe
    the column decides, by a comma or by a point that parts no three digits, and else it is refused.
    """
    if not table.dialect:
        return str
    decimal, thousands = (",", ".") if table.dialect == "eu" else (".", ",")
    grouped = re.compile(rf"[+-]?\d{{1,3}}(?:\{thousands}\d{{3}})+(?:\{decimal}\d*)?")

    def usual(text: str) -> str:
        text = text.strip()
        if grouped.fullmatch(text):
            text = text.replace(thousands, "")
        # What is left of the mark of thousands parts no thousands, and makes no number.
        return text.replace(thousands, "_").replace(decimal, ".")

    cells = [row[column] for row in table.rows]
    if table.dialect != "eu" or any("," in cell for cell in cells):
        return usual
    with_point = [cell for cell in cells if "." in cell]
    if any(not grouped.fullmatch(cell.strip()) for cell in with_point):
        return str
    doubtful = next((index for index in rows if "." in table.rows[index][column]), None)
    if doubtful is None:
        return str
    text = table.rows[doubtful][column].strip()
    message = f'line {table.lines[doubtful]} of "{table.shown}" has {excerpt(text, 40)} in the column '
    message += f'"{table.header[column]}", which is {text.replace(".", "")} or {text.replace(".", ",", 1)}'
    help = "write its decimals with a comma, or leave out the points between thousands"
    return Diagnostic("E505", message, span, "", help)


def _bad(table: Table, column: int, index: int, wanted: str, span: Span, help: str) -> Diagnostic:
    text, line = table.rows[index][column], table.lines[index]
    shown = excerpt(text, 40)
    what = f'"{shown}"' if text.strip() else "an empty cell"
    message = (
        f'line {line} of "{table.shown}" has {what} in the column "{table.header[column]}", not {wanted}'
    )
    if not table.dialect and text.count(",") == 1 and text.replace(",", "").strip("+- ").isdigit():
        help = f"decimals have a point: {text.strip().replace(',', '.')}"
    return Diagnostic("E505", message, span, "", help)


def clocks(table: Table, column: int, rows: Sequence[int], zone: ZoneInfo) -> str:
    """On which clocks the times of a column are, for a reader."""
    texts = [table.rows[row][column] for row in rows]
    stamps = [timestamp(text, table.dialect) or epoch(text) for text in texts]
    with_offset = [stamp is not None and stamp.tzinfo is not None for stamp in stamps]
    if all(with_offset):
        return "with their offset"
    clock = clock_in(table.header[column])
    local = f"on the clocks of {zone if clock is None else clock}"
    return f"with their offset, or {local} without" if any(with_offset) else local


@cache
def clock_in(name: str) -> timezone | None:
    """The clock that the name of a column of times says; `None` where it says none."""
    found = UNIVERSAL.search(name)
    if found is None:
        return None
    sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return timezone(-offset if sign == "-" else offset) if offset < timedelta(days=1) else None
