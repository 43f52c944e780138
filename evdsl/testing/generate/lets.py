"""Random lets of the shares of money, which no objective and no requirement may speak of."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from hypothesis import strategies as st

from evdsl.language.quantities import OF_DEVICES, QUANTITIES, SHARED_BY
from evdsl.syntax import ast
from evdsl.testing.generate import nodes
from evdsl.testing.generate.edits import given

OF_VEHICLES = ("vehicle", "fleet", "class", "port")
"""The blocks whose name may stand in the brackets of a share."""


@st.composite
def lets(draw: st.DrawFn, blocks: Sequence[ast.Block], sought: Collection[str] = ()) -> list[ast.Statement]:
    """A let of each share that is sought and can be had; where none is, seldom one of any."""
    known = shares(blocks)
    chosen = [name for name in sought if name in known]
    if not chosen and known and draw(st.sampled_from([False] * 5 + [True])):
        chosen = [draw(st.sampled_from(sorted(known)))]
    found: list[ast.Statement] = []
    for number, name in enumerate(chosen):
        value = draw(st.sampled_from(known[name]))
        found.append(ast.Let(nodes.name(f"share{number}"), nodes.expression(value), nodes.NOWHERE))
    return found


def shares(blocks: Sequence[ast.Block]) -> dict[str, list[str]]:
    """By the name of its feature, the ways in which each share of a site may be written."""
    grid = next((block for block in blocks if block.kind.text == "grid"), None)
    priced = [one for one, price in SHARED_BY.items() if grid is not None and given(grid, price) is not None]
    named = [(block.kind.text, block.name.text) for block in blocks if block.name is not None]
    found: dict[str, list[str]] = {}
    for share in (one for one in QUANTITIES if one in priced):
        ways = [f"{share}[{name}]" for kind, name in named if kind in OF_VEHICLES]
        if any(kind in ("vehicle", "fleet") for kind, _ in named):
            ways.append(f"sum(v in vehicles: {share}[v])")
            ways.append(f"max(v in vehicles: {share}[v])")
            found[share] = ways
        for kind, name in named:
            if share in OF_DEVICES.get(kind, {}):
                found.setdefault(f"{kind}.{share}", []).append(f"{name}.{share}")
    return found
