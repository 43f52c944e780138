"""Tables: what their keys are, and what they then say.

All keys of a table are of one kind, which is read off the text: no name of the spec is meant in a key. Which
kinds a setting takes is said by its declaration. A table by day has constants and tables by clock time
inside, one by month these and tables by day.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from evdsl.diagnostics.diagnostic import did_you_mean
from evdsl.language.declaration import Key
from evdsl.language.names import DAY_NAMES, MONTH_NAMES
from evdsl.language.units import NUMBER
from evdsl.language.values import Calendar, ChargeTable, Const, Daily, Days, Value
from evdsl.semantics.scope import Scope
from evdsl.semantics.times.days import WHOLE, looks_like, read_days, read_months
from evdsl.syntax import ast

Evaluate = Callable[[ast.Expression, Scope], Value | None]

EXAMPLES = {
    Key.CLOCK: "a clock time such as `07:00`",
    Key.DAY: "a day such as `mon`",
    Key.MONTH: "a month such as `jan`",
    Key.CHARGE: "a state of charge such as `50 %`",
}
INSIDE = {Key.DAY: (Key.CLOCK,), Key.MONTH: (Key.CLOCK, Key.DAY)}
"""The tables that may stand inside one by day, or by month."""


@dataclass(frozen=True, slots=True)
class _Order:
    """How the keys of a kind follow each other, and what is said where they do not."""

    end: float
    message: str


ORDERS = {
    Key.CLOCK: _Order(24.0, "the times of a daily table go upwards and lie below 24:00"),
    Key.CHARGE: _Order(float("inf"), "the states of charge of a table go upwards"),
}


def read_table(table: ast.Table, scope: Scope, evaluate: Evaluate) -> Value | None:
    """The value of a table; `None` where a finding has been reported."""
    kind = _kind(table, scope)
    values = _values(table, kind, scope, evaluate)
    if kind in INSIDE:
        return _calendar(table, kind, values, scope)
    entries: list[tuple[float, float]] = []
    first: Value | None = None
    sound = kind is not None
    for (key, expression), value in zip(table.entries, values, strict=True):
        if value is None or kind is None or key.span in scope.misread:
            sound = False
        elif not isinstance(value, Const):
            help = "read what changes from day to day from a file: `csv(...)`"
            what = "a daily table" if kind is Key.CLOCK else "a table"
            if isinstance(value, Calendar):
                help = "put the days outside: `{ mon .. fri: { 00:00: ..., 07:00: ... }, all: ... }`"
            scope.report("E305", f"the values of {what} are constants", expression.span, "", help)
            sound = False
        elif first is not None and value.dimension != first.dimension:
            _report_odd_entry(value, scope.unit(first.dimension), scope)
            sound = False
        else:
            place, order = _place(key), ORDERS[kind]
            if place >= order.end or (entries and place <= entries[-1][0]):
                help = "order the entries, one for each " + ("time" if kind is Key.CLOCK else "of them")
                scope.report("E305", order.message, key.span, "", help)
                sound = False
            else:
                entries.append((place, value.value))
                first = first or value
    if not sound or first is None:
        return None
    form = Daily if kind is Key.CLOCK else ChargeTable
    return form(tuple(entries), first.dimension, table.span)


def _values(table: ast.Table, kind: Key | None, scope: Scope, evaluate: Evaluate) -> list[Value | None]:
    """The values of the entries; tables inside have the keys that they may have there."""
    found: list[Value | None] = []
    outside = scope.keys
    for _, expression in table.entries:
        if kind in INSIDE and isinstance(expression, ast.Table):
            scope.keys = INSIDE[kind]
        found.append(evaluate(expression, scope))
        scope.keys = outside
    return found


def _calendar(table: ast.Table, kind: Key, values: Sequence[Value | None], scope: Scope) -> Calendar | None:
    """A table by day or by month."""
    read = read_days if kind is Key.DAY else read_months
    entries: list[tuple[Days, Const | Daily | Calendar]] = []
    taken = _Taken()
    first: Value | None = None
    sound = True
    for (key, expression), value in zip(table.entries, values, strict=True):
        days = read(key, scope)
        if value is None or days is None:
            sound = False
            continue
        by_month = isinstance(value, Calendar) and value.is_by_month
        if not isinstance(value, Const | Daily | Calendar) or (
            isinstance(value, Calendar) and (kind is Key.DAY or by_month)
        ):
            inside = "constants and tables by clock time" + (", or by day" if kind is Key.MONTH else "")
            message = f"the values of a table by {kind.value} are {inside}"
            scope.report("E305", message, expression.span, "", _instead(value, kind))
            sound = False
        elif first is not None and value.dimension != first.dimension:
            _report_odd_entry(value, scope.unit(first.dimension), scope)
            sound = False
        elif (shared := taken.by_another(days)) is not None:
            message = f"`{_text(key)}` and `{_shown(shared[0])}` both hold on {shared[1]}"
            scope.report("E207", message, key.span, "", "leave it out of one of them")
            sound = False
        else:
            taken.add(days)
            entries.append((days, value))
            first = first or value
    return Calendar(tuple(entries), first.dimension, table.span) if sound and first is not None else None


def _instead(value: Value, kind: Key) -> str:
    if not isinstance(value, Calendar):
        return "read what changes in another way from a file: `csv(...)`"
    if kind is Key.DAY and value.is_by_month:
        return "put the months outside: `{ jan .. mar: { mon .. fri: ..., all: ... }, apr .. dec: ... }`"
    return f"write all {kind.value}s into one table"


@dataclass(slots=True)
class _Taken:
    """What the keys of a table hold on so far, by rank; each with its key."""

    names: dict[str, Days] = field(default_factory=dict)
    periods: list[tuple[date, date]] = field(default_factory=list)
    of_period: dict[date, Days] = field(default_factory=dict)

    def by_another(self, days: Days) -> tuple[Days, str] | None:
        """An earlier key that holds on one of these days in the same rank, and that day."""
        for name in self._names(days):
            if name in self.names:
                return self.names[name], name
        for first, last in days.periods:
            at = bisect_right(self.periods, (last, date.max)) - 1
            if at >= 0 and self.periods[at][1] >= first:
                begin = self.periods[at][0]
                return self.of_period[begin], f"{max(first, begin)}"
        return None

    def add(self, days: Days) -> None:
        """Takes what a key holds on."""
        self.names.update(dict.fromkeys(self._names(days), days))
        for period in days.periods:
            insort(self.periods, period)
            self.of_period[period[0]] = days

    def _names(self, days: Days) -> list[str]:
        found = [f"`{DAY_NAMES[number]}`" for number in days.weekdays]
        found += [f"`{MONTH_NAMES[number - 1]}`" for number in days.months]
        return found + ["a `holiday`"] * days.holidays + ["`all` days"] * days.every


def _shown(days: Days) -> str:
    return " ".join(days.span.text.split())[:60]


def kind_of(key: ast.Expression) -> Key | None:
    """What a key is; `None` where it is none."""
    match key:
        case ast.Clock():
            return Key.CLOCK
        case ast.Number(unit="%"):
            return Key.CHARGE
    if looks_like(key, (*DAY_NAMES, *WHOLE), dates=True):
        return Key.DAY
    return Key.MONTH if looks_like(key, MONTH_NAMES, dates=False) else None


def _place(key: ast.Expression) -> float:
    """Hours after midnight, or a share of the battery."""
    if isinstance(key, ast.Clock):
        return key.seconds / 3600
    assert isinstance(key, ast.Number), "`kind_of` knows no other"
    return key.value / 100


def _kind(table: ast.Table, scope: Scope) -> Key | None:
    """The kind of all keys; what is none, or of another kind than the first, is reported."""
    kinds = [kind_of(key) for key, _ in table.entries]
    known = [kind for kind in kinds if kind is not None]
    first = next((kind for kind in known if kind in scope.keys), known[0] if known else None)
    sound = True
    for (key, _), kind in zip(table.entries, kinds, strict=True):
        if kind is None:
            help = _to_mend(key, first, scope)
            scope.report("E305", f"`{_text(key)}` is no key of a table", key.span, "", help)
        elif kind is not first:
            assert first is not None, "this key has a kind"
            message = f"`{_text(key)}` is a {kind.value}, in a table by {first.value}"
            scope.report("E305", message, key.span, "", _to_unite(kind, first))
        sound = sound and kind is first and kind is not None
    return first if sound else None


def _to_unite(kind: Key, first: Key) -> str:
    """How keys of two kinds come into one table."""
    if {kind, first} == {Key.CLOCK, Key.DAY}:
        return "give each day a table of its own: `{ mon .. fri: { 00:00: ..., 07:00: ... }, all: ... }`"
    if {kind, first} == {Key.MONTH, Key.DAY}:
        return "put the days inside: `{ jan .. mar: { mon .. fri: ..., all: ... }, apr .. dec: ... }`"
    return f"write {EXAMPLES[first]} in each entry"


def _to_mend(key: ast.Expression, beside: Key | None, scope: Scope) -> str:
    kinds: Sequence[Key] = (beside,) if beside is not None else scope.keys
    if isinstance(key, ast.Number) and not key.unit:
        written = {Key.CHARGE: f"`{key.digits} %` for a state of charge"}
        if key.value == int(key.value) and 0 <= key.value < 24:
            written[Key.CLOCK] = f"`{int(key.value):02}:00` for a clock time"
        choices = [written[kind] for kind in kinds if kind in written]
        if choices:
            return f"write {' or '.join(choices)}"
    if isinstance(key, ast.Name):
        names = {Key.DAY: (*DAY_NAMES, *WHOLE), Key.MONTH: MONTH_NAMES}
        near = did_you_mean(key.text, [name for kind in kinds for name in names.get(kind, ())])
        if near:
            return near
    return f"write {', or '.join(EXAMPLES[kind] for kind in kinds)}"


def _text(key: ast.Expression) -> str:
    return " ".join(key.span.text.split())[:60]


def _report_odd_entry(value: Value, unit: str, scope: Scope) -> None:
    """Reports an entry of a table that is not of the dimension of those before it."""
    if value.dimension == NUMBER:
        message = f"{scope.shown(value)} has no unit, in a table of {unit}"
        scope.report("E303", message, value.span, "no unit", f"write `{scope.shown(value)} {unit}`")
    else:
        message = f"{scope.shown(value)} is {scope.describe(value.dimension)}, in a table of {unit}"
        scope.report("E301", message, value.span, "", f"give every entry in {unit}")
