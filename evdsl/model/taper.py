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

A stay after a trip begins with `soc_min · battery + spare` (`evdsl.language.stays`), which is decided: that
stands in the rows of its first visit in the place of what a vehicle comes with. All of the above is of a
visit, and holds of it as before.

A state for each visit: vehicles that can discharge have theirs, those that cannot get one here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evdsl.data.data import Data
from evdsl.language import stays
from evdsl.language.arrays import BoolArray, FloatArray, IntArray
from evdsl.language.builder import Linear
from evdsl.language.devices.phases import best_power
from evdsl.language.devices.taper import lines, points
from evdsl.language.site import Vehicles
from evdsl.language.spec import Spec
from evdsl.model.builder import ModelBuilder
from evdsl.model.program import Program
from evdsl.model.states import add_states

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

    With a curve it is what it has who takes the most in every visit; else `Vehicles.reach`. A stay after a
    trip is taken to begin with what then is left.
    """
    vehicles = data.vehicles
    bent = tapers(spec, data)
    return np.where(bent, charged_always(spec, data, bent), vehicles.reach)


def charged_always(spec: Spec, data: Data, mine: BoolArray, of_any_count: bool = False) -> FloatArray:
    """What vehicles take at the port in each stay that always charge with all their power; kWh.

    On the best port of their class; with `of_any_count` also of a block that has none.

    Nobody has more at any time: what is reached in a visit rises with the energy that it begins with, and so
    does what a trip leaves.
    """
    vehicles, visits = data.vehicles, data.visits
    best = np.array([best_power(spec, category, of_any_count) for category in spec.of_kind("class")])
    energy, found = vehicles.initial.copy(), np.zeros(len(vehicles))
    for stay in np.flatnonzero(mine):  # a stay stands behind the one before it
        before = int(vehicles.previous[stay])
        if before >= 0:
            energy[stay] = max(vehicles.low[stay], energy[before] - vehicles.used[before])
        who = np.array([stay])
        for at in range(int(visits.start[stay]), int(visits.start[stay + 1])):
            presence = visits.presence[at : at + 1]
            cap = presence * np.minimum(vehicles.charge[who], best[vehicles.category[who]])
            room = (vehicles.high[who] - energy[who]) / vehicles.charge_efficiency[who] / spec.step
            power = np.minimum(np.minimum(cap, most(spec, data, who, presence, energy[who])), room)
            found[stay] += spec.step * power[0]
            energy[stay] += spec.step * vehicles.charge_efficiency[stay] * power[0]
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
    without = visits_with_states(builder)
    if len(without):
        add_states(builder, STATES, "vehicle.taper.rises", "tapered", without, owner)
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
    decided = np.flatnonzero(comes & ~vehicles.is_first[who])
    start = stays.decided_start(builder, who[decided], "begun") if len(decided) else None
    if start is not None:
        begun = builder.scale(start, each[decided])
        left = left - builder.group_sum(begun, decided, "taper", len(rows.visit))
    right = presence * rows.power + np.where(comes, each * stays.known_start(vehicles)[who], 0.0)
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
