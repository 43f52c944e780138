"""What was sold beyond what was asked for: energy of drivers with a tariff, kWh.

As what is missing it is told where it was asked for: in the battery where a state of charge is asked for, at
the port where `energy` is. What came with the vehicle was not sold; of one that makes trips all is told of
its last stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Spec
from evdsl.schedule.energy import energy_on_arrival

if TYPE_CHECKING:
    import xarray as xr


def sold_beyond(spec: Spec, data: Data, schedule: xr.Dataset) -> FloatArray:
    """Of each vehicle; zero where its class has no tariff."""
    vehicles = data.vehicles
    if not len(vehicles):
        return np.zeros(0)
    delivered, left = (np.asarray(schedule[n].values, dtype=float) for n in ("delivered", "energy_departure"))
    by_energy = ~np.isnan(vehicles.demand)
    asked = np.fmax(vehicles.target, left_without_charging(data))
    more = np.where(by_energy, delivered - vehicles.demand, left - asked)
    more = np.where(vehicles.following < 0, more, 0.0)  # what is there before a trip is for all that follows
    pays = np.asarray(data.of_classes(spec, "tariff").any(axis=1))[vehicles.category]
    rounding = 1e-6 * (vehicles.need + 1.0)
    return np.where(pays & (more > rounding), more, 0.0)


def left_without_charging(data: Data) -> FloatArray:
    """What each stay would end with if nothing were charged at the site, kWh."""
    vehicles = data.vehicles
    return energy_on_arrival(np.zeros(len(vehicles)), data)


def at_the_port(beyond: FloatArray, data: Data) -> FloatArray:
    """The same as it flows at the port."""
    vehicles = data.vehicles
    return np.where(np.isnan(vehicles.demand), beyond / vehicles.charge_efficiency, beyond)
