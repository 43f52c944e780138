"""The distributions of the language: `normal`, `lognormal`, `uniform`, `beta`, `poisson`, `choice`.

Their arguments are constants, or points in time: `normal(08:15, 45 min)` has its middle on the wall clock and
its deviation in elapsed time. Which numbers come out is said in `evdsl.data.draws`.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite

from evdsl.language.units import NUMBER, TIME
from evdsl.language.values import ClockTime, Const, Draw, Instant, ListValue, Operation, Value
from evdsl.semantics.evaluate import arguments, evaluate
from evdsl.semantics.ranges import LARGEST
from evdsl.semantics.scope import Function, Scope
from evdsl.syntax import ast

LARGEST_MEAN = 1e9
"""Of a `poisson`: nothing that is counted here is more."""

Point = ClockTime | Instant


def number_draws(value: Value, first: int = 1) -> tuple[Value, int]:
    """A value with its draws numbered from the left, and the number that comes next.

    A name stands for its expression: where a `let` of a distribution is used twice, it is drawn twice.
    Numbering within the setting keeps the draws of one from depending on what else the spec has.
    """
    if isinstance(value, Draw):
        return replace(value, index=first), first + 1
    if isinstance(value, Operation):
        operands: list[Value] = []
        for operand in value.operands:
            renewed, first = number_draws(operand, first)
            operands.append(renewed)
        return replace(value, operands=tuple(operands)), first
    return value, first


def _draw(call: ast.Call, values: tuple[Value, ...], *, is_clock: bool = False) -> Draw:
    first = values[0].items[0] if isinstance(values[0], ListValue) else values[0]
    return Draw(call.function.text, values, 0, NUMBER if is_clock else first.dimension, call.span, is_clock)


def _parameters(call: ast.Call, names: tuple[str, str], scope: Scope) -> tuple[Value, Value] | None:
    found = arguments(call, names, 2, scope)
    if found is None:
        return None
    values = [evaluate(found[name], scope) for name in names]
    sound: list[Value] = []
    for value in values:
        if isinstance(value, Const) and abs(value.value) > LARGEST:
            message = f"{scope.shown(value)} is too large for a distribution"
            scope.report("E308", message, value.span, "", "write a smaller number")
        elif isinstance(value, Const | Point):
            sound.append(value)
        elif value is not None:
            message = (
                f"the arguments of `{call.function.text}` are constants, and {scope.shown(value)} is none"
            )
            scope.report("E305", message, value.span, "", "write numbers with their units")
    return (sound[0], sound[1]) if len(sound) == 2 else None


def _positive(call: ast.Call, value: Value, name: str, scope: Scope, *, zero: bool = False) -> bool:
    if not isinstance(value, Const) or value.value > 0 or (zero and value.value == 0):
        return True
    message = f"`{name}` of `{call.function.text}` is {scope.shown(value)}, and "
    message += "cannot lie below 0" if zero else "must lie above 0"
    scope.report("E308", message, value.span, "", "write a number above 0")
    return False


def _centred(call: ast.Call, scope: Scope) -> Value | None:
    """`normal(mean, deviation)` and `lognormal(mean, deviation)`, of the value itself."""
    values = _parameters(call, ("mean", "deviation"), scope)
    if values is None or not _positive(call, values[1], "deviation", scope, zero=True):
        return None
    mean, deviation = values
    is_clock = isinstance(mean, Point)
    expected = TIME if is_clock else mean.dimension
    if isinstance(deviation, Point) or deviation.dimension != expected:
        unit = "min or h" if expected == TIME else scope.unit(expected)
        plain = "min" if is_clock else unit.split(" ")[0] if expected != NUMBER else ""
        message = f"the deviation of `{call.function.text}` is in {unit}, like what it is of"
        shown = scope.shown(deviation)
        if isinstance(deviation, Const) and deviation.dimension == NUMBER:
            help = f"write `{shown} {plain}`"
            scope.report("E303", f"{message}, and {shown} has no unit", deviation.span, "", help)
        else:
            help = f"give it in {unit}" if plain else "leave its unit out"
            scope.report("E301", f"{message}, and {shown} is not", deviation.span, "", help)
        return None
    if call.function.text == "lognormal":
        if is_clock:
            help = f"write `normal({scope.shown(mean)}, {scope.shown(deviation)})`"
            scope.report("E305", "a clock time has no `lognormal`: it has no zero", call.span, "", help)
            return None
        if not _positive(call, mean, "mean", scope):
            return None
    return _draw(call, values, is_clock=is_clock)


def _uniform(call: ast.Call, scope: Scope) -> Value | None:
    """`uniform(low, high)`."""
    values = _parameters(call, ("low", "high"), scope)
    if values is None:
        return None
    low, high = values
    if type(low) is not type(high) or low.dimension != high.dimension:
        message = (
            f"the ends of `uniform` are {scope.shown(low)} and {scope.shown(high)}, and should be of one kind"
        )
        scope.report("E301", message, call.span, "", "give both in one unit")
        return None
    if _order(low) > _order(high):
        message = "`uniform` is upside down: its low end lies above its high end"
        scope.report(
            "E308", message, call.span, "", f"write `uniform({scope.shown(high)}, {scope.shown(low)})`"
        )
        return None
    return _draw(call, values, is_clock=isinstance(low, Point))


def _order(value: Value) -> float:
    """Where a value lies among others of its type."""
    if isinstance(value, Instant):
        return value.when.toordinal() * 24.0 + value.when.hour + value.when.minute / 60 + value.later
    if isinstance(value, ClockTime):
        return value.hours + value.later
    return value.value if isinstance(value, Const) else 0.0


def _beta(call: ast.Call, scope: Scope) -> Value | None:
    """`beta(a, b)`: a share between 0 and 1."""
    values = _parameters(call, ("a", "b"), scope)
    if values is None:
        return None
    if any(isinstance(v, Point) or v.dimension != NUMBER for v in values):
        message = "the parameters of `beta` are plain numbers"
        scope.report("E301", message, call.span, "", "write `beta(2, 5)`, times a quantity if need be")
        return None
    if not all(_positive(call, v, name, scope) for v, name in zip(values, "ab", strict=True)):
        return None
    return _draw(call, values)


def _poisson(call: ast.Call, scope: Scope) -> Value | None:
    """`poisson(mean)`: a whole number, zero included."""
    found = arguments(call, ("mean",), 1, scope)
    mean = evaluate(found["mean"], scope) if found else None
    if mean is None:
        return None
    if not isinstance(mean, Const) or mean.dimension != NUMBER:
        message = "the mean of `poisson` is a plain number"
        scope.report("E301", message, call.span, "", "write `poisson(3) * 5 kWh`")
        return None
    if not _positive(call, mean, "mean", scope, zero=True):
        return None
    if mean.value > LARGEST_MEAN:
        message = f"the mean of `poisson` is {mean.value:g}, above {LARGEST_MEAN:g}"
        scope.report("E308", message, mean.span, "", "use `normal` for large numbers")
        return None
    return _draw(call, (mean,))


def _choice(call: ast.Call, scope: Scope) -> Value | None:
    """`choice([values], weights=[...])`: one of the values, all as likely or by weight."""
    found = arguments(call, ("values", "weights"), 1, scope)
    if found is None:
        return None
    given = [evaluate(found[name], scope) for name in ("values", "weights") if name in found]
    lists = [value for value in given if isinstance(value, ListValue)]
    if len(lists) < len(given) or not lists[0].items:
        if None not in given:
            help = "write `choice([20 kWh, 40 kWh], weights=[1, 2])`"
            scope.report(
                "E305", "`choice` takes a list of values, and a list of weights", call.span, "", help
            )
        return None
    items = lists[0].items
    is_clock = all(isinstance(item, Point) for item in items)
    plain = [item for item in items if isinstance(item, Const) and abs(item.value) <= LARGEST]
    if not is_clock and (len(plain) < len(items) or len({item.dimension for item in plain}) > 1):
        message = "the values of `choice` are constants of one dimension"
        scope.report("E301", message, lists[0].span, "", "give all of them in one unit")
        return None
    if len(lists) > 1 and not _are_weights(lists[1], len(items)):
        message = f"`choice` takes one weight, 0 or above, for each of its {len(items)} values, and not all 0"
        scope.report("E308", message, lists[1].span, "", f"write `[{', '.join(['1'] * min(len(items), 5))}]`")
        return None
    return _draw(call, tuple(lists), is_clock=is_clock)


def _are_weights(weights: ListValue, size: int) -> bool:
    numbers = [w.value for w in weights.items if isinstance(w, Const) and w.dimension == NUMBER]
    if len(numbers) != len(weights.items) or len(numbers) != size or min(numbers) < 0:
        return False
    return sum(numbers) > 0 and isfinite(sum(numbers))


DISTRIBUTIONS: dict[str, Function] = {
    "normal": _centred,
    "lognormal": _centred,
    "uniform": _uniform,
    "beta": _beta,
    "poisson": _poisson,
    "choice": _choice,
}
