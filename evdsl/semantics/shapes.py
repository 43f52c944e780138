"""The shape that a setting declares: whether a value has it, and what is said of one that has not."""

from __future__ import annotations

from evdsl.language.declaration import Key, Setting, Shape
from evdsl.language.values import (
    Calendar,
    ChargeTable,
    ClockTime,
    Column,
    Const,
    Daily,
    Draw,
    FileSeries,
    FileTariff,
    Instant,
    ListValue,
    MaximumEnergy,
    RangeValue,
    TextValue,
    Value,
    leaves,
)
from evdsl.semantics.arithmetic import is_clock, is_decided
from evdsl.semantics.scope import Scope
from evdsl.semantics.times.tables import EXAMPLES

WANTED = {
    Shape.CLOCK: "a time such as `07:30`, or a distribution around one",
    Shape.INSTANT: "a date such as `2024-03-12`",
    Shape.PERIOD: "a range of dates such as `2019-07-24 .. 2019-07-25`",
    Shape.WINDOWS: "a range of clock times such as `12:00 .. 18:00`, or a list of such",
    Shape.COUNT: "a whole number",
    Shape.TEXT: "a text in quotes",
    Shape.RANGE: "a range such as `10 % .. 100 %`",
    Shape.LEAST: "a constant or a range such as `40 % .. 60 %`",
    Shape.REFERENCE: "the name of a block",
    Shape.REFERENCES: "a list of names such as `[ac, dc]`",
    Shape.CURVE: "a table such as `{ 0 %: 150 kW, 80 %: 80 kW, 100 %: 8 kW }`",
    Shape.NUMBERS: "a list such as `[0 kW, 3.7 kW, 11 kW]`",
    Shape.SERIES_LIST: "a list such as `[5 %, { 00:00: 5 %, 17:00: 30 % }]`",
    Shape.PHASES: "a list of phases such as `[L1]`",
}


def every_day(setting: Setting, value: Value) -> str:
    """How a window is written whose end is said to lie on the next day."""
    if setting.shape is not Shape.WINDOWS or not isinstance(value, RangeValue):
        return ""
    if not isinstance(value.low, ClockTime) or not isinstance(value.high, ClockTime):
        return ""
    low, high = (
        f"{minutes // 60:02}:{minutes % 60:02}"
        for minutes in (round(end.hours % 24 * 60) for end in (value.low, value.high))
    )
    return f"write `{setting.name} = {low} .. {high}`, which goes round midnight" if high < low else ""


def _keys(value: Value) -> set[Key]:
    """What the tables inside a value go by."""
    forms = {Daily: Key.CLOCK, Calendar: Key.DAY, ChargeTable: Key.CHARGE}
    return {forms[type(end)] for end in leaves(value) if type(end) in forms}


def other_keys(setting: Setting, value: Value) -> str:
    """How a table is written whose keys the setting does not take, but takes others."""
    wrong = _keys(value) - set(setting.keys)
    if not wrong or not setting.keys:
        return ""
    return "give each entry of the table " + " or ".join(EXAMPLES[key] for key in setting.keys)


def _is_elsewhere(time: ClockTime) -> bool:
    """Whether a clock time is one of another day, or some time after one."""
    return bool(time.later) or not 0.0 <= time.hours < 24.0


def fits(setting: Setting, value: Value) -> bool:
    """Whether a value has the shape that its setting declares."""
    if is_decided(value) or not _keys(value) <= set(setting.keys):
        return False
    ends = list(leaves(value))
    random = any(isinstance(end, Draw | Column | MaximumEnergy) for end in ends)
    over_time = any(isinstance(end, FileSeries | FileTariff) for end in ends)
    clock = is_clock(value)
    plain = not isinstance(value, TextValue | ListValue | RangeValue) and not clock
    match setting.shape:
        case Shape.CONSTANT | Shape.COUNT:
            return isinstance(value, Const)
        case Shape.SERIES | Shape.SERIES_LIST:
            each = value.items if isinstance(value, ListValue) else (value,)
            alien = random or any(isinstance(i, TextValue | RangeValue) or is_clock(i) for i in each)
            return not alien and (plain or (setting.shape is Shape.SERIES_LIST and bool(each)))
        case Shape.RANDOM:
            return plain and not over_time
        case Shape.CLOCK:
            return (clock and not over_time) or isinstance(value, Column)
        case Shape.INSTANT:
            return isinstance(value, Instant) and not value.later
        case Shape.PERIOD:
            dates = all(isinstance(end, Instant) and not end.later for end in ends)
            return isinstance(value, RangeValue) and dates
        case Shape.WINDOWS:
            windows = value.items if isinstance(value, ListValue) else (value,)
            times = all(isinstance(end, ClockTime) and not _is_elsewhere(end) for end in ends)
            return bool(windows) and times and all(isinstance(one, RangeValue) for one in windows)
        case Shape.TEXT:
            return isinstance(value, TextValue)
        case Shape.CURVE:
            return isinstance(value, ChargeTable)
        case Shape.RANGE | Shape.LEAST:
            return isinstance(value, Const) or (
                isinstance(value, RangeValue) and all(isinstance(end, Const) for end in ends)
            )
        case _:
            return isinstance(value, Const | ListValue) and all(isinstance(end, Const) for end in ends)


def describe(value: Value, scope: Scope) -> str:
    """What a value is, in the words of a message."""
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (TextValue, "a text"),
        (ClockTime, "a clock time"),
        (ListValue, "a list"),
        ((Calendar, Daily, FileSeries, FileTariff), "a series"),
        (Draw, "a distribution"),
        (Column, "a column of a file"),
    )
    if Key.CHARGE in _keys(value):
        return "a table by state of charge"
    if isinstance(value, RangeValue):
        return f"a range of {_ends(value, scope)}"
    if isinstance(value, Instant):
        return "a point in time" if value.later else "a date" if value.has_time else "a date without a time"
    if is_decided(value):
        return "a word of the objective"
    if is_clock(value) and not isinstance(value, ClockTime | Draw):
        return "a point in time"
    found = next((text for types, text in kinds if isinstance(value, types)), "")
    return found or f"{scope.describe(value.dimension)}, {scope.shown(value)}"


def _ends(value: RangeValue, scope: Scope) -> str:
    if any(isinstance(end, ClockTime) and _is_elsewhere(end) for end in (value.low, value.high)):
        return "clock times on two days"
    if isinstance(value.low, Instant | ClockTime):
        return "dates" if isinstance(value.low, Instant) else "clock times"
    return scope.unit(value.dimension).replace("a plain number", "plain numbers")
