"""What was chosen of what a spec leaves open, as a schedule says it: `attrs["chosen"]`, JSON by name.

    {"battery.soc_initial": {"value": 0.8, "unit": ""}}

Values are in canonical units, and are those of the flows: what a storage begins with over its capacity.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evdsl.language.decisions import Decision, decisions, with_choices
from evdsl.language.spec import Spec
from evdsl.language.units import symbol

if TYPE_CHECKING:
    import xarray as xr


def chosen_record(spec: Spec, schedule: xr.Dataset) -> dict[str, object]:
    """What the flows of a schedule say of each decision, as plain data."""
    return {
        each.name: {
            "value": _value(each, spec, float(schedule[f"{each.device}.energy"][0])),
            "unit": symbol(each.dimension, spec.currency),
        }
        for each in decisions(spec)
    }


def _value(decision: Decision, spec: Spec, energy: float) -> float:
    """The state of charge at the start, within its range: a quotient may be off by its last digit."""
    share = energy / spec.named("storage", decision.device).number("capacity")
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
