"""`uninterrupted`: once started, charging does not pause before it ends.

For each visit i of vehicle v (a step in which it is there), with on[i] the sum of the binaries of its
slots (`evdsl.language.toggles.min_power`: zero power where 0, no less than the least power where 1):

    begin[i] >= on[i] - on[i-1]      (on[i] at the first),   Σ_{i of v} begin[i] <= 1,   begin >= 0

Exact: begin[i] = 1 is forced where charging starts, and the sum allows one start. A pause is not to be
written as a power of nothing: the least power is `min_power`, or 1 % of what is possible there.
"""

from __future__ import annotations

from evdsl.language.builder import Builder
from evdsl.language.declaration import Toggle
from evdsl.language.spec import VEHICLE_BLOCKS, Spec


def build(builder: Builder) -> None:
    """At most one start of charging for each vehicle."""
    levels = builder.slot_index.levels.get("charge")
    if not builder.spec.on("uninterrupted") or levels is None or builder.get("charge") is None:
        return
    slots, visits, owner = (
        builder.slot_index.slots,
        builder.data.visits,
        builder.toggle_place("uninterrupted"),
    )
    size = len(visits)
    begin = builder.variable("begin", "visit", size, owner, upper=1.0)
    left = begin
    for name, slot in (("charge.on", levels.between), ("charge.at", levels.rated[levels.choice])):
        on = builder.get(name)
        if on is None:
            continue
        visit = slots.visit[slot]
        left = left - builder.group_sum(on, visit, "visit", size)
        # The next step of the same vehicle; -1 behind its last.
        following = visit + 1
        last = following == visits.start[visits.vehicle[visit] + 1]
        following[last] = -1
        left = left + builder.group_sum(on, following, "visit", size)
    builder.rows("vehicle.start", left, ">=", 0.0, owner)
    there = visits.start[1:] > visits.start[:-1]
    starts = builder.group_sum(begin, (there.cumsum() - 1)[visits.vehicle], "there", int(there.sum()))
    builder.rows("vehicle.one_start", starts, "<=", 1.0, owner)


def _idle(spec: Spec) -> str | None:
    vehicles = [device for device in spec.devices if device.kind in VEHICLE_BLOCKS]
    return None if vehicles else "the spec has no vehicles"


TOGGLE = Toggle("uninterrupted", False, "once started, charging does not pause before it ends", _idle, build)
