"""The counts of cohorts in a schedule, put on their bounds; see `evdsl.language.devices.cohort`."""

from __future__ import annotations

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.devices.cohort import initial, leaving, power_of
from evdsl.language.spec import Device
from evdsl.model.point import Values
from evdsl.model.program import Program

NOISE = 1e-9
"""Vehicles below which a count is a solver's rounding of none."""


def settled_cohorts(values: Values, program: Program) -> Values:
    """The same point with 0 <= charging <= count, and counts computed from it that are nowhere negative."""
    found = dict(values)
    for device in program.spec.of_kind("cohort"):
        charging, counts = _moved(device, found[f"{device.name}.charging"], program)
        found[f"{device.name}.charging"] = charging[1:].reshape(-1)
        found[f"{device.name}.count"] = counts[1:, 1:].reshape(-1)
        found[f"{device.name}.waiting"] = counts[1:, :-1].sum(axis=0)
        found[f"{device.name}.taken"] = power_of(program.spec, device) * charging.sum(axis=0)
    return found


def cohort_flows(values: Values, program: Program) -> dict[str, FloatArray]:
    """Those in need, and by state who is there and who charges, as a schedule has them."""
    found: dict[str, FloatArray] = {}
    for device in program.spec.of_kind("cohort"):
        charging, counts = _moved(device, values[f"{device.name}.charging"], program)
        found[f"{device.name}.waiting"] = values[f"{device.name}.waiting"]
        for state in range(len(counts)):
            found[f"{device.name}.count.{state}"] = counts[state, :-1]
        for state in range(1, len(counts)):
            found[f"{device.name}.charging.{state}"] = charging[state]
    return found


def _moved(device: Device, given: FloatArray, program: Program) -> tuple[FloatArray, FloatArray]:
    """Who charges in each step, and who is there at each edge of one; rows are the states from full to empty.

    Where a solver was 1e-7 beside, fewer charge: those from above are counted first, since they fill the
    places of those who charge.
    """
    arrivals, stays = program.data.cohorts[device.name], 1.0 - np.array(leaving(device))
    states, steps = arrivals.shape
    charging, counts = np.zeros((states + 1, steps)), np.zeros((states, steps + 1))
    counts[:, 0] = initial(device)
    charging[1:states] = np.asarray(given, dtype=float).reshape(states - 1, steps)
    for step in range(steps):
        there = counts[:, step]
        after = stays * there + arrivals[:, step]
        for state in range(states - 1, 0, -1):
            room = after[state] + charging[state + 1, step]
            most = max(min(float(there[state]), float(room)), 0.0)
            amount = min(max(float(charging[state, step]), 0.0), most)
            charging[state, step] = amount if amount >= NOISE else 0.0
        counts[:, step + 1] = np.maximum(after + charging[1:, step] - charging[:states, step], 0.0)
    return charging[:states], counts
