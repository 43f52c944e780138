"""What the devices of the site take and give in a schedule, put on their bounds."""

from __future__ import annotations

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.declaration import DEVICE
from evdsl.language.devices import kind
from evdsl.language.devices.feeder import upwards
from evdsl.model.point import Values, along_time, carried
from evdsl.model.program import VEHICLES, Program
from evdsl.schedule.cohort_flows import cohort_flows, settled_cohorts

NOISE = 1e-9
"""kW below which a power is a solver's rounding of zero."""


def settled_devices(found: Values, program: Program) -> Values:
    """The same point with the flows of devices on their bounds, and states and sums computed from them.

    Powers of vehicles must be settled before: feeders carry them.
    """
    values = dict(found)
    model, spec = program.model, program.spec
    for device in spec.devices:
        for flow in ("power", "charge", "discharge"):
            name = f"{device.name}.{flow}"
            if kind_is_device(device.kind) and name in values:
                lower, upper = model.variables[name].lower.values, model.variables[name].upper.values
                power = np.clip(values[name], lower, upper)
                values[name] = np.where(np.abs(power) < NOISE, 0.0, power)
    for device in spec.of_kind("storage"):
        values[f"{device.name}.energy"] = _states(values, program, device.name)
    values = settled_cohorts(values, program)
    for feeder in upwards(spec.of_kind("feeder")):
        values[f"{feeder.name}.flow"] = carried(values, program, feeder.name)
    return values


def kind_is_device(keyword: str) -> bool:
    """Whether blocks of a kind are devices of the site."""
    declared = kind(keyword)
    return declared is not None and declared.family == DEVICE


def _states(values: Values, program: Program, name: str) -> FloatArray:
    """The energy of a storage at the end of each step, kWh."""
    device, step = program.spec.named("storage", name), program.spec.step
    efficiency = device.number("efficiency")
    change = step * (efficiency * values[f"{name}.charge"] - values[f"{name}.discharge"] / efficiency)
    return np.asarray(device.number("soc_initial") * device.number("capacity") + np.cumsum(change))


def device_flows(values: Values, program: Program) -> dict[str, FloatArray]:
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
        initial = device.number("soc_initial") * device.number("capacity")
        energy = values[f"{device.name}.energy"]
        found[f"{device.name}.charge"] = values[f"{device.name}.charge"]
        found[f"{device.name}.discharge"] = values[f"{device.name}.discharge"]
        found[f"{device.name}.energy"] = np.concatenate([[initial], energy[:-1]])
        found[f"{device.name}.energy_end"] = np.array(energy[-1])
    return {**found, **cohort_flows(values, program)}
