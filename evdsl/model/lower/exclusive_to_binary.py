"""One of two flows is zero: a binary w for each pair, with the tightest bounds and no big M.

    first <= first_cap · (g - w),   second <= second_cap · w

where g is the binary without which both are zero anyway (1 where there is none). w = 0 allows the
first flow, w = 1 the second; w <= g follows from first >= 0. For fixed w each is the bound that the
flow has anyway, so no solution that satisfies the requirement is lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evdsl.language.combinatorial import Combinatorial, Complementarity
from evdsl.model.builder import ModelBuilder
from evdsl.model.capabilities import Capabilities
from evdsl.model.linear import Linear
from evdsl.model.lower.rewrite import Rewrite, Rewritten
from evdsl.model.program import Program


def accepts(requirement: Combinatorial, _: Program, capabilities: Capabilities) -> bool:
    """Whether the backend takes integers."""
    return isinstance(requirement, Complementarity) and capabilities.integers


def apply(requirement: Combinatorial, program: Program) -> Rewritten:
    """Adds the binaries and their rows."""
    assert isinstance(requirement, Complementarity)
    builder = ModelBuilder.extending(program)
    first_cap, second_cap = np.asarray(requirement.first_cap), np.asarray(requirement.second_cap)
    size = len(first_cap)
    name, owner = f"{requirement.name}.second", requirement.owner
    switch = builder.variable(name, "either", size, owner, binary=True)

    def along(variable: str, positions: Any) -> Linear:
        at = np.arange(size) if positions is None else np.asarray(positions)
        return builder.take(builder.need(variable), at, "either")

    first = along(requirement.first, requirement.first_at)
    second = along(requirement.second, requirement.second_at)
    left, right = first + builder.scale(switch, first_cap), first_cap
    if requirement.gate:
        free = np.asarray(requirement.gate_at) < 0
        gate = along(requirement.gate, np.maximum(np.asarray(requirement.gate_at), 0))
        left = left - builder.scale(gate, np.where(free, 0.0, first_cap))
        right = np.where(free, first_cap, 0.0)
    builder.rows(f"{name}.a", left, "<=", right, owner)
    builder.rows(f"{name}.b", second - builder.scale(switch, second_cap), "<=", 0.0, owner)
    return Rewritten(f"{size} binaries", binaries=True)


REWRITE = Rewrite("exclusive_to_binary", accepts, apply)
