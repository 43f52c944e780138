"""Times and numbers in the cells of a table, each with its line where it is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from functools import cache
from math import inf
from zoneinfo import ZoneInfo

from evdsl.diagnostics.diagnostic import Diagnostic, excerpt
from evdsl.diagnostics.source import Span
from evdsl.diagnostics.table import Table
from evdsl.language.clock import FIRST_YEAR, LAST_YEAR, is_skipped

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
    found: list[datetime] = []
    for index in rows:
        stamp = time(table, column, index, zone, span)
        if isinstance(stamp, Diagnostic):
            return stamp
        found.append(stamp)
    return found


def time(table: Table, column: int, index: int, zone: ZoneInfo, span: Span) -> datetime | Diagnostic:
    """The timestamp of one row: E505 where it is none, E413 where the clocks skip it.

    Without an offset it is of the clocks that the name of its column says, or else of those of the zone.
    """
    text = table.rows[index][column].strip()
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        stamp = datetime.min
    if not FIRST_YEAR <= stamp.year <= LAST_YEAR:
        return _bad(table, column, index, "a date and time such as 2024-03-12 07:30", span)
    if stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=clock_in(table.header[column]))
    if stamp.tzinfo is None and is_skipped(stamp, zone):
        line = table.lines[index]
        message = f'line {line} of "{table.shown}" has {text}, which is skipped by the clocks of {zone}'
        help = "give times with their offset, such as 2024-03-12 07:30+01:00, or those of the clocks"
        return Diagnostic("E413", message, span, "", help)
    return stamp


def numbers(table: Table, column: int, rows: Sequence[int], span: Span) -> list[float] | Diagnostic:
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
            return _bad(table, column, index, wanted, span)
        found.append(value)
    return found


def _bad(table: Table, column: int, index: int, wanted: str, span: Span) -> Diagnostic:
    text, line = table.rows[index][column], table.lines[index]
    shown = excerpt(text, 40)
    what = f'"{shown}"' if text.strip() else "an empty cell"
    message = (
        f'line {line} of "{table.shown}" has {what} in the column "{table.header[column]}", not {wanted}'
    )
    help = "mend the cell, or leave the row out of the file"
    if text.count(",") == 1 and text.replace(",", "").strip("+- ").isdigit():
        help = f"decimals have a point: {text.strip().replace(',', '.')}"
    return Diagnostic("E505", message, span, "", help)


def clocks(table: Table, column: int, rows: Sequence[int], zone: ZoneInfo) -> str:
    """On which clocks the times of a column are, for a reader."""
    with_offset = [_has_offset(table.rows[row][column].strip()) for row in rows]
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


def _has_offset(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
