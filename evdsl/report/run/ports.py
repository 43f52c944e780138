"""From when until when each port is occupied, and by which stay of which vehicle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.language.tolerances import SAME_TIME
from evdsl.report.facts import clock
from evdsl.report.numbers import clock_label, plural, printable
from evdsl.report.run.summary import Fact

if TYPE_CHECKING:
    import xarray as xr

    from evdsl.optimization.result import Result

PORTS, OCCUPATIONS = 6, 6
"""How many ports are told in text, and how many occupations of each."""
LONG = 2.0
"""Hours from which on they are told in hours, and not in minutes."""
LONGEST_NAME = 24
"""Characters of a vehicle's name."""


@dataclass(frozen=True, slots=True)
class Occupation:
    """A stay (its position among the vehicles) that has a port, from `begin` to `end`, hours."""

    stay: int
    port: str
    begin: float
    end: float


def occupations(data: Data, schedule: xr.Dataset) -> list[Occupation]:
    """By stay and time, every port that it has for a while without a break."""
    names = [str(name) for name in schedule["port_name"].values]
    visits, vehicles, step = data.visits, data.vehicles, data.timeline.step
    values = schedule["port"].values
    port = values if schedule["port"].dims == ("visit",) else values[visits.vehicle, visits.step]
    found: list[Occupation] = []
    for at in np.flatnonzero((port >= 0) & (port < len(names))):
        stay, when, name = int(visits.vehicle[at]), int(visits.step[at]), names[int(port[at])]
        begin = max(float(vehicles.begin[stay]), when * step)
        end = min(float(vehicles.end[stay]), (when + 1) * step)
        last = found[-1] if found else None
        if last is not None and (last.stay, last.port) == (stay, name) and begin <= last.end + SAME_TIME:
            found[-1] = Occupation(stay, name, last.begin, end)
        else:
            found.append(Occupation(stay, name, begin, end))
    return found


def ports(result: Result, schedule: xr.Dataset) -> Iterator[Fact]:
    """A line for each port, where several vehicles make trips or wait for one.

    Else a port is had for a whole stay, which is told of the vehicle. Only the first ports are told, in their
    order, and of each the first that have it.
    """
    spec, data = result.spec, result.data
    changes = spec.on("queue") or bool(data.vehicles.travels.any())
    if not spec.of_kind("port") or not changes or int(data.vehicles.is_first.sum()) < 2:
        return
    if spec.on("queue") and spec.on("hold_port"):
        yield _waiting(data, occupations(data, schedule))
    by_port: dict[str, list[Occupation]] = {str(name): [] for name in schedule["port_name"].values}
    for one in occupations(data, schedule):
        by_port[one.port].append(one)
    used = [(name, sorted(some, key=lambda one: one.begin)) for name, some in by_port.items() if some]
    days = data.timeline.horizon / 24
    for name, some in used[:PORTS]:
        told = [_told(one, data, days) for one in some[:OCCUPATIONS]]
        more = len(some) - len(told)
        yield Fact(name, ", ".join(told) + (f" and {more} more" if more else ""), "")
    rest = len(used) - PORTS
    if rest > 0:
        yield Fact("", "", f"and {plural(rest, 'more port')}; `--json` has who is at each, and when")


def _waiting(data: Data, found: Sequence[Occupation]) -> Fact:
    """How long those wait for a port who need something, as `waiting_time` counts it."""
    vehicles = data.vehicles
    needs = vehicles.need[vehicles.first] > 0
    waits = np.maximum(vehicles.end - vehicles.begin, 0.0)
    for one in reversed(found):
        waits[one.stay] = one.begin - vehicles.begin[one.stay]
    waits = np.where(needs, waits, 0.0)
    late = int((vehicles.of_whole(waits) > SAME_TIME).sum())
    if not late:
        return Fact("waiting", "nobody")
    value = f"{_time(float(waits.sum()))} in all"
    asking = int((vehicles.need > 0).sum())
    return Fact(
        "waiting", value, f", {late} of {plural(asking, 'vehicle')}, {_time(float(waits.max()))} at most"
    )


def _time(hours: float) -> str:
    return f"{hours * 60:.3g} min" if hours < LONG else f"{hours:.3g} h"


def _told(one: Occupation, data: Data, days: float) -> str:
    vehicle = data.vehicles.name[int(data.vehicles.first[one.stay])]
    begin, end = clock(data, one.begin), clock(data, one.end)
    until = clock_label(end, days if end.date() != begin.date() else 1)
    return f"{printable(vehicle, LONGEST_NAME)} {clock_label(begin, days)} to {until}"
