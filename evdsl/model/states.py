"""States of batteries that can only charge, at the ends of visits: where a row asks for one.

energy[i] = energy[i-1] + Δ η_c charge[i],    at the first visit of a stay with what it begins with
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import linopy
import numpy as np

from evdsl.diagnostics.source import Span
from evdsl.language import stays
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.builder import Linear
from evdsl.model.builder import ModelBuilder
from evdsl.model.program import Consequence


def add_states(
    builder: ModelBuilder, name: str, row: str, dimension: str, rest: IntArray, owner: Span
) -> Linear:
    """The states `name` of some visits, in their order, with all visits of a stay or none; and their rows."""
    vehicles, visits, slots = builder.data.vehicles, builder.data.visits, builder.slot_index.slots
    who = visits.vehicle[rest]
    low, high = vehicles.low[who], vehicles.high[who]
    energy = builder.variable(name, dimension, len(rest), owner, lower=low, upper=high)
    first = np.append(True, who[1:] != who[:-1])
    following = np.flatnonzero(~first)
    before = builder.take(energy, following - 1, dimension)
    change = energy - builder.group_sum(before, following, dimension, len(rest))
    charge = builder.get("charge")
    if charge is not None:
        number = np.full(len(visits), -1, dtype=np.int64)
        number[rest] = np.arange(len(rest))
        gain = builder.spec.step * vehicles.charge_efficiency[slots.vehicle]
        gained = builder.scale(charge, gain)
        change = change - builder.group_sum(gained, number[slots.visit], dimension, len(rest))
    begins = np.flatnonzero(first)
    start = stays.decided_start(builder, who[begins], "begins") if len(begins) else None
    if start is not None:
        change = change - builder.group_sum(start, begins, dimension, len(rest))
    known = stays.known_start(vehicles)
    builder.rows(row, change, "==", np.where(first, known[who], 0.0), owner)
    builder.consequences.append(_as_they_follow(builder, name, rest, begins))
    return energy


def _as_they_follow(builder: ModelBuilder, name: str, rest: IntArray, begins: IntArray) -> Consequence:
    """These states as they follow from what is charged; `begins` are the first of each stay among them."""
    vehicles, visits, slots = builder.data.vehicles, builder.data.visits, builder.slot_index.slots
    who = visits.vehicle[rest]
    known, later = stays.known_start(vehicles), ~vehicles.is_first
    gain = builder.spec.step * vehicles.charge_efficiency[slots.vehicle]

    def worth(values: Mapping[str, Any], _: linopy.Model) -> FloatArray:
        rise = np.zeros(len(visits))
        if "charge" in values:
            rise += np.bincount(slots.visit, gain * values["charge"], minlength=len(visits))
        total = np.cumsum(rise[rest])
        before = (total - rise[rest])[begins]
        count = np.diff(np.append(begins, len(rest)))
        start = known.copy()
        if "spare" in values:
            start[later] += values["spare"]
        return np.asarray(start[who] + total - np.repeat(before, count), dtype=float)

    return Consequence(name, worth, worth)
