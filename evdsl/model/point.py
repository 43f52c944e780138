"""A program at a point: the values of its expressions, the powers that its feeders carry there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import linopy
import numpy as np

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.model.linear import Linear
from evdsl.model.program import VEHICLES, Program

Values = dict[str, FloatArray]


def value_of(expression: Linear, values: Values, model: linopy.Model) -> float:
    """A single expression at a point."""
    return float(along_time(expression, values, model)[0])


def along_time(expression: Linear, values: Mapping[str, Any], model: linopy.Model) -> FloatArray:
    """A linear expression at a point, entry by entry."""
    point = {name: np.asarray(array, dtype=float) for name, array in values.items()}
    return expression.at(by_label(point, model))


def net_power(values: Values, program: Program, feeder: str = "") -> FloatArray:
    """What hangs on a feeder, or (empty) on the connection, takes less what it gives; kW, shape (steps,)."""
    steps, seats = program.spec.steps, program.slot_index
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


def by_label(arrays: Mapping[str, Any], model: linopy.Model) -> FloatArray:
    """Values of variables, indexed by the model's labels."""
    labels = {name: np.asarray(model.variables[name].labels.values).ravel() for name in arrays}
    found = np.zeros(1 + max((int(array.max(initial=0)) for array in labels.values()), default=0))
    for name, array in arrays.items():
        found[labels[name]] = np.broadcast_to(array, model.variables[name].labels.shape).ravel()
    return found
