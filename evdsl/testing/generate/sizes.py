"""Sizes that are left to be chosen: about one random spec of eight has some, and a price for them.

They are put into a spec that is drawn already, by a stream of its own that the text of the spec settles: the
other seven, and whatever is drawn of this one, stay what they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from evdsl.language.quantities import quantity_of_size
from evdsl.syntax import ast
from evdsl.testing.generate import nodes
from evdsl.testing.generate.edits import nodes_in

ONE_OF = 8
OPEN = {
    "storage": ("capacity", "power", "charge", "discharge"),
    "solar": ("peak",),
    "wind": ("peak",),
    "grid": ("import_limit", "export_limit"),
    "feeder": ("limit",),
}
"""The settings that may be ranges where they are numbers, but for what a storage begins with."""
OF_MONEY = frozenset(["cost", "energy_cost", "profit"])
"""Words beside which a price in EUR stands."""


def with_sizes(file: ast.File) -> ast.File:
    """The spec itself, or in one of eight the spec with what can be chosen as ranges."""
    stream = Random(f"{nodes.print_file(file)}/sizes")
    return _opened(file, stream) if stream.randrange(ONE_OF) == 0 else file


def _opened(file: ast.File, stream: Random) -> ast.File:
    """Ranges in the place of some sizes, and a price or a bound of those that have a name."""
    statements: list[ast.Statement] = []
    chosen: list[tuple[str, str]] = []
    fixed = {node.owner.text for node in nodes_in(file.statements) if _is_share(node)}
    for statement in file.statements:
        if not isinstance(statement, ast.Block):
            statements.append(statement)
            continue
        own = statement.name.text if statement.name is not None else ""
        names, closed = OPEN.get(statement.kind.text, ()), ("capacity",) if own in fixed else ()
        body = [_setting(each, names, closed, stream) for each in statement.body]
        ranged = [new.name.text for new, old in zip(body, statement.body, strict=True) if new is not old]
        chosen += [(own, name) for name in ranged if own]
        statements.append(replace(statement, body=tuple(body)))
    if chosen:
        statements = _weighed(statements, *chosen[stream.randrange(len(chosen))], stream)
    return nodes.file_of(statements)


def _setting(each: Any, names: Sequence[str], closed: Sequence[str], stream: Random) -> Any:
    """A part of a block, with a range for its number where it is one of `names` and chance has it."""
    if not isinstance(each, ast.Setting) or each.name.text not in names or stream.random() >= 0.7:
        return each
    ranged = None if each.name.text in closed else _range(each.value, stream)
    return each if ranged is None else replace(each, value=ranged)


def _is_share(node: object) -> bool:
    """Whether a state of charge is asked of a device: none that is linear where its capacity is open."""
    return isinstance(node, ast.Attribute) and node.name.text == "soc" and isinstance(node.owner, ast.Name)


def _range(value: ast.Expression, stream: Random) -> ast.Expression | None:
    """A range around a number above zero; nothing of any other value."""
    if not isinstance(value, ast.Number) or value.value <= 0:
        return None
    low, high = (share * value.value for share in stream.choice([(0, 1), (0.5, 1), (0, 2), (1, 1)]))
    return nodes.span_of(nodes.number(low, value.unit), nodes.number(high, value.unit))


def _weighed(
    statements: Sequence[ast.Statement], own: str, setting: str, stream: Random
) -> list[ast.Statement]:
    """A price in the first stage where it is of money, else a stage behind it or a bound."""
    quantity = ast.Attribute(nodes.name(own), nodes.name(quantity_of_size(setting)), nodes.NOWHERE)
    unit, found = "kWh" if setting == "capacity" else "kW", list(statements)
    stages = [at for at, each in enumerate(found) if isinstance(each, ast.Objective)]
    way = stream.randrange(4)
    if way == 0 or not stages:
        bound = nodes.number(stream.choice([2, 6, 40]), unit)
        return [*found, nodes.requirement("size", quantity, "<=", bound, ())]
    first = found[stages[0]]
    assert isinstance(first, ast.Objective)
    words = {node.text for node in nodes_in(first) if isinstance(node, ast.Name)}
    if OF_MONEY & words and way > 1:
        price = nodes.number(stream.choice([0.02, 0.1, 0.4]), f"EUR/{unit}")
        sign = "+" if first.sense == "minimize" else "-"
        weighed = nodes.binary(sign, first.value, nodes.binary("*", price, quantity))
        found[stages[0]] = replace(first, value=weighed)
        return found
    last = stages[-1]
    found.insert(last + 1, replace(first, sense="minimize", value=quantity, then=True, allowing=None))
    return found
