"""Resolved values: what stands on the right of a `=`, with its dimension and its place.

Constants are folded. What depends on data (a file, a draw, a column) stays an expression, which
`evdsl.data.load` evaluates; what depends on the schedule (an objective word) stays one for the model.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from pathlib import Path
from typing import TypeAlias

from evdsl.diagnostics.source import Span
from evdsl.language.sets import AnySet, Place
from evdsl.language.units import NUMBER, Dimension

SHOWN: dict[str, bool] = {"shown": True}
"""Of a field that is there for messages: what it says is in another one, as a number."""
OPTIONAL: dict[str, bool] = {"optional": True}
"""Of a field that says nothing where it is `None`, or empty."""


@dataclass(frozen=True, slots=True)
class Const:
    """A constant in canonical units. `days` counts the calendar days (`d`) inside a time.

    `amperes` is the current of each phase that a power was given as.
    """

    value: float
    dimension: Dimension
    span: Span = field(compare=False)
    days: float = 0.0
    amperes: float | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True, slots=True)
class Instant:
    """A date, or a date with a time, local to the zone of the station; `later` hours after it."""

    when: datetime
    has_time: bool
    span: Span = field(compare=False)
    dimension: Dimension = NUMBER
    later: float = 0.0


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time on the wall clock, in hours after the midnight that begins the first day.

    `later` are elapsed hours after it: `06:00 + 1 d` is 06:00 on the next day, and `06:00 + 24 h` is
    07:00 there where the clocks go forward in between.
    """

    hours: float
    span: Span = field(compare=False)
    dimension: Dimension = NUMBER
    later: float = 0.0


@dataclass(frozen=True, slots=True)
class TextValue:
    """A text, or a word out of a few."""

    value: str
    span: Span = field(compare=False)
    dimension: Dimension = NUMBER


@dataclass(frozen=True, slots=True)
class RangeValue:
    """A range `low .. high`, both ends included."""

    low: Value
    high: Value
    span: Span = field(compare=False)
    dimension: Dimension = NUMBER


@dataclass(frozen=True, slots=True)
class ListValue:
    """A list `[a, b]`."""

    items: tuple[Value, ...]
    span: Span = field(compare=False)
    dimension: Dimension = NUMBER


@dataclass(frozen=True, slots=True)
class Reference:
    """The name of a block."""

    name: str
    span: Span = field(compare=False)
    dimension: Dimension = NUMBER


@dataclass(frozen=True, slots=True)
class Daily:
    """A daily table: `(hours after midnight, value)`, each holding until the next, round the clock."""

    entries: tuple[tuple[float, float], ...]
    dimension: Dimension
    span: Span = field(compare=False)


class Rank(IntEnum):
    """How finely a day is named: of what holds on a day, the finest counts."""

    EVERY = 0
    NAME = 1
    HOLIDAY = 2
    DATE = 3


