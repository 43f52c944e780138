"""How a text is read, and its tree written short."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic, render
from evdsl.diagnostics.source import Source
from evdsl.syntax import ast
from evdsl.syntax.parser import parse, parse_expression


def read(text: str) -> tuple[ast.File, list[Diagnostic]]:
    return parse(Source("site.evs", text))


def clean(text: str) -> tuple[ast.Statement, ...]:
    file, diagnostics = read(text)
    assert not diagnostics, render(diagnostics)
    return file.statements


def value(text: str) -> ast.Expression:
    expression, diagnostics = parse_expression(Source("value", text))
    assert expression is not None, render(diagnostics)
    return expression


def mistakes(text: str) -> list[tuple[str, int]]:
    """The code and the line of each finding."""
    return [(found.code, found.span.line) for found in read(text)[1] if found.span is not None]


def only_mistake(text: str) -> Diagnostic:
    found = read(text)[1]
    assert len(found) == 1, render(found)
    return found[0]


def names_of(text: str) -> list[str]:
    """The names of the settings that are read from a text."""
    return [node.name.text for node in read(text)[0].statements if isinstance(node, ast.Setting)]


HERE = value("x").span


def name(text: str) -> ast.Name:
    return ast.Name(text, HERE)


def number(value: float, unit: str = "") -> ast.Number:
    return ast.Number(value, unit, HERE, "")


A, B, C = name("a"), name("b"), name("c")


def block(kind: str, title: str | None, of: str | None, *body: ast.Statement) -> ast.Block:
    names = [None if word is None else name(word) for word in (title, of)]
    return ast.Block(name(kind), names[0], names[1], body, HERE, HERE)


X_IS_A = ast.Setting(name("x"), A, HERE)
