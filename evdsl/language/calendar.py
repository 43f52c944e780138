"""Days of the calendar: those of a horizon, and which of them some words mean.

The days of a horizon are those that any part of it lies on.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from evdsl.language.clock import to_local, to_utc
from evdsl.language.spec import Spec
from evdsl.language.steps import Horizon, horizon_of
from evdsl.language.values import Days, Value

DAY = timedelta(days=1)


def days_in(clock: Horizon) -> tuple[date, ...]:
    """The days of a horizon, in order."""
    first = clock.start.date()
    end = clock.start_utc + timedelta(hours=clock.steps * clock.step)
    last = to_local(end - timedelta(microseconds=1), clock.zone).date()
    return tuple(first + n * DAY for n in range((last - first).days + 1))


def whole_days_in(clock: Horizon) -> tuple[date, ...]:
    """The days that lie in a horizon from midnight to midnight."""
    begin, end = clock.start_utc, clock.start_utc + timedelta(hours=clock.steps * clock.step)

    def midnight(day: date) -> datetime:
        return to_utc(datetime.combine(day, datetime.min.time()), clock.zone)

    return tuple(day for day in days_in(clock) if midnight(day) >= begin and midnight(day + DAY) <= end)


def dates_of(days: Value | None, clock: Horizon, holidays: Value | None = None) -> tuple[date, ...]:
    """The days of a horizon that a setting `days` means; `holidays` are those of the station."""
    if not isinstance(days, Days):
        return ()
    closed = holidays if isinstance(holidays, Days) else None
    return tuple(day for day in days_in(clock) if days.rank_on(day, closed) is not None)


def dates_of_block(spec: Spec, days: Value | None) -> tuple[date, ...]:
    """The days of the horizon of a spec that a setting `days` means."""
    return dates_of(days, horizon_of(spec), holidays_of(spec))


def holidays_of(spec: Spec) -> Days | None:
    """The holidays of the station; `None` where it names none."""
    station = spec.only("station")
    value = station.get("holidays") if station is not None else None
    return value if isinstance(value, Days) else None
