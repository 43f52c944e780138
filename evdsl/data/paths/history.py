"""The past days of a file by clock time, which means, covariances and draws are made of.

A day counts from one midnight of the station to the next. Those before the day on which the station starts
are taken, else a plan would know its own days; a day on which the clocks change has no 24 hours and is left
out, whatever is wrong with its rows: files that know of no summer time have one too many there, or too few.
Each day is a row of values at the clock times at which any of them changes, so that a file may go over from
hours to quarters of an hour. What lies between two taken days must be whole as well, unless more than a week
does: weekdays alone are read as one, and two winters as two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np

from evdsl.data.piecewise import NEAR, Origin, Piecewise
from evdsl.data.readers.column import Rows, rows_of, within
from evdsl.data.timeline import HOUR, Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.arrays import FloatArray
from evdsl.language.calendar import DAY
from evdsl.language.tolerances import SAME_TIME
from evdsl.language.values import Days, DerivedSeries, FileSeries

APART = 7
"""Days that are not taken, beyond which what is before them and what is after are read each for itself."""
TICKS = 3.6e9
"""Microseconds of an hour: clock times are told apart by them, however many years lie between."""
MOST_TIMES = 1440
"""Clock times of a day: each minute."""
OF_DAYS = ("E505", "E506", "E507")
"""What is wrong with some days of a history, which others do not have."""
KEPT_FILES = 16
"""Histories that are kept: each scenario asks for them anew."""


@dataclass(frozen=True, slots=True)
class History:
    """Days in order, and their values from each clock time on, the first midnight; shape (days, times)."""

    dates: tuple[date, ...]
    clock: FloatArray
    values: FloatArray
    origin: Origin
    left_out: int
    """Days on which the clocks change."""

    def of_days(self, dates: tuple[date, ...]) -> FloatArray:
        """The values of some of its days, in their order."""
        position = {day: at for at, day in enumerate(self.dates)}
        return self.values[[position[day] for day in dates]]

    def described(self, dates: tuple[date, ...]) -> str:
        """Which of its days are taken, for a reader."""
        text = f"{dates[0]}"
        if len(dates) > 1:
            text = f"{len(dates)} days from {dates[0]} to {dates[-1]}"
        if self.left_out:
            text += f", {self.left_out} on which the clocks change left out"
        return text


def history_of(value: DerivedSeries, timeline: Timeline) -> History | Diagnostic:
    """The days that a function of past days takes."""
    series, days = value.operands[0], value.option("days")
    assert isinstance(series, FileSeries)
    assert days is None or isinstance(days, Days)
    # Of the horizon nothing counts but its begin: a longer one has the same history.
    begin = Timeline(timeline.start_utc, timeline.zone, 1, 1.0, timeline.holidays)
    found = _read(series, days, begin, version_of(series.path))
    if isinstance(found, Diagnostic):
        # What is kept may have been asked for at another place of the spec.
        is_of_days = found.code == "E509" and days is not None
        return replace(found, span=days.span if is_of_days and days is not None else series.span)
    return found


def version_of(path: Path) -> tuple[int, int]:
    """What changes with a file; of one that is gone, nothing."""
    try:
        state = path.stat()
    except OSError:
        return 0, 0
    return state.st_mtime_ns, state.st_size


@lru_cache(maxsize=KEPT_FILES)
def _read(
    series: FileSeries,
    days: Days | None,
    begin: Timeline,
    version: tuple[int, int],  # noqa: ARG001 -- a file that has been changed is read anew
) -> History | Diagnostic:
    start = begin.first_day
    midnight = _midnight(start, begin)
    rows = rows_of(series, begin, (-np.inf, midnight), ("E413",))
    if isinstance(rows, Diagnostic):
        return rows
    whole = _whole_days(float(rows.hours[0]), min(rows.end, midnight), begin)
    meant = [day for day in whole if days is None or days.rank_on(day, begin.holidays) is not None]
    taken = [day for day in meant if _is_even(day, day + DAY, begin)]
    if not taken:
        return _without_days(series, days, (whole, meant), (float(rows.hours[0]), rows.end), begin)
    pieces: list[tuple[list[date], Piecewise]] = []
    for run in _runs(taken, begin):
        found = _piece(series, rows, run, begin)
        if isinstance(found, Diagnostic):
            return found
        pieces.append((run, found))
    return _by_clock(series, pieces, len(meant) - len(taken), begin)


def _midnight(day: date, timeline: Timeline) -> float:
    """Elapsed hours at the midnight that begins a day."""
    return timeline.hours(datetime.combine(day, time.min))


def _is_even(day: date, other: date, timeline: Timeline) -> bool:
    """Whether all days from one to another have 24 hours."""
    return abs(_midnight(other, timeline) - _midnight(day, timeline) - 24.0 * (other - day).days) < NEAR


def _whole_days(first: float, last: float, timeline: Timeline) -> list[date]:
    """The days from midnight to midnight between two hours."""
    if last <= first:
        return []
    day, final = timeline.local(first).date(), timeline.local(last).date()
    span = [day + timedelta(days=n) for n in range((final - day).days + 1)]
    return [
        one
        for one in span
        if _midnight(one, timeline) >= first - SAME_TIME
        and _midnight(one + DAY, timeline) <= last + SAME_TIME
    ]


def _without_days(
    series: FileSeries,
    days: Days | None,
    left: tuple[list[date], list[date]],
    covered: tuple[float, float],
    begin: Timeline,
) -> Diagnostic:
    """E509: no day of the file is left."""
    whole, meant = left
    ends = [f"{begin.local(hours):%Y-%m-%d %H:%M}" for hours in covered]
    message = f'"{series.shown}" has no whole day before {begin.first_day}, on which the station starts'
    message += f": it goes from {ends[0]} to {ends[1]}"
    help = "take a file of earlier days, or a later `start`"
    if whole:
        message = f'"{series.shown}" has none of these days before {begin.first_day}'
        message += f": its days go from {whole[0]} to {whole[-1]}"
        help = f"write `days={whole[0]} .. {whole[-1]}`, or some of them"
    if meant:
        message = f'"{series.shown}" has no other day than {meant[0]}, on which the clocks change'
        help = "take further days"
    span = days.span if days is not None and whole else series.span
    return Diagnostic("E509", message, span, "", help)


def _runs(days: list[date], begin: Timeline) -> list[list[date]]:
    """Days that are read as one: no week apart, and no day between them on which the clocks change."""
    runs = [[days[0]]]
    for day in days[1:]:
        last = runs[-1][-1]
        apart = (day - last).days
        if apart - 1 > APART or not _is_even(last + DAY, day, begin):
            runs.append([])
        runs[-1].append(day)
    return runs


def _piece(series: FileSeries, rows: Rows, run: list[date], begin: Timeline) -> Piecewise | Diagnostic:
    """What a file says from the first of some days to the last, in hours after the first midnight."""
    first, last = _midnight(run[0], begin), _midnight(run[-1] + DAY, begin)
    hours = np.round((rows.hours - first) * TICKS) / TICKS
    window = Timeline(begin.start_utc + first * HOUR, begin.zone, 1, last - first, begin.holidays)
    found = within(series, replace(rows, hours=hours, end=rows.end - first), window)
    if isinstance(found, Diagnostic) and found.code in OF_DAYS:
        return replace(found, help=f"{found.help}, or name days without it: `days`")
    return found


def _by_clock(
    series: FileSeries, pieces: list[tuple[list[date], Piecewise]], left_out: int, begin: Timeline
) -> History | Diagnostic:
    """Days over clock times, of what a file says along the hours."""
    midnights = [
        np.array([_midnight(day, begin) - _midnight(run[0], begin) for day in run]) for run, _ in pieces
    ]
    ticks = [np.zeros(1)]
    for (_, piece), edges in zip(pieces, midnights, strict=True):
        day = np.maximum(np.searchsorted(edges, piece.instants + NEAR, side="right") - 1, 0)
        clock = piece.instants - edges[day]
        ticks.append(np.round(clock[(clock > -NEAR) & (clock < 24.0 - NEAR)] * TICKS))
    clock = np.unique(np.concatenate(ticks)) / TICKS
    if len(clock) > MOST_TIMES:
        message = f'"{series.shown}" has values from {len(clock):,} clock times on, and a day of a history '
        message += f"has at most {MOST_TIMES:,}"
        help = "give it one value for each quarter of an hour, or for each minute"
        return Diagnostic("E503", message, series.span, "", help)
    values: list[FloatArray] = []
    for (_, piece), edges in zip(pieces, midnights, strict=True):
        at = edges[:, None] + clock[None, :]
        values.append(piece.values[np.searchsorted(piece.instants, at + NEAR, side="right") - 1])
    dates = tuple(day for run, _ in pieces for day in run)
    table = np.concatenate(values)
    table.flags.writeable = clock.flags.writeable = False
    return History(dates, clock, table, pieces[0][1].origin, left_out)


def origin_of(value: DerivedSeries, history: History, dates: tuple[date, ...]) -> Origin:
    """Where a series of past days comes from, for a reader."""
    by_weekday = " by weekday" if value.option("weekday") is not None else ""
    origin = history.origin
    source = f"{value.function}{by_weekday} of {history.described(dates)}: {origin.source}"
    return Origin(source, origin.unit, origin.clocks, origin.spacing)
