"""The demand charges of a tariff's file: of each month one price, for the days that have it.

Utilities bill a demand by the month: the facilities-related part for the largest mean of an interval
whatever the day, the time-related part for the largest one in some hours of weekdays. A file repeats a
season's charge in its entries for weekdays and for weekends, and has no hours of it. So

    price(month)   is the one charge above zero that days of the month have, 0 where none has
    metered(day)   where the day has it: weekends with a charge of 0 are not metered, all others together

A month with two charges above zero can be read in two ways (a peak each, or a part for all days and another
for some), and so can one in whose middle the season changes: it is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from evdsl.data.readers.tariff import Season, Tariff, tariff_in
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Device
from evdsl.language.values import FileTariff


@dataclass(frozen=True, slots=True)
class MonthlyCharges:
    """The charges of a file, in money for each kW."""

    tariff: Tariff
    factor: float

    def on(self, day: date) -> float:
        """What a kW costs by a day's entry; the day is metered where that is above zero."""
        return self.factor * self.tariff.demand_charge_on(day)

    def of_month(self, day: date) -> float:
        """The price of the month that a day lies in."""
        return max(self.on(each) for each in days_of_month(day))


def read_charges(charge: Device, timeline: Timeline) -> MonthlyCharges | Diagnostic | None:
    """What a demand charge takes from a file; `None` where its price stands in the spec."""
    value = charge.get("price")
    if not isinstance(value, FileTariff):
        return None
    tariff = tariff_in(value.path, value.shown, value.span)
    if isinstance(tariff, Diagnostic):
        return tariff
    wrong = _wrong_entry(tariff.seasons)
    if wrong:
        message = f'"{value.shown}" is not a tariff with demand charges: {wrong}'
        help = "write the charges as numbers in money for each kW, 0 where there is none"
        return Diagnostic("E505", message, value.span, "", help, (), charge.header)
    days = days_of_horizon(timeline)
    lacking = next((day for day in days if not tariff.has_entry(day)), None)
    if lacking is not None:
        message = f'"{value.shown}" has no demand charge for {lacking:%Y-%m-%d}'
        help = "add an entry for that season and day of the week"
        return Diagnostic("E508", message, value.span, "", help, (), charge.header)
    found = MonthlyCharges(tariff, value.factor)
    for first in dict.fromkeys(day.replace(day=1) for day in days):
        two = two_charges(tariff, first)
        if two is not None:
            return _refused(charge, value, first, two)
    return found


def two_charges(tariff: Tariff, day: date) -> tuple[date, date] | None:
    """Two days of a month that have charges of their own; `None` where one price is all of it."""
    charged = {tariff.demand_charge_on(each): each for each in reversed(days_of_month(day))}
    charged.pop(0.0, None)
    days = sorted(charged.values())
    return (days[0], days[1]) if len(days) > 1 else None


def days_of_month(day: date) -> list[date]:
    """All days of the month that a day lies in."""
    first = day.replace(day=1)
    return [each for each in (first + timedelta(days=n) for n in range(31)) if each.month == day.month]


def days_of_horizon(timeline: Timeline) -> list[date]:
    """The days that the horizon touches."""
    last = timeline.local(timeline.horizon - 1e-6).date()
    return [timeline.first_day + timedelta(days=n) for n in range((last - timeline.first_day).days + 1)]


def _wrong_entry(seasons: Iterable[Season]) -> str:
    """What is wrong with the charges of a file; empty where nothing is."""
    charges = [season.demand_charge for season in seasons]
    if all(charge is None for charge in charges):
        return "no entry of its schedule has a `demand_charge`"
    for number, charge in enumerate(charges, start=1):
        if charge is not None and not charge >= 0.0:
            return f"entry {number} of its schedule has a `demand_charge` that is no number from 0 on"
    return ""


def _refused(charge: Device, value: FileTariff, month: date, days: tuple[date, date]) -> Diagnostic:
    tariff = tariff_in(value.path, value.shown, value.span)
    assert isinstance(tariff, Tariff)
    unit = value.unit
    each = [f"{tariff.demand_charge_on(day):g} {unit} on {day:%A %d %B}" for day in days]
    message = f'"{value.shown}" can be read in two ways: {month:%B %Y} has demand charges of '
    message += " and of ".join(each)
    help = (
        f"write blocks `{charge.kind} {charge.name} {{ ... }}` with a `price` and `days` each: "
        "one for each peak that is billed"
    )
    return Diagnostic("E505", message, value.span, "", help, (), charge.header)
