"""Time-of-use tariffs in the JSON form of ACN-Sim: prices by season, day of the week and hour.

A file has a list `schedule`; each entry holds from `effective_start` to `effective_end` (`MM-DD`,
both included, across the turn of the year where the end comes first), on the days of `dow_mask`
(`WEEKDAYS`, `WEEKENDS` or `ALL`), with `tariffs[i]` from hour `times[i]` on to the next.
Source: Lee et al., ACN-Sim, IEEE Trans. Smart Grid 12(6), 2021, signals/tariffs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isfinite
from pathlib import Path

from evdsl.diagnostic import Diagnostic
from evdsl.files import read_text
from evdsl.source import Span

MAXIMUM_BYTES = 1_000_000
DAYS = {"WEEKDAYS": range(5), "WEEKENDS": range(5, 7), "ALL": range(7)}


@dataclass(frozen=True, slots=True)
class Season:
    """One entry of a schedule; `first` and `last` are (month, day), `hours` and `prices` go together."""

    first: tuple[int, int]
    last: tuple[int, int]
    days: range
    hours: tuple[float, ...]
    prices: tuple[float, ...]

    def holds_on(self, day: date) -> bool:
        """Whether it is the entry for a day."""
        at = (day.month, day.day)
        inside = self.first <= at <= self.last
        if self.first > self.last:
            inside = at >= self.first or at <= self.last
        return inside and day.weekday() in self.days


@dataclass(frozen=True, slots=True)
class Tariff:
    """All entries of a file."""

    shown: str
    seasons: tuple[Season, ...]

    def changes(self, first: date, last: date) -> list[datetime]:
        """The local times from `first` to `last` at which a price may change, midnights included."""
        found: list[datetime] = []
        day = first
        while day <= last:
            midnight = datetime.combine(day, datetime.min.time())
            season = next((s for s in self.seasons if s.holds_on(day)), None)
            hours = {0.0, *(season.hours if season is not None else ())}
            found += [midnight + timedelta(hours=hour) for hour in sorted(hours)]
            day += timedelta(days=1)
        return found

    def price(self, when: datetime) -> float | None:
        """The price at a local time; `None` where no entry holds."""
        season = next((s for s in self.seasons if s.holds_on(when.date())), None)
        if season is None:
            return None
        hour = when.hour + when.minute / 60 + when.second / 3600 + when.microsecond / 3.6e9
        found = season.prices[-1]
        for start, price in zip(season.hours, season.prices, strict=True):
            if hour + 1e-9 >= start:
                found = price
        return found


def read(path: Path, shown: str, span: Span) -> Tariff | Diagnostic:
    """The tariff of a file, or what is wrong with it."""
    text = read_text(path, shown, MAXIMUM_BYTES, span)
    if isinstance(text, Diagnostic):
        return Diagnostic("E503", text.message, span, "", text.help)
    try:
        document = json.loads(text)
        seasons = tuple(_season(entry) for entry in document["schedule"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f'"{shown}" is not a tariff as ACN-Sim writes them ({type(error).__name__}: {str(error)[:80]})'
        help = "it has a list `schedule` of entries with times, tariffs, dow_mask, effective_start and effective_end"
        return Diagnostic("E505", message, span, "", help)
    if not seasons:
        return Diagnostic("E505", f'"{shown}" has an empty schedule', span)
    return Tariff(shown, seasons)


def _season(entry: dict[str, object]) -> Season:
    hours = tuple(float(hour) for hour in entry["times"])  # type: ignore[attr-defined]  # a wrong type raises TypeError, which `read` reports
    prices = tuple(float(price) for price in entry["tariffs"])  # type: ignore[attr-defined]  # as above
    if len(hours) != len(prices) or not hours or not all(map(isfinite, prices)):
        raise ValueError("times and tariffs do not go together")
    if list(hours) != sorted(set(hours)) or hours[0] < 0 or hours[-1] >= 24:
        raise ValueError("times go upwards from 0, below 24")
    first, last = (_month_day(str(entry[key])) for key in ("effective_start", "effective_end"))
    return Season(first, last, DAYS[str(entry["dow_mask"]).upper()], hours, prices)


def _month_day(text: str) -> tuple[int, int]:
    month, day = (int(part) for part in text.split("-"))
    date(2000, month, day)
    return month, day
