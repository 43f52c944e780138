"""What becomes of a kWh more in the battery of a vehicle that makes trips: the first thing that it lacks.

A kWh more in a stay is there when the stay ends. Where something is lacked then, for the trip or of the
target, that much less is lacked; else the next stay begins with it, and so on. On the way it needs room: what
every battery has left at the end of each stay up to there, as energy only rises within a stay.

So what is lacked at the end of a stay, its sink, is made less by more in the stays that lead to it, and by
nothing else that a vehicle could take. What all stays lack together is a convex function of what is charged:
it is the least that the rows allow of what is charged elsewhere (`evdsl.model.lower.en_route_to_nothing`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.data.trips import shortfalls
from evdsl.language.arrays import BoolArray, FloatArray, IntArray
from evdsl.language.devices.phases import best_power
from evdsl.language.spec import Spec
from evdsl.model.taper import charged_always, tapers

if TYPE_CHECKING:
    import xarray as xr

LACKED = 1e-6
"""kWh: what lacks less lacks nothing."""


@dataclass(frozen=True, slots=True)
class Sinks:
    """By stay, the stay at whose end a kWh more makes less lack, -1 for none; and the room up to there, kWh.

    `unmet` says that what is lacked there is missing, `price` what it costs where it is bought on the road,
    `kept` what is left of a kWh as the vehicle leaves for good.
    """

    stay: IntArray
    room: FloatArray
    unmet: BoolArray
    price: FloatArray
    kept: BoolArray


def sinks(data: Data, schedule: xr.Dataset) -> Sinks:
    """Where a kWh more goes, for each stay of a schedule; its own for one without trips."""
    vehicles = data.vehicles
    count = len(vehicles)
    left = np.asarray(schedule["energy_departure"].values, dtype=float)
    travels, following = vehicles.travels, vehicles.following
    short = np.where(travels, vehicles.target - left > LACKED, True)
    stay, room = np.arange(count), np.where(np.isnan(left), np.inf, vehicles.high - left)
    ends = np.arange(count)
    for at in np.flatnonzero(travels)[::-1]:  # a stay stands before the one after it
        then = int(following[at])
        if then >= 0:
            ends[at] = ends[then]
        if not short[at]:
            stay[at] = stay[then] if then >= 0 else -1
            room[at] = min(room[at], room[then]) if then >= 0 else room[at]
    lacks = stay >= 0
    price = np.where(lacks, vehicles.elsewhere[stay], np.nan)
    kept = ~travels | (stay == ends) | ~lacks
    return Sinks(stay, room, lacks & np.isnan(price), np.nan_to_num(price), kept)


def least_lacking(spec: Spec, data: Data, stay: int) -> float:
    """What the vehicle of a stay lacks over all its stays, kWh, however it charges.

    Proof: always charging with all its power, or all that its `taper` lets in, a battery holds at every
    instant the most that it can, so its stays lack the least together.
    """
    vehicles, whole = data.vehicles, int(data.vehicles.first[stay])
    lasts = np.maximum(vehicles.end - vehicles.begin, 0.0)
    category = spec.of_kind("class")[int(vehicles.category[stay])]
    rate = min(best_power(spec, category, of_any_count=True), float(vehicles.charge[stay]))
    most = np.where(lasts > 0.0, np.where(lasts > 0.0, lasts, 1.0) * rate, 0.0)
    if tapers(spec, data)[stay]:
        most = charged_always(spec, data, vehicles.first == whole, of_any_count=True)
    lacked = np.where(vehicles.buys, 0.0, shortfalls(vehicles, most))
    return float(vehicles.of_whole(lacked)[whole])
