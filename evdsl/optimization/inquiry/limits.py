"""The limits of a site at a schedule: what flows through each, and what may.

    connection   import less export against `import_limit`; export against `export_limit`
    feeder       what flows into it, either way, against its `limit`
    phase        what a phase of the connection or a feeder carries, either way, against `phase_limit`, A
    event        in a call without a penalty, what is drawn, or flows into its feeder, against what it allows
    unbalance    what a phase of the connection carries more than another, against `unbalance_limit`, A

A limit is full in a step where less than a ten-thousandth of it (or of 1 kW) is free.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import BoolArray, FloatArray
from evdsl.language.devices.event import asked_by
from evdsl.language.devices.phases import LABELS, PAIRS, voltage
from evdsl.language.spec import Device, Spec
from evdsl.schedule.phases import feeder_path, limited_nodes, phase_powers, spread_of_ports

if TYPE_CHECKING:
    import xarray as xr

FULL = 1e-4
CONNECTION, EXPORT, FEEDER, PHASE, UNBALANCE = "connection", "export", "feeder", "phase", "unbalance"
EVENT = "event"


@dataclass(frozen=True, slots=True, eq=False)
class SiteLimit:
    """A limit over the steps. `power` and `most` are in `unit`, of which one is `kilowatts` kW.

    `series` is where its data stand, `node` the feeder that it is of (empty: the connection). `phases` are
    those that carry it, from 0: one, or the one that carries more and the one that carries less.
    """

    sort: str
    name: str
    series: tuple[str, str]
    power: FloatArray
    most: FloatArray
    unit: str = "kW"
    kilowatts: float = 1.0
    node: str = ""
    phases: tuple[int, ...] = ()

    @property
    def size(self) -> FloatArray:
        """What counts against it, whichever way it flows."""
        return self.power if self.sort in (CONNECTION, UNBALANCE, EVENT) else np.abs(self.power)

    @property
    def full(self) -> BoolArray:
        """In which steps nothing is free."""
        near = FULL * np.maximum(np.where(np.isfinite(self.most), self.most, 0.0), 1.0)
        return np.asarray(self.size >= self.most - near, dtype=np.bool_)

    @property
    def holds_charging(self) -> BoolArray:
        """In which steps it is full in the direction in which charging flows."""
        return self.full & (self.power > 0) if self.sort in (FEEDER, PHASE) else self.full

    def is_on_the_way(self, spec: Spec, block: Device | None, spread: FloatArray) -> bool:
        """Whether more at a port of a block, spread over the phases so, counts against it."""
        if self.sort == EXPORT or self.node not in feeder_path(spec, block):
            return False
        if self.sort == PHASE:
            return bool(spread[self.phases[0]] > 0)
        if self.sort == UNBALANCE:
            return bool(spread[self.phases[0]] > spread[self.phases[1]])
        return True


def site_limits(spec: Spec, data: Data, schedule: xr.Dataset) -> tuple[SiteLimit, ...]:
    """Every limit of the connection, the feeders and their phases."""
    return tuple(_found(spec, data, schedule))


def _found(spec: Spec, data: Data, schedule: xr.Dataset) -> Iterator[SiteLimit]:
    imported, exported = (np.asarray(schedule[name].values, dtype=float) for name in ("import", "export"))
    most = data.over_time("grid", "import_limit")
    if most is not None:
        yield SiteLimit(CONNECTION, "the connection", ("grid", "import_limit"), imported - exported, most)
    most = data.over_time("grid", "export_limit")
    if most is not None:
        yield SiteLimit(EXPORT, "the export of the connection", ("grid", "export_limit"), exported, most)
    for device in spec.of_kind("feeder"):
        most = data.over_time(device.name, "limit")
        assert most is not None, "the setting is required"
        flow, name = np.asarray(schedule[device.name].values, dtype=float), f"feeder `{device.name}`"
        yield SiteLimit(FEEDER, name, (device.name, "limit"), flow, most, node=device.name)
    for event in spec.of_kind("event"):
        if event.get("penalty") is None:
            feeder = "".join(event.names("feeder"))
            drawn = np.asarray(schedule[feeder].values, dtype=float) if feeder else imported - exported
            most, series = data.most_drawn(event), (event.name, asked_by(event))
            yield SiteLimit(EVENT, f"event `{event.name}`", series, drawn, most, node=feeder)
    for node in limited_nodes(spec):
        yield from _of_phases(spec, data, schedule, node)


def _of_phases(spec: Spec, data: Data, schedule: xr.Dataset, node: Device) -> Iterator[SiteLimit]:
    block, each = ("grid" if node.kind == "grid" else node.name), voltage(spec)
    name = "" if node.kind == "grid" else node.name
    where = "the connection" if not name else f"feeder `{name}`"
    current = phase_powers(spec, data, schedule, node) / each
    most = data.over_time(block, "phase_limit")
    if most is not None:
        for phase, label in enumerate(LABELS):
            yield SiteLimit(
                PHASE,
                f"{label} of {where}",
                (block, "phase_limit"),
                current[phase],
                most,
                "A",
                each,
                name,
                (phase,),
            )
    most = data.over_time(block, "unbalance_limit")
    if most is not None:
        for more, less in PAIRS:
            yield SiteLimit(
                UNBALANCE,
                f"the unbalance of {LABELS[more]} over {LABELS[less]}",
                (block, "unbalance_limit"),
                current[more] - current[less],
                most,
                "A",
                each,
                name,
                (more, less),
            )


def spread_at(spec: Spec, category: int, port: int) -> FloatArray:
    """What is on each phase of a kW that a class takes at a port by its number; -1: its own."""
    return np.asarray(spread_of_ports(spec)[category, port], dtype=float)


def can_be_eased(data: Data, limits: Sequence[SiteLimit]) -> bool:
    """Whether each of some limits is a series of the data: what an event has to `reduce` is none."""
    return all(limit.series in data.series for limit in limits)


def eased(
    data: Data, limits: Sequence[SiteLimit], step: int, kilowatts: float
) -> dict[tuple[str, str], FloatArray]:
    """The series of data in which each of some limits is larger in a step, by so many kW."""
    series = dict(data.series)
    for limit in {limit.series: limit for limit in limits}.values():
        value = series[limit.series].copy()
        value[step] += kilowatts / limit.kilowatts
        series[limit.series] = value
    return series
