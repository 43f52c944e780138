"""`waiting_time`: hours from arrival until a vehicle first holds a port, of all who need something; h.

Who never gets a port waits for its whole stay; who brings its own, or always finds one free, for no time.
With `queue` on a vehicle may wait and charge after another. With `hold_port` alone it has a port from its
arrival or never. With both off the first step in which it holds one counts, whatever comes after.

With stay[v] its hours there, left[i] those from the begin of visit i to its departure, and begin[i,g] = 1
where it first holds a port, of group g:

    waiting_time = Σ_v (stay[v] - Σ_{i,g of v} left[i] begin[i,g]),   begin[i,g] <= holds[i,g],   Σ begin <= 1

Exact: made small, begin is 1 where left is largest of all that v holds, and that is its first step with a
port. With `queue`, begin is where its only run begins.
"""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Curve, Word
from evdsl.language.toggles.queue import one_begin
from evdsl.language.units import TIME


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    spec, index, vehicles = builder.spec, builder.slot_index, builder.data.vehicles
    if not spec.of_kind("port") or not len(vehicles):
        return builder.zero()
    choices, needs = index.port_choices, vehicles.need[vehicles.first] > 0
    chooses = needs & False
    chooses[choices.vehicle] = True
    waits = needs & (chooses | ~index.has_slot)
    total = builder.zero() + float((vehicles.end - vehicles.begin)[waits].sum())
    if not index.gate:
        return total
    left = (vehicles.end[choices.vehicle] - choices.begin) * needs[choices.vehicle]
    return total - builder.total(builder.scale(_begin(builder), left))


def _begin(builder: Builder) -> Linear:
    """By choice of a port, whether a vehicle first holds one there."""
    spec, gate = builder.spec, builder.slot_index.gate
    holds, queued = builder.need(gate), spec.on("queue")
    if spec.on("hold_port") and not queued:
        return holds
    owner = spec.of_kind("port")[0].header
    begin = builder.get("holds.begin")
    if begin is None:
        size = len(builder.slot_index.port_choices)
        begin = builder.variable("holds.begin", "seat", size, owner, upper=1.0)
        one_begin(builder, begin, owner)
    builder.rows("port.begin_held", begin - holds, "<=", 0.0, owner)
    return begin


WORD = Word("waiting_time", TIME, "hours until vehicles first hold a port", expression, curve=Curve.CONVEX)
