"""When the calls of an event are, in elapsed hours from the start; here without numpy, for the checks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from evdsl.language.calendar import holidays_of
from evdsl.language.clock import to_utc
from evdsl.language.spec import Device, Spec
from evdsl.language.steps import Horizon, horizon_of
from evdsl.language.tolerances import ON_EDGE, SAME_TIME
from evdsl.language.values import ClockTime, Const, Days, Instant

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def calls_of(event: Device, spec: Spec) -> list[tuple[float, float]]:
    """Begin and end of each call in order, cut to the horizon; those that overlap are one."""
    merged: list[tuple[float, float]] = []
    for begin, end in sorted(all_calls(event, spec)):
        low, high = max(begin, 0.0), min(end, spec.horizon)
        if high <= low + max(SAME_TIME, 2.0 * ON_EDGE * spec.step):
            continue  # no step has a share of it
        if merged and low <= merged[-1][1] + SAME_TIME:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


def all_calls(event: Device, spec: Spec) -> Iterator[tuple[float, float]]:
    """The calls that may reach into the horizon, not cut to it."""
    return ((begin, end) for _, begin, end in calls_by_day(event, spec))


def calls_by_day(event: Device, spec: Spec) -> Iterator[tuple[date, float, float]]:
    """The same, each behind the day on which it begins."""
    first, last, lasts = event.get("from"), event.get("to"), event.get("lasts")
    clock, days = horizon_of(spec), event.get("days")
    for day in _days(event, spec):
        if isinstance(days, Days) and days.rank_on(day, holidays_of(spec)) is None:
            continue
        begin = _hours(first, day, clock)
        if isinstance(lasts, Const):
            yield day, begin, begin + lasts.value
        else:
            yield day, begin, _hours(last, day + DAY * is_round_midnight(event), clock)


def is_round_midnight(event: Device) -> bool:
    """Whether a call between two clock times ends on the day after it begins."""
    first, last = event.get("from"), event.get("to")
    return isinstance(first, ClockTime) and isinstance(last, ClockTime) and last.hours <= first.hours


def _days(event: Device, spec: Spec) -> Iterator[date]:
    """The days on which one may begin: of a date this alone, else those of the horizon and some before.

    One more than whole days of 24 hours make: a day in spring has 23.
    """
    if isinstance(event.get("from"), Instant):
        yield spec.start.date()
        return
    lasts = event.get("lasts")
    before = 2 + int(lasts.value // 24.0) if isinstance(lasts, Const) else 2
    for number in range(-before, int(spec.horizon // 24.0) + 2):
        yield spec.start.date() + number * DAY


def _hours(value: object, day: date, clock: Horizon) -> float:
    assert isinstance(value, ClockTime | Instant), "others are refused"
    if isinstance(value, Instant):
        local = value.when
    else:
        local = datetime.combine(day, time()) + timedelta(hours=value.hours)
    return (to_utc(local, clock.zone) - clock.start_utc) / HOUR + value.later
