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
from evdsl.language.arrays import BoolArray, FloatArray, IntArray

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
