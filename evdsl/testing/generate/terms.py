"""Random terms of an objective beside its words: one of each shape that a stage takes, as money.

Each can be made small and is bounded from below, so that no stage is left without an optimum.
"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from evdsl.syntax import ast
from evdsl.testing.generate import nodes

TERMS: dict[str, tuple[str, bool]] = {
    "sum": ("0.02 EUR/kWh * sum(t in steps: import[t]) * step", False),
    "above": ("0.05 EUR/kWh * max(0 kWh, sum(t in steps: import[t]) * step - {amount} kWh)", False),
    "each above": ("0.03 EUR/kWh * sum(t in steps: max(0 kW, import[t] - {amount} kW)) * step", False),
    "reached": ("0.2 EUR/kW * max(peak, {amount} kW)", False),
    "largest": ("0.1 EUR/kW * max(t in steps: import[t])", False),
    "swing": ("0.01 EUR/kW * sum(t in steps: abs(import[t + 1] - import[t]))", False),
    "worst": ("0.3 EUR/kWh * max(v in vehicles: unmet[v])", True),
    "least": ("-0.05 EUR/kWh * min(v in vehicles: delivered[v])", True),
    "capped": ("-0.04 EUR/kWh * min(delivered[vehicles], {amount} kWh)", True),
}
"""By name the text of a term, and whether it speaks of vehicles."""
AMOUNTS = (0, 3, 8, 25)


def shape_of(text: str) -> str | None:
    """The name of a term that is written like one of them, whatever its amount."""
    for name, (template, _) in TERMS.items():
        inside = template.partition(" * ")[2].removesuffix(" * step")
        begin, _, end = inside.partition("{amount}")
        if text.startswith(begin) and (text.endswith(end) if end else text == begin):
            return name
    return None


def possible_terms(blocks: Sequence[ast.Block]) -> list[str]:
    """The names of the terms that a site has something for."""
    vehicles = any(block.kind.text in ("vehicle", "fleet") for block in blocks)
    return [name for name, (_, of_vehicles) in TERMS.items() if vehicles or not of_vehicles]


@st.composite
def term(draw: st.DrawFn, name: str) -> ast.Expression:
    """A term of that name, with an amount."""
    return nodes.expression(TERMS[name][0].format(amount=draw(st.sampled_from(AMOUNTS))))
