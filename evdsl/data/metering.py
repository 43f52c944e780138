"""The intervals and periods of a demand charge, over the steps of the horizon.

The horizon is cut wherever something changes: at the edges of steps, of intervals and of windows, at each
midnight, and where the clocks change. A piece between two cuts lies in one step, one interval and one period,
and is metered whole or not at all; its hours, as a share of those that its interval has left, weigh the
power of its step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

from evdsl.data.monthly_charges import MonthlyCharges
from evdsl.data.timeline import Timeline
from evdsl.language.arrays import BoolArray, FloatArray, IntArray
from evdsl.language.site import Meter
from evdsl.language.spec import Device
from evdsl.language.tolerances import ON_EDGE, SAME_TIME
from evdsl.language.values import Days

DAY = 24.0


def meter_of(charge: Device, timeline: Timeline, prices: MonthlyCharges | None = None) -> Meter:
    """What a demand charge counts; `prices` where they are those of a file."""
    pieces = _pieces(charge, timeline, prices)
    days = [timeline.first_day + timedelta(days=int(n)) for n in range(int(pieces.day.max()) + 1)]
    periods = _periods(charge.choice("per"), days, timeline)
    of_day = np.repeat(np.arange(len(periods)), [len(period.days) for period in periods])
    counted = pieces.metered
    keys = np.stack([of_day[pieces.day], pieces.interval])[:, counted]
    cells, cell = np.unique(keys, axis=1, return_inverse=True)
    pairs, pair = np.unique(np.stack([cell.ravel(), pieces.step[counted]]), axis=1, return_inverse=True)
    hours = np.bincount(pair.ravel(), pieces.hours[counted], minlength=pairs.shape[1]).astype(float)
    whole = np.bincount(pairs[0], hours, minlength=cells.shape[1]).astype(float)
    reached = np.zeros(len(periods))
    reached[0] = charge.number("reached", 0.0)
    by_days = charge.choice("partial") == "days"
    return Meter(
        step=pairs[1],
        interval=pairs[0],
        share=hours / whole[pairs[0]],
        period=cells[0],
        price=np.array(
            [charge.number("price") if prices is None else prices.of_month(p.days[0]) for p in periods]
        ),
        part=np.array([period.share if by_days else 1.0 for period in periods]),
        reached=reached,
        begin=np.array([max(period.begin, 0.0) for period in periods]),
        end=np.array([min(period.end, timeline.horizon) for period in periods]),
        cut=tuple(period.share < 1.0 - ON_EDGE for period in periods),
    )


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Pieces of the horizon; days are counted from the first, intervals in the order of time."""

    hours: FloatArray
    step: IntArray
    interval: IntArray
    day: IntArray
    metered: BoolArray


def _pieces(charge: Device, timeline: Timeline, prices: MonthlyCharges | None) -> _Pieces:
    interval, windows = charge.number("interval", 0.0), charge.windows("window")
    edges = timeline.edges()
    changes = np.array(timeline.changes())
    # A step that is longer than the interval is one: nothing is known of what happens inside.
    by_step = interval < timeline.step * (1 - ON_EDGE)
    intervals = edges if by_step else np.concatenate([_marks(interval, 0.0, timeline), changes])
    cuts = [edges, intervals, _marks(DAY, 0.0, timeline), changes]
    cuts += [_marks(DAY, edge, timeline) for window in windows for edge in window]
    merged = np.sort(np.clip(np.concatenate(cuts), 0.0, timeline.horizon))
    merged = merged[np.concatenate([[True], np.diff(merged) > SAME_TIME])]
    middle, wall = (merged[:-1] + merged[1:]) / 2, np.zeros(len(merged) - 1)
    for begin, end, shift in timeline.along_the_wall():
        inside = (middle > begin) & (middle < end)
        wall[inside] = middle[inside] + shift
    return _Pieces(
        hours=np.diff(merged),
        step=np.floor(middle / timeline.step).astype(np.int64),
        interval=np.searchsorted(np.sort(intervals), middle),
        day=np.floor(wall / DAY).astype(np.int64),
        metered=_inside(wall % DAY, windows) & _on_days(wall, charge, timeline, prices),
    )


def _marks(every: float, first: float, timeline: Timeline) -> FloatArray:
    """The elapsed hours at which the wall clock reads `first`, and each `every` hours after it."""
    found = [np.zeros(0)]
    for begin, end, shift in timeline.along_the_wall():
        low = np.ceil((begin + shift - first) / every - ON_EDGE)
        high = np.floor((end + shift - first) / every + ON_EDGE)
        found.append(np.arange(low, high + 1) * every + first - shift)
    return np.concatenate(found)


def _inside(clock: FloatArray, windows: tuple[tuple[float, float], ...]) -> BoolArray:
    """Whether times of day lie in one of the windows; in any case where there is none."""
    if not windows:
        return np.ones(len(clock), dtype=bool)
    found = np.zeros(len(clock), dtype=bool)
    for begin, end in windows:
        found |= (clock > begin) & (clock < end) if begin < end else (clock > begin) | (clock < end)
    return found


def _on_days(
    wall: FloatArray, charge: Device, timeline: Timeline, prices: MonthlyCharges | None
) -> BoolArray:
    """Whether times on the wall lie on the days of the meter; in any case where it has none."""
    days = charge.get("days")
    if prices is None and not isinstance(days, Days):
        return np.ones(len(wall), dtype=bool)
    numbers = np.floor(wall / DAY).astype(np.int64)
    dates = [timeline.first_day + timedelta(days=n) for n in range(int(numbers.max()) + 1)]
    if prices is not None:
        held = np.array([prices.on(day) > 0.0 for day in dates])
    else:
        assert isinstance(days, Days)
        held = np.array([days.rank_on(day, timeline.holidays) is not None for day in dates])
    return np.asarray(held[numbers], dtype=bool)


@dataclass(frozen=True, slots=True)
class _Period:
    """The days of a period that the horizon touches, when it is, and the share of it inside."""

    days: tuple[date, ...]
    begin: float
    end: float
    share: float


def _periods(per: str, days: list[date], timeline: Timeline) -> list[_Period]:
    if per == "horizon":
        return [_Period(tuple(days), 0.0, timeline.horizon, 1.0)]
    groups: dict[tuple[int, ...], list[date]] = {}
    for day in days:
        groups.setdefault((day.year, day.month, *([day.day] if per == "day" else [])), []).append(day)
    return [_calendar_period(per, group, timeline) for group in groups.values()]


def _calendar_period(per: str, days: list[date], timeline: Timeline) -> _Period:
    first = days[0].replace(day=1) if per == "month" else days[0]
    after = (first + timedelta(days=31)).replace(day=1) if per == "month" else first + timedelta(days=1)
    edges = [_midnight(first + timedelta(days=n), timeline) for n in range((after - first).days + 1)]
    inside, whole = np.diff(np.clip(edges, 0.0, timeline.horizon)), np.diff(edges)
    return _Period(tuple(days), edges[0], edges[-1], float((inside / whole).mean()))


def _midnight(day: date, timeline: Timeline) -> float:
    return timeline.hours(datetime.combine(day, time()))
