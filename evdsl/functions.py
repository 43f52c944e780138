"""The functions of the language: files, distributions, and the smaller or larger of two."""

from __future__ import annotations

from evdsl import ast, units
from evdsl.evaluate import Function, Scope, arguments, evaluate
from evdsl.diagnostic import Diagnostic, did_you_mean
from evdsl.files import locate
from evdsl.units import NUMBER, TIME, Unit
from evdsl.values import (
    ClockTime,
    Column,
    Const,
    Draw,
    FileSeries,
    FileTariff,
    ListValue,
    Operation,
    TextValue,
    Value,
    WordUse,
    leaves,
)

METHODS = ("hold", "linear")


def _text(name: str, found: dict[str, ast.Expression], scope: Scope, default: str = "") -> str | None:
    if name not in found:
        return default
    value = evaluate(found[name], scope)
    if value is None:
        return None
    if isinstance(value, TextValue):
        return value.value
    scope.report("E305", f"`{name}` is a text in quotes", found[name].span)
    return None


def unit_of_column(column: str, unit: str, call: ast.Call, scope: Scope) -> Unit | None:
    """The unit of a column: as given, or as its name says, as in `energy (kWh)`."""
    shown = unit
    if not shown and column.rstrip().endswith(")") and "(" in column:
        shown = column.rstrip()[:-1].rsplit("(", 1)[1].strip()
    if not shown:
        return Unit(NUMBER, 1.0, None)
    found = units.parse(shown)
    if isinstance(found, Unit):
        scope.note_currency(found.currency, call.span)
        return found
    if unit:
        help = did_you_mean(found, units.known()) or 'units are texts such as "EUR/MWh"'
        scope.report("E302", f"`{found}` is not a unit", call.span, "", help)
        return None
    return Unit(NUMBER, 1.0, None)


def csv(call: ast.Call, scope: Scope) -> Value | None:
    """`csv(file, column=, unit=, time=, method=)`: a column of a file over time."""
    found = arguments(call, ("file", "column", "unit", "time", "method"), 1, scope)
    if found is None:
        return None
    texts = {name: _text(name, found, scope) for name in ("file", "column", "unit", "time")}
    method = _text("method", found, scope, "hold")
    if None in texts.values() or method is None:
        return None
    if method not in METHODS:
        scope.report("E205", f'there is no method "{method}"', found["method"].span, "", 'methods are "hold" and "linear"')
        return None
    file, column, unit, time = (str(texts[name]) for name in ("file", "column", "unit", "time"))
    path = locate(file, scope.folders, found["file"].span)
    if isinstance(path, Diagnostic):
        scope.diagnostics.append(path)
        return None
    measured = unit_of_column(column, unit, call, scope)
    if measured is None:
        return None
    return FileSeries(path, file, column, time, method, measured.factor, measured.dimension, call.span)


def tariff(call: ast.Call, scope: Scope) -> Value | None:
    """`tariff(file, unit="USD/kWh")`: a time-of-use tariff in the JSON form of ACN-Sim."""
    found = arguments(call, ("file", "unit"), 1, scope)
    if found is None:
        return None
    file, unit = _text("file", found, scope), _text("unit", found, scope, "USD/kWh")
    if file is None or unit is None:
        return None
    path = locate(file, scope.folders, found["file"].span)
    if isinstance(path, Diagnostic):
        scope.diagnostics.append(path)
        return None
    measured = unit_of_column("", unit, call, scope)
    return None if measured is None else FileTariff(path, file, measured.factor, measured.dimension, call.span)


def column(call: ast.Call, scope: Scope) -> Value | None:
    """`column(name, unit=)`: a column of the sessions' file."""
    found = arguments(call, ("name", "unit"), 1, scope)
    if found is None:
        return None
    name, unit = _text("name", found, scope), _text("unit", found, scope)
    if name is None or unit is None:
        return None
    measured = unit_of_column(name, unit, call, scope)
    if measured is None:
        return None
    return Column(name, measured.factor, measured.dimension, call.span)


def _draw(call: ast.Call, values: list[Value], scope: Scope, *, is_clock: bool = False) -> Draw:
    scope.draws += 1
    dimension = NUMBER if is_clock else values[0].dimension
    return Draw(call.function.text, tuple(values), scope.draws, dimension, call.span, is_clock)


def _parameters(call: ast.Call, names: tuple[str, str], scope: Scope) -> list[Value] | None:
    found = arguments(call, names, 2, scope)
    if found is None:
        return None
    values = [evaluate(found[name], scope) for name in names]
    sound = [value for value in values if isinstance(value, Const | ClockTime)]
    for value in values:
        if value is not None and value not in sound:
            scope.report("E305", f"the arguments of `{call.function.text}` are constants", value.span)
    return list(sound) if len(sound) == 2 else None


def _positive(call: ast.Call, values: list[Value], scope: Scope, *, zero: bool = False) -> bool:
    for value in values:
        if isinstance(value, Const) and (value.value < 0 or (value.value == 0 and not zero)):
            bound = "below zero" if zero else "zero or below"
            scope.report("E308", f"`{call.function.text}` cannot have {scope.shown(value)}: it is {bound}", value.span)
            return False
    return True


