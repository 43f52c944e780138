"""What was chosen of what a spec leaves open, as a schedule says it: `attrs["chosen"]`, JSON by name.

    {"battery.soc_initial": {"value": 0.8, "unit": ""}, "battery.capacity": {"value": 120.0, "unit": "kWh"}}

Values are in canonical units, and are those of the schedule: a size as its variable has it, what a storage
begins with over its capacity.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.language.decisions import Decision, decisions, sizes, with_choices
from evdsl.language.spec import Spec
from evdsl.language.units import symbol

if TYPE_CHECKING:
    import xarray as xr


def chosen_record(spec: Spec, schedule: xr.Dataset) -> dict[str, object]:
    """What the flows of a schedule say of each decision, as plain data."""
    return {
        each.name: {
            "value": _value(each, spec, schedule),
            "unit": symbol(each.dimension, spec.currency),
        }
        for each in decisions(spec)
    }


def _value(decision: Decision, spec: Spec, schedule: xr.Dataset) -> float:
    """A size as it stands, or the state of charge at the start, within its range: a quotient may be off."""
    if decision.is_size:
        return float(schedule[decision.variable])
    storage = spec.named("storage", decision.device)
    size = storage.size("capacity")
    capacity = float(schedule[size]) if storage.decides("capacity") else storage.number("capacity")
    energy = float(schedule[f"{decision.device}.energy"][0])
    share = energy / capacity if capacity else decision.low
    return min(max(share, decision.low), decision.high)


def choices_of(schedule: xr.Dataset) -> dict[str, float]:
    """What a schedule says was chosen, by name; nothing where it says nothing that can be read."""
    try:
        said = json.loads(str(schedule.attrs.get("chosen", "{}")))
        return {str(name): float(one["value"]) for name, one in said.items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def with_choices_of(spec: Spec, schedule: xr.Dataset | None) -> Spec:
    """The spec with what a schedule chose in the place of each range; the low ends without a schedule."""
    return with_choices(spec, {} if schedule is None else choices_of(schedule))


def settled(spec: Spec, data: Data, schedule: xr.Dataset | None) -> tuple[Spec, Data]:
    """A spec and its data with what a schedule chose in the place of each range."""
    if not decisions(spec):
        return spec, data
    chosen = {} if schedule is None else choices_of(schedule)
    series = dict(data.series)
    for each in sizes(spec):
        key = (each.device, each.setting)
        if key in series:
            series[key] = np.full(spec.steps, chosen.get(each.name, each.low))
    return with_choices(spec, chosen), replace(data, series=series)
