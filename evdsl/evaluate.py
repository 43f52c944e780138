"""Expressions to values: names bound, units read, dimensions checked, constants folded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path

from evdsl import ast, units
from evdsl.diagnostic import Diagnostic, did_you_mean
from evdsl.source import Span
from evdsl.units import ENERGY, NUMBER, TIME, Dimension
from evdsl.values import (
    ClockTime,
    Column,
    Const,
    Daily,
    Draw,
    Instant,
    ListValue,
    MaximumEnergy,
    Operation,
    RangeValue,
    TextValue,
    Value,
    WordUse,
    leaves,
)


@dataclass(slots=True)
class Scope:
    """What names mean in a spec, and what has been found wrong so far.

    `names` are the params and lets, evaluated when first asked for; `pending` are those being
    evaluated, to see a circle; `unread` are names inside statements that could not be parsed.
    """

    definitions: Mapping[str, ast.Param | ast.Let]
    words: Mapping[str, Dimension]
    folders: tuple[Path, ...]
    unread: frozenset[str]
    diagnostics: list[Diagnostic]
    overrides: Mapping[str, ast.Expression] = field(default_factory=dict)
    known: dict[str, Value | None] = field(default_factory=dict)
    pending: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    currency: str = ""
    currency_span: Span | None = None
    draws: int = 0

    def report(
        self, code: str, message: str, span: Span, label: str = "", help: str = "", context: Span | None = None
    ) -> None:
        """Adds a finding."""
        self.diagnostics.append(Diagnostic(code, message, span, label, help, (), context))

    def note_currency(self, currency: str | None, span: Span) -> None:
        """Money is one currency in a spec."""
        if currency is None or currency == self.currency:
            return
        if self.currency:
            message = f"{currency} and {self.currency} cannot both be the money of one spec"
            where = f", as on line {self.currency_span.line}" if self.currency_span else ""
            self.report("E306", message, span, "", f"give all money in {self.currency}{where}")
        else:
            self.currency, self.currency_span = currency, span

    def shown(self, value: Value) -> str:
        """A value for a message, as it was written."""
        text = " ".join(value.span.text.split())
        return text if len(text) <= 60 else text[:57] + "..."

    def describe(self, dimension: Dimension) -> str:
        """A dimension for a message."""
        return units.describe(dimension, self.currency or "EUR")

    def unit(self, dimension: Dimension) -> str:
        """The unit of a dimension for a message; `1` for a plain number."""
        return units.symbol(dimension, self.currency or "EUR") or "a plain number"


Function = Callable[[ast.Call, Scope], "Value | None"]


def evaluate(expression: ast.Expression, scope: Scope) -> Value | None:
    """The value of an expression; `None` where a finding has been reported."""
    match expression:
        case ast.Number():
            return _number(expression, scope)
        case ast.Text(text, span):
            return TextValue(text, span)
        case ast.Clock(seconds, span):
            return ClockTime(seconds / 3600, span)
        case ast.Date(when, has_time, span):
            return Instant(when, has_time, span)
        case ast.Name():
            return _name(expression, scope)
        case ast.Unary(_, operand, span):
            value = evaluate(operand, scope)
            minus = Const(-1.0, NUMBER, span)
            return None if value is None else multiply("*", minus, value, span, scope)
        case ast.Binary(operator, left, right, span):
            first, second = evaluate(left, scope), evaluate(right, scope)
            if first is None or second is None:
                return None
            combine = add if operator in "+-" else multiply
            return combine(operator, first, second, span, scope)
        case ast.Range(low, high, span):
            first, second = evaluate(low, scope), evaluate(high, scope)
            if first is None or second is None or not _same(first, second, "..", span, scope):
                return None
            return RangeValue(first, second, span, first.dimension)
        case ast.ListOf(items, span):
            values = [evaluate(item, scope) for item in items]
            found = [value for value in values if value is not None]
            return ListValue(tuple(found), span) if len(found) == len(values) else None
        case ast.Table():
            return _table(expression, scope)
        case ast.Call():
            return _call(expression, scope)
        case ast.Aggregate() | ast.Index() | ast.Attribute():
            scope.report(
                "E206",
                "expressions over single vehicles and steps are not built in this version",
                expression.span,
                "",
                "words such as `peak` and `unmet` speak of the whole schedule",
            )
            return None


def _number(number: ast.Number, scope: Scope) -> Value | None:
    if not number.unit:
        return Const(number.value, NUMBER, number.span)
    unit = units.parse(number.unit)
    if isinstance(unit, str):
        help = did_you_mean(unit, units.known())
        if "/" in number.unit and number.unit.split("/")[0] in units.SIMPLE:
            help = help or f"to divide by a name, write `/ {unit}` with spaces"
        scope.report("E302", f"`{unit}` is not a unit", number.span, "", help or "units are kW, kWh, h, min, EUR, kg, %")
        return None
    scope.note_currency(unit.currency, number.span)
    days = number.value if number.unit == "d" else 0.0
    return Const(number.value * unit.factor, unit.dimension, number.span, days)


def _name(name: ast.Name, scope: Scope) -> Value | None:
    if name.text in scope.definitions:
        scope.used.add(name.text)
        value = definition(name.text, scope, name.span)
        return None if value is None else replace(value, span=name.span)
    if name.text in scope.words:
        return WordUse(name.text, scope.words[name.text], name.span)
    if name.text == "max_energy":
        return MaximumEnergy(ENERGY, name.span)
    if name.text not in scope.unread:
        known = [*scope.definitions, *scope.words, "max_energy"]
        help = did_you_mean(name.text, known) or f"define it: `param {name.text} = ...`"
        scope.report("E203", f"nothing is named `{name.text}`", name.span, "", help)
    return None


def definition(name: str, scope: Scope, asked: Span) -> Value | None:
    """The value of a param or let, evaluated once; a circle is reported where it closes."""
    if name in scope.known:
        return scope.known[name]
    if name in scope.pending:
        circle = " -> ".join([*scope.pending[scope.pending.index(name) :], name])
        scope.report("E210", f"`{name}` needs itself: {circle}", asked, "", "break the circle")
        scope.known[name] = None
        return None
    scope.pending.append(name)
    value = evaluate(scope.definitions[name].value, scope)
    override = scope.overrides.get(name)
    if override is not None:
        value = _overridden(name, value, evaluate(override, scope), scope)
    scope.pending.pop()
    return scope.known.setdefault(name, value)


def _overridden(name: str, old: Value | None, new: Value | None, scope: Scope) -> Value | None:
    if old is None or new is None or old.dimension == new.dimension:
        return new
    if any(isinstance(leaf, WordUse) for leaf in leaves(new)):
        return new
    unit = scope.unit(old.dimension)
    message = f"`{name}` is {scope.describe(old.dimension)}, and {scope.shown(new)} is {scope.describe(new.dimension)}"
    code = "E303" if new.dimension == NUMBER else "E301"
    scope.report(code, message, new.span, "", f"write `--set {name}=\"... {unit}\"`")
    return None


def _is_clock(value: Value) -> bool:
    if isinstance(value, Draw | Column | Operation):
        return value.is_clock
    return isinstance(value, ClockTime | Instant)


def _is_quantity(value: Value) -> bool:
    return not isinstance(value, TextValue | RangeValue | ListValue) and not _is_clock(value)


def _same(left: Value, right: Value, operator: str, span: Span, scope: Scope) -> bool:
    if _is_clock(left) and _is_clock(right) and operator == "..":
        return True
    for value in (left, right):
        if not _is_quantity(value):
            scope.report("E305", f"{scope.shown(value)} cannot be calculated with", value.span)
            return False
    if left.dimension == right.dimension:
        return True
    first, second = scope.unit(left.dimension), scope.unit(right.dimension)
    verb = "added" if operator in "+-" else "compared"
    help = _price_help(left, right, scope)
    if not help and NUMBER in (left.dimension, right.dimension):
        other = second if left.dimension == NUMBER else first
        help = f"give the number its unit: `... {other}`"
    scope.report("E304", f"{first} and {second} cannot be {verb}", span, "", help)
    return False


def _price_help(left: Value, right: Value, scope: Scope) -> str:
    """`EUR + kg` is nearly always a word that lacks its price."""
    money = scope.currency or "EUR"
    for value, other in ((right, left), (left, right)):
        words = [leaf.name for leaf in leaves(value) if isinstance(leaf, WordUse)]
        if other.dimension == units.MONEY and words:
            price = {units.MASS: f"80 {money}/t", units.ENERGY: f"0.40 {money}/kWh", units.POWER: f"12 {money}/kW"}
            example = price.get(value.dimension)
            if example:
                return f"give {words[0]} a price, such as `{example} * {words[0]}`"
    return ""


def add(operator: str, left: Value, right: Value, span: Span, scope: Scope) -> Value | None:
    """A sum or a difference: equal dimensions, or a time added to a clock time or date."""
    if _is_clock(left) and right.dimension == TIME:
        return Operation(operator, (left, right), NUMBER, span, is_clock=True)
    if _is_clock(right) and left.dimension == TIME and operator == "+":
        return Operation(operator, (right, left), NUMBER, span, is_clock=True)
    if not _same(left, right, operator, span, scope):
        return None
    if isinstance(left, Const) and isinstance(right, Const):
        sign = 1.0 if operator == "+" else -1.0
        total = left.value + sign * right.value
        return _finite(Const(total, left.dimension, span, left.days + sign * right.days), scope)
    return Operation(operator, (left, right), left.dimension, span)


def multiply(operator: str, left: Value, right: Value, span: Span, scope: Scope) -> Value | None:
    """A product or a quotient. Two decisions are never multiplied: the models are linear."""
    for value in (left, right):
        if not _is_quantity(value):
            scope.report("E305", f"{scope.shown(value)} cannot be multiplied or divided", value.span)
            return None
    decided = [any(isinstance(leaf, WordUse) for leaf in leaves(value)) for value in (left, right)]
    if all(decided) or (decided[1] and operator == "/"):
        verb = "divided by" if operator == "/" else "multiplied with"
        message = f"a word of the objective cannot be {verb} another: the model would not be linear"
        scope.report("E404", message, span, "", "weigh words with constants and add them")
        return None
    if operator == "/" and isinstance(right, Const) and right.value == 0:
        scope.report("E307", "nothing can be divided by zero", span)
        return None
    dimension = left.dimension.times(right.dimension) if operator == "*" else left.dimension.per(right.dimension)
    if isinstance(left, Const) and isinstance(right, Const):
        number = left.value * right.value if operator == "*" else left.value / right.value
        scale = right.value if left.days else left.value
        days = (left.days or right.days) * (scale if operator == "*" else 1 / scale)
        return _finite(Const(number, dimension, span, days if dimension == TIME else 0.0), scope)
    return Operation(operator, (left, right), dimension, span)


def _finite(value: Const, scope: Scope) -> Const | None:
    if isfinite(value.value):
        return value
    scope.report("E307", "the result is too large for a number", value.span)
    return None


def _table(table: ast.Table, scope: Scope) -> Value | None:
    entries: list[tuple[float, float]] = []
    first: Value | None = None
    sound = True
    for clock, expression in table.entries:
        value = evaluate(expression, scope)
        hours = clock.seconds / 3600
        if value is None:
            sound = False
        elif not isinstance(value, Const):
            scope.report("E305", "the values of a daily table are constants", expression.span)
            sound = False
        elif first is not None and value.dimension != first.dimension:
            message = f"{scope.shown(value)} is {scope.describe(value.dimension)} among {scope.unit(first.dimension)}"
            scope.report("E301", message, value.span, "", f"give every entry in {scope.unit(first.dimension)}")
            sound = False
        elif hours >= 24 or (entries and hours <= entries[-1][0]):
            scope.report("E305", "the times of a daily table go upwards from 00:00, below 24:00", clock.span)
            sound = False
        else:
            entries.append((hours, value.value))
            first = first or value
    if not sound or first is None:
        return None
    return Daily(tuple(entries), first.dimension, table.span)


def _call(call: ast.Call, scope: Scope) -> Value | None:
    from evdsl.functions import FUNCTIONS

    function = FUNCTIONS.get(call.function.text)
    if function is None:
        help = did_you_mean(call.function.text, FUNCTIONS)
        message = f"`{call.function.text}` is not a function of the language"
        scope.report("E205", message, call.function.span, "", help)
        return None
    return function(call, scope)


def arguments(call: ast.Call, names: Sequence[str], required: int, scope: Scope) -> dict[str, ast.Expression] | None:
    """Arguments by name: those by position in the order of `names`, the first `required` demanded."""
    found: dict[str, ast.Expression] = {}
    usage = f"{call.function.text}({', '.join(names)})"
    for position, argument in enumerate(call.arguments):
        name = argument.name or (names[position] if position < len(names) else "")
        if name not in names:
            help = did_you_mean(argument.name, names) or f"write `{usage}`"
            what = f"no argument `{argument.name}`" if argument.name else f"at most {len(names)} arguments"
            scope.report("E205", f"`{call.function.text}` has {what}", argument.span, "", help)
            return None
        if name in found:
            scope.report("E207", f"`{name}` is given twice", argument.span)
            return None
        found[name] = argument.value
    missing = [name for name in names[:required] if name not in found]
    if missing:
        scope.report("E205", f"`{call.function.text}` lacks `{missing[0]}`", call.span, "", f"write `{usage}`")
        return None
    return found
