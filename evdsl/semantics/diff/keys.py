"""What a resolved value means: a key that all texts of one meaning share, and the units that people write.

`1000 W` and `1 kW` have one key, as have two tables with the same value at every time of day, two files with
the same content, and lists of names in another order. What was folded when the spec was resolved (params,
lets, arithmetic of constants) left no trace, so it makes no difference here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path

from evdsl.diagnostics.source import Source, Span
from evdsl.language.declaration import Setting, Shape
from evdsl.language.names import DAY_NAMES, MONTH_NAMES
from evdsl.language.spec import FileRows, Spec
from evdsl.language.units import (
    MASS_PER_ENERGY,
    MONEY_PER_MASS,
    NUMBER,
    TIME,
    Dimension,
    format_value,
    symbol,
)
from evdsl.language.values import (
    Calendar,
    ClockTime,
    Column,
    Const,
    Daily,
    Days,
    DerivedSeries,
    Draw,
    FileSeries,
    FileTariff,
    Instant,
    ListValue,
    MaximumEnergy,
    Operation,
    RangeValue,
    Reference,
    TextValue,
    Value,
    WordUse,
)

LONGEST = 160
"""Characters of a value that are shown."""
DIGITS = 12
"""Of a number: two that agree so far differ by rounding alone."""


@dataclass(frozen=True, slots=True)
class Canonical:
    """How the values of one spec are read: `days` where a calendar day is not always 24 h within it.

    `names` says what a block of this spec is called in the other one, by kind and name; `contents` whether
    what is in files counts.
    """

    spec: Spec
    days: bool
    names: Mapping[tuple[str, str], str]
    contents: bool = True

    def key(self, value: object) -> object:
        """Equal for equal meanings."""
        match value:
            case Daily():
                entries = steady(value)
                if len(entries) == 1:
                    return self.key(Const(entries[0][1], value.dimension, value.span))
                return ("Daily", self.key(entries), value.dimension)
            case Calendar():
                days = [(repr(self.key(key)), repr(self.key(inner))) for key, inner in value.entries]
                return ("Calendar", tuple(sorted(days)))
            case Const():
                return ("Const", rounded(value.value), value.dimension, self.days and rounded(value.days))
            case ListValue():
                return ("ListValue", tuple(sorted(repr(self.key(item)) for item in value.items)))
            case TextValue():
                return value.value
            case FileSeries() | FileTariff() | FileRows():
                read = [
                    getattr(value, f.name)
                    for f in fields(value)
                    if f.name not in ("shown", "span", "path", "unit")
                ]
                return (type(value).__name__, *map(self.key, read), self.contents and content(value.path))
            case float() | int():
                return rounded(float(value))
            case Span() | Source():
                return None
            case tuple() | list():
                return tuple(self.key(item) for item in value)
        if is_dataclass(value):
            counted = [getattr(value, f.name) for f in fields(value) if f.compare]
            return (type(value).__name__, *(self.key(item) for item in counted))
        return value

    def setting(self, setting: Setting, value: Value | None) -> object:
        """The key of a setting; names of blocks as the other spec has them, and in no order."""
        if setting.shape in (Shape.REFERENCE, Shape.REFERENCES):
            items = value.items if isinstance(value, ListValue) else (value,)
            names = [item.name for item in items if isinstance(item, Reference)]
            return tuple(sorted(self.names.get((setting.refers_to, name), name) for name in names))
        if setting.by_state and isinstance(value, ListValue):
            return tuple(self.key(item) for item in value.items)
        return self.key(value)

    def said(self, value: Value | None, setting: Setting | None = None) -> str:
        """A value in the units that people write, at most `LONGEST` characters of it."""
        share = setting is not None and setting.maximum == 1.0
        text = self._text(value, share)
        return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."

    def _text(self, value: object, share: bool) -> str:
        currency = self.spec.currency
        match value:
            case None:
                return "not set"
            case Const():
                return quantity(value.value, value.dimension, currency, share, value.days)
            case Instant():
                shown = f"{value.when:%Y-%m-%d %H:%M}" if value.has_time else f"{value.when:%Y-%m-%d}"
                return shown + _later(value.later)
            case ClockTime():
                return f"{clock(value.hours)}{_later(value.later)}"
            case TextValue():
                return value.value
            case RangeValue():
                return f"{self._text(value.low, share)} .. {self._text(value.high, share)}"
            case ListValue():
                return f"[{', '.join(self._text(item, share) for item in value.items)}]"
            case Reference() | WordUse():
                return value.name
            case Daily():
                entries = [
                    f"{clock(hour)}: {quantity(number, value.dimension, currency, share)}"
                    for hour, number in steady(value)
                ]
                return "{ " + ", ".join(entries) + " }"
            case Calendar():
                days = [
                    f"{self._text(key, share)}: {self._text(inner, share)}" for key, inner in value.entries
                ]
                return "{ " + ", ".join(days) + " }"
            case Days():
                return shown_days(value)
            case FileSeries():
                column = f'column "{value.column}"' if value.column else "the column"
                changes = ""
                if value.method == "changes":
                    changes = (
                        f", changes until {self._text(value.until, share)}" if value.until else ", changes"
                    )
                return f"{column} of {value.shown}{changes}"
            case FileTariff():
                return f"the tariff in {value.shown}"
            case Column():
                return f'column "{value.name}"'
            case Draw():
                return f"{value.distribution}({', '.join(self._text(a, share) for a in value.arguments)})"
            case DerivedSeries():
                said = [self._text(operand, share) for operand in value.operands]
                said += [f"{name}={self._text(option, share)}" for name, option in value.options]
                return f"{value.function}({', '.join(said)})"
            case MaximumEnergy():
                return "max_energy"
            case Operation(operator=operator, operands=operands) if operator in "+-*/" and len(operands) == 2:
                return f" {operator} ".join(self._inner(operand, share) for operand in operands)
        span = getattr(value, "span", None)
        return " ".join(span.text.split()) if isinstance(span, Span) else str(value)

    def _inner(self, value: object, share: bool) -> str:
        text = self._text(value, share)
        return f"({text})" if isinstance(value, Operation) else text


def quantity(
    number: float, dimension: Dimension, currency: str, share: bool = False, days: float = 0.0
) -> str:
    """A quantity in the unit that people give it in: `80 %`, `15 min`, `320 g/kWh`, `64 EUR/t`."""
    if dimension == NUMBER:
        return f"{number * 100:.10g} %" if share else f"{number:.10g}"
    if dimension == TIME:
        if days and number == 24 * days:
            return f"{days:.10g} d"
        whole = abs(number * 60 - round(number * 60)) < 1e-9
        return f"{number * 60:.10g} min" if whole and abs(number) < 2 and number != 1 else f"{number:.10g} h"
    if dimension == MASS_PER_ENERGY:
        return f"{number * 1000:.10g} g/kWh"
    if dimension == MONEY_PER_MASS:
        return f"{number * 1000:.10g} {currency}/t"
    return format_value(number, dimension, currency)


def weight(number: float, dimension: Dimension, currency: str) -> str:
    """A weight of the objective: `0.4 EUR/kWh`, or a plain number."""
    return quantity(number, dimension, currency) if symbol(dimension, currency) else f"{number:.10g}"


def clock(hours: float) -> str:
    """A time of day."""
    seconds = round(hours * 3600)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return text if seconds % 60 == 0 else f"{text}:{seconds % 60:02d}"


def _later(hours: float) -> str:
    return f" + {hours:.10g} h" if hours else ""


def rounded(number: float) -> str:
    """A number as far as it means something."""
    return f"{number + 0.0:.{DIGITS}g}"


def shown_days(days: Days) -> str:
    """Days as a spec would list them."""
    found = [DAY_NAMES[number] for number in days.weekdays] + [MONTH_NAMES[n - 1] for n in days.months]
    found += [f"{first}" if first == last else f"{first} .. {last}" for first, last in days.periods]
    found += ["holiday"] * days.holidays + ["all"] * days.every
    return found[0] if len(found) == 1 else f"[{', '.join(found)}]"


def steady(table: Daily) -> tuple[tuple[float, float], ...]:
    """The entries of a daily table at which its value changes, round the clock."""
    entries = sorted(table.entries)
    kept = [
        (hour, value)
        for index, (hour, value) in enumerate(entries)
        if rounded(value) != rounded(entries[index - 1][1])
    ]
    return tuple(kept) or tuple(entries[:1])


@cache
def content(path: Path) -> str:
    """The digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
