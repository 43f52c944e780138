"""`hold_port`: a vehicle keeps one port for its whole stay, or gets none.

On: one choice of a group of ports for each stay. Off: one for each step, so ports may be swapped.
Either way power flows only on a port that is held. With `cap` the power that presence, class and
port allow:

    charge[s] <= cap_c[s] · holds[h(s)],   discharge[s] <= cap_d[s] · holds[h(s)]
"""

from __future__ import annotations

from evdsl.language.builder import Builder
from evdsl.language.declaration import Toggle
from evdsl.language.spec import Spec


def build(builder: Builder) -> None:
    """Power flows only on a port that is held; the caps are the tightest bounds, no big M."""
    seats = builder.slot_index
    slots = seats.slots
    if not seats.gate:
        return
    owner = builder.spec.of_kind("port")[0].header
    gated = (seats.gate_of_slot >= 0).nonzero()[0]
    holds = builder.need(seats.gate)
    cap = (slots.presence * slots.charge)[gated]
    allowed = builder.scale(builder.take(holds, seats.gate_of_slot[gated], "gated"), cap)
    charge = builder.take(builder.need("charge"), gated, "gated")
    builder.rows("port.charge", charge - allowed, "<=", 0.0, owner)
    discharge = builder.get("discharge")
    if discharge is not None:
        inside = (seats.gate_of_slot[slots.outward] >= 0).nonzero()[0]
        at = slots.outward[inside]
        cap = (slots.presence * slots.discharge)[at]
        allowed = builder.scale(builder.take(holds, seats.gate_of_slot[at], "gated_out"), cap)
        builder.rows(
            "port.discharge", builder.take(discharge, inside, "gated_out") - allowed, "<=", 0.0, owner
        )


def _idle(spec: Spec) -> str | None:
    return None if spec.of_kind("port") else "the spec has no `port` block: every vehicle has its own"


TOGGLE = Toggle("hold_port", True, "a vehicle keeps one port for its whole stay, or gets none", _idle, build)
