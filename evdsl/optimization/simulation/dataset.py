"""The rows of a simulation as an `xarray.Dataset` over its scenarios and policies."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr

from evdsl.optimization.sweep.columns import columns_of, units_of
from evdsl.optimization.sweep.dataset import array_of
from evdsl.optimization.sweep.job import Row
from evdsl.optimization.sweep.prepare import Prepared

COORDINATES = frozenset({"spec", "seed", "scenario", "policy"})


def dataset(prepared: Prepared, rows: Sequence[Row]) -> xr.Dataset:
    """The table of whole runs, each with a row for every policy in their order."""
    spec, policies = prepared.specs[0], prepared.plan.conditions.policies
    units = units_of(prepared)
    scenarios = list(dict.fromkeys(row["scenario"] for row in rows))
    variables = {}
    for name in columns_of(prepared):
        if name in COORDINATES or name.startswith("set."):
            continue
        array = array_of(name, [row.get(name) for row in rows]).reshape(len(scenarios), len(policies))
        variables[name] = (("scenario", "policy"), array, {"units": units[name]} if name in units else {})
    stages = [f"{stage.sense} {stage.text}" for stage in spec.stages]
    about = {"spec": spec.name, "seed": spec.seed, "currency": spec.currency, "stages": stages}
    return xr.Dataset(variables, {"scenario": scenarios, "policy": list(policies)}, about)
