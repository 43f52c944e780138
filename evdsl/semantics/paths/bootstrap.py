"""`bootstrap(history)`: past days as they were, drawn for each scenario."""

from __future__ import annotations

from evdsl.language.values import DerivedSeries, Value
from evdsl.semantics.evaluate import arguments
from evdsl.semantics.paths.history import read_history, read_options
from evdsl.semantics.scope import Scope
from evdsl.syntax import ast


def bootstrap(call: ast.Call, scope: Scope) -> Value | None:
    """`bootstrap(history, days=, key=)`."""
    found = arguments(call, ("history", "days", "key"), 1, scope)
    if found is None:
        return None
    history, options = read_history(call, found, scope), read_options(found, scope)
    if history is None or options is None:
        return None
    return DerivedSeries("bootstrap", (history,), options, history.dimension, call.span)
