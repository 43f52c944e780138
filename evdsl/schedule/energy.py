"""Powers to energies: what each visit brings to a battery, what its vehicle has, got or lacks."""

from __future__ import annotations

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.model.point import Values
from evdsl.model.program import Program


def by_visit(found: Values, program: Program) -> tuple[FloatArray, FloatArray]:
    """Charge and discharge of each visit, kW at the port."""
    slots, size = program.slot_index.slots, len(program.data.visits)
    charge = _summed(slots.visit, found["charge"], size) if "charge" in found else np.zeros(size)
    if "discharge" not in found:
        return charge, np.zeros(size)
    at = slots.outward
    return charge, _summed(slots.visit[at], found["discharge"], size)


def gain(charge: FloatArray, discharge: FloatArray, data: Data) -> FloatArray:
    """What each visit brings into the battery of its vehicle, kWh, after losses."""
    vehicles, visits = data.vehicles, data.visits
    who = visits.vehicle
    inward, outward = vehicles.charge_efficiency[who], vehicles.discharge_efficiency[who]
    return np.asarray(data.timeline.step * (charge * inward - discharge / outward), dtype=float)


def delivered_energy(charge: FloatArray, discharge: FloatArray, data: Data) -> tuple[FloatArray, FloatArray]:
    """Net energy of each vehicle at its port, and gained by its battery; kWh."""
    who, size = data.visits.vehicle, len(data.vehicles)
    port = _summed(who, data.timeline.step * (charge - discharge), size)
    return port, _summed(who, gain(charge, discharge, data), size)


def energies(charge: FloatArray, discharge: FloatArray, data: Data) -> FloatArray:
    """What is in the battery at the beginning of each visit, kWh."""
    visits = data.visits
    _, gained = delivered_energy(charge, discharge, data)
    begins = energy_on_arrival(gained, data)
    before = np.concatenate([[0.0], np.cumsum(gain(charge, discharge, data))])
    found: FloatArray = begins[visits.vehicle] + before[:-1] - before[visits.start[visits.vehicle]]
    return found


def energy_on_arrival(gained: FloatArray, data: Data) -> FloatArray:
    """What each stay begins with, kWh: what the trip left of the stay before, or the least allowed."""
    vehicles = data.vehicles
    if not vehicles.travels.any():
        return vehicles.initial
    found = vehicles.initial.copy()
    for stay in np.flatnonzero(~vehicles.is_first):  # a stay stands behind the one before it
        before = vehicles.previous[stay]
        left = found[before] + gained[before] - vehicles.used[before]
        found[stay] = max(vehicles.low[stay], left)
    return found


def missing_energy(port: FloatArray, gained: FloatArray, data: Data) -> FloatArray:
    """What each vehicle lacks of its demand, kWh; less than a billionth of the need is rounding."""
    lack = lacks(port, gained, data)
    return np.where(data.vehicles.buys, 0.0, lack)


def bought_energy(gained: FloatArray, data: Data) -> FloatArray:
    """What is bought on the trips of vehicles that can, kWh; one entry for each stay before such a trip."""
    return lacks(gained, gained, data)[data.vehicles.buys]


def lacks(port: FloatArray, gained: FloatArray, data: Data) -> FloatArray:
    """What each stay lacks at departure, kWh, of its demand or its trip."""
    vehicles = data.vehicles
    start = energy_on_arrival(gained, data)
    lack = np.where(np.isnan(vehicles.demand), vehicles.target - start - gained, vehicles.demand - port)
    asked = vehicles.need[vehicles.first] if len(vehicles) else vehicles.need
    return np.where(lack < 1e-9 * np.maximum(asked, 1.0), 0.0, lack)


def shares_of(found: Values, program: Program) -> FloatArray:
    """The share that each vehicle got of its need, 0..1, of those that need something."""
    needs = program.data.vehicles.need
    counted = needs > 0
    if "unmet" not in found:
        return np.zeros(0)
    unmet = program.data.vehicles.of_whole(found["unmet"])
    return np.asarray(1.0 - unmet[counted] / needs[counted], dtype=float)


def _summed(groups: IntArray, weights: FloatArray, size: int) -> FloatArray:
    """Sums of weights by group; an array of floats also where there is nothing to sum."""
    return np.bincount(groups, weights, minlength=size).astype(float)
