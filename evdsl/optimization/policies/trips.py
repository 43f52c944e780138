"""What a rule knows of trips: a stay asks for what the trip after it uses, and the next begins with the rest.

A stay that begins in the step in which the one before ends asks for nothing in that step: what it comes with
is known at its end.
"""

from __future__ import annotations

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.site import Vehicles


def lacking_on_arrival(vehicles: Vehicles, energy: FloatArray, beyond: FloatArray) -> FloatArray:
    """What stays that begin with this energy ask for, as far as the battery takes it; kWh at the port.

    `beyond` is what each is sold on top of it. Nothing where the energy is not known yet (NaN).
    """
    by_energy = ~np.isnan(vehicles.demand)
    asked = np.where(by_energy, vehicles.demand, vehicles.target - energy)
    asked = np.where(by_energy, asked, asked / vehicles.charge_efficiency)
    room = (vehicles.high - energy) / vehicles.charge_efficiency
    found = np.fmin(np.maximum(asked, 0.0) + beyond, np.where(np.isnan(room), np.inf, room))
    return np.where(np.isnan(found), 0.0, found)


class Trips:
    """What the batteries of vehicles that make trips hold as their stays begin."""

    def __init__(self, data: Data, beyond: FloatArray) -> None:
        self.data, self.beyond = data, beyond
        self.energy = data.vehicles.initial.copy()
        self.later = ~data.vehicles.is_first
        start = data.visits.start
        steps = np.append(data.visits.step, -1)
        self.last = np.where(start[1:] > start[:-1], steps[start[1:] - 1], -1)

    def arrive(self, here: IntArray, charge: FloatArray, lacking: FloatArray, now: int) -> list[int]:
        """The stays that begin now and whose vehicle left before this step; what they lack is noted."""
        if not self.later.any():
            return []
        new = [
            int(stay)
            for stay in self.data.visits.vehicle[here]
            if self.later[stay] and np.isnan(self.energy[stay])
        ]
        arrived = [stay for stay in new if self.last[self.data.vehicles.previous[stay]] < now]
        for stay in arrived:
            self._comes_with(stay, charge)
        if arrived:
            found = lacking_on_arrival(self.data.vehicles, self.energy, self.beyond)
            lacking[arrived] = found[arrived]
        return arrived

    def _comes_with(self, stay: int, charge: FloatArray) -> float:
        """The energy of a stay on arrival, those before it worked out on the way."""
        if np.isnan(self.energy[stay]):
            vehicles, visits = self.data.vehicles, self.data.visits
            before = int(vehicles.previous[stay])
            mine = slice(int(visits.start[before]), int(visits.start[before + 1]))
            gained = (
                float(charge[mine].sum())
                * self.data.timeline.step
                * float(vehicles.charge_efficiency[before])
            )
            left = self._comes_with(before, charge) + gained - float(vehicles.used[before])
            self.energy[stay] = max(float(vehicles.low[stay]), left)
        return float(self.energy[stay])
