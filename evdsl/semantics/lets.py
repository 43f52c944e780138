"""Lets over single vehicles and steps: `let night = sum(t in 22:00 .. 06:00: import[t]) * step`.

They are read when the devices are known, and may stand in requirements and reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evdsl.language.spec import Device
from evdsl.language.steps import Horizon
from evdsl.language.values import Value
from evdsl.semantics.evaluate import definition
from evdsl.semantics.requirements import is_plain
from evdsl.semantics.scope import Local, Scope
from evdsl.syntax import ast


def of_singles(definitions: Mapping[str, ast.Param | ast.Let]) -> frozenset[str]:
    """The lets that speak of single vehicles and steps, themselves or through the lets that they use."""
    uses: dict[str, set[str]] = {}
    found: set[str] = set()
    for name, statement in definitions.items():
        if isinstance(statement, ast.Let):
            names, single = _inside(statement.value)
            uses[name] = names
            if single:
                found.add(name)
    pending = list(found)
    users: dict[str, list[str]] = {}
    for name, names in uses.items():
        for used in names:
            users.setdefault(used, []).append(name)
    while pending:
        for user in users.get(pending.pop(), []):
            if user not in found:
                found.add(user)
                pending.append(user)
    return frozenset(found)


def _inside(expression: ast.Expression) -> tuple[set[str], bool]:
    """The names in an expression, and whether it has brackets, a `.` or an aggregate."""
    names: set[str] = set()
    single = False
    pending: list[object] = [expression]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name):
            names.add(node.text)
        single = single or isinstance(node, ast.Index | ast.Attribute | ast.Aggregate)
        pending += ast.children(node)
    return names, single


def read_lets(
    names: frozenset[str], devices: Sequence[Device], horizon: Horizon | None, scope: Scope
) -> tuple[dict[str, Value], tuple[tuple[str, Value], ...]]:
    """Their values, and the series that they ask for at single steps."""
    scope.local = local = Local(devices, horizon, is_let=True)
    scope.singles = frozenset()
    found: dict[str, Value] = {}
    for name in scope.definitions:
        if name in names:
            value = definition(name, scope, scope.definitions[name].name.span)
            if value is not None and is_plain(value, "a let", scope):
                found[name] = value
    scope.local = None
    return found, tuple(sorted(local.series.items()))
