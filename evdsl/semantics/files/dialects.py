"""`dialect="eu"` of a file: how its dates and numbers are written, where that can be read in two ways."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import did_you_mean
from evdsl.language.timestamps import DIALECTS
from evdsl.language.values import TextValue
from evdsl.semantics.evaluate import evaluate
from evdsl.semantics.scope import Scope
from evdsl.syntax import ast


def read_dialect(expression: ast.Expression, scope: Scope) -> str | None:
    """The dialect that an argument names; `None` where a finding has been reported."""
    value = evaluate(expression, scope)
    if value is None:
        return None
    if isinstance(value, TextValue) and value.value in DIALECTS:
        return value.value
    ways = " or ".join(f'`dialect="{name}"` ({how})' for name, how in DIALECTS.items())
    near = did_you_mean(value.value, DIALECTS) if isinstance(value, TextValue) else ""
    message = f"there is no dialect {scope.shown(value)}"
    scope.report("E205", message, expression.span, "", near or f"write {ways}, or leave it out")
    return None
