"""Sums, products and comparisons of values: dimensions checked, constants folded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import isfinite

from evdsl.diagnostics.source import Span
from evdsl.language import units
from evdsl.language.clock import FIRST_YEAR, LAST_YEAR
from evdsl.language.units import ENERGY, NUMBER, POWER, TIME, Dimension
from evdsl.language.values import (
    Aggregated,
    ClockTime,
    Column,
    Const,
    Draw,
    Instant,
    ListValue,
    Operation,
    Quantity,
    RangeValue,
    TextValue,
    Value,
    WordUse,
    leaves,
)
from evdsl.semantics.scope import Scope

MAXIMUM_SIZE = 300
"""Values in one expression, through the names that it uses: names that double each other stop here."""
MAXIMUM_DEPTH = 200
"""Operations below each other: what walks them calls itself."""
MAXIMUM_EXPONENT = 6
"""No quantity of this field has a higher power of a unit."""


def operation(
    operator: str,
    operands: tuple[Value, ...],
    dimension: Dimension,
    span: Span,
    scope: Scope,
    *,
    is_clock: bool = False,
) -> Operation | None:
    """An operation that cannot be folded, unless it has grown beyond reason."""
    nested = [operand for operand in operands if isinstance(operand, Operation | Aggregated)]
    size = sum(operand.size for operand in nested) + len(operands) - len(nested)
    depth = 1 + max((operand.depth for operand in nested), default=0)
    if size > MAXIMUM_SIZE or depth > MAXIMUM_DEPTH:
        message = f"an expression has more than {MAXIMUM_SIZE} values, counted through the names that it uses"
        scope.report("E004", message, span, "", "keep long sums out of the spec")
        return None
    return Operation(operator, operands, dimension, span, is_clock, size, depth)


def is_clock(value: Value) -> bool:
    """Whether a value is a point in time, and no quantity."""
    if isinstance(value, Draw | Column | Operation):
        return value.is_clock
    return isinstance(value, ClockTime | Instant)


def is_decided(value: Value) -> bool:
    """Whether a value depends on the schedule."""
    return any(
        isinstance(leaf, WordUse) or (isinstance(leaf, Quantity) and leaf.decided) for leaf in leaves(value)
    )


def _is_quantity(value: Value) -> bool:
    return not isinstance(value, TextValue | RangeValue | ListValue) and not is_clock(value)


def same_kind(left: Value, right: Value, operator: str, span: Span, scope: Scope) -> bool:
    """Whether two values can be added or compared; if not, why not is reported."""
    if is_clock(left) and is_clock(right) and operator == "..":
        return True
    for value in (left, right):
        if not _is_quantity(value):
            between = _hours_between(left, right) if operator == "-" else 0.0
            if between > 0:
                message, help = "clock times are not subtracted", f"write the time between: `{between:g} h`"
                scope.report("E305", message, span, "", help)
                return False
            help = "write a quantity with its unit"
            help = "a time is added to a clock time: `08:00 + 30 min`" if is_clock(value) else help
            scope.report("E305", f"{scope.shown(value)} cannot be calculated with", value.span, "", help)
            return False
    if left.dimension == right.dimension:
        return True
    first, second = scope.unit(left.dimension), scope.unit(right.dimension)
    verb = "added" if operator in "+-" else "compared"
    scope.report(
        "E304", f"{first} and {second} cannot be {verb}", span, "", _mending(left, right, operator, scope)
    )
    return False


def _hours_between(left: Value, right: Value) -> float:
    """The hours from one clock time to another; 0 where there are no two of them."""
    if not isinstance(left, ClockTime) or not isinstance(right, ClockTime):
        return 0.0
    return left.hours + left.later - right.hours - right.later


def _mending(left: Value, right: Value, operator: str, scope: Scope) -> str:
    for number, other in ((left, right), (right, left)):
        text = scope.shown(number)
        if number.dimension == NUMBER and isinstance(number, Const) and text[-1:].isdigit():
            return f"give the number its unit: `{text} {scope.unit(other.dimension)}`"
    if {left.dimension, right.dimension} == {POWER, ENERGY} and operator in "+-":
        return "a power times a time is an energy, `11 kW * 2 h`, and by a time it is a power, `22 kWh / 2 h`"
    return _price_help(left, right, scope) or "give both in one unit"


def _price_help(left: Value, right: Value, scope: Scope) -> str:
    """`EUR + kg` is nearly always a word that lacks its price."""
    money = scope.currency or "EUR"
    for value, other in ((right, left), (left, right)):
        words = [leaf.name for leaf in leaves(value) if isinstance(leaf, WordUse)]
        if other.dimension == units.MONEY and words:
            price = {
                units.MASS: f"80 {money}/t",
                units.ENERGY: f"0.40 {money}/kWh",
                units.POWER: f"12 {money}/kW",
            }
            example = price.get(value.dimension)
            if example:
                return f"give {words[0]} a price, such as `{example} * {words[0]}`"
    return ""


def add(operator: str, left: Value, right: Value, span: Span, scope: Scope) -> Value | None:
    """A sum or a difference: equal dimensions, or a time added to a clock time or date."""
    # What a column holds is known from the setting that it is read for: times, if it is an arrival.
    unknown = isinstance(left, Column) and left.dimension == NUMBER
    if (is_clock(left) or unknown) and right.dimension == TIME:
        return _moved(operator, left, right, span, scope)
    if is_clock(right) and left.dimension == TIME and operator == "+":
        return _moved(operator, right, left, span, scope)
    if not same_kind(left, right, operator, span, scope):
        return None
    if isinstance(left, Const) and isinstance(right, Const):
        sign = 1.0 if operator == "+" else -1.0
        total = left.value + sign * right.value
        return finite(Const(total, left.dimension, span, left.days + sign * right.days), scope)
    return operation(operator, (left, right), left.dimension, span, scope)


def _moved(operator: str, clock: Value, by: Value, span: Span, scope: Scope) -> Value | None:
    """A point in time moved: by calendar days along the wall clock, by the rest in elapsed time."""
    if not isinstance(by, Const) or not isinstance(clock, ClockTime | Instant):
        return operation(operator, (clock, by), NUMBER, span, scope, is_clock=True)
    sign = 1.0 if operator == "+" else -1.0
    days = int(by.days)
    later = clock.later + sign * (by.value - 24.0 * days)
    if isinstance(clock, ClockTime) and abs(clock.hours + clock.later + sign * by.value) < 1e5:
        return replace(clock, hours=clock.hours + sign * 24.0 * days, later=later, span=span)
    if isinstance(clock, Instant) and abs(by.value) < 1e5:
        when = clock.when + sign * timedelta(days=days)
        if FIRST_YEAR <= when.year <= LAST_YEAR:
            return replace(clock, when=when, has_time=True, later=later, span=span)
    scope.report("E308", f"{scope.shown(by)} is too long a time to add to a date or a clock time", by.span)
    return None


def multiply(operator: str, left: Value, right: Value, span: Span, scope: Scope) -> Value | None:
    """A product or a quotient. Two decisions are never multiplied: the models are linear."""
    for value in (left, right):
        if not _is_quantity(value):
            scope.report("E305", f"{scope.shown(value)} cannot be multiplied or divided", value.span)
            return None
    if not _is_linear(operator, left, right, span, scope):
        return None
    if operator == "/" and not _may_divide(right, span, scope):
        return None
    times = operator == "*"
    dimension = left.dimension.times(right.dimension) if times else left.dimension.per(right.dimension)
    if any(abs(exponent) > MAXIMUM_EXPONENT for exponent in dimension):
        message = (
            f"{scope.shown(left)} {operator} {scope.shown(right)} has a unit that nothing is measured in"
        )
        scope.report("E301", message, span)
        return None
    if not isinstance(left, Const) or not isinstance(right, Const):
        return operation(operator, (left, right), dimension, span, scope)
    number = left.value * right.value if times else left.value / right.value
    days = 0.0
    if dimension == TIME:
        # Either factor may be the time, and the other is then a plain number.
        days = left.days * right.value if times else left.days / right.value
        days += right.days * left.value if times else 0.0
    return finite(Const(number, dimension, span, days), scope)


def _is_linear(operator: str, left: Value, right: Value, span: Span, scope: Scope) -> bool:
    decided = is_decided(left), is_decided(right)
    single = any(isinstance(leaf, Quantity) for side in (left, right) for leaf in leaves(side))
    help = "weigh words with constants and add them"
    if single and all(decided):
        both = f"{scope.shown(left)} and {scope.shown(right)}"
        message = f"{both} are both decisions, and their product is not linear"
        if operator == "/":
            message = f"a decision cannot be divided by {scope.shown(right)}, another: that is not linear"
        help = "weigh decisions with constants, or with data such as `price[t]`"
    elif single and decided[1] and operator == "/":
        message = f"nothing can be divided by {scope.shown(right)}, a decision: that is not linear"
        help = "multiply the other side with it, where that has no decision"
    elif decided[1] and operator == "/":
        message = "nothing can be divided by a word of the objective: the model would not be linear"
    elif all(decided):
        message = "a word of the objective cannot be multiplied with another: the model would not be linear"
    else:
        return True
    scope.report("E404", message, span, "", help)
    return False


def _may_divide(value: Value, span: Span, scope: Scope) -> bool:
    """Whether a divisor is nowhere zero: a constant, or a battery; if not, that is reported."""
    if isinstance(value, Const) and value.value == 0:
        scope.report("E307", "nothing can be divided by zero", span, "", "divide by a number above zero")
        return False
    for leaf in leaves(value):
        if isinstance(leaf, Quantity) and leaf.name != "battery":
            message = f"{scope.shown(leaf)} may be zero, and nothing is divided by it"
            scope.report("E307", message, leaf.span, "", "multiply the other side with it")
            return False
    return True


def finite(value: Const, scope: Scope) -> Const | None:
    """A constant, unless it is too large for a number."""
    if isfinite(value.value) and isfinite(value.days):
        return value
    scope.report("E307", "the result is too large for a number", value.span, "", "write smaller numbers")
    return None
