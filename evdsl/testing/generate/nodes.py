"""Syntax made by hand: nodes without a place in any text, for `evdsl.syntax.formatter` to print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from evdsl.diagnostics.source import Source, Span
from evdsl.syntax import ast
from evdsl.syntax.formatter import format
from evdsl.syntax.parser import parse, parse_expression

NOWHERE = Span(Source("random", ""), 0, 0)

Settings = Iterable[tuple[str, ast.Expression]]


def name(text: str) -> ast.Name:
    """A name."""
    return ast.Name(text, NOWHERE)


def number(value: float, unit: str = "") -> ast.Expression:
    """A number with its unit; one below zero has its sign in front."""
    digits = f"{abs(value):.12g}"
    if "e" in digits:
        digits = f"{abs(value):.12f}".rstrip("0").rstrip(".")
    node = ast.Number(float(digits), unit, NOWHERE, digits)
    return ast.Unary("-", node, NOWHERE) if value < 0 else node


def clock(seconds: int) -> ast.Clock:
    """A time of the day."""
    return ast.Clock(seconds, NOWHERE)


def date(when: datetime, timed: bool = False) -> ast.Date:
    """A date, with its time where that is not midnight or where it is asked for."""
    return ast.Date(when, timed or bool(when.hour or when.minute or when.second), NOWHERE)


def text(value: str) -> ast.Text:
    """A text in quotes."""
    return ast.Text(value, NOWHERE)


def table(entries: Iterable[tuple[int, ast.Expression]]) -> ast.Table:
    """A daily table; each entry begins at a second of the day."""
    return keyed((clock(seconds), value) for seconds, value in entries)


def keyed(entries: Iterable[tuple[ast.Expression, ast.Expression]]) -> ast.Table:
    """A table by keys of any kind."""
    return ast.Table(tuple(entries), NOWHERE)


def items(values: Iterable[ast.Expression]) -> ast.ListOf:
    """A list."""
    return ast.ListOf(tuple(values), NOWHERE)


def span_of(low: ast.Expression, high: ast.Expression) -> ast.Range:
    """A range."""
    return ast.Range(low, high, NOWHERE)


def binary(operator: str, left: ast.Expression, right: ast.Expression) -> ast.Binary:
    """Two operands."""
    return ast.Binary(operator, left, right, NOWHERE)


def call(function: str, *arguments: ast.Expression) -> ast.Call:
    """A call with arguments by position."""
    given = tuple(ast.Argument("", argument, NOWHERE) for argument in arguments)
    return ast.Call(name(function), given, NOWHERE)


def index(owner: ast.Expression, *indices: ast.Expression) -> ast.Index:
    """`owner[indices]`."""
    return ast.Index(owner, tuple(ast.Argument("", each, NOWHERE) for each in indices), NOWHERE)


def setting(key: str, value: ast.Expression) -> ast.Setting:
    """`name = value`."""
    return ast.Setting(name(key), value, NOWHERE)


def block(kind: str, own: str | None, of: str | None, settings: Settings) -> ast.Block:
    """`KIND NAME of CLASS { ... }`."""
    body = tuple(setting(key, value) for key, value in settings)
    return ast.Block(name(kind), name(own) if own else None, name(of) if of else None, body, NOWHERE, NOWHERE)


def toggle(on: bool, names: Iterable[str]) -> ast.Toggle:
    """`enable` or `disable`."""
    return ast.Toggle(on, tuple(name(each) for each in names), NOWHERE)


def objective(
    sense: str, value: ast.Expression, then: bool = False, allowing: ast.Expression | None = None
) -> ast.Objective:
    """A stage."""
    return ast.Objective(then, sense, value, allowing, NOWHERE)


def requirement(
    own: str,
    left: ast.Expression,
    relation: str,
    right: ast.Expression,
    binders: Iterable[tuple[str, ast.Expression]] = (),
) -> ast.Requirement:
    """`require NAME: left <= right for v in SET`."""
    over = tuple(ast.Binder(name(variable), each, NOWHERE) for variable, each in binders)
    return ast.Requirement(name(own), left, relation, right, over, NOWHERE)


def file_of(statements: Sequence[ast.Statement]) -> ast.File:
    """A file without comments."""
    return ast.File(tuple(statements), (), NOWHERE.source)


def print_file(file: ast.File) -> str:
    """The canonical text of a file."""
    return format(file)


def read_file(text: str) -> ast.File:
    """The syntax of a text that has no mistakes in its syntax."""
    return parse(Source("random", text))[0]


def expression(text: str) -> ast.Expression:
    """The syntax of one expression, such as the example of a setting."""
    value, problems = parse_expression(Source("example", text))
    assert value is not None, problems
    return value
