"""The settings of one block, held against the declaration of its kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from evdsl import ast
from evdsl.diagnostic import did_you_mean
from evdsl.evaluate import Scope, evaluate
from evdsl.schema import Kind, Setting, Shape
from evdsl.source import Source, Span
from evdsl.syntax import parse_expression
from evdsl.units import NUMBER, TIME
from evdsl.values import (
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
    Operation,
    RangeValue,
    Reference,
    TextValue,
    Value,
    WordUse,
    leaves,
)

WANTED = {
    Shape.CLOCK: "a time of day such as `07:30`, a date with a time, or a distribution around one",
    Shape.INSTANT: "a date such as `2024-03-12`",
    Shape.COUNT: "a whole number",
    Shape.TEXT: "a text in quotes",
    Shape.RANGE: "a range such as `10 % .. 100 %`",
    Shape.REFERENCE: "the name of a block",
    Shape.REFERENCES: "a list of names such as `[ac, dc]`",
    Shape.NUMBERS: "a list such as `[0 kW, 3.7 kW, 11 kW]`",
}


def check_settings(
    kind: Kind, owner: str, given: Iterable[ast.Setting], header: Span, scope: Scope
) -> tuple[dict[str, Value], frozenset[str]]:
    """The values of a block's settings, defaults included, and the names that were written."""
    values: dict[str, Value] = {}
    seen: dict[str, Span] = {}
    for statement in given:
        name = statement.name.text
        setting = kind.setting(name)
        if setting is None:
            help = did_you_mean(name, [s.name for s in kind.settings])
            help = help or f"`{kind.keyword}` has {', '.join(s.name for s in kind.settings)}"
            scope.report("E202", f"`{owner}` has no setting `{name}`", statement.name.span, "", help, header)
            continue
        if name in seen:
            message = f"`{name}` of `{owner}` is given twice, first on line {seen[name].line}"
            scope.report("E207", message, statement.name.span, "", "keep one of them", header)
            continue
        seen[name] = statement.name.span
        scope.draws = 0
        value = read_setting(setting, statement.value, owner, header, scope)
        if value is not None:
            values[name] = value
    _check_presence(kind, owner, seen, header, scope)
    for setting in kind.settings:
        if setting.name not in seen and setting.default is not None:
            values[setting.name] = _default(setting, owner, scope)
    return values, frozenset(seen)


def _check_presence(kind: Kind, owner: str, seen: dict[str, Span], header: Span, scope: Scope) -> None:
    for setting in kind.settings:
        if setting.required and setting.name not in seen and setting.name not in scope.unread:
            help = f"add `{setting.name} = {setting.example}`"
            scope.report("E208", f"`{owner}` needs `{setting.name}`", header, "", help)
    for group in kind.either:
        given = [name for name in group if name in seen]
        if not given and not scope.unread.intersection(group):
            choice = " or ".join(f"`{name}`" for name in group)
            setting = kind.setting(group[0])
            help = f"add `{group[0]} = {setting.example}`" if setting else ""
            scope.report("E208", f"`{owner}` needs {choice}", header, "", help)
        elif len(given) > 1:
            both = " and ".join(f"`{name}`" for name in given)
            message = f"`{owner}` has {both}, and one follows from the other"
            scope.report("E207", message, seen[given[-1]], "", "keep one of them", header)


def _default(setting: Setting, owner: str, scope: Scope) -> Value:
    source = Source(f"default of {setting.name}", setting.default or "")
    expression, problems = parse_expression(source)
    assert expression is not None and not problems, f"default of {setting.name} cannot be read"
    value = read_setting(setting, expression, owner, expression.span, scope)
    assert value is not None, f"default of {setting.name} does not fit its declaration"
    return value


