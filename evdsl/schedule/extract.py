"""Values of variables to flows: put on their bounds, and the rest recomputed from the powers.

A solver's point is right within its tolerance. Powers are clipped to the bounds that they have by
presence, class and port; energies, unmet demands, the balance of the site and the largest and smallest
values are then computed from the powers, so that the schedule is one story.
"""

from __future__ import annotations

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.model.lower.ports_to_counts import assigned
from evdsl.model.point import Values, carried
from evdsl.model.ports import port_names
from evdsl.model.program import Program
from evdsl.schedule.dataset import Flows
from evdsl.schedule.site_flows import device_flows, settled_devices

NOISE = 1e-9
"""kW below which a power is a solver's rounding of zero."""


def settled(values: Values, program: Program) -> Values:
    """The same point with powers on their bounds and everything else computed from them."""
    slots = program.seats.slots
    found = dict(values)
    if "charge" in found:
        cap = slots.presence * slots.charge
        found["charge"] = _clipped(found["charge"], cap)
    if "discharge" in found:
        cap = (slots.presence * slots.discharge)[slots.outward]
        found["discharge"] = _clipped(found["discharge"], cap)
    _onto_levels(found, program)
    for name in [program.seats.gate] if program.seats.gate else []:
        found[name] = np.round(found[name])
        _ungated_to_zero(found, program)
    found = settled_devices(found, program)
    found["import"], export = _balanced(found, program)
    if "export" in found:
        found["export"] = export
    if "unmet" in found:
        found["unmet"] = missing(*delivered(*by_visit(found, program), program.data), program.data)
    if "peak" in found:
        found["peak"] = np.array(found["import"].max(initial=0.0))
    shares = shares_of(found, program)
    if "fairness" in found:
        found["fairness"] = np.array(shares.min(initial=1.0))
    if "fairness_gap" in found:
        found["fairness_gap.worst"] = np.array(shares.min(initial=1.0))
        found["fairness_gap"] = np.array(np.ptp(shares))
    return found


def shares_of(found: Values, program: Program) -> FloatArray:
    """The share that each vehicle got of its need, 0..1, of those that need something."""
    needs = program.data.vehicles.need
    counted = needs > 0
    if "unmet" not in found:
        return np.zeros(0)
    return np.asarray(1.0 - found["unmet"][counted] / needs[counted], dtype=float)


def _clipped(power: FloatArray, cap: FloatArray) -> FloatArray:
    clipped = np.clip(power, 0.0, cap)
    return np.where(clipped < NOISE, 0.0, clipped)


def _ungated_to_zero(found: Values, program: Program) -> None:
    """No power without a port, where a solver's 1e-7 of a binary let a trickle through."""
    slots, gate_of_slot = program.seats.slots, program.seats.gate_of_slot
    closed = (gate_of_slot >= 0) & (found[program.seats.gate][gate_of_slot] < 0.5)
    found["charge"] = np.where(closed, 0.0, found["charge"])
    if "discharge" in found:
        found["discharge"] = np.where(closed[slots.outward], 0.0, found["discharge"])


def _onto_levels(found: Values, program: Program) -> None:
    """Powers with levels on the level that their binaries chose, where a solver was 1e-7 beside it."""
    for flow, levels in program.seats.levels.items():
        if flow not in found:
            continue
        power = found[flow].copy()
        if len(levels.between):
            on = np.round(found[f"{flow}.on"])
            power[levels.between] = on * np.clip(power[levels.between], levels.least, levels.most)
        if len(levels.rated):
            amounts = levels.rate * np.round(found.get(f"{flow}.at", np.zeros(0)))
            power[levels.rated] = _summed(levels.choice, amounts, len(levels.rated))
        found[flow] = power


def _balanced(found: Values, program: Program) -> tuple[FloatArray, FloatArray]:
    net = carried(found, program)
    if "export" not in found:
        return np.maximum(net, 0.0), np.zeros(len(net))
    both = 0.0 if program.spec.on("import_or_export") else np.minimum(found["import"], found["export"])
    both = np.where(np.asarray(both) < NOISE, 0.0, both)
    return np.maximum(net, 0.0) + both, np.maximum(-net, 0.0) + both


def _summed(groups: IntArray, weights: FloatArray, size: int) -> FloatArray:
    """Sums of weights by group; an array of floats also where there is nothing to sum."""
    return np.bincount(groups, weights, minlength=size).astype(float)


def by_visit(found: Values, program: Program) -> tuple[FloatArray, FloatArray]:
    """Charge and discharge of each visit, kW at the port."""
    slots, size = program.seats.slots, len(program.data.visits)
    charge = _summed(slots.visit, found["charge"], size) if "charge" in found else np.zeros(size)
    if "discharge" not in found:
        return charge, np.zeros(size)
    at = slots.outward
    return charge, _summed(slots.visit[at], found["discharge"], size)


