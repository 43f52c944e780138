"""The clocks of a zone: local times to UTC and back, the days on which they change included.

Here without numpy, for the checks; `evdsl.data.timeline` does the same for arrays.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from evdsl.language.values import ClockTime, Const, Instant

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Years in which a date is taken for one: beyond them, calendars and zones mean nothing here."""
MAXIMUM_HOURS = 10 * 8766.0
"""Ten years: the longest time that a spec may give."""
CENTURY = 100 * 8766.0
"""Hours beyond which a time is not shown: calendars end."""


def to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """A local time in UTC, without a zone; in an hour that the clocks repeat, the first."""
    return local.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


def to_local(utc: datetime, zone: ZoneInfo) -> datetime:
    """A time in UTC (without a zone) on the wall clock of a zone, without it."""
    return utc.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)


def is_skipped(local: datetime, zone: ZoneInfo) -> bool:
    """Whether the clocks of a zone jump over a local time."""
    # In a gap the offset before the change is the smaller one; in a repeated hour, the larger (PEP 495).
    before, after = zone.utcoffset(local.replace(fold=0)), zone.utcoffset(local.replace(fold=1))
    return before is not None and after is not None and before < after


def elapsed_hours(start: datetime, length: Const, zone: ZoneInfo) -> float:
    """Hours from a local start: calendar days follow the clocks, the rest is elapsed time."""
    whole = int(length.days)
    if not whole:
        return length.value
    elapsed = to_utc(start + timedelta(days=whole), zone) - to_utc(start, zone)
    return elapsed.total_seconds() / 3600 + length.value - 24.0 * whole


def wall(value: ClockTime | Instant, first_day: datetime) -> datetime:
    """The local time that a clock time or a date names; `later` is not in it."""
    if isinstance(value, Instant):
        return value.when
    midnight = datetime.combine(first_day.date(), datetime.min.time())
    return midnight + timedelta(hours=value.hours)


def hours_at(value: ClockTime | Instant, start: datetime, zone: ZoneInfo) -> float:
    """Elapsed hours from a local start to a clock time or a date."""
    elapsed = to_utc(wall(value, start), zone) - to_utc(start, zone)
    return elapsed / timedelta(hours=1) + value.later


def local_after(start: datetime, hours: float, zone: ZoneInfo) -> datetime:
    """The wall clock that many hours after a local start; it stops at a century."""
    hours = min(max(hours, -CENTURY), CENTURY)
    return to_local(to_utc(start, zone) + timedelta(seconds=round(hours * 3600, 6)), zone)