@dataclass(frozen=True, slots=True)
class Days:
    """Days, as they are named: of the week (0 is `mon`), of months (1 is `jan`), holidays, dates, or all.

    Each of `periods` goes from a date to another, both included; they are in order, and none touches another.
    """

    span: Span = field(compare=False)
    weekdays: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    holidays: bool = False
    periods: tuple[tuple[date, date], ...] = ()
    every: bool = False
    dimension: Dimension = NUMBER

    def rank_on(self, day: date, holidays: Days | None) -> Rank | None:
        """How finely it names a day; `None` where it does not hold on it."""
        before = bisect_right(self.periods, (day, date.max)) - 1
        if before >= 0 and day <= self.periods[before][1]:
            return Rank.DATE
        if self.holidays and holidays is not None and holidays.rank_on(day, None) is not None:
            return Rank.HOLIDAY
        if day.weekday() in self.weekdays or day.month in self.months:
            return Rank.NAME
        return Rank.EVERY if self.every else None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A table by day or by month; on a day the value with the finest key counts, and it alone."""

    entries: tuple[tuple[Days, Const | Daily | Calendar], ...]
    dimension: Dimension
    span: Span = field(compare=False)
    _dated: tuple[tuple[date, date, int], ...] = field(init=False, repr=False, compare=False)
    """The periods of all entries in order, each with the number of its entry."""
    _named: tuple[int, ...] = field(init=False, repr=False, compare=False)
    """The entries that name days by something else as well: they are few, since no two share a name."""

    def __post_init__(self) -> None:
        periods = [(*period, at) for at, (days, _) in enumerate(self.entries) for period in days.periods]
        named = [
            at for at, (d, _) in enumerate(self.entries) if d.weekdays or d.months or d.holidays or d.every
        ]
        object.__setattr__(self, "_dated", tuple(sorted(periods)))
        object.__setattr__(self, "_named", tuple(named))

    def on(self, day: date, holidays: Days | None) -> Const | Daily | None:
        """What holds on a day; `None` where nothing does."""
        before = bisect_right(self._dated, (day, date.max)) - 1
        if before >= 0 and day <= self._dated[before][1]:
            value = self.entries[self._dated[before][2]][1]
        else:
            ranks = [(self.entries[at][0].rank_on(day, holidays), self.entries[at][1]) for at in self._named]
            held = [(rank, one) for rank, one in ranks if rank is not None]
            if not held:
                return None
            value = max(held, key=lambda one: one[0])[1]
        return value.on(day, holidays) if isinstance(value, Calendar) else value

    @property
    def is_by_month(self) -> bool:
        """Whether its keys are months."""
        return any(days.months for days, _ in self.entries)

    def named_days(self) -> Iterator[Days]:
        """All of its keys, those of tables inside it included."""
        for days, value in self.entries:
            yield days
            if isinstance(value, Calendar):
                yield from value.named_days()


@dataclass(frozen=True, slots=True)
class ChargeTable:
    """A table by state of charge: `(share of the battery, value)`, the shares upwards."""

    entries: tuple[tuple[float, float], ...]
    dimension: Dimension
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class FileSeries:
    """A column of a CSV file over time; `factor` turns its numbers into canonical units.

    Without a name `column` and `time` are found in the file. `until` ends the last row of change points.
    """

    path: Path
    shown: str
    column: str
    time: str
    method: str
    factor: float
    dimension: Dimension
    span: Span = field(compare=False)
    unit: str = field(default="", compare=False, metadata=SHOWN)
    until: Instant | ClockTime | None = field(default=None, metadata=OPTIONAL)
    dialect: str | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True, slots=True)
class FileTariff:
    """A time-of-use tariff of a JSON file; `factor` turns its numbers into canonical units."""

    path: Path
    shown: str
    factor: float
    dimension: Dimension
    span: Span = field(compare=False)
    unit: str = field(default="", compare=False, metadata=SHOWN)


@dataclass(frozen=True, slots=True)
class DerivedSeries:
    """A series that a function makes of others; it draws by its name (`stream`) or setting, and `index`."""

    function: str
    operands: tuple[Value, ...]
    options: tuple[tuple[str, Value], ...]
    dimension: Dimension
    span: Span = field(compare=False)
    stream: str = ""
    index: int = 0

    @property
    def is_random(self) -> bool:
        """Whether each scenario has one of its own."""
        return self.function != "typical"

    def option(self, name: str) -> Value | None:
        """What is said of it by name."""
        return dict(self.options).get(name)


SERIES = (FileSeries, FileTariff, DerivedSeries)
"""What is over time, and no table."""


@dataclass(frozen=True, slots=True)
class Draw:
    """A random value for each vehicle; `index` numbers the draws inside one setting, from 1."""

    distribution: str
    arguments: tuple[Value, ...]
    index: int
    dimension: Dimension
    span: Span = field(compare=False)
    is_clock: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the sessions' file; `factor` turns its numbers into canonical units."""

    name: str
    factor: float
    dimension: Dimension
    span: Span = field(compare=False)
    is_clock: bool = False
    unit: str = field(default="", compare=False, metadata=SHOWN)


@dataclass(frozen=True, slots=True)
class MaximumEnergy:
    """`max_energy`: what the vehicle could take during its stay at full power."""

    dimension: Dimension
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class WordUse:
    """An objective word inside an expression."""

    name: str
    dimension: Dimension
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity of single vehicles and steps: `charge[v, t]`; `owner` is the device of `roof.power[t]`.

    `decided` where it depends on the schedule, and not on data alone.
    """

    name: str
    owner: str
    places: tuple[Place, ...]
    dimension: Dimension
    decided: bool
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Aggregated:
    """`sum`, `mean`, `max` or `min` of a body over a set; `size` and `depth` as those of an `Operation`."""

    function: str
    variable: str
    over: AnySet
    body: Value
    dimension: Dimension
    span: Span = field(compare=False)
    size: int = field(default=1, compare=False)
    depth: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """`+ - * /`, or `min` and `max` of values, where not all operands are constants.

    `size` counts the values at its ends and `depth` the operations below each other: kept, since
    walking a value that is built from names over and over would take exponential time.
    """

    operator: str
    operands: tuple[Value, ...]
    dimension: Dimension
    span: Span = field(compare=False)
    is_clock: bool = False
    size: int = field(default=2, compare=False)
    depth: int = field(default=1, compare=False)


Value: TypeAlias = (
    Const
    | Instant
    | ClockTime
    | TextValue
    | RangeValue
    | ListValue
    | Reference
    | Daily
    | Calendar
    | ChargeTable
    | Days
    | FileSeries
    | FileTariff
    | DerivedSeries
    | Draw
    | Column
    | MaximumEnergy
    | WordUse
    | Quantity
    | Aggregated
    | Operation
)


def leaves(value: Value) -> Iterator[Value]:
    """The values at the ends of an expression, and what draws with them or makes a series of them."""
    match value:
        case Operation(operands=inner) | ListValue(items=inner):
            pass
        case Draw(arguments=inner) | DerivedSeries(operands=inner):
            yield value
        case RangeValue(low=low, high=high):
            inner = (low, high)
        case Aggregated(body=body):
            inner = (body,)
        case _:
            yield value
            return
    for part in inner:
        yield from leaves(part)


def constants(value: Value) -> Iterator[float]:
    """The numbers of a constant or of a table over time, at whatever time each holds."""
    match value:
        case Const(value=number):
            yield number
        case Daily(entries=entries):
            yield from (number for _, number in entries)
        case Calendar(entries=entries):
            for _, inner in entries:
                yield from constants(inner)
