"""What was sold beyond what was asked for: energy of drivers with a tariff, kWh.

As what is missing it is told where it was asked for: in the battery where a state of charge is asked for, at
the port where `energy` is. What came with the vehicle was not sold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Spec

if TYPE_CHECKING:
    import xarray as xr


def sold_beyond(spec: Spec, data: Data, schedule: xr.Dataset) -> FloatArray:
    """Of each vehicle; zero where its class has no tariff."""
    vehicles = data.vehicles
    if not len(vehicles):
        return np.zeros(0)
    delivered, left = (np.asarray(schedule[n].values, dtype=float) for n in ("delivered", "energy_departure"))
    by_energy = ~np.isnan(vehicles.demand)
    more = np.where(by_energy, delivered - vehicles.demand, left - np.fmax(vehicles.target, vehicles.initial))
    pays = np.asarray(data.of_classes(spec, "tariff").any(axis=1))[vehicles.category]
    rounding = 1e-6 * (vehicles.need + 1.0)
    return np.where(pays & (more > rounding), more, 0.0)


def at_the_port(beyond: FloatArray, data: Data) -> FloatArray:
    """The same as it flows at the port."""
    vehicles = data.vehicles
    return np.where(np.isnan(vehicles.demand), beyond / vehicles.charge_efficiency, beyond)
