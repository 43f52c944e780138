"""Expressions to values: names bound, units read, dimensions checked, constants folded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evdsl.diagnostics.diagnostic import did_you_mean
from evdsl.diagnostics.source import Span
from evdsl.language.clock import FIRST_YEAR, LAST_YEAR
from evdsl.language.names import AGGREGATES, FUNCTIONS
from evdsl.language.units import ENERGY, NUMBER, TIME
from evdsl.language.values import (
    ClockTime,
    Const,
    Instant,
    ListValue,
    MaximumEnergy,
    RangeValue,
    TextValue,
    Value,
    WordUse,
)
from evdsl.semantics.arithmetic import add, finite, is_decided, multiply, same_kind
from evdsl.semantics.paths.numbering import number_paths
from evdsl.semantics.scope import MAXIMUM_LEVELS, Scope
from evdsl.semantics.times.tables import read_table
from evdsl.semantics.unit_names import read_unit
from evdsl.syntax import ast


def evaluate(expression: ast.Expression, scope: Scope) -> Value | None:
    """The value of an expression; `None` where a finding has been reported."""
    if scope.level >= MAXIMUM_LEVELS:
        message = f"more than {MAXIMUM_LEVELS} expressions stand inside each other, through their names"
        if not scope.is_deep:
            scope.report("E004", message, expression.span, "", "define names before they are used")
        scope.is_deep = True
        return None
    scope.level += 1
    try:
        return _value(expression, scope)
    finally:
        scope.level -= 1


def _value(expression: ast.Expression, scope: Scope) -> Value | None:
    if expression.span in scope.misread:
        return None
    match expression:
        case ast.Number():
            return _number(expression, scope)
        case ast.Text(text, span):
            return TextValue(text, span)
        case ast.Clock(seconds, span):
            return ClockTime(seconds / 3600, span)
        case ast.Date():
            return _date(expression, scope)
        case ast.Name():
            return _name(expression, scope)
        case ast.Unary(_, operand, span):
            value = evaluate(operand, scope)
            return None if value is None else multiply("*", Const(-1.0, NUMBER, span), value, span, scope)
        case ast.Binary():
            return _binary(expression, scope)
        case ast.Range(low, high, span):
            first, second = evaluate(low, scope), evaluate(high, scope)
            if first is None or second is None or not same_kind(first, second, "..", span, scope):
                return None
            return RangeValue(first, second, span, first.dimension)
        case ast.ListOf():
            return _list(expression, scope)
        case ast.Table():
            return read_table(expression, scope, evaluate)
        case ast.Call():
            return _call(expression, scope)
        case ast.Aggregate() | ast.Index() | ast.Attribute():
            if scope.local is not None and scope.indexed is not None:
                return scope.indexed.single(expression, scope)
            _refuse_singles(expression.span, scope)
            return None


def _refuse_singles(span: Span, scope: Scope) -> None:
    """E206, once a line: brackets, aggregates and `step` beside each other are one mistake."""
    place = span.source.name, span.line
    if place not in scope.outside:
        message = (
            "single vehicles and steps outside `require`, `let` and objectives are not built in this version"
        )
        help = "write a number with its unit, or read a series from a file: `csv(...)`"
        scope.report("E206", message, span, "", help)
    scope.outside.add(place)


def _binary(last: ast.Binary, scope: Scope) -> Value | None:
    """`a + b - c ...`, from the left: a long sum is no deeper than a short one."""
    chain = [last]
    while isinstance(chain[-1].left, ast.Binary):
        chain.append(chain[-1].left)
    value = evaluate(chain[-1].left, scope)
    sound = True
    for binary in reversed(chain):
        second = evaluate(binary.right, scope)
        if value is not None and second is not None:
            combine = add if binary.operator in "+-" else multiply
            found = combine(binary.operator, value, second, binary.span, scope)
            sound = sound and found is not None
            # The first term stands for a sum that has an odd one, so that the next odd one is told as well.
            value = value if found is None and binary.operator in "+-" else found
        else:
            value, sound = None, False
    return value if sound else None


def _number(number: ast.Number, scope: Scope) -> Value | None:
    if not number.unit:
        return Const(number.value, NUMBER, number.span)
    unit = read_unit(number.unit, number.span, scope, f"{number.digits} ")
    if unit is None:
        return None
    days = number.value if number.unit == "d" else 0.0
    return finite(Const(number.value * unit.factor, unit.dimension, number.span, days), scope)


def _date(date: ast.Date, scope: Scope) -> Value | None:
    if FIRST_YEAR <= date.when.year <= LAST_YEAR:
        return Instant(date.when, date.has_time, date.span)
    message = f"the year {date.when.year} lies outside {FIRST_YEAR} .. {LAST_YEAR}, for which zones are known"
    scope.report("E308", message, date.span, "", "mend the year")
    return None


def _name(name: ast.Name, scope: Scope) -> Value | None:
    if name.text in scope.singles:
        message = f"`{name.text}` is of single vehicles and steps, which is not built in this version"
        scope.report(
            "E206", message, name.span, "", "use it in a `require` or an objective; it is in the report"
        )
        return None
    if name.text in scope.definitions:
        scope.used.add(name.text)
        value = definition(name.text, scope, name.span)
        return None if value is None else replace(value, span=name.span)
    if name.text in scope.words:
        scope.word_uses.append((name.text, name.span))
        return WordUse(name.text, scope.words[name.text], name.span)
    if name.text == "max_energy":
        return MaximumEnergy(ENERGY, name.span)
    if scope.local is not None and scope.indexed is not None:
        if name.text == "step":
            step = scope.local.horizon.step if scope.local.horizon is not None else 1.0
            return Const(step, TIME, name.span)
        if scope.indexed.bare_name(name, scope):
            return None
    if name.text == "step":
        if (name.span.source.name, name.span.line) not in scope.outside:
            help = "write its length, such as `15 min`; `step` is known where steps are added up"
            scope.report(
                "E203", "`step` is known in a `require` and in a `let` over steps", name.span, "", help
            )
        return None
    if not scope.excuses(name.text):
        known = [*scope.words, "max_energy", *scope.definitions]
        help = scope.near(name.text, known) or f"define it: `param {name.text} = ...`"
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
    uses = list(scope.word_uses)
    value = evaluate(scope.definitions[name].value, scope)
    override = scope.overrides.get(name)
    if override is not None:
        # The words of the value that is written over are not used.
        scope.word_uses = uses
        value = _overridden(name, value, evaluate(override, scope), scope)
    scope.pending.pop()
    return scope.known.setdefault(name, None if value is None else number_paths(value, name))


def _overridden(name: str, old: Value | None, new: Value | None, scope: Scope) -> Value | None:
    if old is None or new is None or old.dimension == new.dimension or is_decided(new):
        return new
    unit = scope.unit(old.dimension)
    code, what = "E301", f"is {scope.describe(new.dimension)}"
    if new.dimension == NUMBER:
        code, what = "E303", "has no unit"
    if not isinstance(new, Const) and new.dimension == NUMBER:
        code, what = "E305", "is none"
    message = f"`{name}` is {scope.describe(old.dimension)}, and {scope.shown(new)} {what}"
    number = f"{new.value:g}" if isinstance(new, Const) and code == "E303" else "..."
    scope.report(code, message, new.span, "", f'write `--set {name}="{number} {unit}"`')
    return None


def _list(items: ast.ListOf, scope: Scope) -> Value | None:
    values = [evaluate(item, scope) for item in items.items]
    found = [value for value in values if value is not None]
    inner = next((value for value in found if isinstance(value, ListValue)), None)
    if inner is not None:
        scope.report("E305", "a list holds single values, and no lists", inner.span, "", "write one list")
        return None
    return ListValue(tuple(found), items.span) if len(found) == len(values) else None


def _call(call: ast.Call, scope: Scope) -> Value | None:
    name = call.function.text
    if name in scope.functions:
        return scope.functions[name](call, scope)
    if name in ("sum", "mean"):
        help = f"write `{name}(t in steps: import[t])`, or `{name}(v in vehicles: delivered[v])`"
        scope.report("E205", f"`{name}` runs over a set", call.function.span, "", help)
    else:
        known = list(dict.fromkeys([*FUNCTIONS, *AGGREGATES]))
        help = did_you_mean(name, known) or f"functions are {', '.join(known)}"
        scope.report("E205", f"`{name}` is not a function of the language", call.function.span, "", help)
    return None


def arguments(
    call: ast.Call, names: Sequence[str], required: int, scope: Scope
) -> dict[str, ast.Expression] | None:
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
            scope.report("E207", f"`{name}` is given twice", argument.span, "", "keep one of them")
            return None
        found[name] = argument.value
    missing = [name for name in names[:required] if name not in found]
    if missing:
        scope.report(
            "E205", f"`{call.function.text}` lacks `{missing[0]}`", call.span, "", f"write `{usage}`"
        )
        return None
    return found


def text_argument(name: str, found: dict[str, ast.Expression], scope: Scope, default: str = "") -> str | None:
    """A text among the arguments of a call, or else the default; `None` where a finding has been reported."""
    if name not in found:
        return default
    given = found[name]
    if isinstance(given, ast.Name) and given.text not in scope.definitions:
        message = f"`{name}` is a text in quotes, and {given.text} is a name"
        scope.report("E305", message, given.span, "", f'write `{name}="{given.text}"`')
        return None
    value = evaluate(given, scope)
    if value is None:
        return None
    if isinstance(value, TextValue):
        return value.value
    message = f"`{name}` is a text in quotes, and {scope.shown(value)} is none"
    scope.report("E305", message, found[name].span, "", f'write `{name}="..."`')
    return None
