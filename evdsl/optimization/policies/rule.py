"""What a rule of charging is: who gets how much in one step, from what is known in that step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from evdsl.language.arrays import BoolArray, FloatArray


@dataclass(frozen=True, slots=True)
class StepState:
    """One step, as a rule sees it: an entry for each vehicle that has a port and still needs energy, and
    for each state of need of a cohort.

    `vehicles` are how many an entry stands for: 1, or those in that state.

    `most` is the largest mean power that it can take (kW at the port: class, port, presence, what is
    missing), `full` the same whatever is missing. `arrival`, `departure` and `laxity` are hours: laxity
    is the time left less the time that it needs at full power. `room[n]` is what is left of limit n (of the
    connection, feeders and phases, kW), `draws[n, v]` what a kW of v takes there, 0 where v does not count,
    below zero where it makes room: between two phases.
    """

    most: FloatArray
    full: FloatArray
    arrival: FloatArray
    departure: FloatArray
    laxity: FloatArray
    vehicles: FloatArray
    room: FloatArray
    draws: FloatArray

    def of(self, chosen: BoolArray) -> StepState:
        """The same of some entries alone."""
        return StepState(
            most=self.most[chosen],
            full=self.full[chosen],
            arrival=self.arrival[chosen],
            departure=self.departure[chosen],
            laxity=self.laxity[chosen],
            vehicles=self.vehicles[chosen],
            room=self.room,
            draws=self.draws[:, chosen],
        )


Rule: TypeAlias = Callable[[StepState], FloatArray]


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule by name. `by_arrival` where of a cohort those who came first charge first."""

    name: str
    doc: str
    allot: Rule
    by_arrival: bool = False


EDGE = 1e-12


def fill_in_order(moment: StepState, order: FloatArray) -> FloatArray:
    """One after the other by `order` (then by arrival), each as much as it can take and the limits leave."""
    power = np.zeros(len(moment.most))
    room = moment.room.copy()
    for vehicle in np.lexsort((moment.arrival, order)):
        draws = moment.draws[:, vehicle]
        on = draws > 0
        left = float((room[on] / draws[on]).min(initial=np.inf))
        power[vehicle] = min(float(moment.most[vehicle]), max(left, 0.0))
        room -= power[vehicle] * draws
    return power


def fill_proportionally(moment: StepState, speed: FloatArray) -> FloatArray:
    """All at once: powers grow in the proportion of `speed` until a vehicle or a limit is full.

    What a full vehicle or limit does not take goes to the others: at the end no power can grow.
    """
    power = np.zeros(len(moment.most))
    growing = (moment.most > EDGE) & (speed > 0)
    room = np.maximum(moment.room, 0.0)
    while growing.any():
        rate = np.where(growing, speed, 0.0)
        drawn = moment.draws @ rate
        drawing = drawn > EDGE
        until_limit = (room[drawing] / drawn[drawing]).min(initial=np.inf)
        until_full = ((moment.most - power)[growing] / rate[growing]).min()
        step = min(float(until_limit), float(until_full))
        power += step * rate
        room = np.maximum(room - step * drawn, 0.0)
        at_limit = drawing & np.isfinite(room) & (room <= 1e-9 * (1.0 + np.maximum(moment.room, 0.0)))
        growing &= power < moment.most * (1 - 1e-12)
        growing &= ~(moment.draws[at_limit] > 0).any(axis=0)
    return np.minimum(power, moment.most)
