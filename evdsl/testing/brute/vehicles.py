"""What each vehicle of a tiny site can do on its own, and which ways there are to give it a port."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.testing.brute.sites import TinyPorts, TinySite, TinyVehicle

CLOSE = 1e-7
"""By what a limit may be passed in floating numbers."""

NOBODY = -1
Blocks = tuple[int, ...]
"""The blocks of ports that a vehicle may use: one or none of them with `hold_port` on."""


@dataclass(frozen=True, slots=True)
class RoundedStay:
    """When a vehicle is there after rounding, in minutes, and its share of each step."""

    begin: int
    end: int
    presence: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Profiles:
    """All ways in which one vehicle can spend its stay; powers and blocks are over (way, step)."""

    charge: FloatArray
    discharge: FloatArray
    block: IntArray
    words: Mapping[str, FloatArray]


def seatings(site: TinySite) -> list[tuple[Blocks, ...]]:
    """Which blocks each vehicle may use: all of its own, or the one that it holds a port of.

    Ways to give ports away are left out in which a vehicle has none and could have had one all the same:
    whoever has a port need not use it. With `queue` on, that is asked with the powers (`queueing`).
    """
    if "hold_port" not in site.on or "queue" in site.on:
        return [tuple(vehicle.blocks for vehicle in site.vehicles)]
    stays = [stay_of(site, vehicle) for vehicle in site.vehicles]
    spans = [(stay.begin, stay.end) for stay in stays]
    ways = product(*([NOBODY, *vehicle.blocks] for vehicle in site.vehicles))
    counts = tuple(ports.count for ports in site.ports)
    found = [way for way in ways if can_be_seated(way, tuple(spans), counts)]
    most = [way for way in found if not any(_gives_more(other, way) for other in found)]
    return [tuple(() if block == NOBODY else (block,) for block in way) for way in most]


def _gives_more(other: Blocks, way: Blocks) -> bool:
    return other != way and all(b in (a, NOBODY) for a, b in zip(other, way, strict=True))


@cache
def can_be_seated(blocks: Blocks, spans: tuple[tuple[int, int], ...], counts: tuple[int, ...]) -> bool:
    """Whether ports can be given such that none is held by two at one time, all ways tried."""
    asking = [at for at, block in enumerate(blocks) if block != NOBODY and spans[at][0] < spans[at][1]]
    for ports in product(*(range(counts[blocks[at]]) for at in asking)):
        held = [(blocks[at], port, *spans[at]) for at, port in zip(asking, ports, strict=True)]
        if not any(
            one[:2] == other[:2] and one[2] < other[3] and other[2] < one[3]
            for one, other in combinations(held, 2)
        ):
            return True
    return False


def stay_of(site: TinySite, vehicle: TinyVehicle) -> RoundedStay:
    """When a vehicle is there, by the rounding of the station."""
    step, horizon = site.minutes, site.steps * site.minutes
    begin, end = min(vehicle.arrival, horizon), min(vehicle.departure, horizon)
    if site.rounding == "floor":
        begin = begin // step * step
    elif site.rounding == "inward":
        begin = -(-begin // step) * step
    if site.rounding != "exact":
        end = max(end // step * step, begin)
    shares = (max(0, min(end, (t + 1) * step) - max(begin, t * step)) / step for t in range(site.steps))
    return RoundedStay(begin, end, tuple(shares))


def _choices(
    site: TinySite, vehicle: TinyVehicle, share: float, blocks: Blocks
) -> list[tuple[float, float, int]]:
    """What it may do in a step: charge, discharge, and at which block."""
    found = [(0.0, 0.0, NOBODY)]
    for block in blocks if share > 0 else ():
        ports = site.ports[block]
        own, port = used_of(vehicle, ports)
        inward = _at_rates(ports, port, share, own * vehicle.charge, port * ports.power)
        outward = _at_rates(ports, port, share, own * vehicle.discharge, port * ports.discharge)
        if "v2g" not in site.on or not vehicle.battery:
            outward = []
        found += [(power, 0.0, block) for power in inward] + [(0.0, power, block) for power in outward]
        if "exclusive" not in site.on:
            found += [(power, back, block) for power in inward for back in outward]
    return found


def _at_rates(ports: TinyPorts, port: float, share: float, *most: float) -> list[float]:
    return [r * port * share for r in ports.rates if r * port <= min(most) + CLOSE]


def phases_of(vehicle: TinyVehicle, ports: TinyPorts) -> tuple[int, ...]:
    """The phases that a vehicle uses of a block of ports: the first of them."""
    return (ports.phases or (1, 2, 3))[: vehicle.phases]


def used_of(vehicle: TinyVehicle, ports: TinyPorts) -> tuple[float, float]:
    """The share of what it could use that a vehicle uses there, and of what the port has."""
    used = len(phases_of(vehicle, ports))
    return used / (vehicle.phases or used), used / len(ports.phases or (1, 2, 3))


def comes_with(vehicle: TinyVehicle) -> float:
    """The energy in its battery on arrival, kWh."""
    share = vehicle.soc[0] if vehicle.comes_with is None else vehicle.comes_with
    return share * vehicle.battery


def need_of(vehicle: TinyVehicle) -> float:
    """The energy that it asks for, kWh."""
    if vehicle.energy is not None:
        return vehicle.energy
    return max(vehicle.target * vehicle.battery - comes_with(vehicle), 0.0)


def profiles_of(site: TinySite, vehicle: TinyVehicle, blocks: Blocks) -> Profiles:
    """What one vehicle can do on its own, within its battery and its demand."""
    stay, hours = stay_of(site, vehicle), site.minutes / 60
    steps = [np.array(_choices(site, vehicle, share, blocks)) for share in stay.presence]
    ways = np.indices([len(choices) for choices in steps]).reshape(site.steps, -1)
    chosen = [choices[way] for choices, way in zip(steps, ways, strict=True)]
    charge, discharge, block = (np.stack([one[:, column] for one in chosen], 1) for column in range(3))
    net = hours * (charge - discharge)
    kept = np.ones(len(charge), dtype=bool)
    if "uninterrupted" in site.on:
        starts = (np.diff(charge > 0, axis=1, prepend=False) & (charge > 0)).sum(axis=1)
        kept &= starts <= 1
    low, high = (share * vehicle.battery for share in vehicle.soc)
    initial = comes_with(vehicle)
    inward, outward = vehicle.efficiency
    energy = initial + np.cumsum(hours * (charge * inward - discharge / outward), axis=1)
    if vehicle.taper:
        begun = (energy - hours * (charge * inward - discharge / outward)) / vehicle.battery
        ends = begun, begun + hours * charge * inward / vehicle.battery
        at, power = (np.array(column) for column in zip(*vehicle.taper, strict=True))
        given = np.minimum(*(np.interp(end, at, power) for end in ends)) * np.array(stay.presence)
        kept &= (charge <= given + CLOSE).all(axis=1)
    if vehicle.battery:
        kept &= (energy >= low - CLOSE).all(axis=1) & (energy <= high + CLOSE).all(axis=1)
    need = need_of(vehicle)
    if vehicle.energy is None:
        missing = vehicle.target * vehicle.battery - energy[:, -1]
        if vehicle.up_to_target:
            kept &= energy[:, -1] <= max(vehicle.target * vehicle.battery, initial) + CLOSE
    else:
        missing = need - net.sum(axis=1)
        if vehicle.up_to_target or not vehicle.battery:
            kept &= missing >= -CLOSE
    kept &= missing <= (need if "partial_charging" in site.on else 0.0) + CLOSE
    unmet = np.maximum(missing, 0.0)
    waited = np.array([max(t * site.minutes, stay.begin) - stay.begin for t in range(site.steps)]) / 60
    back = vehicle.reward + (vehicle.tariff if vehicle.pays_net else 0.0)
    words = {
        "unmet": unmet,
        "dissatisfaction": vehicle.priority * unmet,
        "share": 1.0 - unmet / need if need > 0 else np.full(len(unmet), np.nan),
        "discharged": hours * discharge.sum(axis=1),
        "wear": vehicle.wear * hours * discharge.sum(axis=1),
        "end_value": vehicle.end_value * energy[:, -1],
        "delay": hours * (charge * waited).sum(axis=1),
        "revenue": hours * (vehicle.tariff * charge - back * discharge).sum(axis=1),
    }
    ours = {name: values[kept] for name, values in words.items()}
    return Profiles(charge[kept], discharge[kept], block[kept].astype(np.int64), ours)
