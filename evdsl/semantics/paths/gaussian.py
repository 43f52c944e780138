"""`gaussian(history)` and `gaussian(mean=, covariance=)`: a normally distributed path for each scenario."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.files import locate
from evdsl.diagnostics.source import Span
from evdsl.language.units import NUMBER
from evdsl.language.values import DerivedSeries, FileSeries, Value
from evdsl.semantics.evaluate import arguments, text_argument
from evdsl.semantics.files.dialects import read_dialect
from evdsl.semantics.paths.history import read_history, read_options
from evdsl.semantics.paths.series import read_series
from evdsl.semantics.scope import Scope
from evdsl.semantics.unit_names import read_unit
from evdsl.syntax import ast

ARGUMENTS = ("history", "days", "key", "mean", "covariance")
EITHER = 'write `gaussian(csv("file.csv"))`, or `gaussian(mean=..., covariance=csv("file.csv"))`'


def gaussian(call: ast.Call, scope: Scope) -> Value | None:
    """Of the past days of a file, or of a mean and a covariance that are given."""
    found = arguments(call, ARGUMENTS, 0, scope)
    if found is None:
        return None
    given = "mean" in found or "covariance" in found
    if given == ("history" in found) or (given and not {"mean", "covariance"} <= set(found)):
        message = "`gaussian` takes a history, or a `mean` and its `covariance`"
        scope.report("E205", message, call.span, "", EITHER)
        return None
    if given:
        return _of_covariance(call, found, scope)
    history, options = read_history(call, found, scope), read_options(found, scope)
    if history is None or options is None:
        return None
    return DerivedSeries("gaussian", (history,), options, history.dimension, call.span)


def _of_covariance(call: ast.Call, found: dict[str, ast.Expression], scope: Scope) -> Value | None:
    alien = next((name for name in ("days", "key") if name in found), "")
    if alien:
        message = f"`{alien}` is of a history, and a covariance that is given has none"
        scope.report("E205", message, found[alien].span, "", f"leave `{alien}` out")
        return None
    mean, covariance = read_series("mean", call, found, scope), _covariance(found["covariance"], scope)
    if mean is None or covariance is None:
        return None
    if covariance.dimension != mean.dimension:
        unit = scope.unit(mean.dimension)
        what = scope.describe(covariance.dimension)
        message = f"`mean` is in {unit}, and the covariance is of what is {what}"
        code, help = "E304", f'give the unit of the values, whose squares the file has: `unit="{unit}"`'
        if covariance.dimension == NUMBER:
            code, message = "E303", f"`mean` is in {unit}, and the covariance has no unit"
        if mean.dimension == NUMBER:
            help = "leave the unit of the covariance out"
        scope.report(code, message, found["covariance"].span, "", help)
        return None
    return DerivedSeries("gaussian", (mean, covariance), (), mean.dimension, call.span)


def _covariance(given: ast.Expression, scope: Scope) -> FileSeries | None:
    """The file of a covariance; `unit` is that of the values, of which it has the squares."""
    if not isinstance(given, ast.Call) or given.function.text != "csv":
        message = "`covariance` is a file with a row and a column for each clock time"
        scope.report("E305", message, given.span, "", 'write `csv("file.csv")`')
        return None
    found = arguments(given, ("file", "unit", "dialect"), 1, scope)
    if found is None:
        return None
    file, text = text_argument("file", found, scope), text_argument("unit", found, scope)
    dialect = read_dialect(found["dialect"], scope) if "dialect" in found else None
    if file is None or text is None or ("dialect" in found and dialect is None):
        return None
    path = locate(file, scope.folders, found["file"].span)
    if isinstance(path, Diagnostic):
        scope.add(path)
        return None
    factor, dimension, span = 1.0, NUMBER, given.span
    if text:
        place: Span = found["unit"].span
        unit = read_unit(text, place, scope, 'unit="', '"')
        if unit is None:
            return None
        factor, dimension = unit.factor, unit.dimension
    return FileSeries(path, file, "", "", "covariance", factor, dimension, span, text, None, dialect)
