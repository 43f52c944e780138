"""What `evdsl.verifier` holds a schedule to, worked out from the spec and its vehicles alone: who is there
when, which ports there are, and what is needed.

Nothing is taken from `Data.visits` or `Vehicles.begin`, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.spec import Device, Spec

ON_GRID = 1e-9
"""Of a step: a time nearer to an edge than this is on it. 8.1 h are not 81 times 0.1 h in binary."""


@dataclass(frozen=True, slots=True)
class Presence:
    """One entry for each vehicle and step in which it is there, by vehicle, then by step.

    It is there from `begin` to `end` (hours from the start), the share `presence` of the step. Over
    vehicles: `came` is when each comes, after rounding; its entries are `first[v]` to `first[v + 1]`.
    """

    vehicle: IntArray
    step: IntArray
    begin: FloatArray
    end: FloatArray
    presence: FloatArray
    came: FloatArray
    first: IntArray

    def __len__(self) -> int:
        return len(self.vehicle)


def stays_of(spec: Spec, data: Data) -> Presence:
    """Presence, from arrivals, departures and the rounding of the station."""
    step, edges = spec.step, np.arange(spec.steps + 1) * spec.step
    came = np.clip(data.vehicles.arrival, 0.0, edges[-1])
    left = np.clip(data.vehicles.departure, 0.0, edges[-1])
    if spec.rounding == "floor":
        came = np.floor(came / step + ON_GRID) * step
    elif spec.rounding == "inward":
        came = np.ceil(came / step - ON_GRID) * step
    if spec.rounding in ("floor", "inward"):
        left = np.floor(left / step + ON_GRID) * step
    from_step = np.searchsorted(edges, came + ON_GRID * step, side="right") - 1
    to_step = np.searchsorted(edges, left - ON_GRID * step, side="left")
    count = np.where(left - came > ON_GRID * step, np.maximum(to_step - from_step, 0), 0)
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    vehicle = np.repeat(np.arange(len(count)), count)
    at = from_step[vehicle] + np.arange(len(vehicle)) - first[vehicle]
    begin = np.maximum(came[vehicle], edges[at])
    end = np.minimum(left[vehicle], edges[at + 1])
    presence = np.clip((end - begin) / step, 0.0, 1.0)
    return Presence(vehicle, at, begin, end, presence, came, first)


@dataclass(frozen=True, slots=True)
class PortTable:
    """All ports: those of the first block, then of the second; named `ac.1`, `ac.2`, ...

    Arrays have one entry for each port, and a last one for none (position -1): no limit and no losses.
    `block` is a position in `blocks`; powers are kW.
    """

    blocks: tuple[Device, ...]
    names: tuple[str, ...]
    block: IntArray
    charge: FloatArray
    discharge: FloatArray
    efficiency: FloatArray


def ports_of(spec: Spec) -> PortTable:
    """The ports of a spec."""
    blocks = spec.of_kind("port")
    count = [int(port.number("count")) for port in blocks]
    names = tuple(
        f"{port.name}.{n + 1}" for port, size in zip(blocks, count, strict=True) for n in range(size)
    )

    def each(setting: str, default: float, none: float) -> FloatArray:
        values = np.array([port.number(setting, default) for port in blocks], dtype=float)
        return np.append(np.repeat(values, count), none)

    return PortTable(
        blocks,
        names,
        np.append(np.repeat(np.arange(len(blocks)), count), -1).astype(np.int64),
        each("power", np.inf, np.inf),
        each("discharge", 0.0, np.inf),
        each("efficiency", 1.0, 1.0),
    )


def available_of(device: Device, data: Data) -> FloatArray:
    """What sun or wind allow a generator to give, kW, shape (steps,)."""
    power = data.over_time(device.name, "power")
    if power is not None:
        return power
    profile = data.over_time(device.name, "profile")
    assert profile is not None, "one of the two is required"
    return np.asarray(device.number("peak") * profile, dtype=float)
