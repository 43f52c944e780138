"""A column of a CSV file to a value over time.

The rows may stand in any order. They must cover the horizon, have one value for each time and leave no hole;
what lies outside the horizon may be wrong. Rows that stand only where the value changes (`changes`) have no
distance that is usual: a hole cannot be seen in them, and how long the last one holds is said by `until`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor

import numpy as np

from evdsl.data import cells
from evdsl.data.piecewise import Origin, Piecewise
from evdsl.data.readers.spacing import described, holes_in, last_length
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.table import Table, read_table
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.timestamps import timestamp
from evdsl.language.tolerances import ON_EDGE, SAME_TIME
from evdsl.language.values import FileSeries
from evdsl.semantics.files.columns import time_column, value_column

MEND = "mend the cell: without its row the series has a hole"
MANY = 0.2
"""Of the distances between rows: where as many are holes, the file may hold nothing but changes."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a file that have a time: their positions in the table, in the order of their times.

    `hours` are elapsed from the start of a timeline, as is `end`, until when the last row holds.
    """

    table: Table
    time: int
    column: int
    order: IntArray
    hours: FloatArray
    end: float


def read(series: FileSeries, timeline: Timeline) -> Piecewise | Diagnostic:
    """The rows that the horizon needs, in the order of their times."""
    rows = rows_of(series, timeline, (0.0, timeline.horizon))
    return rows if isinstance(rows, Diagnostic) else within(series, rows, timeline)


def rows_of(
    series: FileSeries, timeline: Timeline, needed: tuple[float, float], forgiven: tuple[str, ...] = ()
) -> Rows | Diagnostic:
    """The rows with a time; what lies outside what is needed, from an hour to another, may have none.

    Nor may what is wrong with these codes, wherever it lies.
    """
    table = read_table(series.path, series.shown, series.span, series.dialect or "")
    if isinstance(table, Diagnostic):
        return table
    return rows_in(table, series, timeline, needed, forgiven)


def rows_in(
    table: Table,
    series: FileSeries,
    timeline: Timeline,
    needed: tuple[float, float],
    forgiven: tuple[str, ...] = (),
) -> Rows | Diagnostic:
    """The same of a table, such as of some rows of a file."""
    time = time_column(table, series.time, series.span)
    if isinstance(time, Diagnostic):
        return time
    column = value_column(table, series.column, time, series.span)
    if isinstance(column, Diagnostic):
        return column
    placed = _placed(series, table, time, timeline, needed, forgiven)
    if isinstance(placed, Diagnostic):
        return placed
    rows, hours = placed
    ascending = np.argsort(hours, kind="stable")
    end = _end(series, hours[ascending], timeline)
    if isinstance(end, Diagnostic):
        return end
    return Rows(table, time, column, rows[ascending], hours[ascending], end)


def within(series: FileSeries, rows: Rows, timeline: Timeline) -> Piecewise | Diagnostic:
    """What of a file the horizon needs: whole, each time once, and all of it numbers."""
    table, order, hours = rows.table, rows.order, rows.hours
    lines = [table.lines[int(row)] for row in order]
    problem = _given_twice(series, hours, lines, timeline) or _too_short(series, hours, rows.end, timeline)
    if problem is None and series.method != "changes":
        problem = _hole(series, hours, lines, timeline)
    if problem is not None:
        return problem
    first = max(int(np.searchsorted(hours, SAME_TIME, side="right")) - 1, 0)
    last = int(np.searchsorted(hours, timeline.horizon - SAME_TIME, side="left"))
    kept = slice(first, last + 1)
    found = cells.numbers(table, rows.column, [int(row) for row in order[kept]], series.span, MEND)
    if isinstance(found, Diagnostic):
        return found
    end = max(rows.end, float(hours[kept][-1]))
    origin = _origin(series, table, (rows.time, rows.column), order[kept], hours[kept], timeline)
    return Piecewise(hours[kept], np.array(found) * series.factor, series.method, end, origin)


def _placed(
    series: FileSeries,
    table: Table,
    column: int,
    timeline: Timeline,
    needed: tuple[float, float],
    forgiven: tuple[str, ...],
) -> tuple[IntArray, FloatArray] | Diagnostic:
    """The rows with a time, and their elapsed hours; a row without one may be passed over.

    It may where another row comes between it and what is needed, so that nothing of it is. A local
    time that the clocks skip lies about where it says; a text that is no time, between its neighbours,
    in a file whose rows are in order.
    """
    read = [
        cells.time(table, column, row, timeline.zone, series.span, MEND) for row in range(len(table.rows))
    ]
    bad = [
        (row, stamp)
        for row, stamp in enumerate(read)
        if isinstance(stamp, Diagnostic) and stamp.code not in forgiven
    ]
    good = [(row, stamp) for row, stamp in enumerate(read) if not isinstance(stamp, Diagnostic)]
    rows = np.array([row for row, _ in good], dtype=np.intp)
    hours = np.array(_elapsed([stamp for _, stamp in good], timeline))
    before = hours[hours <= needed[0] + SAME_TIME].max(initial=-np.inf)
    after = hours[hours >= needed[1] - SAME_TIME].min(initial=np.inf)
    is_ascending, padded = bool((np.diff(hours) >= 0.0).all()), np.concatenate([[-np.inf], hours, [np.inf]])
    for row, problem in bad:
        if problem.code == "E413":
            skipped = timestamp(table.rows[row][column], table.dialect)
            assert skipped is not None, "the clocks skip a time"
            around = [timeline.hours(skipped.replace(fold=fold)) for fold in (0, 1)]
        else:
            position = int(np.searchsorted(rows, row))
            around = padded[position : position + 2].tolist()
        is_placed = problem.code == "E413" or is_ascending
        if (
            not is_placed
            or not len(rows)
            or (max(around) > before + SAME_TIME and min(around) < after - SAME_TIME)
        ):
            alike = [other for _, other in bad if other.code == problem.code]
            return cells.counted(problem, len(alike)) if problem is alike[0] else problem
    return rows, hours


def _elapsed(stamps: list[datetime], timeline: Timeline) -> list[float]:
    """Elapsed hours; of two equal local times in an hour that the clocks repeat, the second is later."""
    hours: list[float] = []
    seen: set[datetime] = set()
    for stamp in stamps:
        if stamp.tzinfo is None and stamp in seen:
            stamp = stamp.replace(fold=1)
        seen.add(stamp)
        hours.append(timeline.hours(stamp))
    return hours


def _end(series: FileSeries, hours: FloatArray, timeline: Timeline) -> float | Diagnostic:
    """Until when the last row of a file holds."""
    last = float(hours[-1])
    if series.method != "changes":
        gaps = _distances(hours)
        if len(hours) < 2:
            message = f'"{series.shown}" has one time only, {_shown(last, timeline)}'
            help = "a series has a row for each interval" + _or_changes(series, last, timeline)
            return Diagnostic("E508", message, series.span, "", help)
        return last + (last_length(gaps) if len(gaps) else 0.0)
    if series.until is None:
        return last
    end = timeline.at(series.until)
    if end <= last + SAME_TIME:
        message = f'`until` is {_shown(end, timeline)}, and the last row of "{series.shown}" is for '
        message += _shown(last, timeline)
        is_needless = last >= timeline.horizon - SAME_TIME
        help = "leave `until` out" if is_needless else "give a time after the last row"
        return Diagnostic("E308", message, series.until.span, "", help)
    return end


def _distances(hours: FloatArray) -> FloatArray:
    """How far apart the rows are; twice the same time is no distance."""
    gaps = np.diff(hours)
    return gaps[gaps > SAME_TIME]


def _given_twice(
    series: FileSeries, hours: FloatArray, lines: Sequence[int], timeline: Timeline
) -> Diagnostic | None:
    """E507 where two rows of the horizon are for one time."""
    is_inside = (hours[1:] > -SAME_TIME) & (hours[1:] < timeline.horizon)
    twice = np.flatnonzero((np.diff(hours) < SAME_TIME) & is_inside)
    if not len(twice):
        return None
    first = int(twice[0])
    both = f'lines {lines[first]} and {lines[first + 1]} of "{series.shown}"'
    message = f"{both} are both for {_shown(float(hours[first]), timeline)}"
    more = len(twice) - 1
    message += f"; {more} more row{'s repeat' if more > 1 else ' repeats'} a time" if more else ""
    return Diagnostic("E507", message, series.span, "", "keep one row for each time")


def _too_short(series: FileSeries, hours: FloatArray, end: float, timeline: Timeline) -> Diagnostic | None:
    """E508 where the rows begin too late or end too early."""
    first, last = float(hours[0]), float(hours[-1])
    if first <= SAME_TIME and end >= timeline.horizon - SAME_TIME:
        return None
    covered = f"{_shown(first, timeline)} to {_shown(end, timeline)}"
    horizon = f"{_shown(0.0, timeline)} to {_shown(timeline.horizon, timeline)}"
    message = f'"{series.shown}" goes from {covered}, and the horizon from {horizon}'
    help = _to_cover(first, end, timeline)
    if first <= SAME_TIME and series.method == "changes":
        until = f"`until={_shown(timeline.horizon, timeline)}`"
        help = f"write {until} if its last row holds as long, or take a file that covers it"
    elif first <= SAME_TIME and _is_irregular(hours):
        help += _or_changes(series, last, timeline)
    return Diagnostic("E508", message, series.span, "", help)


def _to_cover(first: float, end: float, timeline: Timeline) -> str:
    """How a horizon comes to lie within a file that begins too late or ends too early."""
    begin = max(ceil(first / timeline.step - ON_EDGE), 0)
    last = min(floor(end / timeline.step + ON_EDGE), timeline.steps)
    if begin >= last:
        return "take a file of the days of the horizon, or move `start` to a day of the file"
    length = (last - begin) * timeline.step
    shown = f"{length:g} h" if (length * 4).is_integer() else f"{length * 60:.10g} min"
    start = f"`start = {timeline.local(begin * timeline.step):%Y-%m-%d %H:%M}` and " if begin else ""
    return f"take a file that covers it, or write {start}`horizon = {shown}`"


def _hole(
    series: FileSeries, hours: FloatArray, lines: Sequence[int], timeline: Timeline
) -> Diagnostic | None:
    """E506 where rows of the horizon are missing."""
    kept = np.flatnonzero(np.append(True, np.diff(hours) > SAME_TIME))
    hours = hours[kept]
    if len(hours) < 2:
        return None
    holes = holes_in(np.diff(hours))
    before, after = hours[holes.position], hours[holes.position + 1]
    is_inside = (after > SAME_TIME) & (before < timeline.horizon - SAME_TIME)
    if not is_inside.any():
        return None
    at = int(np.argmax(is_inside))
    position = int(holes.position[at])
    missing = (
        f"{_shown(float(before[at] + holes.usual[at]), timeline)} to {_shown(float(after[at]), timeline)}"
    )
    between = f"lines {lines[int(kept[position])]} and {lines[int(kept[position + 1])]}"
    message = f'"{series.shown}" has nothing from {missing}, between {between}'
    more = int(is_inside.sum()) - 1
    message += f"; and {more} more hole{'s' if more > 1 else ''}" if more else ""
    # Rows of which so many are missing may have been left out on purpose.
    is_usual = len(holes.position) < MANY * (len(hours) - 1)
    help = "fill the hole in the file" + ("" if is_usual else _or_changes(series, float(hours[-1]), timeline))
    return Diagnostic("E506", message, series.span, "", help)


def _is_irregular(hours: FloatArray) -> bool:
    """Whether so many rows are missing that they may have been left out on purpose."""
    gaps = _distances(hours)
    return len(gaps) > 0 and len(holes_in(gaps).position) >= MANY * len(gaps)


def _or_changes(series: FileSeries, last: float, timeline: Timeline) -> str:
    """What to write where the rows stand only at changes, as may be meant."""
    if series.method == "linear":
        return ""
    until = ""
    if last < timeline.horizon - SAME_TIME:
        until = f", until={_shown(timeline.horizon, timeline)}"
    return f'; if its rows stand only where the value changes, write `method="changes"{until}`'


def _origin(
    series: FileSeries,
    table: Table,
    columns: tuple[int, int],
    rows: IntArray,
    hours: FloatArray,
    timeline: Timeline,
) -> Origin:
    time, column = columns
    source = f'column "{table.header[column]}" of {series.shown}'
    gaps = _distances(hours)
    count = f"{len(hours)} value{'s' * (len(hours) != 1)}"
    spacing = described(gaps) if len(gaps) and series.method != "changes" else count
    clocks = cells.clocks(table, time, [int(row) for row in rows], timeline.zone)
    return Origin(source, series.unit, clocks, spacing)


def _shown(hours: float, timeline: Timeline) -> str:
    """A time for a message, as a spec would write it."""
    local = timeline.local(hours)
    return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"
