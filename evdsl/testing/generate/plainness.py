"""Specs without what keeps the binaries of a model: so plain that a simplification takes them out.

A spec as it comes has nearly always a level, a phase, a row of its own or a word that stands against it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from evdsl.language.devices import KINDS
from evdsl.syntax import ast
from evdsl.testing.generate import nodes
from evdsl.testing.generate.edits import given, map_nodes
from evdsl.testing.generate.features import Feature

NEEDS: dict[str, tuple[Feature, ...]] = {
    "exclusive_to_nothing": (Feature("device", "storage"), Feature("setting", "grid.price")),
    "crossing_to_nothing": (Feature("setting", "grid.feed_in"), Feature("setting", "grid.price")),
    "en_route_to_nothing": (Feature("device", "trip"),),
    "trips_by_day": (Feature("device", "trip"),),
    "ports_apart": (Feature("setting", "port.count"),),
}
"""By the name of a simplification or a relation what a spec has without which it changes nothing."""

AGAINST = frozenset(
    [("storage", name) for name in ("source", "sink", "min_power", "soc_final", "end_value")]
    + [("port", name) for name in ("min_power", "rates")]
    + [("class", name) for name in ("up_to", "end_value", "elsewhere")]
    + [(kind.keyword, name) for kind in KINDS for name in ("feeder", "phase_limit", "unbalance_limit")]
)
"""Settings that the conditions of the simplifications speak of, of blocks that can be without."""


def plain(file: ast.File) -> ast.File:
    """A spec without all of that, and with one stage of money; vehicles give back where they did."""
    kept = [each for each in file.statements if isinstance(each, ast.Block | ast.Let | ast.Param)]
    gives = any(
        isinstance(each, ast.Toggle) and each.on and any(name.text == "v2g" for name in each.names)
        for each in file.statements
    )
    blocks = [each for each in kept if isinstance(each, ast.Block)]
    found = [_plain_block(each) if isinstance(each, ast.Block) else each for each in kept]
    words = ["cost"] if any(given(each, "price") for each in blocks if each.kind.text == "grid") else []
    if any(each.kind.text in ("vehicle", "fleet") for each in blocks):
        words.append("0.6 EUR/kWh * unmet")
    value = nodes.expression(" + ".join(words or ["peak"]))
    toggles = [nodes.toggle(True, ["v2g"])] if gives else []
    return nodes.file_of([*found, *toggles, nodes.objective("minimize", value)])


def _plain_block(block: ast.Block) -> ast.Block:
    body: list[ast.Statement] = []
    for each in block.body:
        if isinstance(each, ast.Setting) and (block.kind.text, each.name.text) in AGAINST:
            continue
        of_grid = block.kind.text == "grid" and isinstance(each, ast.Setting)
        body.append(map_nodes(each, _positive) if of_grid else each)
    return replace(block, body=tuple(body))


def _positive(node: Any) -> Any:
    """A price above zero in the place of one below."""
    return node.operand if isinstance(node, ast.Unary) else node
