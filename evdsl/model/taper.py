"""`taper` of a class: what a battery takes falls as it fills.

For each line a + b · s of the concave curve P, with n the presence and s the state of charge that charging
alone reaches in a visit, at its begin where the line rises and at its end where it falls:

    charge[i] <= n (a + b s),     s = energy[i] / battery                               where b >= 0
                                  s = (energy[i] + Δ η_c charge[i]) / battery           where b < 0

Safe: s only rises within a visit, and the least of a concave curve over an interval is at one of its ends.
There a rising line is least at the begin and a falling one at the end, so that the rows say

    charge[i] <= n min(P(s at the begin), P(s at the end)),

never more than P gives at any state between. A step loses what the curve gives on the way; shorter steps lose
less. Discharging has no taper.

What a vehicle reaches at most in a visit, max {e + Δ η_c c : c meets the rows}, rises with the energy e that
it begins with: it is e + Δ η_c n (a + b e / battery) for a line that rises, and for one that falls
(e + Δ η_c n a) / (1 + Δ η_c n |b| / battery). So who always takes the most has the most at every time after,
and who begins with more is never behind.

A state for each visit: vehicles that can discharge have theirs, those that cannot get one here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import linopy
import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import BoolArray, FloatArray, IntArray
from evdsl.language.builder import Linear
from evdsl.language.devices.phases import best_power
from evdsl.language.devices.taper import lines, points
from evdsl.language.site import Vehicles
from evdsl.language.spec import Spec
from evdsl.model.builder import ModelBuilder
from evdsl.model.program import Consequence, Program

STATES = "vehicle.taper.energy"


def tapers(spec: Spec, data: Data) -> BoolArray:
    """By vehicle, whether its class has a curve."""
    bent = [number for number, category in enumerate(spec.of_kind("class")) if points(category)]
    return np.isin(data.vehicles.category, bent)


def most(spec: Spec, data: Data, who: IntArray, presence: FloatArray, energy: FloatArray) -> FloatArray:
    """What the curves let vehicles take in a visit that they begin with an energy (kWh), kW."""
    found = np.full(len(who), np.inf)
    for number, category in enumerate(spec.of_kind("class")):
        mine = data.vehicles.category[who] == number
        for power, slope in lines(category):
            falls = _falling(spec, data.vehicles, who, presence, slope)
            begun = energy / data.vehicles.battery[who]
            line = presence * (power + slope * begun) / (1.0 + falls)
            found[mine] = np.minimum(found, line)[mine]
    return found.clip(min=0.0)


def reach(spec: Spec, data: Data) -> FloatArray:
    """The most that each vehicle could take at the port during its stay, on the best port of its class; kWh.

    With a curve it is what it has who takes the most in every visit; else `Vehicles.reach`.
    """
    vehicles, visits = data.vehicles, data.visits
    bent = tapers(spec, data)
    best = np.array([best_power(spec, category) for category in spec.of_kind("class")])
    energy, found = vehicles.initial.copy(), np.where(bent, 0.0, vehicles.reach)
    for at in np.argsort(visits.step, kind="stable"):
        who = visits.vehicle[at : at + 1]
        if bent[who[0]]:
            presence = visits.presence[at : at + 1]
            cap = presence * np.minimum(vehicles.charge, best[vehicles.category])[who]
            room = (vehicles.high - energy)[who] / vehicles.charge_efficiency[who] / spec.step
            power = np.minimum(np.minimum(cap, most(spec, data, who, presence, energy[who])), room)
            found[who] += spec.step * power
            energy[who] += spec.step * vehicles.charge_efficiency[who] * power
    return found


def _falling(
    spec: Spec, vehicles: Vehicles, who: IntArray, presence: FloatArray, slope: FloatArray | float
) -> FloatArray:
    """Δ η_c n |b| / battery of a line that falls, else 0."""
    each = spec.step * vehicles.charge_efficiency[who] * presence / vehicles.battery[who]
    return np.asarray(each * np.maximum(-slope, 0.0), dtype=float)


def build(builder: ModelBuilder) -> None:
    """The rows of every line, for each visit of the vehicles that have a curve."""
    spec, data, index = builder.spec, builder.data, builder.slot_index
    charge = builder.get("charge")
    rows = _rows_of(spec, data, tapers(spec, data) & index.has_slot)
    if charge is None or not len(rows.visit):
        return
    vehicles, visits = data.vehicles, data.visits
    owner = next(category for category in spec.of_kind("class") if points(category)).place("taper")
    _add_states(builder, owner)
    who, presence = visits.vehicle[rows.visit], visits.presence[rows.visit]
    falls = _falling(spec, vehicles, who, presence, rows.slope)
    taken = builder.group_sum(charge, index.slots.visit, "visit", len(visits))
    left = builder.scale(builder.take(taken, rows.visit, "taper"), 1.0 + falls)
    each = presence * rows.slope / vehicles.battery[who]
    comes = visits.start[who] == rows.visit
    for energy, position in _states(builder):
        before = np.where(comes, -1, position[rows.visit - 1])
        at = np.flatnonzero(before >= 0)
        begun = builder.scale(builder.take(energy, before[at], "begun"), each[at])
        left = left - builder.group_sum(begun, at, "taper", len(before))
    right = presence * rows.power + np.where(comes, each * vehicles.initial[who], 0.0)
    builder.rows("vehicle.taper", left, "<=", right, owner)


@dataclass(frozen=True, slots=True)
class _Rows:
    """One entry for each visit and line: its power at an empty battery, and its slope; kW."""

    visit: IntArray
    power: FloatArray
    slope: FloatArray


def _rows_of(spec: Spec, data: Data, who: BoolArray) -> _Rows:
    visits: list[IntArray] = []
    powers: list[FloatArray] = []
    slopes: list[FloatArray] = []
    category = data.vehicles.category[data.visits.vehicle]
    for number, each in enumerate(spec.of_kind("class")):
        visit = np.flatnonzero((category == number) & who[data.visits.vehicle])
        for power, slope in lines(each):
            visits.append(visit)
            powers.append(np.full(len(visit), power))
            slopes.append(np.full(len(visit), slope))
    at = np.concatenate([np.zeros(0, dtype=np.int64), *visits])
    order = np.argsort(at, kind="stable")
    return _Rows(at[order], np.concatenate([[], *powers])[order], np.concatenate([[], *slopes])[order])


def visits_with_states(builder: ModelBuilder | Program) -> IntArray:
    """The visits of vehicles with a curve that get states here, in their order."""
    index = builder.slot_index
    who = tapers(builder.spec, builder.data) & index.has_slot & ~index.has_states
    return np.flatnonzero(who[builder.data.visits.vehicle])


def _states(builder: ModelBuilder) -> list[tuple[Linear, IntArray]]:
    """The decisions about energies at the ends of visits, and by visit where each stands, -1 for nowhere."""
    found: list[tuple[Linear, IntArray]] = []
    for name, visit in (("energy", builder.slot_index.states.visit), (STATES, visits_with_states(builder))):
        energy = builder.get(name)
        if energy is not None:
            position = np.full(len(builder.data.visits), -1, dtype=np.int64)
            position[visit] = np.arange(len(visit))
            found.append((energy, position))
    return found


def _add_states(builder: ModelBuilder, owner: Any) -> None:
    """energy[i] = energy[i-1] + Δ η_c charge[i], for vehicles that cannot discharge."""
    vehicles, visits, slots = builder.data.vehicles, builder.data.visits, builder.slot_index.slots
    rest = visits_with_states(builder)
    if not len(rest):
        return
    who = visits.vehicle[rest]
    low, high = vehicles.low[who], vehicles.high[who]
    energy = builder.variable(STATES, "tapered", len(rest), owner, lower=low, upper=high)
    number = np.full(len(visits), -1, dtype=np.int64)
    number[rest] = np.arange(len(rest))
    first = np.append(True, who[1:] != who[:-1])
    following = np.flatnonzero(~first)
    before = builder.group_sum(
        builder.take(energy, following - 1, "tapered"), following, "tapered", len(rest)
    )
    gain = builder.spec.step * vehicles.charge_efficiency[slots.vehicle]
    charge = builder.scale(builder.need("charge"), gain)
    gained = builder.group_sum(charge, number[slots.visit], "tapered", len(rest))
    builder.rows(
        "vehicle.taper.rises",
        energy - before - gained,
        "==",
        np.where(first, vehicles.initial[who], 0.0),
        owner,
    )

    def worth(values: Mapping[str, Any], _: linopy.Model) -> FloatArray:
        rise = np.bincount(slots.visit, gain * values["charge"], minlength=len(visits))[rest]
        total = np.cumsum(rise)
        begun = (total - rise)[np.flatnonzero(first)]
        of_vehicle = np.cumsum(first) - 1
        return np.asarray(vehicles.initial[who] + total - begun[of_vehicle], dtype=float)

    builder.consequences.append(Consequence(STATES, worth, worth))
