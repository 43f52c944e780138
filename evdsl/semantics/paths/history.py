"""The history of a function of past days: a column of a file, and which of its days count."""

from __future__ import annotations

from evdsl.language.values import FileSeries, TextValue, Value
from evdsl.semantics.evaluate import evaluate, text_argument
from evdsl.semantics.scope import Scope
from evdsl.semantics.times.days import read_days
from evdsl.syntax import ast

Options = tuple[tuple[str, Value], ...]


def read_history(call: ast.Call, found: dict[str, ast.Expression], scope: Scope) -> FileSeries | None:
    """The file of a history; `None` where a finding has been reported."""
    name = call.function.text
    value = evaluate(found["history"], scope)
    if value is None:
        return None
    shown = scope.shown(value)
    if not isinstance(value, FileSeries):
        message = f"`{name}` takes the past days of a file, and {shown} is none"
        help = 'write `csv("file.csv")` of past days, and calculate with what is made of them'
        scope.report("E305", message, value.span, "", help)
        return None
    if value.method == "linear":
        message = f"`{name}` takes values that hold until the next, and those of {shown} go straight to it"
        scope.report("E305", message, value.span, "", 'leave `method="linear"` out of the history')
        return None
    return value


def read_options(found: dict[str, ast.Expression], scope: Scope) -> Options | None:
    """`days` and `key`, as far as they are given."""
    options: list[tuple[str, Value]] = []
    if "days" in found:
        days = read_days(found["days"], scope)
        if days is None:
            return None
        options.append(("days", days))
    if "key" in found:
        key = text_argument("key", found, scope)
        if key is None:
            return None
        if not key.strip():
            message = "`key` is empty, and names what series are drawn together"
            scope.report("E305", message, found["key"].span, "", 'write `key="day"`, or leave it out')
            return None
        options.append(("key", TextValue(key, found["key"].span)))
    return tuple(options)
