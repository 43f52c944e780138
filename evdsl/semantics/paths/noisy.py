"""`noisy(series, deviation=, memory=)`: a series with an error for each scenario, which fades with time."""

from __future__ import annotations

from evdsl.language.units import NUMBER, TIME
from evdsl.language.values import Const, DerivedSeries, Value
from evdsl.semantics.evaluate import arguments, evaluate
from evdsl.semantics.paths.history import Options
from evdsl.semantics.paths.series import read_series
from evdsl.semantics.scope import Scope
from evdsl.syntax import ast

LARGEST_DEVIATION = 10.0
"""Of an error: 1,000 %; beyond it a `%` is missing."""


def noisy(call: ast.Call, scope: Scope) -> Value | None:
    """`noisy(series, deviation=, memory=, floor=)`."""
    found = arguments(call, ("series", "deviation", "memory", "floor"), 3, scope)
    if found is None:
        return None
    series = read_series("series", call, found, scope)
    deviation, memory = _deviation(found["deviation"], scope), _memory(found["memory"], scope)
    if series is None or deviation is None or memory is None:
        return None
    options: Options = (("deviation", deviation), ("memory", memory))
    if "floor" in found:
        floor = evaluate(found["floor"], scope)
        if floor is None or not _is_floor(floor, series, scope):
            return None
        options = (*options, ("floor", floor))
    return DerivedSeries("noisy", (series,), options, series.dimension, call.span)


def _deviation(given: ast.Expression, scope: Scope) -> Const | None:
    value = evaluate(given, scope)
    if value is None:
        return None
    if not isinstance(value, Const) or value.dimension != NUMBER:
        message = f"`deviation` is a share of the series, and {scope.shown(value)} is none"
        code = "E301" if isinstance(value, Const) else "E305"
        scope.report(code, message, value.span, "", "write `20 %`")
        return None
    if 0.0 <= value.value <= LARGEST_DEVIATION:
        return value
    message = f"`deviation` is {100 * value.value:,.10g} %, outside 0 % .. {100 * LARGEST_DEVIATION:,.0f} %"
    help = "write a share from 0 % on"
    if value.value > 0 and isinstance(given, ast.Number) and not given.unit:
        help = f"write `{given.digits} %`"
    scope.report("E308", message, value.span, "", help)
    return None


def _memory(given: ast.Expression, scope: Scope) -> Const | None:
    value = evaluate(given, scope)
    if value is None:
        return None
    if isinstance(value, Const) and value.dimension == TIME and value.value > 0.0:
        return value
    shown = scope.shown(value)
    code, fact, help = "E305", "is none", "write `3 h`"
    if isinstance(value, Const) and value.dimension == TIME:
        code, fact = "E308", "is not above 0"
        help = "write `1 min` for errors that know nothing of each other"
    elif isinstance(value, Const) and value.dimension == NUMBER:
        code, fact = "E303", "has no unit"
        help = f"write `{given.digits} h`" if isinstance(given, ast.Number) else help
    elif isinstance(value, Const):
        code, fact = "E301", f"is {scope.describe(value.dimension)}"
    scope.report(
        code, f"`memory` is the time in which an error fades, and {shown} {fact}", value.span, "", help
    )
    return None


def _is_floor(floor: Value, series: Value, scope: Scope) -> bool:
    unit, shown = scope.unit(series.dimension), scope.shown(floor)
    if not isinstance(floor, Const):
        message, help = f"`floor` is a constant, and {shown} is none", f"write `0 {unit}`"
        if series.dimension == NUMBER:
            help = "write `0`"
        scope.report("E305", message, floor.span, "", help)
        return False
    if floor.dimension == series.dimension:
        return True
    if floor.dimension == NUMBER:
        message = f"`floor` is in {unit}, like the series, and {shown} has no unit"
        help = f"write `{shown} {unit}`" if shown[-1:].isdigit() else f"give it in {unit}"
        scope.report("E303", message, floor.span, "", help)
        return False
    message = f"`floor` is in {unit}, like the series, and {shown} is {scope.describe(floor.dimension)}"
    help = "leave its unit out" if series.dimension == NUMBER else f"give it in {unit}"
    scope.report("E304", message, floor.span, "", help)
    return False
