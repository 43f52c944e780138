"""Points in the plane, drawn in characters of a terminal: axes with round numbers, one cell a point."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

ROWS = 13
LABELS_APART = 12
"""Columns between two labels of the lower axis, at least."""


@dataclass(frozen=True, slots=True)
class PlotMark:
    """A point and the character that stands for it; of two in one cell the later one is seen."""

    x: float
    y: float
    sign: str


@dataclass(frozen=True, slots=True)
class PlotAxis:
    """A stretch of an axis between two round numbers, and the round numbers on it."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def place(self, value: float, cells: int) -> int:
        """The cell of a value, from 0 to `cells - 1`."""
        return round((value - self.low) / (self.high - self.low) * (cells - 1))

    def label(self, value: float) -> str:
        """A tick as it is written: with the decimals that its neighbours are apart by."""
        apart = self.ticks[1] - self.ticks[0]
        places = max(0, -math.floor(math.log10(apart) + 1e-9))
        if round(apart, places) != round(apart, places + 2):
            places += 1
        return f"{value + 0.0:,.{places}f}"


def axis(values: Sequence[float], most: int) -> PlotAxis:
    """The axis on which all values lie, with at most that many ticks, three at least."""
    low, high = min(values), max(values)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        margin = abs(low) / 10 or 1.0
        low, high = low - margin, high + margin
    exponent = math.floor(math.log10(high - low)) - 2
    while True:
        for digit in (1.0, 2.0, 2.5, 5.0):
            apart = digit * 10.0**exponent
            first, last = math.floor(low / apart + 1e-9), math.ceil(high / apart - 1e-9)
            if last - first + 1 <= max(most, 3):
                last = max(last, first + 2)
                ticks = tuple(number * apart for number in range(first, last + 1))
                return PlotAxis(ticks[0], ticks[-1], ticks)
        exponent += 1


def scatter(marks: Sequence[PlotMark], across: str, upward: str, width: int) -> list[str]:
    """The drawing, line by line, at most `width` characters wide; `across` and `upward` name the axes."""
    y = axis([mark.y for mark in marks], 1 + (ROWS - 1) // 3)
    margin = max(len(y.label(tick)) for tick in y.ticks)
    columns = max(min(width - margin - 4, 72), 24)
    x = axis([mark.x for mark in marks], columns // LABELS_APART)
    cells = [[" "] * columns for _ in range(ROWS)]
    for mark in marks:
        cells[ROWS - 1 - y.place(mark.y, ROWS)][x.place(mark.x, columns)] = mark.sign
    names = {ROWS - 1 - y.place(tick, ROWS): y.label(tick) for tick in y.ticks}
    lines = [upward]
    for row, line in enumerate(cells):
        stem = "┤" if row in names else "│"
        lines.append(f"{names.get(row, ''):>{margin}} {stem}{''.join(line)}".rstrip())
    places = {x.place(tick, columns): x.label(tick) for tick in x.ticks}
    rule = "".join("┬" if column in places else "─" for column in range(columns))
    lines.append(f"{'':>{margin}} └{rule}")
    below = ""
    for column, label in sorted(places.items()):
        at = margin + 2 + column - len(label) // 2
        below = below.ljust(at) + label if at >= len(below) + bool(below) else below
    lines.append(below)
    lines.append(across.rjust(margin + 2 + columns))
    return lines
