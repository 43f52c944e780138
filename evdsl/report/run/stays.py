"""The stays of vehicles that make trips, as reports tell them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evdsl.optimization.rounding import unmet_of
from evdsl.report.facts import ports_held

if TYPE_CHECKING:
    import xarray as xr

    from evdsl.optimization.result import Result


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay: `vehicle` is the position of the first of its vehicle, `number` its own; kWh and hours.

    `asked` is what it lacks on arrival of what it is to leave with, `used` what the trip after it takes
    (`None` without one) and `en_route` what of that is charged on the road, `unmet` or bought.
    """

    number: int
    vehicle: int
    name: str
    arrival: float
    departure: float
    energy_arrival: float
    energy_departure: float
    asked: float
    delivered: float
    unmet: float
    used: float | None
    en_route: float
    ports: tuple[str, ...]


def stays_of(result: Result, schedule: xr.Dataset) -> list[Stay]:
    """Every stay of every vehicle that makes trips."""
    data, vehicles = result.data, result.data.vehicles
    if not vehicles.travels.any():
        return []
    delivered, left = (np.asarray(schedule[n].values, dtype=float) for n in ("delivered", "energy_departure"))
    unmet, held = unmet_of(data, schedule), ports_held(schedule)
    comes = vehicles.initial.copy()
    later = np.flatnonzero(~vehicles.is_first)
    before = vehicles.previous[later]
    comes[later] = np.maximum(vehicles.low[later], left[before] - vehicles.used[before])
    road = np.where(vehicles.buys, np.maximum(vehicles.target - left, 0.0), unmet)
    return [
        Stay(
            number=int(at),
            vehicle=int(vehicles.first[at]),
            name=vehicles.name[at],
            arrival=float(vehicles.arrival[at]),
            departure=float(vehicles.departure[at]),
            energy_arrival=float(comes[at]),
            energy_departure=float(left[at]),
            asked=max(float(vehicles.target[at] - comes[at]), 0.0),
            delivered=float(delivered[at]),
            unmet=float(unmet[at]),
            used=None if np.isnan(vehicles.used[at]) else float(vehicles.used[at]),
            en_route=0.0 if np.isnan(vehicles.used[at]) else float(road[at]),
            ports=tuple(held[at]),
        )
        for at in np.flatnonzero(vehicles.travels)
    ]
