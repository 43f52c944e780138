"""The power at the connection over time, drawn in characters of a terminal.

Import stands on the time axis and export hangs below it; kW. A character cell shows eighths above the
axis, and halves below it, for which Unicode has no finer blocks. Up to `LONG` hours a column shows the
highest step in it, so that no peak is lost; beyond, columns are whole hours of the wall clock, solid up
to the mean of their steps and shaded up to the highest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from evdsl.data.timeline import Timeline
from evdsl.language.arrays import FloatArray, IntArray

LONG = 72.0
"""Hours beyond which columns are averages over whole hours."""

HOURS = (1, 2, 3, 4, 6, 24, 48, 168, 336, 672)
"""Widths of columns of a long horizon: days begin at the edge of one, and half days only make a comb."""

TICKS = (0.25, 0.5, 1, 2, 3, 4, 6, 8, 12, 24, 48, 168, 336, 672)
"""Hours between labels of the time axis."""

HEIGHT = 11
"""Rows that the chart is to have, about."""

EIGHTHS = " ▁▂▃▄▅▆▇█"

SEEN = 1e-6
"""kW from which on power is drawn, if only as the thinnest line."""

Run = tuple[str, str]
"""A piece of a line, and what it shows: `import`, `export`, `limit`, `price`, `axis`, `label` or nothing."""


@dataclass(frozen=True, slots=True)
class Curves:
    """What is drawn, each of shape (steps,): powers in kW, `price` in `unit`; `None` is not drawn."""

    imported: FloatArray
    exported: FloatArray
    limit: FloatArray | None
    price: FloatArray | None
    unit: str


@dataclass(frozen=True, slots=True)
class ChartColumns:
    """Which steps a column shows: those from `start[c]` to `start[c + 1]`; `hours` is 0 for no averages."""

    start: IntArray
    width: int
    hours: int

    def highest(self, values: FloatArray) -> FloatArray:
        """The largest value in each column."""
        return np.repeat(np.maximum.reduceat(values, self.start[:-1]), self.width)

    def mean(self, values: FloatArray) -> FloatArray:
        """The mean of each column; a step that is spread over several columns stands in each."""
        sums = np.add.reduceat(values, self.start[:-1])
        return np.repeat(sums / np.maximum(np.diff(self.start), 1), self.width)

    def of_step(self, steps: FloatArray) -> FloatArray:
        """The column in which each step begins."""
        column = np.searchsorted(self.start, steps, side="right") - 1
        return column.astype(float) * self.width


@dataclass(frozen=True, slots=True)
class Scale:
    """`unit` kW a row, `above` rows over the axis and `below` under it, a label every `every` rows."""

    unit: float
    above: int
    below: int
    every: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """What stands for what, and the lines of the chart from the top."""

    legend: list[list[Run]]
    lines: list[list[Run]]


def chart(curves: Curves, timeline: Timeline, width: int) -> Drawing:
    """The chart, its lines at most `width` characters long; without lines where no power flows."""
    top = float(curves.imported.max(initial=0.0))
    bottom = float(curves.exported.max(initial=0.0))
    if max(top, bottom) < SEEN:
        return Drawing([], [])
    limit = curves.limit
    if limit is not None and not 0 < limit.min() <= 1.5 * top:
        limit = None
    scale = scale_of(top if limit is None else max(top, float(limit[limit <= 1.5 * top].max())), bottom)
    price = curves.price if curves.price is not None and np.ptp(curves.price) > 0 else None
    margin = max(len(f"{scale.unit * rows:,.6g}") for rows in (scale.above, scale.below))
    margin = max(margin, len("price") if price is not None else 0)
    columns = columns_of(timeline, width - margin - 2)
    lines = [_row_above(row, curves, limit, columns, scale, margin) for row in reversed(range(scale.above))]
    ticks = ticks_of(timeline, columns)
    lines.append(_axis([at for at, _ in ticks], columns, margin))
    lines += [_row_below(row, curves, columns, scale, margin) for row in range(scale.below)]
    lines.append([(" " * (margin + 2), ""), (_labels(ticks, width - margin - 2), "label")])
    if price is not None:
        lines.append([(f"{'price':>{margin}}  ", "label"), (_strip(columns.mean(price)), "price")])
    shaded = columns.hours > timeline.step
    drawn = replace(curves, limit=limit, price=price)
    return Drawing(_legend(drawn, columns.hours if shaded else 0), lines)


def _legend(drawn: Curves, hours: int) -> list[list[Run]]:
    """Entries, each of a few runs."""
    found: list[list[Run]] = [[("█", "import"), (" import", "label")]]
    if hours:
        found[0].append((f", mean of {hours} h", "label"))
        found.append([("░", "import"), (" highest step", "label")])
    if float(drawn.exported.max(initial=0.0)) >= SEEN:
        found.append([("█", "export"), (" export, below the axis", "label")])
    if drawn.limit is not None:
        found.append([("▔", "limit"), (" import limit", "label")])
    if drawn.price is not None:
        low, high = float(drawn.price.min()), float(drawn.price.max())
        found.append([(f"price {low:.3g} to {high:.3g} {drawn.unit}", "price")])
    return found


def columns_of(timeline: Timeline, room: int) -> ChartColumns:
    """Columns that fill the room as well as whole numbers allow."""
    steps = timeline.steps
    if timeline.horizon <= LONG:
        if steps <= room and steps * (room // steps) >= 0.7 * room:
            return ChartColumns(np.arange(steps + 1), room // steps, 0)
        if steps <= room:
            edges = np.arange(room) * steps // room
            return ChartColumns(np.append(edges, steps), 1, 0)
        return ChartColumns(np.arange(room + 1) * steps // room, 1, 0)
    wall = _wall_hours(timeline)
    for hours in HOURS:
        number = np.floor((wall + 1e-9) / hours).astype(int)
        start = np.flatnonzero(np.diff(number, prepend=number[0] - 1))
        if len(start) <= room:
            break
    return ChartColumns(np.append(start, steps), max(min(room // len(start), 3), 1), hours)


def _wall_hours(timeline: Timeline) -> FloatArray:
    """The wall clock at the start of each step, in hours after the midnight before the first one."""
    elapsed = np.arange(timeline.steps, dtype=float) * timeline.step
    wall: FloatArray = elapsed + timeline.wall_hours(0.0)
    for change in timeline.changes():
        before = float(np.interp(change, elapsed, wall))
        shift = (timeline.wall_hours(change) - before + 12.0) % 24.0 - 12.0
        wall[elapsed >= change - 1e-9] += shift
    return wall


def scale_of(top: float, bottom: float) -> Scale:
    """Rows such that labels are round numbers of kW."""
    for exponent in range(-4, 10):
        for digit in (1.0, 2.0, 2.5, 5.0):
            tick = digit * 10.0**exponent
            above, below = math.ceil(top / tick - 1e-9), math.ceil(bottom / tick - 1e-9)
            if above + below <= 6:
                every = max(round(HEIGHT / (above + below)), 2)
                below_rows = math.ceil(bottom / tick * every - 1e-9)
                return Scale(tick / every, above * every, below_rows, every)
    raise AssertionError(f"{top} kW and {bottom} kW are beyond any scale")


def _row_above(
    row: int, curves: Curves, limit: FloatArray | None, columns: ChartColumns, scale: Scale, margin: int
) -> list[Run]:
    highest = columns.highest(curves.imported)
    solid = columns.mean(curves.imported) if columns.hours else highest
    eighths = np.clip(np.round((solid / scale.unit - row) * 8), 0, 8).astype(int)
    if row == 0:  # what flows at all is to be seen
        eighths = np.where(solid > SEEN, np.maximum(eighths, 1), eighths)
    shaded = (eighths == 0) & (highest / scale.unit - row >= 0.5) & (columns.hours > 0)
    cells = [
        ("░", "import") if shade else (EIGHTHS[n], "import" if n else "")
        for n, shade in zip(eighths, shaded, strict=True)
    ]
    if limit is not None:
        height = columns.highest(limit) / scale.unit - row
        for at in np.flatnonzero((height > 0) & (height <= 1) & (eighths == 0)):
            cells[at] = ("▔" if height[at] > 0.75 else "┄", "limit")
    return [*_margin(row + 1, scale, margin), *_merged(cells)]


def _row_below(row: int, curves: Curves, columns: ChartColumns, scale: Scale, margin: int) -> list[Run]:
    highest = columns.highest(curves.exported)
    solid = columns.mean(curves.exported) if columns.hours else highest
    halves = np.clip(np.round((solid / scale.unit - row) * 2), 0, 2).astype(int)
    if row == 0:
        halves = np.where(solid > SEEN, np.maximum(halves, 1), halves)
    shaded = (halves == 0) & (highest / scale.unit - row >= 0.5) & (columns.hours > 0)
    cells = [
        ("░", "export") if shade else (" ▀█"[n], "export" if n else "")
        for n, shade in zip(halves, shaded, strict=True)
    ]
    return [*_margin(-row - 1, scale, margin), *_merged(cells)]


def _margin(rows: int, scale: Scale, margin: int) -> list[Run]:
    labelled = rows % scale.every == 0
    label = f"{scale.unit * rows:,.6g}" if labelled else ""
    return [(f"{label:>{margin}} ", "label"), ("┤" if labelled else "│", "axis")]


def _merged(cells: Sequence[Run]) -> list[Run]:
    """Neighbours of one kind as one piece, and nothing after the last that shows."""
    runs: list[list[str]] = []
    for text, kind in cells:
        if runs and runs[-1][1] == kind:
            runs[-1][0] += text
        else:
            runs.append([text, kind])
    if runs and not runs[-1][1]:
        runs.pop()
    return [(text, kind) for text, kind in runs]


def _axis(ticks: Sequence[int], columns: ChartColumns, margin: int) -> list[Run]:
    line = ["─"] * ((len(columns.start) - 1) * columns.width)
    for at in ticks:
        line[at] = "┬"
    return [(f"{'0':>{margin}} ", "label"), ("┼" + "".join(line), "axis")]


def ticks_of(timeline: Timeline, columns: ChartColumns) -> list[tuple[int, str]]:
    """Columns with their labels: clock times, and the day at midnight where there are several."""
    wall = _wall_hours(timeline)
    days = wall[-1] >= 24
    length = 7 if days else 5
    per_hour = (len(columns.start) - 1) * columns.width / timeline.horizon
    spacing = next((h for h in TICKS if h * per_hour >= length + 2), TICKS[-1])
    midnight = timeline.local(0.0) - timedelta(hours=timeline.wall_hours(0.0))
    found: list[tuple[int, str]] = []
    index = np.floor((wall + 1e-9) / spacing)
    first = np.flatnonzero(np.diff(index, prepend=index[0] if wall[0] % spacing > 1e-9 else index[0] - 1))
    for step, at in zip(
        first.tolist(), columns.of_step(first.astype(float)).astype(int).tolist(), strict=True
    ):
        when = midnight + timedelta(hours=float(index[step]) * spacing)
        if not days or when.hour or when.minute:
            label = f"{when:%H:%M}"
        else:
            label = f"{when.day} {when:%b}" if columns.hours else f"{when:%a} {when.day}"
        if not found or at >= found[-1][0] + len(found[-1][1]) + 1:
            found.append((at, label))
    return found


def _labels(ticks: Sequence[tuple[int, str]], room: int) -> str:
    """The labels below the axis, each beginning below its tick; one without room is left out."""
    line = ""
    for at, label in ticks:
        if at + len(label) <= room:
            line = line.ljust(at) + label
    return line


def _strip(values: FloatArray) -> str:
    """Values as one row of bars, from the lowest to the highest."""
    low, span = float(values.min()), float(np.ptp(values)) or 1.0
    return "".join(EIGHTHS[1 + round((float(value) - low) / span * 7)] for value in values)
