"""What Lark's reductions make: one method for each shape of the grammar."""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from lark import Token, Transformer

from evdsl.diagnostics.diagnostic import Diagnostic, excerpt
from evdsl.diagnostics.source import Source, Span
from evdsl.syntax import ast

Found = TypeVar("Found")


class ParseState:
    """The text that is being read, and what was found wrong in its literals."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []

    def span(self, first: Any, last: Any) -> Span:
        return Span(self.source, _start(first), _end(last))


CURRENT: ContextVar[ParseState] = ContextVar("CURRENT")
DIGITS = re.compile(r"[0-9._]+(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Chain:
    """Statements read so far: a value, so that a state of the parser can be kept and come back to."""

    before: Chain | None
    statement: ast.Statement


class Nodes(Transformer[Token, Any]):
    """Methods take the children of a rule, all tokens included, and give a node."""

    def start(self, c: list[Any]) -> tuple[ast.Statement, ...]:
        return _only(c, tuple)[0]

    def statements(self, c: list[Any]) -> tuple[ast.Statement, ...]:
        link: Chain | None = c[0] if c else None
        found: list[ast.Statement] = []
        while link is not None:
            found.append(link.statement)
            link = link.before
        return tuple(reversed(found))

    def first(self, c: list[Any]) -> Chain:
        return Chain(None, c[0])

    def following(self, c: list[Any]) -> Chain:
        return Chain(c[0], c[2])

    def setting(self, c: list[Any]) -> ast.Setting:
        return ast.Setting(_name(c[0]), c[2], _span(c))

    def block(self, c: list[Any]) -> ast.Block:
        names, of = _header(c)
        brace = next(i for i, item in enumerate(c) if _is(item, "LBRACE"))
        body = _only(c, tuple)[0]
        header = _span(c[:brace])
        return ast.Block(names[0], names[1] if names[1:] else None, of, body, _span(c), header)

    def declaration(self, c: list[Any]) -> ast.Declaration:
        names, of = _header(c)
        return ast.Declaration(names[0], names[1], of, c[-1], _span(c))

    def param(self, c: list[Any]) -> ast.Param:
        return ast.Param(_name(c[1]), c[3], _span(c))

    def let(self, c: list[Any]) -> ast.Let:
        return ast.Let(_name(c[1]), c[3], _span(c))

    def toggle(self, c: list[Any]) -> ast.Toggle:
        names = tuple(_name(item) for item in c if _is(item, "NAME"))
        return ast.Toggle(c[0].type == "ENABLE", names, _span(c))

    def objective(self, c: list[Any]) -> ast.Objective:
        then = _is(c[0], "THEN")
        values = [item for item in c if not isinstance(item, Token)]
        allowing = values[1] if len(values) > 1 else None
        return ast.Objective(then, str(c[int(then)]), values[0], allowing, _span(c))

    def requirement(self, c: list[Any]) -> ast.Requirement:
        binders = tuple(_only(c, ast.Binder))
        return ast.Requirement(_name(c[1]), c[3], str(c[4]), c[5], binders, _span(c))

    def include(self, c: list[Any]) -> ast.Include:
        return ast.Include(self.string(c[1:]), _span(c))

    def pareto(self, c: list[Any]) -> ast.Pareto:
        points = c[5] if len(c) > 4 else None
        return ast.Pareto(c[1], c[3], points, _span(c))

    def binder(self, c: list[Any]) -> ast.Binder:
        return ast.Binder(_name(c[0]), c[2], _span(c))

    def range(self, c: list[Any]) -> ast.Range:
        return ast.Range(c[0], c[2], _span(c))

    def add(self, c: list[Any]) -> ast.Binary:
        return ast.Binary(str(c[1]), c[0], c[2], _span(c))

    subtract = multiply = divide = add

    def negate(self, c: list[Any]) -> ast.Unary:
        return ast.Unary("-", c[1], _span(c))

    def attribute(self, c: list[Any]) -> ast.Attribute:
        return ast.Attribute(c[0], _name(c[2]), _span(c))

    def index(self, c: list[Any]) -> ast.Index:
        return ast.Index(c[0], c[2], _span(c))

    def number(self, c: list[Any]) -> ast.Number:
        return _number(c[0], c[0].value, "")

    def quantity(self, c: list[Any]) -> ast.Number:
        text: str = c[0].value
        digits = DIGITS.match(text)
        assert digits is not None
        return _number(c[0], digits.group(), text[digits.end() :].strip())

    def date(self, c: list[Any]) -> ast.Date:
        text: str = c[0].value
        day, _, time = text.replace("T", " ").partition(" ")
        hour = f"{time:0>5}" if time.count(":") == 1 else f"{time:0>8}"
        try:
            when = datetime.fromisoformat(f"{day}T{hour}" if time else day)
        except ValueError:
            _report("E104", f"{text} is not a date of the calendar", c[0], "dates are `2024-03-12 07:30`")
            when = datetime(2000, 1, 1)
        return ast.Date(when, bool(time), _span(c))

    def clock(self, c: list[Any]) -> ast.Clock:
        return _clock(c[0])

    def string(self, c: list[Any]) -> ast.Text:
        return ast.Text(c[0].value[1:-1], _span(c[:1]))

    def name(self, c: list[Any]) -> ast.Name:
        return _name(c[0])

    def call(self, c: list[Any]) -> ast.Call:
        arguments = c[2] if isinstance(c[2], tuple) else ()
        return ast.Call(_name(c[0]), arguments, _span(c))

    def aggregate(self, c: list[Any]) -> ast.Aggregate:
        return ast.Aggregate(_name(c[0]), c[2], c[4], _span(c))

    def group(self, c: list[Any]) -> Any:
        """The inner node, at the place of its brackets: they belong to what the text says there."""
        return replace(c[1], span=_span(c))

    def list_of(self, c: list[Any]) -> ast.ListOf:
        return ast.ListOf(tuple(i for i in c if not isinstance(i, Token)), _span(c))

    def table(self, c: list[Any]) -> ast.Table:
        return ast.Table(tuple(i for i in c if not isinstance(i, Token)), _span(c))

    def entry(self, c: list[Any]) -> tuple[ast.Expression, ast.Expression]:
        return c[0], c[2]

    def arguments(self, c: list[Any]) -> tuple[ast.Argument, ...]:
        return tuple(_only(c, ast.Argument))

    def named(self, c: list[Any]) -> ast.Argument:
        return ast.Argument(str(c[0]), c[2], _span(c))

    def positional(self, c: list[Any]) -> ast.Argument:
        return ast.Argument("", c[0], c[0].span)


def _only(items: list[Any], kind: type[Found]) -> list[Found]:
    return [item for item in items if isinstance(item, kind) and not isinstance(item, Token)]


def _is(item: Any, kind: str) -> bool:
    return isinstance(item, Token) and item.type == kind


def _header(c: list[Any]) -> tuple[list[ast.Name], ast.Name | None]:
    names: list[ast.Name] = []
    of = None
    for previous, item in zip([None, *c], c, strict=False):
        if _is(item, "NAME") and _is(previous, "OF"):
            of = _name(item)
        elif _is(item, "NAME"):
            names.append(_name(item))
        elif not _is(item, "OF"):
            break
    return names, of


def _start(item: Any) -> int:
    return int(item.start_pos or 0) if isinstance(item, Token) else int(item.span.start)


def _end(item: Any) -> int:
    return int(item.end_pos or 0) if isinstance(item, Token) else int(item.span.end)


def _span(c: list[Any]) -> Span:
    ends = [item for item in c if isinstance(item, Token) or hasattr(item, "span")]
    return CURRENT.get().span(ends[0], ends[-1])


def _name(token: Token) -> ast.Name:
    return ast.Name(str(token), CURRENT.get().span(token, token))


def _report(code: str, message: str, token: Token, help: str) -> None:
    reading = CURRENT.get()
    reading.diagnostics.append(Diagnostic(code, message, reading.span(token, token), "", help))


def _number(token: Token, digits: str, unit: str) -> ast.Number:
    value = float(digits.replace("_", "")) if len(digits) <= 400 else float("inf")
    if value in (float("inf"), float("-inf")):
        shown = excerpt(digits, 20)
        _report("E307", f"{shown} is too large for a number", token, "write a smaller number")
        value = 0.0
    return ast.Number(value, unit, CURRENT.get().span(token, token), digits)


def _clock(token: Token) -> ast.Clock:
    parts = [int(part) for part in token.value.split(":")]
    hour, minute, second = (*parts, 0)[:3]
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        message = f"{token.value} is not a time of the day"
        _report("E104", message, token, "clock times go from 00:00 to 24:00")
        hour = minute = second = 0
    return ast.Clock(hour * 3600 + minute * 60 + second, CURRENT.get().span(token, token))
