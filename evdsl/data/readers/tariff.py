"""Time-of-use tariffs in the JSON form of ACN-Sim: prices by season, day of the week and hour.

A file has a list `schedule`; each entry holds from `effective_start` to `effective_end` (`MM-DD`,
both included, across the turn of the year where the end comes first), on the days of `dow_mask`
(`WEEKDAYS`, `WEEKENDS` or `ALL`), with `tariffs[i]` from hour `times[i]` on to the next.
A `demand_charge` of an entry is not a price of energy: `demand_charge NAME = tariff(...)` bills it
(`evdsl.data.monthly_charges`), and an objective that weighs costs without is warned of (W109).
Source: Lee et al., ACN-Sim, IEEE Trans. Smart Grid 12(6), 2021, signals/tariffs.
"""

from __future__ import annotations

import json
import math
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from evdsl.data.piecewise import Origin, Piecewise
from evdsl.data.readers.wall import along_the_wall, round_the_clock
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.files import read_text
from evdsl.diagnostics.source import Span
from evdsl.language.arrays import FloatArray
from evdsl.language.values import FileTariff

MAXIMUM_BYTES = 1_000_000
MAXIMUM_TIMES = 1440
"""Of one day: a price for each minute."""
MAXIMUM_ENTRIES = 1000
KEYS = ("times", "tariffs", "dow_mask", "effective_start", "effective_end")
DAYS = {"WEEKDAYS": range(5), "WEEKENDS": range(5, 7), "ALL": range(7)}


@dataclass(frozen=True, slots=True)
class Season:
    """One entry of a schedule; `first` and `last` are (month, day), `hours` and `prices` go together.

    `demand_charge` is `None` where it has none, and NaN where what it has is no number.
    """

    first: tuple[int, int]
    last: tuple[int, int]
    days: range
    hours: tuple[float, ...]
    prices: tuple[float, ...]
    demand_charge: float | None = None

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

    def prices_on(self, day: date) -> tuple[FloatArray, FloatArray] | None:
        """Clock times of a day (hours, the first 0) and the price from each on; `None` without an entry."""
        season = self._on(day)
        if season is None:
            return None
        return round_the_clock(np.array(season.hours), np.array(season.prices))

    def demand_charge_on(self, day: date) -> float:
        """The price of the peak that the entry for a day has, in money for each kW; 0 without one."""
        season = self._on(day)
        charge = None if season is None else season.demand_charge
        return charge if charge is not None and charge > 0.0 else 0.0

    def has_entry(self, day: date) -> bool:
        """Whether an entry holds on a day."""
        return self._on(day) is not None

    def _on(self, day: date) -> Season | None:
        return next((season for season in self.seasons if season.holds_on(day)), None)


def read(value: FileTariff, timeline: Timeline) -> Piecewise | Diagnostic:
    """A tariff along the wall clock: each price holds to the next."""
    tariff = tariff_in(value.path, value.shown, value.span)
    if isinstance(tariff, Diagnostic):
        return tariff
    origin = Origin(f"the tariff in {value.shown}", value.unit, f"on the clocks of {timeline.zone}")
    prices = along_the_wall(tariff.prices_on, timeline, origin)
    if isinstance(prices, Piecewise):
        return replace(prices, values=prices.values * value.factor)
    message = f'"{value.shown}" has no price for {prices:%Y-%m-%d}'
    return Diagnostic("E508", message, value.span, "", "add an entry for that season and day of the week")


def tariff_in(path: Path, shown: str, span: Span) -> Tariff | Diagnostic:
    """The tariff of a file, or what is wrong with it."""
    text = read_text(path, shown, MAXIMUM_BYTES, span)
    if isinstance(text, Diagnostic):
        return Diagnostic("E503", text.message, span, "", text.help)
    seasons = _seasons(text)
    if isinstance(seasons, str):
        message = f'"{shown}" is not a tariff as ACN-Sim writes them: {seasons}'
        keys = ", ".join(KEYS)
        return Diagnostic("E505", message, span, "", f"it has a list `schedule` of entries with {keys}")
    return Tariff(shown, seasons)


def _seasons(text: str) -> tuple[Season, ...] | str:
    """The entries of a document, or why it has none."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        return f"it is no JSON (line {error.lineno})"
    except (ValueError, RecursionError):
        return "it is no JSON that can be read"
    entries = document.get("schedule") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not entries:
        return "it has no list `schedule`"
    if len(entries) > MAXIMUM_ENTRIES:
        return f"it has more than {MAXIMUM_ENTRIES} entries"
    seasons: list[Season] = []
    for number, entry in enumerate(entries, start=1):
        season = _season(entry)
        if isinstance(season, str):
            return f"entry {number} of its schedule {season}"
        seasons.append(season)
    return tuple(seasons)


def _season(entry: object) -> Season | str:
    if not isinstance(entry, dict):
        return "is no object"
    missing = next((key for key in KEYS if key not in entry), None)
    if missing is not None:
        return f"has no `{missing}`"
    hours, prices = _numbers(entry["times"]), _numbers(entry["tariffs"])
    if hours is None or prices is None or len(hours) != len(prices) or not hours:
        return "has not one price for each of its times"
    if len(hours) > MAXIMUM_TIMES:
        return f"has more than {MAXIMUM_TIMES} times"
    if list(hours) != sorted(set(hours)) or hours[0] < 0 or hours[-1] >= 24:
        return "has times that do not go upwards from 0, below 24"
    days = DAYS.get(str(entry["dow_mask"]).upper())
    if days is None:
        return f"has a `dow_mask` that is none of {', '.join(DAYS)}"
    first, last = _month_day(entry["effective_start"]), _month_day(entry["effective_end"])
    if first is None or last is None:
        return "is not effective between two days such as 06-01"
    charge = _numbers([entry["demand_charge"]]) if "demand_charge" in entry else None
    missing_or_wrong = math.nan if "demand_charge" in entry else None
    return Season(first, last, days, hours, prices, charge[0] if charge else missing_or_wrong)


def _numbers(value: object) -> tuple[float, ...] | None:
    """Finite numbers of a list; `None` where it is none."""
    if not isinstance(value, list):
        return None
    found = [float(item) for item in value if _is_price(item)]
    return tuple(found) if len(found) == len(value) else None


def _is_price(item: object) -> bool:
    return isinstance(item, int | float) and not isinstance(item, bool) and abs(item) < 1e9


def _month_day(text: object) -> tuple[int, int] | None:
    parts = str(text).split("-")
    if len(parts) != 2 or not all(part.isdecimal() and len(part) <= 2 for part in parts):
        return None
    month, day = int(parts[0]), int(parts[1])
    # 2000 has a 29th of February, as seasons may.
    sound = 1 <= month <= 12 and 1 <= day <= monthrange(2000, month)[1]
    return (month, day) if sound else None