def read_setting(setting: Setting, expression: ast.Expression, owner: str, header: Span, scope: Scope) -> Value | None:
    """The value of a setting, if it has the shape, the dimension and the range that were declared."""
    if setting.shape is Shape.CHOICE:
        return _choice(setting, expression, owner, header, scope)
    if setting.shape in (Shape.REFERENCE, Shape.REFERENCES):
        return _references(setting, expression, owner, header, scope)
    value = evaluate(expression, scope)
    if value is None:
        return None
    if not _fits(setting.shape, value):
        label = f"`{owner}` wants `{setting.name}` as {WANTED.get(setting.shape, setting.shape.value)}"
        message = f"{label}, and this is {_what(value, scope)}"
        scope.report("E305", message, expression.span, "", _example(setting), header)
        return None
    if setting.shape is Shape.RANGE and not isinstance(value, RangeValue):
        value = RangeValue(value, value, value.span, value.dimension)
    if setting.shape not in (Shape.CLOCK, Shape.INSTANT, Shape.TEXT) and not _instants(value):
        if not _has_dimension(setting, value, expression, owner, header, scope):
            return None
        if not _in_range(setting, value, owner, header, scope):
            return None
    return value


def _instants(value: Value) -> bool:
    return isinstance(value, RangeValue) and isinstance(value.low, Instant) and isinstance(value.high, Instant)


def _fits(shape: Shape, value: Value) -> bool:
    ends = list(leaves(value))
    if any(isinstance(end, WordUse) for end in ends):
        return False
    random = any(isinstance(end, Draw | Column | MaximumEnergy) for end in ends)
    over_time = any(isinstance(end, Daily | FileSeries | FileTariff) for end in ends)
    clock = isinstance(value, ClockTime | Instant) or (
        isinstance(value, Draw | Column | Operation) and value.is_clock
    )
    plain = not isinstance(value, TextValue | ListValue | RangeValue) and not clock
    match shape:
        case Shape.CONSTANT | Shape.COUNT:
            return isinstance(value, Const)
        case Shape.SERIES:
            return plain and not random
        case Shape.RANDOM:
            return plain and not over_time
        case Shape.CLOCK:
            return (clock and not (isinstance(value, Instant) and not value.has_time)) or isinstance(value, Column)
        case Shape.INSTANT:
            return isinstance(value, Instant)
        case Shape.TEXT:
            return isinstance(value, TextValue)
        case Shape.RANGE:
            return isinstance(value, Const) or (
                isinstance(value, RangeValue) and (_instants(value) or all(isinstance(e, Const) for e in ends))
            )
        case _:
            return isinstance(value, ListValue) and all(isinstance(end, Const) for end in ends)


def _what(value: Value, scope: Scope) -> str:
    match value:
        case TextValue():
            return "a text"
        case ClockTime():
            return "a clock time"
        case Instant(has_time=False):
            return "a date without a time"
        case Instant():
            return "a date"
        case RangeValue():
            return "a range"
        case ListValue():
            return "a list"
        case Daily() | FileSeries() | FileTariff():
            return "a series"
        case Draw():
            return "a distribution"
    if any(isinstance(leaf, WordUse) for leaf in leaves(value)):
        return "a word of the objective"
    return f"{scope.describe(value.dimension)}, {scope.shown(value)}"


def _has_dimension(
    setting: Setting, value: Value, expression: ast.Expression, owner: str, header: Span, scope: Scope
) -> bool:
    values = value.items if isinstance(value, ListValue) else (value,)
    wrong = next((v for v in values if v.dimension != setting.dimension), None)
    if wrong is None:
        return True
    unit = scope.unit(setting.dimension)
    if setting.dimension == TIME:
        unit = "min or h"
    written = expression if isinstance(expression, ast.Number) else None
    if wrong.dimension == NUMBER and setting.dimension != NUMBER:
        message = f"`{owner}` wants `{setting.name}` in {unit}, and {scope.shown(wrong)} has no unit"
        help = f"write `{written.digits} {unit.split(' ')[0]}`" if written else _example(setting)
        scope.report("E303", message, wrong.span, "no unit", help, header)
        return False
    what = scope.describe(wrong.dimension)
    message = f"`{owner}` wants `{setting.name}` in {unit}, and {scope.shown(wrong)} is {what}"
    if setting.dimension == NUMBER:
        message = f"`{owner}` wants `{setting.name}` as a plain number, and {scope.shown(wrong)} is {what}"
    helpful = written is not None and setting.dimension not in (NUMBER, TIME)
    help = f"write `{written.digits} {unit}`" if helpful and written else _example(setting)
    scope.report("E301", message, wrong.span, what.removeprefix("an ").removeprefix("a "), help, header)
    return False


