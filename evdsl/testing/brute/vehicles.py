"""What each vehicle of a tiny site can do on its own, and which ways there are to give it a port."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.testing.brute.sites import TinyPorts, TinySite, TinyTrip, TinyVehicle

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
    """Which blocks each stay may use: all of its vehicle's, or the one that it holds a port of.

    Ways to give ports away are left out in which a vehicle has none and could have had one all the same:
    whoever has a port need not use it. With `queue` on, that is asked with the powers (`queueing`).
    """
    each = [(vehicle, stay) for vehicle in site.vehicles for stay in stays_of(site, vehicle)]
    if "hold_port" not in site.on or "queue" in site.on:
        return [tuple(vehicle.blocks for vehicle, _ in each)]
    spans = [(stay.begin, stay.end) for _, stay in each]
    ways = product(*([NOBODY, *vehicle.blocks] for vehicle, _ in each))
    counts = tuple(ports.count for ports in site.ports)
    found = [
        way
        for way in ways
        if can_be_seated(way, tuple(spans), counts) and are_in_order(site, way, tuple(spans))
    ]
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


def are_in_order(site: TinySite, blocks: Blocks, spans: tuple[tuple[int, int], ...]) -> bool:
    """Whether in every minute no more ports of a block are held than are in order in its step."""
    for number, ports in enumerate(site.ports):
        if not ports.in_order:
            continue
        mine = [span for block, span in zip(blocks, spans, strict=True) if block == number]
        for minute in range(site.steps * site.minutes):
            held = sum(begin <= minute < end for begin, end in mine)
            if held > ports.in_order[minute // site.minutes]:
                return False
    return True


def stays_of(site: TinySite, vehicle: TinyVehicle) -> list[RoundedStay]:
    """When a vehicle is there, before its trip and after it; a trip behind the horizon is none."""
    trip, horizon = trip_of(site, vehicle), site.steps * site.minutes
    if trip is None:
        return [_rounded(site, vehicle.arrival, vehicle.departure)]
    before = _rounded(site, vehicle.arrival, trip.leaves)
    if trip.back >= horizon:
        return [before]
    return [before, _rounded(site, trip.back, vehicle.departure)]


def trip_of(site: TinySite, vehicle: TinyVehicle) -> TinyTrip | None:
    """Its trip, where that begins in the horizon."""
    trip = vehicle.trip
    return trip if trip is not None and trip.leaves < site.steps * site.minutes else None


def _rounded(site: TinySite, arrival: int, departure: int) -> RoundedStay:
    """A stay by the rounding of the station."""
    step, horizon = site.minutes, site.steps * site.minutes
    begin, end = min(arrival, horizon), min(departure, horizon)
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
        inward = _of_class(inward, vehicle.rates, own * share)
        outward = _of_class(outward, vehicle.discharge_rates or vehicle.rates, own * share)
        if "v2g" not in site.on or not vehicle.battery:
            outward = []
        found += [(power, 0.0, block) for power in inward] + [(0.0, power, block) for power in outward]
        if "exclusive" not in site.on:
            found += [(power, back, block) for power in inward for back in outward]
    return found


def _at_rates(ports: TinyPorts, port: float, share: float, *most: float) -> list[float]:
    return [r * port * share for r in ports.rates if r * port <= min(most) + CLOSE]


def _of_class(powers: list[float], rates: tuple[float, ...], share: float) -> list[float]:
    """Those of some powers that the class lists; all where it lists none."""
    return [p for p in powers if not rates or min(abs(p - share * rate) for rate in rates) <= CLOSE]


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


def need_of(site: TinySite, vehicle: TinyVehicle) -> float:
    """The energy that it asks for, kWh; one that is not back from its trip has no target."""
    if vehicle.energy is not None:
        return vehicle.energy
    trip, aim = trip_of(site, vehicle), vehicle.target * vehicle.battery
    if trip is not None:
        aim = trip.used + (aim if len(stays_of(site, vehicle)) > 1 else vehicle.soc[0] * vehicle.battery)
    return max(aim - comes_with(vehicle), 0.0)


def profiles_of(site: TinySite, vehicle: TinyVehicle, blocks: tuple[Blocks, ...]) -> Profiles:
    """What one vehicle can do on its own, within its battery and its demand; `blocks` by stay."""
    stays, hours = stays_of(site, vehicle), site.minutes / 60
    steps = [np.array(_at_step(site, vehicle, stays, blocks, t)) for t in range(site.steps)]
    ways = np.indices([len(choices) for choices in steps]).reshape(site.steps, -1)
    chosen = [choices[way] for choices, way in zip(steps, ways, strict=True)]
    charge, discharge, block = (np.stack([one[:, column] for one in chosen], 1) for column in range(3))
    net = hours * (charge - discharge)
    kept = np.ones(len(charge), dtype=bool)
    there = [np.array(stay.presence) > 0 for stay in stays]
    for mine in there if "uninterrupted" in site.on else ():
        on = (charge > 0) & mine
        kept &= (np.diff(on, axis=1, prepend=False) & on).sum(axis=1) <= 1
    low, high = (share * vehicle.battery for share in vehicle.soc)
    initial = comes_with(vehicle)
    if vehicle.widens:
        low, high = min(low, initial), max(high, initial)
    inward, outward = vehicle.efficiency
    gained = hours * (charge * inward - discharge / outward)
    trip = trip_of(site, vehicle)
    left, road = np.full(len(charge), initial), np.zeros(len(charge))
    for number, (stay, mine) in enumerate(zip(stays, there, strict=True)):
        if number and trip is not None:
            left = left + road - trip.used
        energy = left[:, None] + np.cumsum(gained * mine, axis=1)
        if vehicle.taper:
            kept &= _tapered(site, vehicle, stay, charge * mine, energy - gained * mine)
        if vehicle.battery:
            kept &= (energy >= low - CLOSE).all(axis=1) & (energy <= high + CLOSE).all(axis=1)
        left = energy[:, -1]
        if not number and trip is not None:
            road = np.maximum(trip.used + low - left, 0.0)
    aim, need = vehicle.target * vehicle.battery, need_of(site, vehicle)
    if vehicle.energy is None:
        missing = aim - left
        if trip is not None and len(stays) == 1:  # it does not come back
            missing = np.zeros(len(left))
        if vehicle.up_to_target:
            kept &= left <= max(aim, initial) + CLOSE
    else:
        missing = need - net.sum(axis=1)
        if vehicle.up_to_target or not vehicle.battery:
            kept &= missing >= -CLOSE
    on_road = road if vehicle.elsewhere is None else 0.0 * road
    unmet = np.maximum(missing, 0.0) + on_road
    kept &= unmet <= (need if "partial_charging" in site.on else 0.0) + CLOSE
    waited = np.zeros(site.steps)
    for stay, mine in zip(stays, there, strict=True):
        late = [max(t * site.minutes, stay.begin) - stay.begin for t in range(site.steps)]
        waited = np.where(mine, np.array(late) / 60, waited)
    back = vehicle.reward + (vehicle.tariff if vehicle.pays_net else 0.0)
    words = {
        "unmet": unmet,
        "dissatisfaction": vehicle.priority * unmet,
        "share": 1.0 - unmet / need if need > 0 else np.full(len(unmet), np.nan),
        "discharged": hours * discharge.sum(axis=1),
        "wear": vehicle.wear * hours * discharge.sum(axis=1),
        "end_value": vehicle.end_value * left,
        "elsewhere_cost": (vehicle.elsewhere or 0.0) * road,
        "delay": hours * (charge * waited).sum(axis=1),
        "revenue": hours * (vehicle.tariff * charge - back * discharge).sum(axis=1),
    }
    ours = {name: values[kept] for name, values in words.items()}
    return Profiles(charge[kept], discharge[kept], block[kept].astype(np.int64), ours)


def _tapered(
    site: TinySite, vehicle: TinyVehicle, stay: RoundedStay, charge: FloatArray, energy: FloatArray
) -> NDArray[np.bool_]:
    """Which ways take no more than the curve gives, at what is in the battery before and after a step."""
    begun = energy / vehicle.battery
    ends = begun, begun + site.minutes / 60 * charge * vehicle.efficiency[0] / vehicle.battery
    at, power = (np.array(column) for column in zip(*vehicle.taper, strict=True))
    given = np.minimum(*(np.interp(end, at, power) for end in ends)) * np.array(stay.presence)
    return np.asarray((charge <= given + CLOSE).all(axis=1))


def _at_step(
    site: TinySite, vehicle: TinyVehicle, stays: list[RoundedStay], blocks: tuple[Blocks, ...], step: int
) -> list[tuple[float, float, int]]:
    """What it may do in a step, in the stay that it has then."""
    here = [(stay, own) for stay, own in zip(stays, blocks, strict=True) if stay.presence[step] > 0]
    stay, own = here[0] if here else (stays[0], ())
    return _choices(site, vehicle, stay.presence[step], own)
