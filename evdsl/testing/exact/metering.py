"""What demand charges come to, in exact fractions: time is counted in ticks.

A tick is the longest time that fits a whole number of times into the step, the interval and a quarter of an
hour (clocks change on these), and into the times of day of the start and of windows: in each of them the
power, the period and the interval are one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from evdsl.language.spec import Device
from evdsl.language.values import Days, FileTariff
from evdsl.testing.exact.reading import ZERO, Exact, ExactAmount, Row, setting

SECOND = Fraction(1, 3600)
Tick = tuple[int, datetime, timedelta]
"""The step that it lies in, what the clocks show in its middle, and how far they are from UTC."""


def demand_charges(of: Exact) -> ExactAmount:
    """What all blocks come to."""
    return sum(
        (_demand_charge(of, charge) for charge in of.spec.of_kind("demand_charge")), ExactAmount(ZERO, ZERO)
    )


def _demand_charge(of: Exact, charge: Device) -> ExactAmount:
    feeder = "".join(charge.names("feeder"))
    power = tuple(max(one, ZERO) for one in of.of(feeder)) if feeder else of.of("import")
    tick = _tick(of, charge)
    ticks = list(_ticks(of, tick))
    found: list[Fraction] = []
    for period in dict.fromkeys(_period(charge, when) for _, when, _ in ticks):
        mine = [one for one in ticks if _period(charge, one[1]) == period]
        reached = ZERO if found else setting(charge, "reached")
        price = _price(charge, mine) * _part(of, charge, mine, tick)
        above = max(_largest(of, charge, mine, power) - reached, ZERO)
        found += [price * (above + reached), -price * reached] if above else [ZERO]
    return ExactAmount.of(found)


def _price(charge: Device, ticks: list[Tick]) -> Fraction:
    """What a kW costs in a period: of a file, what any day of its month does."""
    value = charge.get("price")
    if not isinstance(value, FileTariff):
        return setting(charge, "price")
    first = ticks[0][1].date().replace(day=1)
    month = (first + timedelta(days=n) for n in range(31))
    return max(_of_file(value, day) for day in month if day.month == first.month)


def _of_file(value: FileTariff, day: date) -> Fraction:
    """The charge that a tariff's file has for a day."""
    weekend = day.isoweekday() > 5
    for entry in json.loads(value.path.read_text())["schedule"]:
        first, last = (tuple(map(int, entry[f"effective_{end}"].split("-"))) for end in ("start", "end"))
        at = (day.month, day.day)
        inside = first <= at <= last if first <= last else not last < at < first
        if inside and entry["dow_mask"].upper() in ("ALL", "WEEKENDS" if weekend else "WEEKDAYS"):
            return Fraction(value.factor) * Fraction(float(entry.get("demand_charge", 0)))
    return ZERO


def _tick(of: Exact, charge: Device) -> int:
    """Seconds."""
    times = [hour for window in charge.windows("window") for hour in window]
    times += [charge.number("interval", of.spec.step), of.spec.step]
    start = of.spec.start
    seconds = [round(hour * 3600) for hour in times]
    return math.gcd(*seconds, start.hour * 3600 + start.minute * 60 + start.second, 900)


def _ticks(of: Exact, tick: int) -> Iterator[Tick]:
    zone, start = ZoneInfo(of.spec.zone), of.spec.start_utc.replace(tzinfo=UTC)
    each = round(of.spec.step * 3600) // tick
    for number in range(each * len(of.steps)):
        when = (start + timedelta(seconds=(number + 0.5) * tick)).astimezone(zone)
        yield number // each, when.replace(tzinfo=None), when.utcoffset() or timedelta()


def _period(charge: Device, when: datetime) -> Hashable:
    match charge.choice("per"):
        case "month":
            return when.year, when.month
        case "day":
            return when.date()
    return ()


def _part(of: Exact, charge: Device, ticks: list[Tick], tick: int) -> Fraction:
    """The share of the days of a period that these ticks are."""
    if charge.choice("partial") != "days" or charge.choice("per") == "horizon":
        return Fraction(1)
    share = ZERO
    for day in dict.fromkeys(when.date() for _, when, _ in ticks):
        zone, midnight = ZoneInfo(of.spec.zone), datetime(day.year, day.month, day.day)
        ends = [(midnight + timedelta(days=n)).replace(tzinfo=zone).astimezone(UTC) for n in (0, 1)]
        seconds = Fraction(round((ends[1] - ends[0]).total_seconds()))
        share += sum(when.date() == day for _, when, _ in ticks) * tick / seconds
    if charge.choice("per") == "day":
        return share
    first = ticks[0][1].replace(day=1)
    return share / ((first + timedelta(days=31)).replace(day=1) - first).days


def _largest(of: Exact, charge: Device, ticks: list[Tick], power: Row) -> Fraction:
    interval = round(charge.number("interval", 0.0) * 3600)
    sums: dict[Hashable, tuple[Fraction, int]] = {}
    for step, when, offset in ticks:
        clock = Fraction(when.hour * 3600 + when.minute * 60 + when.second) + Fraction(
            when.microsecond, 10**6
        )
        if not _is_metered(charge, clock) or not _is_a_day_of(of, charge, when):
            continue
        key: Hashable = step
        if interval >= round(of.spec.step * 3600):
            key = when.date(), offset, clock // interval
        total, count = sums.get(key, (ZERO, 0))
        sums[key] = total + power[step], count + 1
    return max((total / count for total, count in sums.values()), default=ZERO)


def _is_a_day_of(of: Exact, charge: Device, when: datetime) -> bool:
    """Whether a time lies on one of the days of a meter, or on one with a charge in its file."""
    price = charge.get("price")
    if isinstance(price, FileTariff):
        return _of_file(price, when.date()) > 0
    days = charge.get("days")
    if not isinstance(days, Days):
        return True
    named = f"{when:%a}".lower() in [f"{datetime(2024, 1, 1 + n):%a}".lower() for n in days.weekdays]
    holidays = next((device.get("holidays") for device in of.spec.of_kind("station")), None)
    dates = days.periods + (holidays.periods if days.holidays and isinstance(holidays, Days) else ())
    return days.every or named or any(first <= when.date() <= last for first, last in dates)


def _is_metered(charge: Device, clock: Fraction) -> bool:
    windows = [[round(hour * 3600) for hour in window] for window in charge.windows("window")]
    return not windows or any(
        begin < clock < end if begin < end else clock > begin or clock < end for begin, end in windows
    )