def _in_range(setting: Setting, value: Value, owner: str, header: Span, scope: Scope) -> bool:
    for leaf in _constant_parts(value):
        number, span = leaf
        reason = _outside(setting, number)
        if reason:
            place = replace(span, end=span.end) if span.source is header.source else header
            message = f"`{setting.name}` of `{owner}` is {' '.join(place.text.split())[:60]}, {reason}"
            scope.report("E308", message, place, "", _example(setting), header)
            return False
    if setting.shape is Shape.COUNT and isinstance(value, Const) and value.value != int(value.value):
        message = f"`{setting.name}` of `{owner}` is a whole number"
        scope.report("E308", message, value.span, "", f"write `{int(value.value)}`", header)
        return False
    if isinstance(value, RangeValue) and isinstance(value.low, Const) and isinstance(value.high, Const):
        if value.low.value > value.high.value:
            text = f"{scope.shown(value.high)} .. {scope.shown(value.low)}"
            message = f"`{setting.name}` of `{owner}` is upside down: its low end lies above its high end"
            scope.report("E308", message, value.span, "", f"write `{text}`", header)
            return False
    return True


def _constant_parts(value: Value) -> list[tuple[float, Span]]:
    match value:
        case Const():
            return [(value.value, value.span)]
        case Daily():
            return [(number, value.span) for _, number in value.entries]
        case RangeValue(low=low, high=high):
            return _constant_parts(low) + _constant_parts(high)
        case ListValue(items=items):
            return [part for item in items for part in _constant_parts(item)]
        case Draw(distribution="uniform"):
            return [part for argument in value.arguments for part in _constant_parts(argument)]
    return []


def _outside(setting: Setting, number: float) -> str:
    unit = " (100 %)" if setting.maximum == 1.0 else ""
    if setting.minimum is not None and number < setting.minimum:
        return f"below {setting.minimum:g}"
    if setting.above and setting.minimum is not None and number <= setting.minimum:
        return f"and must lie above {setting.minimum:g}"
    if setting.maximum is not None and number > setting.maximum:
        return f"above {setting.maximum:g}{unit}"
    return ""


def _example(setting: Setting) -> str:
    return f"write `{setting.name} = {setting.example}`" if setting.example else ""


def _choice(setting: Setting, expression: ast.Expression, owner: str, header: Span, scope: Scope) -> Value | None:
    text = expression.text if isinstance(expression, ast.Name) else None
    if text is None and isinstance(expression, ast.Text):
        text = expression.value
    if text is not None and (not setting.choices or text in setting.choices):
        return TextValue(text, expression.span)
    choices = ", ".join(setting.choices) or setting.example
    help = did_you_mean(text or "", setting.choices) or f"write `{setting.name} = {setting.example}`"
    scope.report("E305", f"`{setting.name}` of `{owner}` is one of: {choices}", expression.span, "", help, header)
    return None


def _references(setting: Setting, expression: ast.Expression, owner: str, header: Span, scope: Scope) -> Value | None:
    items = expression.items if isinstance(expression, ast.ListOf) else (expression,)
    names = [item for item in items if isinstance(item, ast.Name)]
    if len(names) != len(items) or (setting.shape is Shape.REFERENCE and len(names) != 1):
        message = f"`{owner}` wants `{setting.name}` as {WANTED[setting.shape]}"
        scope.report("E305", message, expression.span, "", _example(setting), header)
        return None
    references = tuple(Reference(name.text, name.span) for name in names)
    if setting.shape is Shape.REFERENCE:
        return references[0]
    return ListValue(references, expression.span)
