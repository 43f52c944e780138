"""The functions of the language: files, distributions, and the smaller or larger of two."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor
from pathlib import Path

from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean
from evdsl.diagnostics.files import locate
from evdsl.diagnostics.source import Span
from evdsl.diagnostics.table import read_table
from evdsl.language import units
from evdsl.language.tolerances import HALF_UP, ROUNDING
from evdsl.language.units import NUMBER, Unit
from evdsl.language.values import (
    SERIES,
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
    Quantity,
    RangeValue,
    TextValue,
    Value,
    leaves,
)
from evdsl.semantics.arithmetic import is_clock, is_decided, multiply, operation
from evdsl.semantics.distributions import DISTRIBUTIONS
from evdsl.semantics.evaluate import arguments, evaluate, text_argument
from evdsl.semantics.files.columns import time_column, unit_in, value_column
from evdsl.semantics.files.dialects import read_dialect
from evdsl.semantics.paths.bootstrap import bootstrap
from evdsl.semantics.paths.file_scenarios import of_scenarios
from evdsl.semantics.paths.gaussian import gaussian
from evdsl.semantics.paths.noisy import noisy
from evdsl.semantics.paths.typical import typical
from evdsl.semantics.scope import Function, Scope
from evdsl.semantics.unit_names import read_unit
from evdsl.syntax import ast

OVER_TIME = (Daily, Calendar, ChargeTable, *SERIES, Quantity)
METHODS = ("hold", "linear", "changes")


@dataclass(frozen=True, slots=True)
class Measure:
    """What the numbers of a column are in; `text` is empty for plain numbers."""

    unit: Unit
    text: str


PLAIN = Measure(Unit(NUMBER, 1.0, None), "")


def _measured(column: str, unit: str, span: Span, scope: Scope) -> Measure | None:
    """The unit of a column: as given, or as its name says, as in `energy (kWh)`."""
    text = unit or unit_in(column)
    if not text:
        return PLAIN
    # What a column's name has in brackets need not be a unit; what is given as one must be.
    if not unit and not isinstance(units.parse(text), Unit):
        return PLAIN
    found = read_unit(text, span, scope, 'unit="', '"')
    return None if found is None else Measure(found, text)


def csv(call: ast.Call, scope: Scope) -> Value | None:
    """`csv(file, column=, unit=, time=, method=, until=, dialect=, ...)`: a column of a file over time."""
    names = ("file", "column", "unit", "time", "method", "until", "dialect", "scenario", "weight")
    found = arguments(call, names, 1, scope)
    if found is None:
        return None
    texts = {name: text_argument(name, found, scope) for name in ("file", "column", "unit", "time")}
    method = text_argument("method", found, scope, "hold")
    if None in texts.values() or method is None:
        return None
    if method not in METHODS:
        help = did_you_mean(method, METHODS) or 'methods are "hold", "linear" and "changes"'
        scope.report("E205", f'there is no method "{method}"', found["method"].span, "", help)
        return None
    until = _until(found, method, scope) if "until" in found else None
    dialect = read_dialect(found["dialect"], scope) if "dialect" in found else None
    if ("until" in found and until is None) or ("dialect" in found and dialect is None):
        return None
    file, column, unit, time = (str(texts[name]) for name in ("file", "column", "unit", "time"))
    path = locate(file, scope.folders, found["file"].span)
    if isinstance(path, Diagnostic):
        scope.add(path)
        return None
    name = column if column or unit else _only_column(path, file, time, dialect, call.span)
    if isinstance(name, Diagnostic):
        scope.add(name)
        return None
    measured = _measured(name, unit, _place(found, "unit", "column", call), scope)
    if measured is None:
        return None
    factor, dimension = measured.unit.factor, measured.unit.dimension
    text = measured.text
    series = FileSeries(path, file, column, time, method, factor, dimension, call.span, text, until, dialect)
    return of_scenarios(series, found, scope)


def _only_column(path: Path, file: str, time: str, dialect: str | None, span: Span) -> str | Diagnostic:
    """The name of the one column beside the times, which says its unit."""
    table = read_table(path, file, span, dialect or "", limit=1)
    if isinstance(table, Diagnostic):
        return table
    times = time_column(table, time, span)
    if isinstance(times, Diagnostic):
        return times
    column = value_column(table, "", times, span)
    return column if isinstance(column, Diagnostic) else table.header[column]


def _until(found: dict[str, ast.Expression], method: str, scope: Scope) -> Instant | ClockTime | None:
    """When the last of several change points ends."""
    given = found["until"]
    if method != "changes":
        message = '`until` ends the last row of `method="changes"`, and the method is "' + method + '"'
        scope.report("E205", message, given.span, "", 'write `method="changes"`, or leave `until` out')
        return None
    value = evaluate(given, scope)
    if value is None or isinstance(value, Instant | ClockTime):
        return value
    message = f"`until` is a date, and {scope.shown(value)} is none"
    scope.report("E305", message, given.span, "", "write `until=2024-03-13`")
    return None


def _place(found: dict[str, ast.Expression], first: str, second: str, call: ast.Call) -> Span:
    """Where the unit of a column is said."""
    said = found.get(first) or found.get(second)
    return said.span if said is not None else call.span


def tariff(call: ast.Call, scope: Scope, default: str = "USD/kWh") -> Value | None:
    """`tariff(file, unit="USD/kWh")`: a time-of-use tariff in the JSON form of ACN-Sim."""
    found = arguments(call, ("file", "unit"), 1, scope)
    if found is None:
        return None
    file, unit = text_argument("file", found, scope), text_argument("unit", found, scope, default)
    if file is None or unit is None:
        return None
    path = locate(file, scope.folders, found["file"].span)
    if isinstance(path, Diagnostic):
        scope.add(path)
        return None
    measured = _measured("", unit, _place(found, "unit", "file", call), scope)
    if measured is None:
        return None
    return FileTariff(path, file, measured.unit.factor, measured.unit.dimension, call.span, measured.text)


def column(call: ast.Call, scope: Scope) -> Value | None:
    """`column(name, unit=)`: a column of the sessions' file."""
    found = arguments(call, ("name", "unit"), 1, scope)
    if found is None:
        return None
    name, unit = text_argument("name", found, scope), text_argument("unit", found, scope)
    if name is None or unit is None:
        return None
    measured = _measured(name, unit, _place(found, "unit", "name", call), scope)
    if measured is None:
        return None
    factor, dimension = measured.unit.factor, measured.unit.dimension
    return Column(name, factor, dimension, call.span, unit=measured.text)


