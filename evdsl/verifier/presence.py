"""What `evdsl.verifier` holds a schedule to, worked out from the spec and its vehicles alone: who is there
when, which ports there are, and what is needed.

Nothing is taken from `Data.visits` or `Vehicles.begin`, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.spec import Device, Spec
from evdsl.language.values import ListValue, TextValue, constants

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
    count = [size_of(port) for port in blocks]
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


def size_of(block: Device) -> int:
    """How many ports a block has: as many as are in order at any time that its `count` tells."""
    return int(max(constants(block.settings["count"])))


def phase_names(device: Device, number: int) -> tuple[str, ...]:
    """The phases of a device in their order; of a port that rotates, those of its port of that number."""
    value = device.get("phases")
    if isinstance(value, ListValue):
        return tuple(item.value for item in value.items if isinstance(item, TextValue))
    turn = number % 3 if isinstance(value, TextValue) and value.value == "rotate" else 0
    return ("L1", "L2", "L3", "L1", "L2")[turn : turn + 3]


def phases_in_use(
    spec: Spec, data: Data, port: IntArray, ports: PortTable, vehicle: IntArray
) -> NDArray[np.bool_]:
    """Of each of some vehicles at some ports whether it uses L1, L2, L3; shape (entries, 3)."""
    has: list[tuple[str, ...]] = []
    for block in ports.blocks:
        has += [phase_names(block, number) for number in range(size_of(block))]
    has.append(("L1", "L2", "L3"))
    own = np.array([c.number("phases", 3.0) for c in spec.of_kind("class")])
    count = own[data.vehicles.category[vehicle]] if len(vehicle) else np.zeros(0)
    place = np.array(
        [
            [(*names, phase).index(phase) if phase in names else 3 for phase in ("L1", "L2", "L3")]
            for names in has
        ]
    )
    return np.asarray(place[port] < count[:, None])


def share_of_port(
    spec: Spec, data: Data, port: IntArray, ports: PortTable, vehicle: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Of some vehicles at some ports, what each uses of its own phases, and of those of the port; shares."""
    used = phases_in_use(spec, data, port, ports, vehicle).sum(axis=1)
    said = np.array([c.number("phases", np.nan) for c in spec.of_kind("class")])
    own = said[data.vehicles.category[vehicle]] if len(vehicle) else np.zeros(0)
    sizes = np.array([*(len(phase_names(block, 0)) for block in ports.blocks), 3])
    return np.where(np.isnan(own), 1.0, used / own), used / sizes[ports.block[port]]


def available_of(device: Device, data: Data) -> FloatArray:
    """What sun or wind allow a generator to give, kW, shape (steps,)."""
    power = data.over_time(device.name, "power")
    if power is not None:
        return power
    profile = data.over_time(device.name, "profile")
    assert profile is not None, "one of the two is required"
    return np.asarray(device.number("peak") * profile, dtype=float)
