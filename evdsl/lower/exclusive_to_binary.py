"""One of two flows is zero: a binary w for each pair, with the tightest bounds and no big M.

    first <= first_cap · (g - w),   second <= second_cap · w

where g is the binary without which both are zero anyway (1 where there is none). w = 0 allows the
first flow, w = 1 the second; w <= g follows from first >= 0. For fixed w each is the bound that the
flow has anyway, so no solution that satisfies the requirement is lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from evdsl.capabilities import Capabilities
from evdsl.lower.rewrite import Outcome, Rewrite
from evdsl.program import Program
from evdsl.requirement import Exclusive, Requirement


def accepts(requirement: Requirement, _: Program, capabilities: Capabilities) -> bool:
    """Whether the backend takes integers."""
    return isinstance(requirement, Exclusive) and capabilities.integers


def apply(requirement: Requirement, program: Program) -> Outcome:
    """Adds the binaries and their rows."""
    assert isinstance(requirement, Exclusive)
    model = program.model
    size = len(np.asarray(requirement.first_cap))
    labels = pd.RangeIndex(size, name="either")
    name = f"{requirement.name}.second"
    switch = 1 * model.add_variables(coords=[labels], name=name, binary=True)

    def along(variable: str, positions: Any) -> Any:
        expression = 1 * model.variables[variable]
        (own,) = expression.coord_dims
        at = np.arange(size) if positions is None else np.asarray(positions)
        return (
            expression.isel({own: at})
            .assign_coords({own: pd.RangeIndex(size, name=own)})
            .rename({own: "either"})
        )

    def array(values: Any) -> xr.DataArray:
        return xr.DataArray(np.asarray(values, dtype=float), coords=[labels])

    first, second = (
        along(requirement.first, requirement.first_at),
        along(requirement.second, requirement.second_at),
    )
    first_cap, second_cap = array(requirement.first_cap), array(requirement.second_cap)
    if requirement.gate:
        gate = along(requirement.gate, np.maximum(np.asarray(requirement.gate_at), 0))
        free = np.asarray(requirement.gate_at) < 0
        allowed = gate * array(np.where(free, 0.0, requirement.first_cap))
        model.add_constraints(
            first - allowed + switch * first_cap,
            "<=",
            array(np.where(free, requirement.first_cap, 0.0)),
            name=f"{name}.a",
        )
    else:
        model.add_constraints(first + switch * first_cap, "<=", first_cap, name=f"{name}.a")
    model.add_constraints(second - switch * second_cap, "<=", 0.0, name=f"{name}.b")
    ledger = program.ledger
    ledger.update({name: requirement.owner, f"{name}.a": requirement.owner, f"{name}.b": requirement.owner})
    return Outcome(f"{size} binaries")


REWRITE = Rewrite("exclusive_to_binary", accepts, apply)