def _is_quantity(value: Value) -> bool:
    """Whether a value can be compared with another: a point in time, a text, a list and a range cannot."""
    return not (isinstance(value, TextValue | ListValue | RangeValue) or is_clock(value))


def _extreme(call: ast.Call, scope: Scope) -> Value | None:
    """`min(a, b, ...)` and `max(a, b, ...)` of values of one dimension."""
    values = [evaluate(argument.value, scope) for argument in call.arguments]
    sound = [value for value in values if value is not None]
    if len(sound) < len(values):
        return None
    name = call.function.text
    if len(sound) < 2 or any(argument.name for argument in call.arguments):
        scope.report("E205", f"`{name}` takes two or more values", call.span, "", f"write `{name}(a, b)`")
        return None
    for value in sound:
        if not _is_quantity(value):
            scope.report(
                "E305", f"`{name}` compares quantities, and {scope.shown(value)} is none", value.span
            )
            return None
        if value.dimension != sound[0].dimension:
            message = f"{scope.unit(sound[0].dimension)} and {scope.unit(value.dimension)} cannot be compared"
            scope.report("E304", message, value.span, "", "give all of them in one unit")
            return None
    pick = min if name == "min" else max
    constants = [value for value in sound if isinstance(value, Const)]
    if len(constants) == len(sound):
        return pick(constants, key=lambda constant: constant.value)
    return operation(name, tuple(sound), sound[0].dimension, call.span, scope)


