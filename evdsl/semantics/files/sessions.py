"""`sessions NAME of CLASS = csv("file", arrival="column", ...)`, or a `trip`, to the settings of its rows."""

from __future__ import annotations

from datetime import datetime

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.files import locate
from evdsl.language.declaration import Kind, Shape
from evdsl.language.spec import FileRows
from evdsl.language.values import Instant, RangeValue, TextValue
from evdsl.semantics.evaluate import evaluate
from evdsl.semantics.files.dialects import read_dialect
from evdsl.semantics.scope import Scope
from evdsl.syntax import ast

COLUMNS = {
    "sessions": 'arrival="column", departure="column", energy="column (kWh)"',
    "trip": 'departure="column", arrival="column", used="column (kWh)"',
}
"""The columns that a help names."""


def read_rows(
    kind: Kind, statement: ast.Declaration, owner: str, scope: Scope
) -> tuple[list[ast.Setting], FileRows | None]:
    """The settings that the arguments stand for, and the file; a text names a column."""
    call = statement.value
    if not isinstance(call, ast.Call) or call.function.text != "csv":
        help = f'write `{owner} = csv("file.csv", {COLUMNS[kind.keyword]})`'
        scope.report("E305", f"`{owner}` is read from a file", statement.value.span, "", help)
        return [], None
    first = call.arguments[0] if call.arguments else None
    named = first is not None and first.name in ("", "file")
    file = evaluate(first.value, scope) if first is not None and named else None
    if not isinstance(file, TextValue):
        if file is not None or not named:
            help = 'write `csv("file.csv", ...)`'
            scope.report("E205", "`csv` begins with the name of its file", call.span, "", help)
        return [], None
    path = locate(file.value, scope.folders, file.span)
    if isinstance(path, Diagnostic):
        scope.add(path)
        return [], None
    settings: list[ast.Setting] = []
    arriving: tuple[datetime, datetime] | None = None
    dialect: str | None = None
    for argument in call.arguments[1:]:
        if not argument.name:
            help = f"write `{COLUMNS[kind.keyword].split(',')[0]}`"
            what = kind.keyword if kind.keyword.endswith("s") else f"a {kind.keyword}"
            scope.report("E205", f"the columns of {what} are named", argument.span, "", help)
            return [], None
        if argument.name == "dialect":
            dialect = read_dialect(argument.value, scope)
            if dialect is None:
                return [], None
            continue
        name = ast.Name(argument.name, argument.span)
        if argument.name == "arriving" and arriving is None and kind.setting("arriving") is not None:
            arriving = _days(argument, scope)
        settings.append(ast.Setting(name, _as_column(kind, argument), argument.span))
    return settings, FileRows(path, file.value, arriving, call.span, dialect)


def _as_column(kind: Kind, argument: ast.Argument) -> ast.Expression:
    setting = kind.setting(argument.name)
    value = argument.value
    if isinstance(value, ast.Text) and setting is not None and setting.shape in (Shape.CLOCK, Shape.RANDOM):
        span = value.span
        return ast.Call(ast.Name("column", span), (ast.Argument("", value, span),), span)
    return value


def _days(argument: ast.Argument, scope: Scope) -> tuple[datetime, datetime] | None:
    """The two ends of `arriving`; what is wrong with its shape is said where the settings are read."""
    before = len(scope.diagnostics)
    value = evaluate(argument.value, scope)
    del scope.diagnostics[before:]
    if isinstance(value, RangeValue) and isinstance(value.low, Instant) and isinstance(value.high, Instant):
        if value.low.when < value.high.when:
            return value.low.when, value.high.when
        help = "its second date is the first that is left out: `2019-07-24 .. 2019-07-25` is one day"
        scope.report("E308", "the range of arrivals is empty", value.span, "", help)
    return None
