"""Which vehicle may use which port when: the ragged index of every decision about power.

Ports that no vehicle can tell apart are one group; a vehicle and a step and a group that it may
use are a slot. Nothing exists for a vehicle that is away.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import IntArray
from evdsl.language.site import PortChoices, PortGroup, PowerLevels, SlotIndex, Slots, States
from evdsl.language.spec import Spec
from evdsl.model.levels import OwnRates, levels_of
from evdsl.model.outages import outages_of
from evdsl.model.ports import (
    eligible,
    gated_of,
    groups_of,
    has_one_port_a_stay,
    own_rates,
    phases_used,
    rates_on,
)


def index_slots(spec: Spec, data: Data, whole: bool = False) -> SlotIndex:
    """The index of a spec's decisions about power; `whole` keeps what can be left out, see `formulate`."""
    groups, allowed = groups_of(spec, whole)
    pairs = eligible(spec, data, groups, allowed, whole)
    gated = gated_of(spec, data, groups, pairs)
    slots = _slots(data, groups, pairs)
    states, has_states = _states(data, slots)
    held, chooser_count, gate_of_slot = _held(spec, data, pairs, gated, slots)
    counts = np.array([len(group.names) for group in groups], dtype=int)
    gate = "holds" if len(held) else ""
    seated = np.zeros(len(data.vehicles), dtype=np.bool_)
    seated[slots.vehicle] = True
    levels = _levels(spec, data, groups, slots)
    outages = outages_of(data, groups)
    return SlotIndex(
        groups,
        counts,
        slots,
        states,
        has_states,
        seated,
        gate,
        held,
        chooser_count,
        gate_of_slot,
        levels,
        _steps_by_feeder(groups, slots),
        outages,
    )


def _steps_by_feeder(groups: tuple[PortGroup, ...], slots: Slots) -> dict[str, IntArray]:
    feeders = [group.feeder for group in groups]
    return {
        feeder: np.where(np.array([name == feeder for name in feeders])[slots.group], slots.step, -1)
        for feeder in dict.fromkeys(feeders[group] for group in np.unique(slots.group))
    }


def _levels(spec: Spec, data: Data, groups: tuple[PortGroup, ...], slots: Slots) -> dict[str, PowerLevels]:
    """The levels of charging and discharging; `uninterrupted` is about charging alone."""
    leveled, lasting = spec.on("min_power"), spec.on("uninterrupted")
    found: dict[str, PowerLevels] = {}
    category, phases = data.vehicles.category[slots.vehicle], data.vehicles.phases[slots.vehicle]
    share = np.where(np.isnan(phases), 1.0, slots.used / phases)
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
                (slots.used / np.array([len(group.phases) for group in groups])[slots.group])[at],
                OwnRates(own_rates(spec, flow), category[at], share[at]),
                lasting=lasting and flow == "charge",
            )
    return found


def _slots(data: Data, groups: tuple[PortGroup, ...], may: np.ndarray) -> Slots:
    visits = data.visits
    parts: list[Slots] = []
    for index, group in enumerate(groups):
        charge, discharge = rates_on(data, group)
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
                phases_used(data, group)[who],
                at,
            )
        )
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in (
            *("vehicle", "step", "visit", "group", "presence"),
            *("charge", "discharge", "efficiency", "used"),
        )
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
) -> tuple[PortChoices, int, IntArray]:
    vehicles = data.vehicles
    of_slot = np.full(len(slots), -1)
    inside = gated[slots.vehicle] if len(slots) else np.zeros(0, dtype=bool)
    if has_one_port_a_stay(spec):
        who, group = np.nonzero(may & gated[:, None])
        index = np.full(may.shape, -1)
        index[who, group] = np.arange(len(who))
        of_slot[inside] = index[slots.vehicle[inside], slots.group[inside]]
        held = PortChoices(who, group, vehicles.begin[who], vehicles.end[who], who)
    else:
        at = np.flatnonzero(inside)
        of_slot[at] = np.arange(len(at))
        step = spec.step
        begin = np.maximum(vehicles.begin[slots.vehicle[at]], slots.step[at] * step)
        end = np.minimum(vehicles.end[slots.vehicle[at]], (slots.step[at] + 1) * step)
        held = PortChoices(slots.vehicle[at], slots.group[at], begin, end, slots.visit[at])
    values, chooser = np.unique(held.chooser, return_inverse=True)
    return replace(held, chooser=chooser), len(values), of_slot
