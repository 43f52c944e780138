"""Days and months as a spec names them, in the keys of tables and in settings such as `days`.

They are read off the text: a param or a device that is called `sun` is never meant here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from evdsl.diagnostics.diagnostic import did_you_mean
from evdsl.diagnostics.source import Span
from evdsl.language.clock import FIRST_YEAR, LAST_YEAR
from evdsl.language.names import DAY_NAMES, MONTH_NAMES
from evdsl.language.values import Days
from evdsl.semantics.scope import Scope
from evdsl.syntax import ast

WHOLE = ("all", "holiday")
"""Names of days that have no place in a week, and so end no range."""


@dataclass(frozen=True, slots=True)
class _Named:
    """What names may stand where days are read, and how they are told."""

    names: tuple[str, ...]
    alone: tuple[str, ...]
    what: str
    examples: str


DAY = _Named(
    DAY_NAMES, WHOLE, "day", "days are `mon` .. `sun`, dates such as `2024-12-25`, `holiday` and `all`"
)
MONTH = _Named(MONTH_NAMES, (), "month", "months are `jan` .. `dec`")


def looks_like(expression: ast.Expression, names: tuple[str, ...], dates: bool) -> bool:
    """Whether some part of an expression is a day (or month) of these names, or a date."""
    match expression:
        case ast.Name(text=text):
            return text in names
        case ast.Date():
            return dates
        case ast.Range(low=low, high=high):
            return looks_like(low, names, dates) or looks_like(high, names, dates)
        case ast.ListOf(items=items):
            return any(looks_like(item, names, dates) for item in items)
    return False


def read_days(expression: ast.Expression, scope: Scope, context: Span | None = None) -> Days | None:
    """The days that an expression names; `None` where a finding has been reported."""
    return _Reader(DAY, scope, context).read(expression)


def read_months(expression: ast.Expression, scope: Scope) -> Days | None:
    """The months that an expression names; `None` where a finding has been reported."""
    return _Reader(MONTH, scope, None).read(expression)


@dataclass(slots=True)
class _Reader:
    named: _Named
    scope: Scope
    context: Span | None

    def read(self, expression: ast.Expression) -> Days | None:
        items = expression.items if isinstance(expression, ast.ListOf) else (expression,)
        if not items:
            what = self.named.what
            self._report("E305", f"the list of {what}s is empty", expression, f"name a {what} in it")
            return None
        found = [self._item(item) for item in items]
        known = [days for days in found if days is not None]
        if len(known) < len(found):
            return None
        numbers = tuple(sorted({n for days in known for n in (*days.weekdays, *days.months)}))
        is_month = self.named is MONTH
        return Days(
            expression.span,
            weekdays=() if is_month else numbers,
            months=numbers if is_month else (),
            holidays=any(days.holidays for days in known),
            periods=_joined([period for days in known for period in days.periods]),
            every=any(days.every for days in known),
        )

    def _item(self, item: ast.Expression) -> Days | None:
        if not isinstance(item, ast.Range):
            return self._single(item)
        low, high = item.low, item.high
        if isinstance(low, ast.Date) and isinstance(high, ast.Date):
            first, last = self._date(low), self._date(high)
            if first is None or last is None:
                return None
            if first <= last:
                return Days(item.span, periods=((first, last),))
            self._report("E308", "the range ends before it begins", item, f"write `{last} .. {first}`")
            return None
        ends = [self._name(end) for end in (low, high)]
        if None in ends:
            return None
        if any(end in self.named.alone for end in ends):
            message = f"`{_text(item)}` is no range: `all` and `holiday` have no place in the week"
            self._report("E305", message, item, "write them into a list: `[mon, holiday]`")
            return None
        first_at, last_at = (self.named.names.index(end) for end in ends if end is not None)
        size = len(self.named.names)
        between = [(first_at + n) % size for n in range((last_at - first_at) % size + 1)]
        return self._numbered(item, between)

    def _single(self, item: ast.Expression) -> Days | None:
        if isinstance(item, ast.Date):
            day = self._date(item)
            return None if day is None else Days(item.span, periods=((day, day),))
        name = self._name(item)
        if name is None:
            return None
        if name in self.named.alone:
            return Days(item.span, holidays=name == "holiday", every=name == "all")
        return self._numbered(item, [self.named.names.index(name)])

    def _numbered(self, item: ast.Expression, places: list[int]) -> Days:
        if self.named is MONTH:
            return Days(item.span, months=tuple(place + 1 for place in places))
        return Days(item.span, weekdays=tuple(places))

    def _name(self, item: ast.Expression) -> str | None:
        known = (*self.named.names, *self.named.alone)
        text = item.text if isinstance(item, ast.Name) else ""
        if text in known:
            return text
        help = did_you_mean(text, known) or self.named.examples
        if isinstance(item, ast.Date):
            help = "a range goes from a name to a name, or from a date to a date"
        self._report("E305", f"`{_text(item)}` is no {self.named.what}", item, help)
        return None

    def _date(self, item: ast.Date) -> date | None:
        if item.span in self.scope.misread:
            return None
        if self.named is MONTH:
            self._name(item)
            return None
        if item.has_time:
            message = f"`{_text(item)}` has a time, and days are whole"
            self._report("E305", message, item, f"write `{item.when:%Y-%m-%d}`")
            return None
        if not FIRST_YEAR <= item.when.year <= LAST_YEAR:
            years = f"{FIRST_YEAR} .. {LAST_YEAR}, for which zones are known"
            self._report("E308", f"the year {item.when.year} lies outside {years}", item, "mend the year")
            return None
        return item.when.date()

    def _report(self, code: str, message: str, item: ast.Expression, help: str) -> None:
        self.scope.report(code, message, item.span, "", help, self.context)


def _joined(periods: list[tuple[date, date]]) -> tuple[tuple[date, date], ...]:
    """Periods in order, those that touch or overlap as one."""
    found: list[tuple[date, date]] = []
    for first, last in sorted(periods):
        if found and first <= found[-1][1] + timedelta(days=1):
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return tuple(found)


def _text(item: ast.Expression) -> str:
    return " ".join(item.span.text.split())[:60]
