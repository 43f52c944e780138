"""A site in numbers, as a user of numpy has it at hand: what every way by hand starts from, for nothing.

The arrays are taken out of a spec once (`bench.extract`) and stored, so that a process that measures a way by
hand does not load evdsl.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np


def _nothing() -> np.ndarray:
    return np.zeros(0)


@dataclass(frozen=True, slots=True)
class Site:
    """One entry a step, a vehicle, or a visit: a vehicle in a step in which it is there; by vehicle.

    Powers are kW, energies kWh; `power` and `back` are the most that a visit may charge and give. `ports` is
    0 where every vehicle has its own, `least` the least power of charging. Vehicles ask for `demand` at the
    port, or for `target` in the battery.
    """

    step: float
    price: np.ndarray
    limit: np.ndarray
    vehicle: np.ndarray
    at: np.ndarray
    power: np.ndarray
    penalty: float
    demand: np.ndarray = field(default_factory=_nothing)
    solar: np.ndarray = field(default_factory=_nothing)
    storage_capacity: float = 0.0
    storage_power: float = 0.0
    storage_efficiency: float = 1.0
    storage_initial: float = 0.0
    least: float = 0.0
    in_one_go: bool = False
    ports: int = 0
    begin: np.ndarray = field(default_factory=_nothing)
    end: np.ndarray = field(default_factory=_nothing)
    """Hours, which need not be those of a step: a port is free as soon as a vehicle has left."""
    back: np.ndarray = field(default_factory=_nothing)
    feed_in: np.ndarray = field(default_factory=_nothing)
    export_limit: np.ndarray = field(default_factory=_nothing)
    initial: np.ndarray = field(default_factory=_nothing)
    low: np.ndarray = field(default_factory=_nothing)
    high: np.ndarray = field(default_factory=_nothing)
    target: np.ndarray = field(default_factory=_nothing)
    efficiency: float = 1.0
    wear: float = 0.0
    tariff: float = 0.0
    reward: float = 0.0
    arrivals: np.ndarray = field(default_factory=_nothing)
    """Of a cohort: who comes, by state of need (0 is full) and step."""

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return len(self.price)

    @property
    def vehicles(self) -> int:
        """How many vehicles come."""
        return max(len(self.demand), len(self.target))

    @property
    def has_devices(self) -> bool:
        """Whether there is more than the grid to take power from."""
        return bool(len(self.solar)) or self.storage_capacity > 0

    def save(self, path: Path) -> None:
        """Stores the numbers."""
        np.savez(path, **{one.name: getattr(self, one.name) for one in fields(self)})

    @classmethod
    def load(cls, path: Path) -> Site:
        """The numbers as they were stored."""
        with np.load(path) as stored:
            found = {name: stored[name] for name in stored.files}
        return cls(**{name: value if value.ndim else value.item() for name, value in found.items()})


def smallest(like: Site) -> Site:
    """Two vehicles and three steps with what another site has: for what a library loads when first used."""
    steps, vehicle, at = 3, np.array([0, 0, 0, 1, 1]), np.array([0, 1, 2, 1, 2])
    price, two = np.array([0.3, 0.1, 0.2]), np.ones(2)
    given = {one.name: getattr(like, one.name) for one in fields(like)}
    given |= {"step": 1.0, "price": price, "limit": np.full(steps, 10.0), "vehicle": vehicle, "at": at}
    given |= {"power": np.full(5, 8.0), "penalty": 1.0}
    for name, value in {
        "demand": 12.0 * two,
        "begin": np.array([0.0, 1.0]),
        "end": 3.0 * two,
        "initial": 10.0 * two,
        "low": 5.0 * two,
        "high": 50.0 * two,
        "target": 30.0 * two,
        "solar": np.array([0.0, 3.0, 1.0]),
        "back": np.full(5, 8.0),
        "feed_in": price / 2,
        "export_limit": np.full(steps, 10.0),
        "arrivals": np.ones((3, steps)),
    }.items():
        given[name] = value if len(given[name]) else given[name]
    return Site(**given)
