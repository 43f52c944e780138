"""CSV files as columns of text, read without guessing: no addresses, no archives, capped in size."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean
from evdsl.diagnostics.files import read_text
from evdsl.diagnostics.source import Span

MAXIMUM_BYTES = 32_000_000
MAXIMUM_ROWS = 1_000_000
"""A year of minutes has half a million."""
MAXIMUM_CELLS = 4_000_000
"""In memory a cell takes sixty bytes."""
OTHER_SEPARATORS = {";": "`;`", "\t": "tabulators", "|": "`|`", ",": "commas"}
COMMAS = (
    "save it with commas between its cells and points in its numbers",
    'write `dialect="eu"`, or save it with commas between its cells and points in its numbers',
)


@dataclass(frozen=True, slots=True)
class Table:
    """The header and the rows of a file; row `i` stands on line `lines[i]` of it.

    `dialect` is how its dates and numbers are written: `eu`, `us`, or as a spec writes them.
    """

    shown: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    dialect: str = ""

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


def read_table(
    path: Path, shown: str, span: Span, dialect: str = "", limit: int = MAXIMUM_ROWS
) -> Table | Diagnostic:
    """The first `limit` rows of a CSV file with a header, or all; blank lines are passed over."""
    text = read_text(path, shown, MAXIMUM_BYTES, span)
    if isinstance(text, Diagnostic):
        return Diagnostic("E503", text.message, span, "", text.help)
    lines_about = text.count("\n")
    separator = _separator(text, dialect)
    if lines_about > MAXIMUM_ROWS or text.count(separator) + lines_about > MAXIMUM_CELLS:
        message = f'"{shown}" has more than {MAXIMUM_ROWS:,} rows or {MAXIMUM_CELLS:,} cells'
        return Diagnostic("E503", message, span, "", "keep the columns and the rows that the spec needs")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
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
            if len(rows) >= limit:
                break
    except csv.Error as error:
        message = f'"{shown}" is not a CSV file: {str(error).lower()} (line {reader.line_num})'
        is_other = separator == "," and any(mark in text.partition("\n")[0] for mark in ";\t")
        help = COMMAS[1] if is_other else "save it with commas between its cells"
        return Diagnostic("E503", message, span, "", help)
    if not header or not rows:
        message = f'"{shown}" {"has a header and no rows" if header else "is empty"}'
        return Diagnostic("E503", message, span, "", "a CSV file has a header and rows below it")
    table = Table(shown, header, tuple(rows), tuple(lines), dialect)
    return _uneven(table, separator, span) or table


def _separator(text: str, dialect: str) -> str:
    """What stands between the cells: where commas are in numbers, a semicolon or a tabulator."""
    if dialect != "eu":
        return ","
    header = text.lstrip("\r\n").partition("\n")[0]
    return max(";\t", key=header.count)


def _uneven(table: Table, separator: str, span: Span) -> Diagnostic | None:
    shown, header = table.shown, table.header
    others = [mark for mark in OTHER_SEPARATORS if mark != separator and mark in header[0]]
    if len(header) == 1 and others:
        other = others[0]
        wanted = "commas are" if separator == "," else "`;` or a tabulator is"
        message = f'"{shown}" has {OTHER_SEPARATORS[other]} between its cells, and {wanted} expected'
        help = "leave `dialect` out" if separator != "," else COMMAS[other != "|"]
        return Diagnostic("E503", message, span, "", help)
    for row, line in zip(table.rows, table.lines, strict=True):
        if len(row) != len(header):
            message = f'line {line} of "{shown}" has {_count(len(row))}, and its header has {len(header)}'
            help = "give every row the cells of the header"
            help += "; numbers have points, not commas" if separator == "," else ""
            return Diagnostic("E505", message, span, "", help)
    return None


def _count(cells: int) -> str:
    return f"{cells} cell{'s' * (cells != 1)}"
