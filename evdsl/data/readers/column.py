"""A column of a CSV file to a value over time.

The rows may stand in any order. They must cover the horizon, have one value for each time and leave no hole;
what lies outside the horizon may be wrong.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np

from evdsl.data import tables
from evdsl.data.piecewise import Origin, Piecewise
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.tolerances import SAME_TIME
from evdsl.language.values import FileSeries


def read(series: FileSeries, timeline: Timeline) -> Piecewise | Diagnostic:
    """The rows that the horizon needs, in the order of their times."""
    table = tables.read(series.path, series.shown, series.span)
    if isinstance(table, Diagnostic):
        return table
    time = _time_column(series, table)
    if isinstance(time, Diagnostic):
        return time
    column = _value_column(series, table, time)
    if isinstance(column, Diagnostic):
        return column
    placed = _placed(series, table, time, timeline)
    if isinstance(placed, Diagnostic):
        return placed
    rows, hours = placed
    ascending = np.argsort(hours, kind="stable")
    order, hours = rows[ascending], hours[ascending]
    problem = _irregular(series, hours, [table.lines[int(row)] for row in order], timeline)
    if problem is not None:
        return problem
    first = max(int(np.searchsorted(hours, SAME_TIME, side="right")) - 1, 0)
    last = int(np.searchsorted(hours, timeline.horizon - SAME_TIME, side="left"))
    kept = slice(first, last + 1)
    found = tables.numbers(table, column, [int(row) for row in order[kept]], series.span)
    if isinstance(found, Diagnostic):
        return found
    origin = Origin(f'column "{table.header[column]}" of {series.shown}', series.unit, str(timeline.zone))
    end = float(hours[kept][-1] + _spacing(hours))
    return Piecewise(hours[kept], np.array(found) * series.factor, series.method, end, origin)


def _time_column(series: FileSeries, table: tables.Table) -> int | Diagnostic:
    if series.time:
        return table.column(series.time, series.span)
    for index, cell in enumerate(table.rows[0]):
        try:
            datetime.fromisoformat(cell.strip())
        except ValueError:
            continue
        if not cell.strip().isdigit():
            return index
    message = f'"{series.shown}" has no column of dates and times'
    columns = ", ".join(table.header[:12])
    help = f'its columns are {columns}; name one with `time="..."`, of times such as 2024-03-12 07:30'
    return Diagnostic("E504", message, series.span, "", help)


def _value_column(series: FileSeries, table: tables.Table, time: int) -> int | Diagnostic:
    if series.column:
        return table.column(series.column, series.span)
    others = [index for index in range(len(table.header)) if index != time]
    if len(others) == 1:
        return others[0]
    names = ", ".join(table.header[index] for index in others[:12])
    message = f'"{series.shown}" has {len(others)} columns beside its times, and one is meant'
    return Diagnostic("E504", message, series.span, "", f'name it: `column="..."`, one of {names}')


def _placed(
    series: FileSeries, table: tables.Table, column: int, timeline: Timeline
) -> tuple[IntArray, FloatArray] | Diagnostic:
    """The rows with a time, and their elapsed hours; a row without one may be passed over.

    It may where another row comes between it and the horizon, so that nothing of it is needed. A local
    time that the clocks skip lies about where it says; a text that is no time, between its neighbours,
    in a file whose rows are in order.
    """
    read = [tables.time(table, column, row, timeline.zone, series.span) for row in range(len(table.rows))]
    bad = [(row, stamp) for row, stamp in enumerate(read) if isinstance(stamp, Diagnostic)]
    good = [(row, stamp) for row, stamp in enumerate(read) if not isinstance(stamp, Diagnostic)]
    rows = np.array([row for row, _ in good], dtype=np.intp)
    hours = np.array(_elapsed([stamp for _, stamp in good], timeline))
    before = hours[hours <= SAME_TIME].max(initial=-np.inf)
    after = hours[hours >= timeline.horizon - SAME_TIME].min(initial=np.inf)
    is_ascending, padded = bool((np.diff(hours) >= 0.0).all()), np.concatenate([[-np.inf], hours, [np.inf]])
    for row, problem in bad:
        if problem.code == "E413":
            skipped = datetime.fromisoformat(table.rows[row][column].strip())
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
            return problem
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


def _spacing(hours: FloatArray) -> float:
    """The usual distance between two times; twice the same time is no distance."""
    gaps = np.diff(hours)
    gaps = gaps[gaps > SAME_TIME]
    return float(np.median(gaps)) if len(gaps) else 0.0


def _irregular(
    series: FileSeries, hours: FloatArray, lines: list[int], timeline: Timeline
) -> Diagnostic | None:
    """Two values for one time, a horizon that is not covered, a hole in it; each with its dates."""
    shown, span = series.shown, series.span

    def at(time: float) -> str:
        return f"{timeline.local(time):%Y-%m-%d %H:%M}"

    if len(hours) < 2:
        message = f'"{shown}" has one time only, {at(float(hours[0]))}'
        return Diagnostic("E508", message, span, "", "a series has a row for each interval")
    gaps = np.diff(hours)
    twice = np.flatnonzero((gaps < SAME_TIME) & (hours[1:] > -SAME_TIME) & (hours[1:] < timeline.horizon))
    if len(twice):
        first = int(twice[0])
        message = (
            f'lines {lines[first]} and {lines[first + 1]} of "{shown}" are both for {at(float(hours[first]))}'
        )
        message += f"; so are {len(twice) - 1} more" if len(twice) > 1 else ""
        return Diagnostic("E507", message, span, "", "keep one row for each time")
    spacing = _spacing(hours)
    if hours[0] > SAME_TIME or hours[-1] + spacing < timeline.horizon - SAME_TIME:
        covered = f"{at(float(hours[0]))} to {at(float(hours[-1] + spacing))}"
        message = f'"{shown}" goes from {covered}, and the horizon from {at(0.0)} to {at(timeline.horizon)}'
        return Diagnostic("E508", message, span, "", "take a file that covers it, or move `start`")
    holes = np.flatnonzero(
        (hours[1:] > SAME_TIME) & (hours[:-1] < timeline.horizon - SAME_TIME) & (gaps > 1.5 * spacing)
    )
    if len(holes):
        first = int(holes[0])
        missing = f"{at(float(hours[first]) + spacing)} to {at(float(hours[first + 1]))}"
        message = f'"{shown}" has nothing from {missing}, between lines {lines[first]} and {lines[first + 1]}'
        more = len(holes) - 1
        message += f"; and {more} more hole{'s' if more > 1 else ''}" if more else ""
        return Diagnostic("E506", message, span, "", "fill the hole in the file")
    return None
