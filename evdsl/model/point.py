"""What a feeder or the connection carries at a point of a program."""

from __future__ import annotations

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.model.program import VEHICLES, Program, Values, along_time


def carried(values: Values, program: Program, feeder: str = "") -> FloatArray:
    """What hangs on a feeder, or (empty) on the connection, takes less what it gives; kW, shape (steps,)."""
    steps, seats = program.spec.steps, program.seats
    net = np.zeros(steps)
    at = seats.steps_by_feeder.get(feeder)
    if at is not None and "charge" in values:
        net += _summed(at, values["charge"] / seats.slots.efficiency, steps)
    if at is not None and "discharge" in values:
        out = seats.slots.outward
        net -= _summed(at[out], values["discharge"] * seats.slots.efficiency[out], steps)
    for power in program.powers:
        if power.feeder != feeder or power.owner in VEHICLES:
            continue
        if power.decided:
            net += along_time(power.amount, values, program.model)
        else:
            net += power.amount
    return net


def _summed(groups: IntArray, weights: FloatArray, size: int) -> FloatArray:
    inside = groups >= 0
    return np.bincount(groups[inside], weights[inside], minlength=size).astype(float)
