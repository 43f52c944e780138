"""More at another block of ports than the one that a vehicle is at: what it takes already is taken there too.

Where a port is held for a whole stay that is all that it takes in the stay, else what it takes in the step.
More is possible at the other block, and worth what a kWh there is worth, where

    the other has the power for each step       so its battery does as before
    each limit has room for what is moved       connection and feeders; else it counts as full on the way
    none carries more outward than it may       for what is less there than before
    the efficiency of both blocks is the same   so the site gives as much as before, or what the site gives
                                                has no price in the stage that gets better, nor before it

Of who gives energy back, of phases, and of `queue`, where the port would have to be free for the whole run,
it is not known here whether a change is possible. An opening of which that is not known still says what more
would be worth, but no cause is told from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import BoolArray, FloatArray, IntArray
from evdsl.language.devices.phases import counts_phases, phases_of
from evdsl.language.spec import Device, Spec
from evdsl.optimization.shortfall.flow import Flow

FULL = 1e-4
"""Relative: a limit with less room than this is full."""


def power_at(data: Data, rows: IntArray, block: Device | None) -> FloatArray:
    """The most that each visit may take at a block by class and port, kW over the step."""
    vehicles, visits = data.vehicles, data.visits
    who = visits.vehicle[rows]
    most = vehicles.charge[who]
    if block is not None:
        size = len(phases_of(block))
        used = np.fmin(vehicles.phases[who], size)
        own = np.where(np.isnan(vehicles.phases[who]), most, most * used / vehicles.phases[who])
        most = np.minimum(own, block.number("power") * used / size)
    return np.asarray(visits.presence[rows] * most)


@dataclass(frozen=True, slots=True)
class PortChanges:
    """A schedule, with what connection and feeders carry, may carry and have to, kW by step.

    `hangs` says by block of ports on which of them it hangs.
    """

    spec: Spec
    data: Data
    flow: Flow
    carried: FloatArray
    most: FloatArray
    least: FloatArray
    hangs: BoolArray

    def of(self, rows: IntArray, number: int) -> tuple[BoolArray, BoolArray, BoolArray]:
        """Of visits that would take more at a block, by limit whether it is full for what they would move.

        And whether each may move it, and whether the site gives as much as before.
        """
        visits, flow, blocks = self.data.visits, self.flow, self.spec.of_kind("port")
        full, yes = (
            np.zeros((len(rows), self.most.shape[1]), dtype=np.bool_),
            np.ones(len(rows), dtype=np.bool_),
        )
        if not blocks:
            return full, yes, yes
        at = np.append(np.repeat(np.arange(len(blocks)), [one.port_count for one in blocks]), -1)[flow.port]
        stay = visits.vehicle if self.spec.on("hold_port") else np.arange(len(visits))
        takes = (flow.charge > 0) | (flow.discharge > 0)
        moved = np.flatnonzero(takes & (at >= 0) & (at != number) & np.isin(stay, stay[rows]))
        block, step, charge = at[moved], visits.step[moved], flow.charge[moved]
        efficiency = np.array([one.number("efficiency") for one in blocks])
        before = self.hangs[block] * (charge / efficiency[block])[:, None]
        change = self.hangs[number] * (charge / efficiency[number])[:, None] - before
        carried, most = self.carried[step] + change, self.most[step]
        fills = (change > 0) & (carried > np.minimum(most * (1 - FULL), most - FULL))
        may = (flow.discharge[moved] <= 0) & ((change >= 0) | (carried >= self.least[step])).all(axis=1)
        may &= charge <= power_at(self.data, moved, blocks[number]) * (1 + FULL)
        if counts_phases(self.spec) or self.spec.on("queue"):
            may[:] = False
        for limit, column in enumerate(fills.T):
            full[:, limit] = np.isin(stay[rows], stay[moved[column]])
        unlike = stay[moved[efficiency[block] != efficiency[number]]]
        return full, ~np.isin(stay[rows], stay[moved[~may]]), ~np.isin(stay[rows], unlike)
