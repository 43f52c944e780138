"""What demand charges come to, worked out again from the energy that has passed the meter.

E(h) is the energy that has passed it h hours after the start; between the edges of steps it rises evenly.
With [a, b] the pieces of an interval that lie in its window and in the horizon, its mean is

    Σ (E(b) - E(a)) / Σ (b - a)

A day of 24 hours is cut in hours after its midnight. One on which the clocks change is cut finer, and the
clock is read in every piece: pieces are of one interval where it stands in the same one, by the same offset.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import numpy as np

from evdsl.data.readers.tariff import Tariff, tariff_in
from evdsl.language.arrays import FloatArray
from evdsl.language.clock import to_utc
from evdsl.language.spec import Device, Spec
from evdsl.language.values import Days, FileTariff

HOUR = timedelta(hours=1)
NEAR = 1e-9
"""Hours: cuts that lie nearer together are one."""


@dataclass(frozen=True, slots=True)
class Bill:
    """Of one period: what a kW costs in it, its largest mean and what was reached before, kW."""

    price: float
    largest: float
    reached: float

    @property
    def amount(self) -> float:
        """What is paid for it."""
        return self.price * max(0.0, self.largest - self.reached)


def bills(charge: Device, power: FloatArray, spec: Spec) -> list[Bill]:
    """The bills of a demand charge, one a period, for a power over the steps."""
    edges = np.asarray(np.arange(spec.steps + 1) * spec.step, dtype=float)
    passed: FloatArray = np.concatenate([[0.0], np.cumsum(power * spec.step)])
    found: list[Bill] = []
    for _, group in groupby(_days(spec), key=lambda day: _period(charge, day.date)):
        days = list(group)
        metered = [day for day in days if _meters_on(charge, day.date, spec)]
        largest = max((_largest(charge, day, edges, passed, spec) for day in metered), default=0.0)
        part = _part(charge, days) if charge.choice("partial") == "days" else 1.0
        reached = 0.0 if found else charge.number("reached", 0.0)
        found.append(Bill(_price(charge, days) * part, largest, reached))
    return found


@dataclass(frozen=True, slots=True)
class _Day:
    """A day of the calendar: the hours from the start at which it begins and ends, and those inside."""

    date: date
    begin: float
    end: float
    inside: float


def _days(spec: Spec) -> Iterator[_Day]:
    zone, day = ZoneInfo(spec.zone), spec.start.date()
    begin = _elapsed(day, zone, spec)
    while begin < spec.horizon - NEAR:
        after = day + timedelta(days=1)
        end = _elapsed(after, zone, spec)
        yield _Day(day, begin, end, min(end, spec.horizon) - max(begin, 0.0))
        day, begin = after, end


def _elapsed(day: date, zone: ZoneInfo, spec: Spec) -> float:
    return (to_utc(datetime.combine(day, time()), zone) - spec.start_utc) / HOUR


def _price(charge: Device, days: list[_Day]) -> float:
    """What a kW costs in a period. Of a file it is what any day of the month has: all that have one agree."""
    value = charge.get("price")
    if not isinstance(value, FileTariff):
        return charge.number("price")
    first = days[0].date.replace(day=1)
    month = [first + timedelta(days=n) for n in range(31)]
    return max(_of_file(value, day) for day in month if day.month == first.month)


def _of_file(value: FileTariff, day: date) -> float:
    """The demand charge that the first entry of a file for a day has; 0 where none has one."""
    tariff = tariff_in(value.path, value.shown, value.span)
    seasons = tariff.seasons if isinstance(tariff, Tariff) else ()
    charge = next((season.demand_charge for season in seasons if season.holds_on(day)), None)
    return value.factor * (charge or 0.0)


def _meters_on(charge: Device, day: date, spec: Spec) -> bool:
    """Whether a day is one of the `days` of a meter, or has a charge in its file; each is without either."""
    price = charge.get("price")
    if isinstance(price, FileTariff):
        return _of_file(price, day) > 0.0
    days = charge.get("days")
    if not isinstance(days, Days) or days.every or day.isoweekday() - 1 in days.weekdays:
        return True
    station = spec.only("station")
    closed = station.get("holidays") if station is not None and days.holidays else None
    periods = [*days.periods, *(closed.periods if isinstance(closed, Days) else ())]
    return any((day - first).days >= 0 <= (last - day).days for first, last in periods)


def _period(charge: Device, day: date) -> date | None:
    match charge.choice("per"):
        case "month":
            return day.replace(day=1)
        case "day":
            return day
    return None


def _part(charge: Device, days: list[_Day]) -> float:
    """The share of the days of a period that the horizon holds."""
    inside = sum(day.inside / (day.end - day.begin) for day in days)
    match charge.choice("per"):
        case "month":
            first = days[0].date.replace(day=1)
            return inside / ((first + timedelta(days=31)).replace(day=1) - first).days
        case "day":
            return inside
    return 1.0


def _largest(charge: Device, day: _Day, edges: FloatArray, passed: FloatArray, spec: Spec) -> float:
    """The largest mean of an interval of a day, kW; 0 where none of it is metered."""
    windows, interval = charge.windows("window"), charge.number("interval", 0.0)
    by_step = interval < spec.step - NEAR
    marks = [hour for window in windows for hour in window]
    if not by_step:
        marks += [number * interval for number in range(round((day.end - day.begin) / interval) + 1)]
    plain = abs(day.end - day.begin - 24.0) < NEAR
    cuts = day.begin + np.array(marks) if plain else _fine(day, marks, interval)
    first, last = np.searchsorted(edges, [day.begin, day.end])
    cuts = np.concatenate([cuts, edges[first : last + 1], [day.begin, day.end]])
    cuts = np.sort(np.clip(cuts, max(day.begin, 0.0), min(day.end, edges[-1])))
    cuts = cuts[np.append(True, np.diff(cuts) > NEAR)]
    middle, hours = (cuts[:-1] + cuts[1:]) / 2, np.diff(cuts)
    if not len(middle):
        return 0.0
    clock = middle - day.begin if plain else _clock(middle, day, spec)
    offset = middle - clock
    metered = np.full(len(middle), not windows)
    for begin, end in windows:
        after, before = clock > begin, clock < end
        metered |= (after & before) if begin < end else (after | before)
    if by_step:
        key = np.floor(middle / spec.step)
    else:
        key = np.floor(clock / interval) + 1e6 * np.round((offset - offset[0]) * 60)
    _, of = np.unique(key[metered], return_inverse=True)
    energy = np.bincount(of, np.diff(np.interp(cuts, edges, passed))[metered])
    means = energy / np.bincount(of, hours[metered])
    return float(means.max(initial=0.0))


def _fine(day: _Day, marks: list[float], interval: float) -> FloatArray:
    """Cuts of a day on which the clocks change: each minute, and marks before the change and after it."""
    grid = np.arange(day.begin, day.end, min(interval or 1.0, 1 / 60))
    shift = day.end - day.begin - 24.0
    return np.concatenate([grid, day.begin + np.array(marks), day.begin + np.array(marks) + shift])


def _clock(hours: FloatArray, day: _Day, spec: Spec) -> FloatArray:
    """What the clocks show, in hours after midnight."""
    zone, midnight = ZoneInfo(spec.zone), datetime.combine(day.date, time())
    start = spec.start_utc.replace(tzinfo=UTC)
    shown = [(start + timedelta(hours=hour)).astimezone(zone).replace(tzinfo=None) for hour in hours.tolist()]
    return np.array([(one - midnight) / HOUR for one in shown])
