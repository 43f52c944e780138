"""Which vehicle may use which port when: the ragged index of every decision about power.

Ports that no vehicle can tell apart are one group; a vehicle and a step and a group that it may
use are a slot. Nothing exists for a vehicle that is away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from evdsl.data import Data
from evdsl.levels import Levels, levels_of
from evdsl.population import EDGE, IntArray
from evdsl.spec import Device, Spec
from evdsl.statement import ports_spoken_of
from evdsl.timeline import FloatArray
from evdsl.values import Const, ListValue


@dataclass(frozen=True, slots=True)
class Ports:
    """A group of interchangeable ports; `names` are the ports themselves, `charge` and `discharge` kW.

    `own` where every vehicle brings its own, and none has a name. `least` is the ports' `min_power`, `rates`
    their allowed powers (kW, rising), where a toggle asks for them.
    """

    own: bool
    names: tuple[str, ...]
    charge: float
    discharge: float
    efficiency: float
    feeder: str = ""
    least: float = 0.0
    rates: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Slots:
    """One entry for each vehicle, step and group that may be used; by vehicle, group, then step.

    `outward` are the positions of slots that can discharge.
    """

    vehicle: IntArray
    step: IntArray
    visit: IntArray
    group: IntArray
    presence: FloatArray
    charge: FloatArray
    discharge: FloatArray
    efficiency: FloatArray
    outward: IntArray

    def __len__(self) -> int:
        return len(self.vehicle)


@dataclass(frozen=True, slots=True)
class States:
    """One entry for each visit of a vehicle that can discharge; the state is that at its end.

    `previous[i]` is followed by `following[i]`; `initial` is the energy on arrival at first visits, else 0;
    `of_slot` is the state of each slot, -1 where the vehicle has none.
    """

    vehicle: IntArray
    visit: IntArray
    previous: IntArray
    following: IntArray
    initial: FloatArray
    of_slot: IntArray

    def __len__(self) -> int:
        return len(self.vehicle)


@dataclass(frozen=True, slots=True)
class Held:
    """One entry for each choice of a group: by a stay, or by a visit where ports may be swapped."""

    vehicle: IntArray
    group: IntArray
    begin: FloatArray
    end: FloatArray
    chooser: IntArray

    def __len__(self) -> int:
        return len(self.vehicle)


@dataclass(frozen=True, slots=True)
class Seats:
    """All of these together. `seated` are the vehicles with a slot, `has_states` those with states.

    `gate` names the binary of `held`, empty where nothing is to be chosen.
    """

    groups: tuple[Ports, ...]
    counts: IntArray
    slots: Slots
    states: States
    has_states: np.ndarray
    seated: np.ndarray
    gate: str
    held: Held
    choosers: int
    gate_of_slot: IntArray
    levels: Mapping[str, Levels]
    """By flow: where it is not free between zero and its most."""

    def steps_by_feeder(self) -> dict[str, IntArray]:
        """For each feeder that a slot hangs on, the step of each slot; -1 for those on another."""
        feeders = [group.feeder for group in self.groups]
        return {
            feeder: np.where(
                np.array([name == feeder for name in feeders])[self.slots.group], self.slots.step, -1
            )
            for feeder in dict.fromkeys(feeders[group] for group in np.unique(self.slots.group))
        }


def seats_of(spec: Spec, data: Data) -> Seats:
    """The index of a spec's decisions about power."""
    groups, allowed = _groups(spec)
    pairs = _eligible(spec, data, groups, allowed)
    gated = _gated(spec, data, groups, pairs)
    slots = _slots(data, groups, pairs)
    states, has_states = _states(data, slots)
    held, chooser_count, gate_of_slot = _held(spec, data, pairs, gated, slots)
    counts = np.array([len(group.names) for group in groups], dtype=int)
    gate = "holds" if len(held) else ""
    seated = np.zeros(len(data.vehicles), dtype=np.bool_)
    seated[slots.vehicle] = True
    levels = _levels(spec, groups, slots)
    return Seats(
        groups, counts, slots, states, has_states, seated, gate, held, chooser_count, gate_of_slot, levels
    )


def _levels(spec: Spec, groups: tuple[Ports, ...], slots: Slots) -> dict[str, Levels]:
    """The levels of charging and discharging; `uninterrupted` is about charging alone."""
    leveled, lasting = spec.on("min_power"), spec.on("uninterrupted")
    found: dict[str, Levels] = {}
    for flow, at, power in (
        ("charge", np.arange(len(slots)), slots.charge),
        ("discharge", slots.outward, slots.discharge),
    ):
        if leveled or (lasting and flow == "charge"):
            found[flow] = levels_of(
                power[at],
                slots.presence[at],
                slots.group[at],
                np.array([group.least for group in groups]),
                [group.rates for group in groups],
                lasting=lasting and flow == "charge",
            )
    return found


