"""A failing spec made small: statements and settings taken out, values made plain, while it still fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from evdsl.syntax import ast
from evdsl.testing.generate import nodes

Fails = Callable[[ast.File], bool]

PLAIN = (1.0, 2.0, 10.0)
"""Numbers that are tried in the place of others, the first first."""


def shrink(file: ast.File, fails: Fails, seconds: float = 60.0) -> ast.File:
    """The smallest spec that was found in that time from which nothing can be taken without curing it.

    `fails` must hold for `file`; a spec that is refused does not fail.
    """
    until = time.monotonic() + seconds
    best, changed = file, True
    while changed:
        changed = False
        for candidate in _smaller(best):
            if time.monotonic() > until:
                return best
            if fails(candidate):
                best, changed = candidate, True
                break
    return best


def _smaller(file: ast.File) -> Iterator[ast.File]:
    """Specs that say less: many statements fewer first, then single ones, then settings, then values."""
    whole = file.statements
    size = len(whole) // 2
    while size >= 1:
        for begin in range(0, len(whole), size):
            yield _with((*whole[:begin], *whole[begin + size :]))
        size //= 2
    for place, statement in enumerate(whole):
        for less in _less(statement):
            yield _with((*whole[:place], less, *whole[place + 1 :]))


def _with(statements: Sequence[ast.Statement]) -> ast.File:
    found = list(statements)
    first = next((each for each in found if isinstance(each, ast.Objective)), None)
    if first is not None and first.then:
        # What was the second stage is the first one now.
        found[found.index(first)] = replace(first, then=False, allowing=None)
    return nodes.file_of(found)


def _less(statement: ast.Statement) -> Iterator[ast.Statement]:
    match statement:
        case ast.Block(body=body):
            for place, inner in enumerate(body):
                yield replace(statement, body=(*body[:place], *body[place + 1 :]))
                for less in _less(inner):
                    yield replace(statement, body=(*body[:place], less, *body[place + 1 :]))
        case ast.Setting(value=value) | ast.Param(value=value) | ast.Let(value=value):
            for plain in _plainer(value):
                yield replace(statement, value=plain)
        case ast.Objective(value=value, allowing=allowing):
            if allowing is not None:
                yield replace(statement, allowing=None)
            for plain in _plainer(value):
                yield replace(statement, value=plain)
        case ast.Requirement(left=left, right=right):
            for plain in _plainer(left):
                yield replace(statement, left=plain)
            for plain in _plainer(right):
                yield replace(statement, right=plain)
        case ast.Toggle(names=names) if len(names) > 1:
            for place in range(len(names)):
                yield replace(statement, names=(*names[:place], *names[place + 1 :]))


def _plainer(value: ast.Expression) -> Iterator[ast.Expression]:
    """Expressions of the same kind that are simpler to read."""
    match value:
        case ast.Table(entries=entries):
            for _, inner in entries:
                yield inner
            if len(entries) > 2:
                for place in range(1, len(entries)):
                    yield replace(value, entries=(*entries[:place], *entries[place + 1 :]))
            for place, (when, inner) in enumerate(entries):
                for plain in _plainer(inner):
                    yield replace(value, entries=(*entries[:place], (when, plain), *entries[place + 1 :]))
        case ast.ListOf(items=items):
            if len(items) > 1:
                for place in range(len(items)):
                    yield replace(value, items=(*items[:place], *items[place + 1 :]))
        case ast.Call(arguments=arguments):
            for argument in arguments:
                inner = argument.value
                yield from inner.items if isinstance(inner, ast.ListOf) else (inner,)
        case ast.Binary(left=left, right=right):
            yield left
            yield right
            for plain in _plainer(left):
                yield replace(value, left=plain)
            for plain in _plainer(right):
                yield replace(value, right=plain)
        case ast.Unary(operand=operand):
            yield operand
            for plain in _plainer(operand):
                yield replace(value, operand=plain)
        case ast.Number(value=amount, unit=unit):
            for simple in PLAIN:
                if simple == amount:
                    return
                yield nodes.number(simple, unit)
        case ast.Clock(seconds=seconds) if seconds:
            yield nodes.clock(0)
