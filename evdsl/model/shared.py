"""What periods may have in common: decisions that are taken before it is known which of them comes.

| | as an expression over decisions |
|---|---|
| a setting that a range leaves open | the decision that was asked for at its place |
| a storage | `NAME.charge`, `NAME.discharge` in each step |
| `solar`, `wind` | `NAME.power`, where it may be curtailed |
| a block of vehicles | what each takes and gives in each step, over all ports that it may use |
| `import` | what is imported in each step |

**Rewrites.** `ports_to_counts` and `ports_to_indexed` say who is where, and change no flow: they stay. The
others (`SIMPLIFICATIONS`) put a solution back by changing flows of single steps of one period: where a flow
is shared, the periods would no longer agree, so they are left out. None of them changes what a range leaves
open: each keeps the states of batteries and what they begin with (their proofs say so), so they stay where
ranges alone are shared. That rules are relaxed and the answer is held against them needs no such care: the
composition without them allows all that it allows with them.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from evdsl.language.decisions import decisions
from evdsl.language.devices.scenarios import FLOWS, IMPORT, SHARABLE
from evdsl.language.spec import VEHICLE_BLOCKS, Device
from evdsl.model import linear
from evdsl.model.linear import Linear
from evdsl.model.lower import SIMPLIFICATIONS
from evdsl.model.program import Program


def rewrites_left_out(share: Iterable[str]) -> tuple[str, ...]:
    """Rewrites that would change a flow that is shared."""
    return SIMPLIFICATIONS if tuple(share) else ()


def shared_of(program: Program, share: Iterable[str]) -> dict[str, Linear]:
    """What a period has in common with others, by name: all that ranges leave open, and what is named."""
    found = _chosen(program)
    devices = {device.name: device for device in program.spec.devices if device.kind in SHARABLE}
    for name in share:
        if name == IMPORT:
            found[name] = program.decisions["import"]
        elif devices[name].kind in VEHICLE_BLOCKS:
            found |= _of_vehicles(program, devices[name])
        else:
            own = (f"{name}.{flow}" for flow in FLOWS[devices[name].kind])
            found |= {flow: program.decisions[flow] for flow in own if flow in program.decisions}
    return found


def _chosen(program: Program) -> dict[str, Linear]:
    """The decision of each range; a size that no row asks for has none."""
    names = [one.variable if one.is_size else f"{one.device}.energy_start" for one in decisions(program.spec)]
    return {name: program.decisions[name] for name in names if name in program.decisions}


def _of_vehicles(program: Program, device: Device) -> dict[str, Linear]:
    """What the vehicles of a block take and give at each visit, over the ports that they may use."""
    slots, visits, vehicles = program.slot_index.slots, program.data.visits, program.data.vehicles
    owner = program.spec.devices.index(device)
    mine = np.flatnonzero(vehicles.owner[visits.vehicle] == owner)
    place = np.full(len(visits), -1)
    place[mine] = np.arange(len(mine))
    found: dict[str, Linear] = {}
    for flow, at in (("charge", slice(None)), ("discharge", slots.outward)):
        if flow in program.decisions:
            of_slot = place[slots.visit[at]]
            found[f"{device.name}.{flow}"] = linear.group_sum(
                program.decisions[flow], of_slot, "visit", len(mine)
            )
    return found