def _groups(spec: Spec) -> tuple[tuple[Ports, ...], np.ndarray]:
    """Groups of ports that all classes see alike, and which class may use which; shape (classes, groups).

    Two kinds of port are alike if every class that may use one may use the other, and has the same
    powers and losses on both, and if no requirement tells them apart. Without `port` blocks there is one
    group without names: every vehicle brings its own.
    """
    classes = spec.of_kind("class")
    ports = spec.of_kind("port")
    outward = spec.on("v2g")
    if not ports:
        own = Ports(True, (), np.inf, np.inf if outward else 0.0, 1.0)
        return (own,), np.ones((len(classes), 1), dtype=bool)
    merged: dict[tuple[object, ...], tuple[Ports, list[bool]]] = {}
    for port in ports:
        power, back = port.number("power"), port.number("discharge") if outward else 0.0
        names = tuple(f"{port.name}.{i + 1}" for i in range(int(port.number("count"))))
        feeder, least, rates = "".join(port.names("feeder")), _least(spec, port), _rates_of(spec, port)
        apart = port.name if port.name in ports_spoken_of(spec.requirements) else ""
        signature: list[object] = [port.number("efficiency"), feeder, least, rates, apart]
        users: list[bool] = []
        for category in classes:
            may = not category.names("ports") or port.name in category.names("ports")
            seen = (min(power, category.number("charge", np.inf)), min(back, category.number("discharge")))
            users.append(may)
            signature.append(seen if may else None)
        key = tuple(signature)
        if key in merged:
            earlier, _ = merged[key]
            names = earlier.names + names
            power, back = max(power, earlier.charge), max(back, earlier.discharge)
        group = Ports(False, names, power, back, port.number("efficiency"), feeder, least, rates)
        merged[key] = group, users
    allowed = np.array([may for _, may in merged.values()], dtype=np.bool_).reshape(-1, len(classes))
    return tuple(group for group, _ in merged.values()), allowed.T


def _least(spec: Spec, port: Device) -> float:
    """The least power above zero of a port, kW, as far as a toggle asks for it."""
    return port.number("min_power", 0.0) if spec.on("min_power") or spec.on("uninterrupted") else 0.0


def _rates_of(spec: Spec, port: Device) -> tuple[float, ...]:
    """The powers of a port that are allowed above zero, rising; none where all are."""
    value = port.get("rates")
    if not spec.on("min_power") or not isinstance(value, ListValue):
        return ()
    return tuple(sorted({item.value for item in value.items if isinstance(item, Const)}))


def _rates(data: Data, group: Ports) -> tuple[FloatArray, FloatArray]:
    """What each vehicle could charge and discharge on a port of a group, kW."""
    vehicles = data.vehicles
    has_battery = ~np.isnan(vehicles.battery)
    charge = np.minimum(vehicles.charge, group.charge)
    return charge, np.where(has_battery, np.minimum(vehicles.discharge, group.discharge), 0.0)


def _eligible(spec: Spec, data: Data, groups: tuple[Ports, ...], allowed: np.ndarray) -> np.ndarray:
    """Which vehicle may use which group; shape (vehicles, groups).

    A group that another one beats in everything is left out for a vehicle where the better group has a
    port for everyone at every instant: an exchange of seats never makes a schedule worse then, unless a
    requirement speaks of ports.
    """
    may = allowed[data.vehicles.category] if len(data.vehicles) else np.zeros((0, len(groups)), dtype=bool)
    present = data.vehicles.end > data.vehicles.begin + EDGE
    there = np.array([group.own or bool(group.names) for group in groups], dtype=np.bool_)
    may = may & present[:, None] & there
    if len(groups) < 2 or ports_spoken_of(spec.requirements):
        return may
    rates = [_rates(data, group) for group in groups]
    free = [_deepest(data, may[:, g]) <= len(groups[g].names) for g in range(len(groups))]
    for better in (g for g in range(len(groups)) if free[g]):
        for worse in range(len(groups)):
            if worse == better or not _may_replace(groups[better], groups[worse]):
                continue
            beats = (rates[better][0] >= rates[worse][0]) & (rates[better][1] >= rates[worse][1])
            equal = (rates[better][0] == rates[worse][0]) & (rates[better][1] == rates[worse][1])
            tie = equal & (groups[better].efficiency == groups[worse].efficiency) & (worse < better)
            drop = may[:, better] & may[:, worse] & beats & ~(tie & free[worse])
            may[:, worse] &= ~drop
    return may


