"""Values over time to arrays over the steps: each entry is the mean over its step.

A value that holds over an interval is integrated exactly, whatever the step; where no change
falls into a step the value is taken as it is, so that nothing is lost to rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from math import ceil, floor

import numpy as np

from evdsl.data import tables, tariffs
from evdsl.data.piecewise import Piecewise, means, sum_of
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic, excerpt
from evdsl.diagnostics.source import Span
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.tolerances import ON_EDGE, SAME_TIME
from evdsl.language.values import Const, Daily, FileSeries, FileTariff, Operation, Value

Problem = Diagnostic
MEND = "mend the cell: without its row the series has a hole"


def on_steps(value: Value, timeline: Timeline) -> FloatArray | Problem:
    """The mean of a value over each step; shape (steps,), canonical units."""
    match value:
        case Const(value=number):
            return np.full(timeline.steps, number)
        case Daily():
            return means(_daily(value, timeline), timeline)
        case FileSeries():
            pieces = _from_file(value, timeline)
            return pieces if isinstance(pieces, Diagnostic) else means(pieces, timeline)
        case FileTariff():
            pieces = _from_tariff(value, timeline)
            return pieces if isinstance(pieces, Diagnostic) else means(pieces, timeline)
        case Operation(operator=operator, operands=operands):
            parts: list[FloatArray] = []
            for operand in operands:
                part = on_steps(operand, timeline)
                if isinstance(part, Diagnostic):
                    return part
                parts.append(part)
            return combined(operator, parts, value.span)
    raise TypeError(f"{type(value).__name__} is not a value over time")


def combined(operator: str, parts: list[FloatArray], span: Span) -> FloatArray | Problem:
    """An operation on arrays, element by element; a result that is not finite is refused."""
    with np.errstate(all="ignore"):
        match operator:
            case "+":
                result = sum_of(parts[0], parts[1])
            case "-":
                result = sum_of(parts[0], -parts[1])
            case "*":
                result = parts[0] * parts[1]
            case "/":
                result = parts[0] / parts[1]
            case "min":
                result = np.minimum.reduce(parts)
            case _:
                result = np.maximum.reduce(parts)
    if not np.isfinite(result).all():
        message = "this is not a finite number everywhere"
        return Diagnostic("E307", message, span, "", "look for a division by what may be zero")
    return np.asarray(result, dtype=float)


def _daily(table: Daily, timeline: Timeline) -> Piecewise:
    """A daily table along the wall clock, through the days on which the clocks change."""
    clocks = np.array([hours for hours, _ in table.entries])
    values = np.array([number for _, number in table.entries])
    if clocks[0] > 0.0:
        # Before its first entry the last one holds, from the day before.
        clocks, values = np.append(0.0, clocks), np.append(values[-1], values)
    pieces = _along_the_wall(timeline, lambda _: (clocks, values))
    assert isinstance(pieces, Piecewise)
    return pieces


def _along_the_wall(
    timeline: Timeline, entries: Callable[[date], tuple[FloatArray, FloatArray] | None]
) -> Piecewise | date:
    """Values that hold from clock times on, day by day; the first day that has none.

    `entries` gives the clock times of a day (hours after midnight, the first 0) and the values from each on.
    """
    edges: list[FloatArray] = []
    values: list[FloatArray] = []
    for begin, end, shift in timeline.along_the_wall():
        first, last = int((begin + shift) // 24), int((end + shift - SAME_TIME) // 24)
        for number in range(first, last + 1):
            day = timeline.first_day + timedelta(days=number)
            found = entries(day)
            if found is None:
                return day
            starts = found[0] + 24.0 * number - shift
            # What holds at the begin of a stretch began before it.
            inside = np.flatnonzero(starts < end - SAME_TIME)
            before = np.flatnonzero(starts <= begin + SAME_TIME)
            kept = inside[before[-1] :] if len(before) else inside
            edges.append(np.maximum(starts[kept], begin))
            values.append(found[1][kept])
    return Piecewise(np.append(np.concatenate(edges), timeline.horizon), np.concatenate(values))


def _from_tariff(value: FileTariff, timeline: Timeline) -> Piecewise | Problem:
    """A tariff along the wall clock: each price holds to the next."""
    tariff = tariffs.read(value.path, value.shown, value.span)
    if isinstance(tariff, Diagnostic):
        return tariff
    pieces = _along_the_wall(timeline, tariff.prices_on)
    if isinstance(pieces, Piecewise):
        return Piecewise(pieces.edges, pieces.values * value.factor)
    message = f'"{value.shown}" has no price for {pieces:%Y-%m-%d}'
    return Diagnostic("E508", message, value.span, "", "add an entry for that season and day of the week")


def _from_file(series: FileSeries, timeline: Timeline) -> Piecewise | Problem:
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
    found = tables.numbers(table, column, [int(row) for row in order[kept]], series.span, MEND)
    if isinstance(found, Diagnostic):
        return found
    spacing = _spacing(hours)
    edges = np.append(hours[kept], hours[kept][-1] + spacing)
    return Piecewise(edges, np.array(found) * series.factor, series.method == "linear")


def _time_column(series: FileSeries, table: tables.Table) -> int | Problem:
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
    help = f"its columns are {columns}; one is needed of times such as 2024-03-12 07:30"
    for name, cell in zip(table.header, table.rows[0], strict=True):
        if tables.OTHER_DATE.match(cell.strip()):
            message += f': "{name}" has "{excerpt(cell.strip(), 40)}" on line {table.lines[0]}'
            help = "write the times of the file as year-month-day, such as 2024-03-12 07:30"
            break
    return Diagnostic("E504", message, series.span, "", help)


def _value_column(series: FileSeries, table: tables.Table, time: int) -> int | Problem:
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
) -> tuple[IntArray, FloatArray] | Problem:
    """The rows with a time, and their elapsed hours; a row without one may be passed over.

    It may where another row comes between it and the horizon, so that nothing of it is needed. A local
    time that the clocks skip lies about where it says; a text that is no time, between its neighbours,
    in a file whose rows are in order.
    """
    read = [
        tables.time(table, column, row, timeline.zone, series.span, MEND) for row in range(len(table.rows))
    ]
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


def _irregular(series: FileSeries, hours: FloatArray, lines: list[int], timeline: Timeline) -> Problem | None:
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
        return Diagnostic("E508", message, span, "", _to_cover(hours, spacing, timeline))
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


def _to_cover(hours: FloatArray, spacing: float, timeline: Timeline) -> str:
    """How a horizon comes to lie within a file that begins too late or ends too early."""
    first = max(ceil(hours[0] / timeline.step - ON_EDGE), 0)
    last = min(floor((hours[-1] + spacing) / timeline.step + ON_EDGE), timeline.steps)
    if first >= last:
        return "take a file of the days of the horizon, or move `start` to a day of the file"
    length = (last - first) * timeline.step
    shown = f"{length:g} h" if (length * 4).is_integer() else f"{length * 60:.10g} min"
    start = f"`start = {timeline.local(first * timeline.step):%Y-%m-%d %H:%M}` and " if first else ""
    return f"take a file that covers it, or write {start}`horizon = {shown}`"
