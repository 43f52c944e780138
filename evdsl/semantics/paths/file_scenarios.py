"""`csv(file, scenario="column", weight="column")`: a file that has the rows of several scenarios."""

from __future__ import annotations

from evdsl.language.values import DerivedSeries, FileSeries, TextValue, Value
from evdsl.semantics.evaluate import text_argument
from evdsl.semantics.scope import Scope
from evdsl.syntax import ast


def of_scenarios(series: FileSeries, found: dict[str, ast.Expression], scope: Scope) -> Value | None:
    """The series itself, or what each scenario has of it where the file names them."""
    if "scenario" not in found:
        if "weight" not in found:
            return series
        message = "`weight` is the column with the weight of each `scenario`, and none is named"
        help = 'add `scenario="column"`, or leave `weight` out'
        scope.report("E205", message, found["weight"].span, "", help)
        return None
    options: list[tuple[str, Value]] = []
    for name in ("scenario", "weight"):
        text = text_argument(name, found, scope)
        if text is None:
            return None
        if text:
            options.append((name, TextValue(text, found[name].span)))
    if not series.column:
        message = "`csv` with `scenario` has several columns, and that of the values is not named"
        scope.report("E205", message, series.span, "", 'add `column="..."`')
        return None
    return DerivedSeries("csv", (series,), tuple(options), series.dimension, series.span)
