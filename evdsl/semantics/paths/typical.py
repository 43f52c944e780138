"""`typical(history)`: the mean of past days, by clock time."""

from __future__ import annotations

from evdsl.language.values import DerivedSeries, TextValue, Value
from evdsl.semantics.evaluate import arguments, text_argument
from evdsl.semantics.paths.history import read_history, read_options
from evdsl.semantics.scope import Scope
from evdsl.syntax import ast


def typical(call: ast.Call, scope: Scope) -> Value | None:
    """`typical(history, days=, weekday=)`."""
    found = arguments(call, ("history", "days", "weekday"), 1, scope)
    if found is None:
        return None
    history, options = read_history(call, found, scope), read_options(found, scope)
    if history is None or options is None:
        return None
    if "weekday" in found:
        weekday = text_argument("weekday", found, scope)
        if weekday is None:
            return None
        if weekday != "same":
            message = f'`weekday` of `typical` is "same", and "{weekday}" is not'
            help = 'write `weekday="same"`, or leave it out; some days alone are `days=mon .. fri`'
            scope.report("E205", message, found["weekday"].span, "", help)
            return None
        options = (*options, ("weekday", TextValue(weekday, found["weekday"].span)))
    return DerivedSeries("typical", (history,), options, history.dimension, call.span)
