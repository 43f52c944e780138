"""What trips ask of a schedule, worked out from what its batteries hold at each departure.

With the stays of a vehicle one after the other, `used` what the trip after a stay takes, left[k] its energy
at departure:

    comes with max(soc_min · battery, left[k-1] - used[k-1]),    the first as the vehicle came
    short[k] = max(0, used[k] + soc_min · battery - left[k])      bought where the class has an `elsewhere`
    need = max(0, Σ used + (what the last stay is asked to end with) - (what the vehicle came with))
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.spec import Spec


def vehicle_of(data: Data) -> IntArray:
    """The first stay of the vehicle of each stay."""
    found, previous = np.arange(len(data.vehicles)), data.vehicles.previous
    for stay in np.flatnonzero(previous >= 0):  # a stay stands behind the one before it
        found[stay] = found[previous[stay]]
    return found


def is_last(data: Data) -> NDArray[np.bool_]:
    """Of each stay whether its vehicle has no later one."""
    found = np.ones(len(data.vehicles), dtype=bool)
    found[data.vehicles.previous[data.vehicles.previous >= 0]] = False
    return found


def comes_with(data: Data, left: FloatArray) -> FloatArray:
    """What each stay begins with, kWh, where the stays before were left with that."""
    vehicles, found = data.vehicles, data.vehicles.initial.copy()
    later = np.flatnonzero(vehicles.previous >= 0)
    before = vehicles.previous[later]
    found[later] = np.maximum(vehicles.low[later], left[before] - vehicles.used[before])
    return found


def to_leave_with(data: Data) -> FloatArray:
    """What each stay is asked to end with, kWh: for its trip, or the target."""
    vehicles = data.vehicles
    return np.where(np.isnan(vehicles.used), vehicles.target, vehicles.low + vehicles.used)


def need_of(data: Data) -> FloatArray:
    """The energy that each vehicle asks for, kWh: its demand, or what its trips and target leave to charge.

    At the first stay of each; nothing at later ones.
    """
    vehicles, whose = data.vehicles, vehicle_of(data)
    # The last trip is one that the vehicle is not back from; what it leaves behind is the least allowed.
    end = np.where(np.isnan(vehicles.used), vehicles.target, vehicles.low)
    used = np.bincount(whose, np.nan_to_num(vehicles.used), minlength=len(vehicles))
    last = is_last(data)
    aim = np.full(len(vehicles), np.nan)
    aim[whose[last]] = end[last]
    rise = np.maximum(used + aim - vehicles.initial, 0.0)
    rise[vehicles.previous >= 0] = 0.0
    return np.where(np.isnan(vehicles.demand), rise, vehicles.demand)


def price_elsewhere(spec: Spec, data: Data) -> FloatArray:
    """What a kWh costs on the trip after each stay; NaN without a trip, or without a price."""
    prices = np.array([category.number("elsewhere", np.nan) for category in spec.of_kind("class")])
    if not len(prices):
        return np.zeros(0)
    return np.where(np.isnan(data.vehicles.used), np.nan, prices[data.vehicles.category])


def of_vehicles(values: FloatArray, data: Data) -> FloatArray:
    """Sums over the stays of each vehicle, at its first."""
    return np.bincount(vehicle_of(data), values, minlength=len(values)).astype(float)
