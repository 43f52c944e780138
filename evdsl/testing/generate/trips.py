"""Whose trips random specs have, and when they are: most fit into the stays of their vehicles."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from evdsl.language.declaration import Setting
from evdsl.syntax import ast
from evdsl.testing.generate import nodes
from evdsl.testing.generate.values import SiteDraft, moment


def gives(block: ast.Block, setting: str) -> bool:
    """Whether a block has a setting."""
    return any(isinstance(s, ast.Setting) and s.name.text == setting for s in block.body)


def travellers(blocks: Sequence[ast.Block]) -> list[str]:
    """The blocks of vehicles that may make a trip: they ask for a state of charge, their class for none."""
    able = {block.name.text for block in blocks if block.name and not _refuses_trips(block)}
    asking = [b for b in blocks if b.name and b.of and b.of.text in able and gives(b, "soc_target")]
    return [block.name.text for block in asking if block.name]


def _refuses_trips(block: ast.Block) -> bool:
    settings = [s for s in block.body if isinstance(s, ast.Setting) and s.name.text in ("up_to", "outside")]
    return any(isinstance(s.value, ast.Name) and s.value.text in ("target", "widen") for s in settings)


def leaves(_: Setting, site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    """In the first half of the horizon, on thirds of steps."""
    thirds = st.integers(1, max(site.steps * 3 // 2, 1))
    whole = thirds.map(lambda third: -(-third // 3) * 3) if site.even else thirds
    return whole.map(lambda third: moment(third * site.minutes * 20, site))


def comes_back(_: Setting, site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    """In the second half, the end included."""
    thirds = st.integers(max(site.steps * 3 // 2, 1) + 1, site.steps * 3)
    whole = thirds.map(lambda third: -(-third // 3) * 3) if site.even else thirds
    return whole.map(lambda third: moment(third * site.minutes * 20, site))


def lasts(_: Setting, site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    """From a third of a step to three steps."""
    parts = st.sampled_from([3, 6] if site.even else [1, 3, 2, 4, 9])
    return parts.map(lambda third: nodes.number(third * site.minutes / 3, "min"))
