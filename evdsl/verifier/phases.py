"""Whether the phases of the connection and of the feeders carry no more than they may.

With V the voltage of the station, and of the power of each its part on each of its k phases:

    net[φ,t] = Σ (takes - gives) / k over all that has the phase φ                 kW at the site
    |net[φ,t]| <= phase_limit[t] · V          grid, and feeder with all that hangs on it, directly or below
    |net[φ,t] - net[ψ,t]| <= unbalance_limit[t] · V                               grid

A vehicle has the first phases of its port: as many as its class says, or all. Ports that rotate begin one
phase further each. What says nothing has three phases, as has who brings a port of its own, and every cohort.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Device, Spec
from evdsl.verifier.presence import PortTable, phase_names, phases_in_use
from evdsl.verifier.reading import StoredSchedule
from evdsl.verifier.tolerance import tolerance
from evdsl.verifier.violations import Findings

ALL = ("L1", "L2", "L3")


def check_phases(
    spec: Spec, data: Data, reading: StoredSchedule, ports: PortTable, findings: Findings
) -> None:
    """The limits of single phases, and of what lies between them."""
    asked = [
        (node, name, data.over_time("grid" if node.kind == "grid" else node.name, name))
        for node in (*spec.of_kind("grid"), *spec.of_kind("feeder"))
        for name in ("phase_limit", "unbalance_limit")
    ]
    volts = spec.of_kind("station")[0].number("voltage", 0.23)
    for node, name, limit in asked:
        if limit is None:
            continue
        flow = carried(spec, data, reading, ports, node)
        if name == "phase_limit":
            _check_each(node, flow, limit, volts, findings)
        else:
            _check_between(flow, limit, volts, findings)


def _check_each(node: Device, flow: FloatArray, limit: FloatArray, volts: float, findings: Findings) -> None:
    where = "the connection" if node.kind == "grid" else f"`{node.name}`"
    for number, phase in enumerate(ALL):
        current = flow[number] / volts

        def describe(at: int, _who: str, when: str, phase: str = phase, current: FloatArray = current) -> str:
            way = "into" if current[at] > 0 else "out of"
            fact = f"{abs(current[at]):.8g} A flow {way} {where} on {phase} at {when}"
            return f"{fact}, and {limit[at]:.8g} A is the most that may"

        excess, slack = np.abs(flow[number]) - limit * volts, tolerance(limit * volts)
        findings.beyond("phase-limit", "kW", excess, slack, describe, None, np.arange(len(limit)))


def _check_between(flow: FloatArray, limit: FloatArray, volts: float, findings: Findings) -> None:
    for one, other in combinations(range(len(ALL)), 2):
        apart = np.abs(flow[one] - flow[other])

        def describe(
            at: int, _who: str, when: str, one: int = one, other: int = other, apart: FloatArray = apart
        ) -> str:
            fact = f"{ALL[one]} and {ALL[other]} are {apart[at] / volts:.8g} A apart at {when}"
            return f"{fact}, and {limit[at]:.8g} A is the most that they may be"

        slack = tolerance(np.maximum(np.abs(flow[one]), limit * volts))
        findings.beyond(
            "unbalance", "kW", apart - limit * volts, slack, describe, None, np.arange(len(limit))
        )


def carried(spec: Spec, data: Data, reading: StoredSchedule, ports: PortTable, node: Device) -> FloatArray:
    """What each phase carries into a feeder, or into the site, kW; shape (3, steps)."""
    net = np.zeros((len(ALL), spec.steps))
    stays = reading.stays
    efficiency = ports.efficiency[reading.port]
    taken = reading.charge / efficiency - reading.discharge * efficiency
    hangs = np.array([_is_below(spec, block, node) for block in ports.blocks] + [node.kind == "grid"])
    here = hangs[ports.block[reading.port]]
    used = phases_in_use(spec, data, reading.port, ports, stays.vehicle)
    for number in range(len(ALL)):
        part = np.where(here & used[:, number], taken / used.sum(axis=1), 0.0)
        net[number] += np.bincount(stays.step, part, spec.steps)
    for kind, sign in (("load", 1), ("cohort", 1), ("storage", 1), ("solar", -1), ("wind", -1)):
        for device in spec.of_kind(kind):
            names = ALL if kind == "cohort" else phase_names(device, 0)
            if _is_below(spec, device, node):
                for name in names:
                    net[ALL.index(name)] += sign * reading.devices[device.name] / len(names)
    return net


def _is_below(spec: Spec, device: Device, node: Device) -> bool:
    """Whether a device hangs on a feeder, or on one below it; all hang on the connection."""
    if node.kind == "grid":
        return True
    name = "".join(device.names("feeder"))
    for _ in spec.of_kind("feeder"):
        if name == node.name:
            return True
        name = "".join(spec.named("feeder", name).names("feeder")) if name else ""
    return False
