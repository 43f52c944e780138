"""Settled values to flows: who charges where, what each device of the site does."""

from __future__ import annotations

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.decisions import sizes
from evdsl.language.declaration import DEVICE
from evdsl.language.devices import kind
from evdsl.model.intervals import assign
from evdsl.model.point import Values, along_time
from evdsl.model.ports import port_names
from evdsl.model.program import VEHICLES, Program
from evdsl.schedule.dataset import Flows
from evdsl.schedule.energy import by_visit, delivered_energy, energies, energy_on_arrival
from evdsl.schedule.settle import course_of, drawn_at, energy_at_start


def extract_flows(found: Values, program: Program) -> Flows:
    """The flows of a settled point."""
    data = program.data
    charge, discharge = by_visit(found, program)
    port, gained = delivered_energy(charge, discharge, data)
    names, held = _ports(found, program)
    return Flows(
        charge=charge,
        discharge=discharge,
        energy=energies(charge, discharge, data),
        port=held,
        energy_departure=energy_on_arrival(gained, data) + gained,
        delivered=port,
        unmet=found["unmet"] if "unmet" in found else np.zeros(len(data.vehicles)),
        imported=found["import"],
        exported=found.get("export", np.zeros(program.spec.steps)),
        port_names=names,
        devices=_device_flows(found, program),
    )


def _ports(found: Values, program: Program) -> tuple[tuple[str, ...], IntArray]:
    """Names of all ports, and the port of each visit, -1 for none."""
    spec, seats, visits = program.spec, program.slot_index, program.data.visits
    names = tuple(name for port in spec.of_kind("port") for name in port_names(port))
    result = np.full(len(visits), -1)
    if not spec.of_kind("port"):
        return names, result
    position = {name: index for index, name in enumerate(names)}
    for index, group in enumerate(seats.groups):
        begin, end, members = _holders(found, program, index)
        out, count = seats.outages.group == index, len(group.names)
        # Sockets that are out of order are the last ones, where vehicles leave these free.
        wanted = np.append(np.full(len(begin), -1), count - 1 - seats.outages.depth[out])
        begin, end = np.append(begin, seats.outages.begin[out]), np.append(end, seats.outages.end[out])
        ports = assign(begin, end, wanted, count)
        where = np.array([position[name] for name in group.names], dtype=int)
        for member, port in zip(members, ports[: len(members)], strict=True):
            result[member] = where[port]
    return names, result


def _holders(found: Values, program: Program, group: int) -> tuple[FloatArray, FloatArray, list[IntArray]]:
    """Begin, end and visits of each item that holds a port of a group."""
    seats, vehicles, visits = program.slot_index, program.data.vehicles, program.data.visits
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
        chosen = np.flatnonzero((seats.port_choices.group == group) & (found[seats.gate] > 0.5))
        order = mine[np.argsort(seats.gate_of_slot[mine], kind="stable")]
        keys = seats.gate_of_slot[order]
        for first, last in _runs(chosen, program):
            low, high = np.searchsorted(keys, [first, last + 1])
            if low == high:
                continue
            begin.append(float(seats.port_choices.begin[first]))
            end.append(float(seats.port_choices.end[last]))
            members.append(slots.visit[order[low:high]])
    return np.array(begin), np.array(end), members


def _runs(chosen: IntArray, program: Program) -> list[tuple[int, int]]:
    """The first and the last choice of each time for which one port is held.

    That is each choice, but with `queue` those of a vehicle that follow each other: the steps of its run.
    """
    if not (program.spec.on("queue") and program.spec.on("hold_port")):
        return [(item, item) for item in chosen.tolist()]
    vehicle = program.slot_index.port_choices.vehicle[chosen]
    begins = np.flatnonzero((np.diff(vehicle, prepend=-1) != 0) | (np.diff(chosen, prepend=-2) != 1))
    ends = np.append(begins[1:], len(chosen))[: len(begins)] - 1
    return list(zip(chosen[begins].tolist(), chosen[ends].tolist(), strict=True))


def _device_flows(values: Values, program: Program) -> dict[str, FloatArray]:
    """The variables of a schedule that are named after devices, in the order of the spec."""
    spec = program.spec
    found: dict[str, FloatArray] = {}
    taken: dict[str, FloatArray] = {}
    for power in program.powers:
        if power.owner not in VEHICLES:
            amount = power.amount
            if power.decided:
                amount = along_time(amount, values, program.model)
            taken[power.owner] = taken.get(power.owner, np.zeros(spec.steps)) + amount
    for device in spec.devices:
        declared = kind(device.kind)
        if declared is None or device.name not in taken or declared.family != DEVICE:
            continue
        # Zero minus nothing is no negative zero.
        found[device.name] = 0.0 - taken[device.name] if declared.gives else taken[device.name]
    for device in spec.of_kind("storage"):
        initial = energy_at_start(values, device)
        energy = values[f"{device.name}.energy"]
        found[f"{device.name}.charge"] = values[f"{device.name}.charge"]
        found[f"{device.name}.discharge"] = values[f"{device.name}.discharge"]
        found[f"{device.name}.energy"] = np.concatenate([[initial], energy[:-1]])
        found[f"{device.name}.energy_end"] = np.array(energy[-1])
    found |= {size.variable: np.asarray(values[size.variable]) for size in sizes(spec)}
    for device in spec.of_kind("event"):
        found |= program.data.told_of_calls(device, drawn_at(values, device))
    return {**found, **_cohort_flows(values, program)}


def _cohort_flows(values: Values, program: Program) -> dict[str, FloatArray]:
    """Those in need, and by state who is there and who charges, as a schedule has them."""
    found: dict[str, FloatArray] = {}
    for device in program.spec.of_kind("cohort"):
        charging, counts = course_of(device, values[f"{device.name}.charging"], program)
        found[f"{device.name}.waiting"] = values[f"{device.name}.waiting"]
        for state in range(len(counts)):
            found[f"{device.name}.count.{state}"] = counts[state, :-1]
        for state in range(1, len(counts)):
            found[f"{device.name}.charging.{state}"] = charging[state]
    return found