def _centred(call: ast.Call, scope: Scope) -> Value | None:
    """`normal(mean, deviation)` and `lognormal(mean, deviation)`, of the value itself."""
    values = _parameters(call, ("mean", "deviation"), scope)
    if values is None or not _positive(call, values[1:], scope, zero=True):
        return None
    is_clock = isinstance(values[0], ClockTime)
    expected = TIME if is_clock else values[0].dimension
    if isinstance(values[1], ClockTime) or values[1].dimension != expected:
        unit = "min" if expected == TIME else scope.unit(expected)
        scope.report("E301", f"the deviation is given in {unit}", values[1].span, "", f"write `... {unit}`")
        return None
    if call.function.text == "lognormal" and (is_clock or not _positive(call, values[:1], scope)):
        if is_clock:
            scope.report("E305", "a lognormal distribution is of a quantity, not of a clock time", call.span)
        return None
    return _draw(call, values, scope, is_clock=is_clock)


def _uniform(call: ast.Call, scope: Scope) -> Value | None:
    """`uniform(low, high)`."""
    values = _parameters(call, ("low", "high"), scope)
    if values is None:
        return None
    clocks = [isinstance(value, ClockTime) for value in values]
    if any(clocks) != all(clocks) or values[0].dimension != values[1].dimension:
        scope.report("E301", "both ends of `uniform` are of one kind", call.span)
        return None
    low, high = (v.hours if isinstance(v, ClockTime) else v.value for v in values if isinstance(v, ClockTime | Const))
    if low > high:
        help = f"write `uniform({scope.shown(values[1])}, {scope.shown(values[0])})`"
        scope.report("E308", "the low end of `uniform` lies above its high end", call.span, "", help)
        return None
    return _draw(call, values, scope, is_clock=all(clocks))


def _beta(call: ast.Call, scope: Scope) -> Value | None:
    """`beta(a, b)`: a share between 0 and 1."""
    values = _parameters(call, ("a", "b"), scope)
    if values is None or not _positive(call, values, scope):
        return None
    if any(isinstance(v, ClockTime) or v.dimension != NUMBER for v in values):
        scope.report("E301", "the parameters of `beta` are plain numbers", call.span)
        return None
    return _draw(call, values, scope)


def _poisson(call: ast.Call, scope: Scope) -> Value | None:
    """`poisson(mean)`: a whole number, zero included."""
    found = arguments(call, ("mean",), 1, scope)
    mean = evaluate(found["mean"], scope) if found else None
    if mean is None:
        return None
    if not isinstance(mean, Const) or mean.dimension != NUMBER:
        scope.report("E301", "the mean of `poisson` is a plain number", mean.span)
        return None
    if not _positive(call, [mean], scope, zero=True):
        return None
    if mean.value > 1e9:
        scope.report("E308", "a mean above 1e9 is no count of anything here", mean.span)
        return None
    return _draw(call, [mean], scope)


def _choice(call: ast.Call, scope: Scope) -> Value | None:
    """`choice([values], weights=[...])`: one of the values, all as likely or by weight."""
    found = arguments(call, ("values", "weights"), 1, scope)
    if found is None:
        return None
    given = [evaluate(found[name], scope) for name in ("values", "weights") if name in found]
    lists = [value for value in given if isinstance(value, ListValue)]
    if len(lists) < len(given) or not lists or not lists[0].items:
        if None not in given:
            scope.report("E305", "`choice` takes lists: `choice([20 kWh, 40 kWh], weights=[1, 2])`", call.span)
        return None
    items = lists[0].items
    clocks = all(isinstance(item, ClockTime) for item in items)
    if not clocks and not all(isinstance(i, Const) and i.dimension == items[0].dimension for i in items):
        scope.report("E301", "the values of `choice` are constants of one dimension", lists[0].span)
        return None
    if len(lists) > 1:
        weights = lists[1].items
        numbers = [w.value for w in weights if isinstance(w, Const) and w.dimension == NUMBER]
        if len(numbers) != len(items) or len(weights) != len(items) or min(numbers) < 0 or sum(numbers) <= 0:
            scope.report("E308", "`choice` takes one weight, zero or above, for each value", lists[1].span)
            return None
    scope.draws += 1
    return Draw("choice", tuple(lists), scope.draws, NUMBER if clocks else items[0].dimension, call.span, clocks)


def _extreme(call: ast.Call, scope: Scope) -> Value | None:
    """`min(a, b, ...)` and `max(a, b, ...)` of values of one dimension."""
    values = [evaluate(argument.value, scope) for argument in call.arguments]
    sound = [value for value in values if value is not None]
    if len(sound) < len(values):
        return None
    if len(sound) < 2 or any(argument.name for argument in call.arguments):
        name = call.function.text
        scope.report("E205", f"`{name}` takes two or more values", call.span, "", f"write `{name}(a, b)`")
        return None
    for value in sound:
        if any(isinstance(leaf, WordUse) for leaf in leaves(value)):
            message = f"`{call.function.text}` of a decision is not linear"
            scope.report("E404", message, value.span, "", "put each part into a stage of its own: `then minimize ...`")
            return None
        if value.dimension != sound[0].dimension or isinstance(value, TextValue | ListValue):
            message = f"{scope.unit(sound[0].dimension)} and {scope.unit(value.dimension)} cannot be compared"
            scope.report("E304", message, value.span)
            return None
    pick = min if call.function.text == "min" else max
    constants = [value for value in sound if isinstance(value, Const)]
    if len(constants) == len(sound):
        return pick(constants, key=lambda constant: constant.value)
    return Operation(call.function.text, tuple(sound), sound[0].dimension, call.span)


FUNCTIONS: dict[str, Function] = {
    "csv": csv,
    "tariff": tariff,
    "column": column,
    "normal": _centred,
    "lognormal": _centred,
    "uniform": _uniform,
    "beta": _beta,
    "poisson": _poisson,
    "choice": _choice,
    "min": _extreme,
    "max": _extreme,
}
