"""What each phase carries in a schedule, kW: of the connection, and of a feeder with all below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.devices.phases import LABELS, phases_of_port, spread_of, used_of
from evdsl.language.spec import Device, Spec

if TYPE_CHECKING:
    import xarray as xr

CARRIED = (("load", 1.0), ("cohort", 1.0), ("storage", 1.0), ("solar", -1.0), ("wind", -1.0))
"""The kinds whose power a site carries, and which way it counts."""


def limited_nodes(spec: Spec) -> tuple[Device, ...]:
    """The connection and the feeders of which something is asked by phase."""
    nodes = (*spec.of_kind("grid"), *spec.of_kind("feeder"))
    return tuple(node for node in nodes if {"phase_limit", "unbalance_limit"} & node.given)


def feeder_path(spec: Spec, device: Device | None) -> tuple[str, ...]:
    """The feeders that a device hangs on, the nearest first, and the connection, which is empty."""
    above = {feeder.name: "".join(feeder.names("feeder")) for feeder in spec.of_kind("feeder")}
    names = ["" if device is None else "".join(device.names("feeder"))]
    while names[-1]:
        names.append(above[names[-1]])
    return tuple(names)


def spread_of_ports(spec: Spec) -> FloatArray:
    """What is on each phase of a kW that a class takes at each port, or (last) at its own; shape (classes,
    ports + 1, 3)."""
    ports = [
        phases_of_port(port, number) for port in spec.of_kind("port") for number in range(port.port_count)
    ]
    classes = spec.of_kind("class")
    found = np.zeros((len(classes), len(ports) + 1, len(LABELS)))
    for row, category in enumerate(classes):
        for column, phases in enumerate([*ports, tuple(range(len(LABELS)))]):
            mine = phases[: used_of(category, len(phases))]
            found[row, column, list(mine)] = 1.0 / len(mine)
    return found


def phase_powers(
    spec: Spec, data: Data, schedule: xr.Dataset, node: Device, vehicles_only: bool = False
) -> FloatArray:
    """What flows into a node on each phase, less what flows out, kW; shape (3, steps)."""
    name = "" if node.kind == "grid" else node.name
    net = np.zeros((len(LABELS), spec.steps))
    visits = data.visits

    def by_visit(flow: str) -> FloatArray:
        values = schedule[flow].values
        return values if schedule[flow].dims == ("visit",) else values[visits.vehicle, visits.step]

    port: IntArray = by_visit("port").astype(np.int64)
    blocks = [block for block in spec.of_kind("port") for _ in range(block.port_count)]
    efficiency = np.array([*(block.number("efficiency") for block in blocks), 1.0])[port]
    inside = np.array([name in feeder_path(spec, block) for block in (*blocks, None)], dtype=np.bool_)[port]
    power = np.where(inside, by_visit("charge") / efficiency - by_visit("discharge") * efficiency, 0.0)
    spread = spread_of_ports(spec)[data.vehicles.category[visits.vehicle], port]
    for phase in range(len(LABELS)):
        net[phase] += np.bincount(visits.step, power * spread[:, phase], minlength=spec.steps)
    for kind, sign in CARRIED if not vehicles_only else ():
        for device in spec.of_kind(kind):
            if name in feeder_path(spec, device):
                net += sign * np.outer(spread_of(device), np.asarray(schedule[device.name].values))
    return net