def _absolute(call: ast.Call, scope: Scope) -> Value | None:
    """`abs(x)`, which is `max(x, -x)`."""
    found = arguments(call, ("x",), 1, scope)
    value = None if found is None else evaluate(found["x"], scope)
    if value is None:
        return None
    if not _is_quantity(value):
        message = f"`abs` takes a quantity, and {scope.shown(value)} is none"
        scope.report("E305", message, value.span, "", "write a quantity with its unit")
        return None
    if any(isinstance(leaf, Draw) for leaf in leaves(value)):
        message = "`abs` of what is drawn would be drawn twice"
        scope.report("E305", message, value.span, "", "cut it off where it may not lie: `max(0 kWh, ...)`")
        return None
    if isinstance(value, Const):
        return replace(value, value=abs(value.value), days=abs(value.days), span=call.span)
    minus = multiply("*", Const(-1.0, NUMBER, call.span), value, call.span, scope)
    return None if minus is None else operation("max", (value, minus), value.dimension, call.span, scope)


def _round(call: ast.Call, scope: Scope) -> Value | None:
    """`round(x)`: the nearest whole number, a half up; of what is given or drawn, and of no series.

    The mean of a step and its rounding are two things in either order: a series has no one meaning here.
    """
    found = arguments(call, ("x",), 1, scope)
    value = None if found is None else evaluate(found["x"], scope)
    if found is None or value is None:
        return None
    shown = scope.shown(value)
    if not _is_quantity(value):
        message = f"`round` takes a plain number, and {shown} is none"
        scope.report("E305", message, value.span, "", "write a plain number")
    elif is_decided(value):
        message = f"`round` takes what is known, and `{shown.strip('`')}` is decided"
        scope.report("E404", message, value.span, "", "leave `round` out: the model is linear")
    elif any(isinstance(leaf, OVER_TIME) for leaf in leaves(value)):
        message = f"`round` takes one number, given or drawn, and {shown} has many"
        scope.report("E305", message, value.span, "", "write the rounded numbers in its place")
    elif value.dimension != NUMBER:
        unit, text = scope.unit(value.dimension), " ".join(found["x"].span.text.split())
        text = text if isinstance(found["x"], ast.Number | ast.Name | ast.Call) else f"({text})"
        message = f"`round` takes a plain number, and {shown} is {scope.describe(value.dimension)}"
        help = f"write `round({text} / 1 {unit}) * 1 {unit}`"
        help = help if isinstance(units.parse(unit), Unit) else "divide by the unit"
        scope.report("E301", message, call.span, "", help)
    elif isinstance(value, Const):
        return Const(float(floor(value.value + HALF_UP)), NUMBER, call.span)
    else:
        return operation("round", (value,), NUMBER, call.span, scope)
    return None


def _above(call: ast.Call, scope: Scope) -> Value | None:
    """`above(x, y)`: 1 where x > y by more than rounding, else 0; of data, at each step on its own."""
    found = arguments(call, ("x", "y"), 2, scope)
    if found is None:
        return None
    values = [evaluate(found[name], scope) for name in ("x", "y")]
    sound = [value for value in values if value is not None]
    if len(sound) < len(values):
        return None
    for value in sound:
        if not _is_quantity(value):
            message = f"`above` compares quantities, and {scope.shown(value)} is none"
            scope.report("E305", message, value.span, "", "write a quantity with its unit")
            return None
        if is_decided(value):
            message = f"`above` compares what is known, and `{scope.shown(value).strip('`')}` is decided"
            help = "what lies above a limit is `max(x - limit, 0 kW)`, with the unit of `x`"
            scope.report("E404", message, value.span, "", help)
            return None
    first, second = sound
    if first.dimension != second.dimension:
        message = f"{scope.unit(first.dimension)} and {scope.unit(second.dimension)} cannot be compared"
        scope.report("E304", message, second.span, "", "give both in one unit")
        return None
    if isinstance(first, Const) and isinstance(second, Const):
        is_above = first.value - second.value > ROUNDING * max(abs(first.value), abs(second.value))
        return Const(1.0 if is_above else 0.0, NUMBER, call.span)
    return operation("above", (first, second), NUMBER, call.span, scope)


EVALUATORS: dict[str, Function] = {
    "csv": csv,
    "tariff": tariff,
    "column": column,
    "typical": typical,
    "gaussian": gaussian,
    "bootstrap": bootstrap,
    "noisy": noisy,
    **DISTRIBUTIONS,
    "min": _extreme,
    "max": _extreme,
    "abs": _absolute,
    "round": _round,
    "above": _above,
}
"""By the names of `evdsl.language.names.FUNCTIONS`."""
