"""What a vehicle does over its stays, and what it could take: the schedule from its side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import BoolArray, FloatArray, IntArray
from evdsl.language.spec import Device, Spec
from evdsl.model import taper
from evdsl.model.ports import groups_of, rates_on
from evdsl.optimization.shortfall.flow import flow_of

if TYPE_CHECKING:
    import xarray as xr

NOTHING = 1e-3
"""kW: less than this is no charging to an operator."""
ENOUGH = 1 - 1e-4
"""Of the largest power: from here on it is taken in full."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """One vehicle, an entry for each step in which it is there, in their order.

    `stay` is whose stay it is, powers are means over the step in kW at the port, `most` what it could take,
    at the port that it has, else at the best one. `energy` is kWh in the battery when the step begins (NaN
    without one), `port` a position along the ports, -1 for none. `begin` and `end` are hours from the start,
    cut to its stay.
    """

    stay: IntArray
    step: IntArray
    presence: FloatArray
    begin: FloatArray
    end: FloatArray
    charge: FloatArray
    discharge: FloatArray
    most: FloatArray
    energy: FloatArray
    port: IntArray

    def __len__(self) -> int:
        return len(self.step)


def course_of(spec: Spec, data: Data, schedule: xr.Dataset, vehicle: int) -> Course:
    """The course of a vehicle, which is named by its first stay."""
    vehicles, visits = data.vehicles, data.visits
    mine = np.flatnonzero(vehicles.first[visits.vehicle] == vehicle)
    flow = flow_of(data, schedule)
    who, step, presence = visits.vehicle[mine], visits.step[mine], visits.presence[mine]
    rates = rates_by_port(spec, data, [str(name) for name in schedule["port_name"].values])
    port = flow.port[mine]
    best = rates.max(axis=1, initial=0.0)
    rate = np.where(port >= 0, rates[who, port], best[who] if spec.of_kind("port") else rates[who, -1])
    most = np.minimum(presence * rate, taper.most(spec, data, who, presence, flow.energy[mine]))
    return Course(
        stay=who,
        step=step,
        presence=presence,
        begin=np.maximum(vehicles.begin[who], step * spec.step),
        end=np.minimum(vehicles.end[who], (step + 1) * spec.step),
        charge=flow.charge[mine],
        discharge=flow.discharge[mine],
        most=most,
        energy=flow.energy[mine],
        port=port,
    )


def rates_by_port(spec: Spec, data: Data, names: list[str]) -> FloatArray:
    """What each stay could charge at each port, kW, 0 where it may not, and last at its own; shape (stays,
    ports + 1)."""
    groups, allowed = groups_of(spec)
    place = {name: at for at, name in enumerate(names)}
    found = np.zeros((len(data.vehicles), len(names) + 1))
    for number, group in enumerate(groups):
        rate = np.where(allowed[data.vehicles.category, number], rates_on(data, group)[0], 0.0)
        for at in [place[name] for name in group.names] or ([len(names)] if group.own else []):
            found[:, at] = rate
    return found


def block_of_port(spec: Spec, port: int) -> Device | None:
    """The block of a port by its number; `None` for a vehicle's own."""
    blocks = [block for block in spec.of_kind("port") for _ in range(block.port_count)]
    return blocks[port] if 0 <= port < len(blocks) else None


def runs(course: Course, chosen: BoolArray) -> Iterator[slice]:
    """The entries that are chosen, as runs without a gap: of one stay, at one port, step after step."""
    at = np.flatnonzero(chosen)
    if not len(at):
        return
    new = (
        (np.diff(at) != 1)
        | (np.diff(course.step[at]) != 1)
        | (np.diff(course.stay[at]) != 0)
        | (np.diff(course.port[at]) != 0)
    )
    edges = [0, *(np.flatnonzero(new) + 1).tolist(), len(at)]
    for first, last in pairwise(edges):
        yield slice(int(at[first]), int(at[last - 1]) + 1)
