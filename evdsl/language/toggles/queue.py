"""`queue`: a vehicle holds a port once, from a begin to an end that are decided; who comes next has it then.

It refines `hold_port`, with which a port is held for the whole stay: with `queue` on it is held for one run
of steps, which begins and ends on edges of steps, or with the stay. For each visit i of vehicle v (a step in
which it is there) and each group g of ports, with holds and begin binary:

    begin[i,g] >= holds[i,g] - holds[i-1,g]      (holds[i,g] at the first),   Σ_{i,g of v} begin[i,g] <= 1

Exact: begin = 1 is forced where a run begins, so there is one run, of one group. Runs are intervals of time,
so counting ports stays exact (`evdsl.model.intervals`). Power flows only where a port is held.
"""

from __future__ import annotations

from evdsl.diagnostics.source import Span
from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Toggle
from evdsl.language.spec import Spec


def build(builder: Builder) -> None:
    """One run of steps with a port for each vehicle, where a port is to be chosen."""
    index, spec = builder.slot_index, builder.spec
    if not index.gate or not (spec.on("queue") and spec.on("hold_port")):
        return
    choices, owner = index.port_choices, builder.toggle_place("queue")
    holds = builder.need(index.gate)
    begin = builder.variable("holds.begin", "seat", len(choices), owner, binary=True)
    # Choices are by vehicle, group, then step, and of each group there is one in every step of a stay.
    same = (choices.vehicle[1:] == choices.vehicle[:-1]) & (choices.group[1:] == choices.group[:-1])
    following = choices.vehicle * 0 - 1
    following[:-1][same] = same.nonzero()[0] + 1
    before = builder.group_sum(holds, following, "seat", len(choices))
    builder.rows("port.begin", begin - holds + before, ">=", 0.0, owner)
    one_begin(builder, begin, owner)


def one_begin(builder: Builder, begin: Linear, owner: Span) -> None:
    """At most one begin for each vehicle."""
    vehicle = builder.slot_index.port_choices.vehicle
    another = vehicle[1:] != vehicle[:-1]
    number = vehicle * 0
    number[1:] = another.cumsum()
    one = builder.group_sum(begin, number, "holder", int(number[-1]) + 1)
    builder.rows("port.one_begin", one, "<=", 1.0, owner)


def _idle(spec: Spec) -> str | None:
    if not spec.of_kind("port"):
        return "the spec has no `port` block: every vehicle has its own"
    return None if spec.on("hold_port") else "`hold_port` is off: ports may be swapped at every step"


TOGGLE = Toggle(
    "queue",
    False,
    "with `hold_port`, a vehicle holds its port for one part of its stay, and another has it then",
    _idle,
    build,
    frees=True,
)