def gain(charge: FloatArray, discharge: FloatArray, data: Data) -> FloatArray:
    """What each visit brings into the battery of its vehicle, kWh, after losses."""
    vehicles, visits = data.vehicles, data.visits
    who = visits.vehicle
    inward, outward = vehicles.charge_efficiency[who], vehicles.discharge_efficiency[who]
    return np.asarray(data.timeline.step * (charge * inward - discharge / outward), dtype=float)


def delivered(charge: FloatArray, discharge: FloatArray, data: Data) -> tuple[FloatArray, FloatArray]:
    """Net energy of each vehicle at its port, and gained by its battery; kWh."""
    who, size = data.visits.vehicle, len(data.vehicles)
    port = _summed(who, data.timeline.step * (charge - discharge), size)
    return port, _summed(who, gain(charge, discharge, data), size)


def energies(charge: FloatArray, discharge: FloatArray, data: Data) -> FloatArray:
    """What is in the battery at the beginning of each visit, kWh."""
    vehicles, visits = data.vehicles, data.visits
    before = np.concatenate([[0.0], np.cumsum(gain(charge, discharge, data))])
    found: FloatArray = vehicles.initial[visits.vehicle] + before[:-1] - before[visits.start[visits.vehicle]]
    return found


def missing(port: FloatArray, gained: FloatArray, data: Data) -> FloatArray:
    """What each vehicle lacks of its demand, kWh; less than a billionth of the need is rounding."""
    vehicles = data.vehicles
    lack = np.where(
        np.isnan(vehicles.demand), vehicles.target - vehicles.initial - gained, vehicles.demand - port
    )
    return np.where(lack < 1e-9 * np.maximum(vehicles.need, 1.0), 0.0, lack)


def extracted(found: Values, program: Program) -> Flows:
    """The flows of a settled point."""
    data = program.data
    charge, discharge = by_visit(found, program)
    port, gained = delivered(charge, discharge, data)
    names, held = _ports(found, program)
    return Flows(
        charge=charge,
        discharge=discharge,
        energy=energies(charge, discharge, data),
        port=held,
        energy_departure=data.vehicles.initial + gained,
        delivered=port,
        unmet=found["unmet"] if "unmet" in found else np.zeros(len(data.vehicles)),
        imported=found["import"],
        exported=found.get("export", np.zeros(program.spec.steps)),
        port_names=names,
        devices=device_flows(found, program),
    )


def _ports(found: Values, program: Program) -> tuple[tuple[str, ...], IntArray]:
    """Names of all ports, and the port of each visit, -1 for none."""
    spec, seats, visits = program.spec, program.seats, program.data.visits
    names = tuple(name for port in spec.of_kind("port") for name in port_names(port))
    result = np.full(len(visits), -1)
    if not spec.of_kind("port"):
        return names, result
    position = {name: index for index, name in enumerate(names)}
    for index, group in enumerate(seats.groups):
        begin, end, members = _holders(found, program, index)
        ports = assigned(begin, end, np.full(len(begin), -1), len(group.names))
        where = np.array([position[name] for name in group.names], dtype=int)
        for member, port in zip(members, ports, strict=True):
            result[member] = where[port]
    return names, result


def _holders(found: Values, program: Program, group: int) -> tuple[FloatArray, FloatArray, list[IntArray]]:
    """Begin, end and visits of each item that holds a port of a group."""
    seats, vehicles, visits = program.seats, program.data.vehicles, program.data.visits
    slots = seats.slots
    mine = np.flatnonzero(slots.group == group)
    free = mine[seats.gate_of_slot[mine] < 0]
    begin: list[float] = []
    end: list[float] = []
    members: list[IntArray] = []
    for vehicle in np.unique(slots.vehicle[free]):
        begin.append(float(vehicles.begin[vehicle]))
        end.append(float(vehicles.end[vehicle]))
        members.append(np.arange(visits.start[vehicle], visits.start[vehicle + 1]))
    if seats.gate:
        chosen = np.flatnonzero((seats.held.group == group) & (found[seats.gate] > 0.5))
        order = mine[np.argsort(seats.gate_of_slot[mine], kind="stable")]
        keys = seats.gate_of_slot[order]
        for item in chosen:
            low, high = np.searchsorted(keys, [item, item + 1])
            if low == high:
                continue
            begin.append(float(seats.held.begin[item]))
            end.append(float(seats.held.end[item]))
            members.append(slots.visit[order[low:high]])
    return np.array(begin), np.array(end), members
