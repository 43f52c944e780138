"""`partial_charging`: a demand may be met in part, and `unmet` counts what is missing.

Off, `unmet` is zero: every demand is met, or the spec is infeasible.
"""

from __future__ import annotations

from evdsl.language.declaration import Toggle
from evdsl.language.spec import VEHICLE_BLOCKS, Spec


def _idle(spec: Spec) -> str | None:
    vehicles = [device for device in spec.devices if device.kind in VEHICLE_BLOCKS]
    return None if vehicles else "the spec has no vehicles"


TOGGLE = Toggle(
    "partial_charging", True, "`unmet` may be above zero; off: every demand is met", _idle, frees=True
)