def _may_replace(better: Ports, worse: Ports) -> bool:
    """Whether what is done on a port of one group could be done on one of the other, power aside."""
    same = (better.feeder, better.least, better.rates) == (worse.feeder, worse.least, worse.rates)
    # More losses are not always worse: where the price is below zero they are paid for.
    return same and better.efficiency == worse.efficiency


def _deepest(data: Data, who: np.ndarray) -> int:
    """The largest number of these vehicles that are there at one instant."""
    begin, end = data.vehicles.begin[who], data.vehicles.end[who]
    if not len(begin):
        return 0
    order = np.sort(begin)
    return int(
        (
            np.searchsorted(order, order + EDGE, "right")
            - np.searchsorted(np.sort(end), order + EDGE, "right")
        ).max()
    )


def _gated(spec: Spec, data: Data, groups: tuple[Ports, ...], may: np.ndarray) -> np.ndarray:
    """Vehicles whose port is to be chosen: of several groups, or where there are too few."""
    several: np.ndarray = may.sum(axis=1) > 1
    if not spec.of_kind("port"):
        return several
    for index, group in enumerate(groups):
        if _deepest(data, may[:, index]) > len(group.names):
            several = several | may[:, index]
    return several


def _slots(data: Data, groups: tuple[Ports, ...], may: np.ndarray) -> Slots:
    visits = data.visits
    parts: list[Slots] = []
    for index, group in enumerate(groups):
        charge, discharge = _rates(data, group)
        at = np.flatnonzero(may[visits.vehicle, index]) if len(visits) else np.zeros(0, dtype=int)
        who = visits.vehicle[at]
        parts.append(
            Slots(
                who,
                visits.step[at],
                at,
                np.full(len(at), index),
                visits.presence[at],
                charge[who],
                discharge[who],
                np.full(len(at), group.efficiency),
                at,
            )
        )
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("vehicle", "step", "visit", "group", "presence", "charge", "discharge", "efficiency")
    }
    order = np.lexsort((columns["step"], columns["group"], columns["vehicle"]))
    columns = {name: values[order] for name, values in columns.items()}
    return Slots(**columns, outward=np.flatnonzero(columns["discharge"] > 0))


def _states(data: Data, slots: Slots) -> tuple[States, np.ndarray]:
    vehicles, visits = data.vehicles, data.visits
    has = np.zeros(len(vehicles), dtype=bool)
    has[slots.vehicle[slots.outward]] = True
    visit = np.flatnonzero(has[visits.vehicle]) if len(visits) else np.zeros(0, dtype=int)
    vehicle = visits.vehicle[visit]
    first = np.ones(len(visit), dtype=bool)
    first[1:] = vehicle[1:] != vehicle[:-1]
    following = np.flatnonzero(~first)
    of_visit = np.full(len(visits), -1)
    of_visit[visit] = np.arange(len(visit))
    initial = np.where(first, vehicles.initial[vehicle], 0.0)
    return States(vehicle, visit, following - 1, following, initial, of_visit[slots.visit]), has


def _held(
    spec: Spec, data: Data, may: np.ndarray, gated: np.ndarray, slots: Slots
) -> tuple[Held, int, IntArray]:
    vehicles = data.vehicles
    of_slot = np.full(len(slots), -1)
    inside = gated[slots.vehicle] if len(slots) else np.zeros(0, dtype=bool)
    if spec.on("hold_port"):
        who, group = np.nonzero(may & gated[:, None])
        index = np.full(may.shape, -1)
        index[who, group] = np.arange(len(who))
        of_slot[inside] = index[slots.vehicle[inside], slots.group[inside]]
        held = Held(who, group, vehicles.begin[who], vehicles.end[who], who)
    else:
        at = np.flatnonzero(inside)
        of_slot[at] = np.arange(len(at))
        step = spec.step
        begin = np.maximum(vehicles.begin[slots.vehicle[at]], slots.step[at] * step)
        end = np.minimum(vehicles.end[slots.vehicle[at]], (slots.step[at] + 1) * step)
        held = Held(slots.vehicle[at], slots.group[at], begin, end, slots.visit[at])
    values, chooser = np.unique(held.chooser, return_inverse=True)
    return replace(held, chooser=chooser), len(values), of_slot
