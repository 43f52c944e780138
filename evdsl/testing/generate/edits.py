"""Edits of a spec as syntax, and questions about it, in which changes are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from evdsl.diagnostics.source import Span
from evdsl.language.values import FileSeries, FileTariff
from evdsl.syntax import ast
from evdsl.testing.generate import nodes
from evdsl.testing.trial import Trial

Changed = ast.File | None
Change = Callable[[Trial], Changed]


def map_nodes(node: Any, change: Callable[[Any], Any]) -> Any:
    """The node with `change` applied to everything in it, the innermost first."""
    if isinstance(node, tuple):
        return tuple(map_nodes(each, change) for each in node)
    if not is_dataclass(node) or isinstance(node, Span):
        return node
    new = {}
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, tuple) or (is_dataclass(value) and not isinstance(value, Span)):
            new[each.name] = map_nodes(value, change)
    return change(replace(node, **new) if new else node)  # type: ignore[type-var]  # it is a dataclass


def in_file(trial: Trial, change: Callable[[Any], Any]) -> Changed:
    """The file with `change` applied to every node; nothing where that changes nothing."""
    statements = tuple(map_nodes(each, change) for each in trial.file.statements)
    return None if statements == trial.file.statements else nodes.file_of(statements)


def with_more(trial: Trial, *more: ast.Statement) -> ast.File:
    """The file with further blocks in front of its toggles and objectives."""
    old = trial.file.statements
    place = next((i for i, each in enumerate(old) if not isinstance(each, ast.Block)), len(old))
    return nodes.file_of((*old[:place], *more, *old[place:]))


def blocks(trial: Trial, keyword: str) -> list[ast.Block]:
    """The blocks of a kind."""
    return [b for b in trial.file.statements if isinstance(b, ast.Block) and b.kind.text == keyword]


def given(block: ast.Block, setting: str) -> ast.Expression | None:
    """The value of a setting of a block."""
    return next((s.value for s in block.body if isinstance(s, ast.Setting) and s.name.text == setting), None)


def names_in(node: Any) -> set[str]:
    """Every name in a statement, its own included."""
    return {inner.text for inner in nodes_in(node) if isinstance(inner, ast.Name)}


def nodes_in(node: Any) -> Iterator[Any]:
    """Every node of some syntax."""
    if isinstance(node, tuple):
        for each in node:
            yield from nodes_in(each)
    elif is_dataclass(node) and not isinstance(node, Span):
        yield node
        for each in fields(node):
            yield from nodes_in(getattr(node, each.name))


def mentions(trial: Trial, *words: str) -> bool:
    """Whether a stage or a requirement uses one of these names."""
    kinds = (ast.Objective, ast.Requirement, ast.Let)
    return any(names_in(each) & {*words} for each in trial.file.statements if isinstance(each, kinds))


def has_requirements(trial: Trial) -> bool:
    """Whether the spec has rows of its own, which may speak of anything."""
    return bool(trial.spec.requirements)


def has_own_expressions(trial: Trial) -> bool:
    """Whether the spec has rows or terms of an objective of its own, which may speak of anything."""
    return bool(trial.spec.requirements or trial.spec.terms)


def has(trial: Trial, *types: type) -> bool:
    """Whether a setting or a series, once its names are bound, has a value of these types in it."""
    spec = trial.spec
    values = [value for device in spec.devices for value in device.settings.values()]
    values += [value for _, value in spec.series]
    seen: set[int] = set()  # a value that is built from names shares its parts
    while values:
        value: Any = values.pop()
        if isinstance(value, types):
            return True
        if isinstance(value, tuple):
            values += value
        elif is_dataclass(value) and not isinstance(value, Span) and id(value) not in seen:
            seen.add(id(value))
            values += [getattr(value, each.name) for each in fields(value)]
    return False


def is_from_data(trial: Trial) -> bool:
    """Whether a file, or the command line, says what the text does not."""
    overridden = trial.overrides.set or any(device.rows for device in trial.spec.devices)
    return bool(overridden) or has(trial, FileSeries, FileTariff)


def with_settings(trial: Trial, keyword: str, change: Callable[[ast.Setting], ast.Setting]) -> Changed:
    """The file with `change` applied to the settings of every block of a kind."""

    def changed(node: Any) -> Any:
        if isinstance(node, ast.Block) and node.kind.text == keyword:
            body = tuple(change(each) if isinstance(each, ast.Setting) else each for each in node.body)
            return replace(node, body=body)
        return node

    return in_file(trial, changed)


def scaled(value: ast.Expression, factor: float, more: tuple[float, str] | None = None) -> ast.Expression:
    """An amount, or each of a table, times a factor, and something more."""
    if isinstance(value, ast.Table):
        entries = tuple((when, scaled(each, factor, more)) for when, each in value.entries)
        return replace(value, entries=entries)
    found: ast.Expression = nodes.binary("*", nodes.number(factor), value)
    return nodes.binary("+", found, nodes.number(*more)) if more else found
