"""Which columns of a file are meant: of its times, and of its values, where the spec leaves them to be found.

They are found in the header and the first row alone, so that the unit of a column is known before the rest of
the file is read.
"""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic, excerpt
from evdsl.diagnostics.source import Span
from evdsl.diagnostics.table import Table
from evdsl.language.timestamps import DIALECTS, epoch, has_strokes, is_iso, looks_like_a_date, timestamp

AS_ISO = "write the times of the file as year-month-day, such as 2024-03-12 07:30"
"""What to do about dates in a form that cannot be read."""


def time_column(table: Table, name: str, span: Span) -> int | Diagnostic:
    """The column of that name, or else the first that begins with a date."""
    if name:
        return table.column(name, span)
    first = table.rows[0]
    dated = [index for index, cell in enumerate(first) if is_iso(cell)]
    dated += [index for index, cell in enumerate(first) if _is_time(cell, table.dialect)]
    if dated:
        return dated[0]
    message = f'"{table.shown}" has no column of dates and times'
    columns = ", ".join(table.header[:12])
    help = f'its columns are {columns}; name one with `time="..."`, of times such as 2024-03-12 07:30'
    doubtful = next((cell for cell in first if has_strokes(cell)), None)
    other = next(
        ((name, cell) for name, cell in zip(table.header, first, strict=True) if looks_like_a_date(cell)),
        None,
    )
    if doubtful is not None and not table.dialect:
        message += f" that can be read in one way only: {doubtful.strip()} can be in two"
        help = which_dialect(doubtful)
    elif (count := _epoch_column(table)) is not None:
        help = f'if `{table.header[count]}` counts from 1970, write `time="{table.header[count]}"`'
    elif other is not None:
        message += f': "{other[0]}" has "{excerpt(other[1].strip(), 40)}" on line {table.lines[0]}'
        help = AS_ISO
    return Diagnostic("E504", message, span, "", help)


def _epoch_column(table: Table) -> int | None:
    """The first column that may count seconds or milliseconds since 1970."""
    return next((index for index, cell in enumerate(table.rows[0]) if epoch(cell) is not None), None)


def _is_time(text: str, dialect: str) -> bool:
    return timestamp(text, dialect) is not None and not text.strip().isdigit()


def which_dialect(text: str) -> str:
    """What to write for each date that a cell may mean."""
    meant = {name: timestamp(text, name) for name in DIALECTS}
    ways = [f'`dialect="{name}"` if it is {when:%d %B}' for name, when in meant.items() if when is not None]
    return f"write {', '.join(ways)}"


def value_column(table: Table, name: str, time: int, span: Span) -> int | Diagnostic:
    """The column of that name, or else the only one beside that of the times."""
    if name:
        return table.column(name, span)
    others = [index for index in range(len(table.header)) if index != time]
    if len(others) == 1:
        return others[0]
    is_dated = [is_iso(cell) or _is_time(cell, table.dialect) for cell in table.rows[0]]
    numbers = [index for index in others if not is_dated[index]]
    names = ", ".join(table.header[index] for index in (numbers or others)[:12])
    message = f'"{table.shown}" has {len(others)} columns beside its times, and one is meant'
    return Diagnostic("E504", message, span, "", f'name it: `column="..."`, one of {names}')


def unit_in(name: str) -> str:
    """What stands in brackets at the end of the name of a column: `EUR/MWh` of `price (EUR/MWh)`."""
    name = name.rstrip()
    for begin, end in ("()", "[]"):
        if name.endswith(end) and begin in name:
            return name[:-1].rsplit(begin, 1)[1].strip()
    return ""
