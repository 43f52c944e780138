"""A series that a function makes another of: known at each step, and decided by nothing."""

from __future__ import annotations

from evdsl.language.values import SERIES, Calendar, Const, Daily, Operation, Value, leaves
from evdsl.semantics.arithmetic import is_clock
from evdsl.semantics.evaluate import evaluate
from evdsl.semantics.scope import Scope
from evdsl.syntax import ast

TAKEN = (Const, Daily, Calendar, *SERIES)


def read_series(name: str, call: ast.Call, found: dict[str, ast.Expression], scope: Scope) -> Value | None:
    """A constant, a table by time or a series; `None` where a finding has been reported."""
    value = evaluate(found[name], scope)
    if value is None:
        return None
    ends = [value] if not isinstance(value, Operation) else list(leaves(value))
    if is_clock(value) or not all(isinstance(end, TAKEN) for end in ends):
        message = f"`{name}` of `{call.function.text}` is a series, and {scope.shown(value)} is none"
        help = 'write a constant, a table by clock time, or `csv("file.csv")`'
        scope.report("E305", message, value.span, "", help)
        return None
    return value
