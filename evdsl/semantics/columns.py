"""Which columns of a file are meant: of its times, and of its values, where the spec leaves them to be found.

They are found in the header and the first row alone, so that the unit of a column is known before the rest of
the file is read.
"""

from __future__ import annotations

from datetime import datetime

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Span
from evdsl.diagnostics.table import Table


def time_column(table: Table, name: str, span: Span) -> int | Diagnostic:
    """The column of that name, or else the first that begins with a date."""
    if name:
        return table.column(name, span)
    for index, cell in enumerate(table.rows[0]):
        try:
            datetime.fromisoformat(cell.strip())
        except ValueError:
            continue
        if not cell.strip().isdigit():
            return index
    message = f'"{table.shown}" has no column of dates and times'
    columns = ", ".join(table.header[:12])
    help = f'its columns are {columns}; name one with `time="..."`, of times such as 2024-03-12 07:30'
    return Diagnostic("E504", message, span, "", help)


def value_column(table: Table, name: str, time: int, span: Span) -> int | Diagnostic:
    """The column of that name, or else the only one beside that of the times."""
    if name:
        return table.column(name, span)
    others = [index for index in range(len(table.header)) if index != time]
    if len(others) == 1:
        return others[0]
    names = ", ".join(table.header[index] for index in others[:12])
    message = f'"{table.shown}" has {len(others)} columns beside its times, and one is meant'
    return Diagnostic("E504", message, span, "", f'name it: `column="..."`, one of {names}')


def unit_in(name: str) -> str:
    """What stands in brackets at the end of the name of a column: `EUR/MWh` of `price (EUR/MWh)`."""
    name = name.rstrip()
    for begin, end in ("()", "[]"):
        if name.endswith(end) and begin in name:
            return name[:-1].rsplit(begin, 1)[1].strip()
    return ""
