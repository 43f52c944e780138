"""A spec's data: series over the steps, vehicles, and the steps that each is there for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from evdsl.devices import kind
from evdsl.diagnostic import Diagnostic, has_errors
from evdsl.population import EDGE, IntArray, Vehicles, joined, read_group
from evdsl.schema import Shape
from evdsl.series import on_steps
from evdsl.spec import Spec
from evdsl.timeline import FloatArray, Timeline
from evdsl.values import FileSeries, FileTariff, leaves


@dataclass(frozen=True, slots=True)
class Visits:
    """One entry for each vehicle and step in which it is there, by vehicle, then by step.

    `presence` is the share of the step; the visits of vehicle `v` are `start[v]` to `start[v + 1]`.
    """

    vehicle: IntArray
    step: IntArray
    presence: FloatArray
    start: IntArray

    def __len__(self) -> int:
        return len(self.vehicle)


@dataclass(frozen=True, slots=True)
class Data:
    """Everything that a model is made of, as arrays. `series` is keyed by (block name or kind, setting)."""

    timeline: Timeline
    series: Mapping[tuple[str, str], FloatArray]
    vehicles: Vehicles
    visits: Visits
    diagnostics: tuple[Diagnostic, ...]
    remarks: tuple[str, ...]
    digest: str

    def over_time(self, block: str, setting: str) -> FloatArray | None:
        """A series setting of a block (of the `grid` by that word), shape (steps,); `None` if not given."""
        return self.series.get((block, setting))


def load_data(spec: Spec) -> tuple[Data | None, list[Diagnostic]]:
    """All data of a spec, and what is wrong with them. No data where a finding is an error."""
    timeline = Timeline.of(spec)
    series, found = _all_series(spec, timeline)
    groups: list[Vehicles] = []
    remarks: list[str] = []
    for device in spec.devices:
        if device.kind in ("fleet", "vehicle", "sessions"):
            result = read_group(spec, device, timeline, best_power(spec, device.of))
            found += result.diagnostics
            remarks += result.remarks
            if result.vehicles is not None:
                groups.append(result.vehicles)
    if has_errors(found):
        return None, found
    vehicles = joined(groups)
    visits = visits_of(vehicles, timeline)
    found += _beyond_reach(spec, vehicles)
    data = Data(timeline, series, vehicles, visits, tuple(found), tuple(remarks), _digest(spec))
    return data, found


def best_power(spec: Spec, category: str) -> float:
    """The largest power of the ports that a class may use; no limit without ports."""
    ports = spec.of_kind("port")
    allowed = spec.named("class", category).names("ports")
    powers = [port.number("power") for port in ports if not allowed or port.name in allowed]
    return max(powers) if powers else np.inf


def _all_series(spec: Spec, timeline: Timeline) -> tuple[dict[tuple[str, str], FloatArray], list[Diagnostic]]:
    series: dict[tuple[str, str], FloatArray] = {}
    found: list[Diagnostic] = []
    for device in spec.devices:
        declared = kind(device.kind)
        assert declared is not None
        for setting in declared.settings:
            value = device.get(setting.name)
            if setting.shape is not Shape.SERIES or value is None:
                continue
            array = on_steps(value, timeline)
            if isinstance(array, Diagnostic):
                found.append(array)
            elif setting.minimum is not None and (array < setting.minimum).any():
                at = int((array < setting.minimum).argmax())
                when = f"{timeline.local(at * timeline.step):%Y-%m-%d %H:%M}"
                message = f"`{setting.name}` is {array[at]:g} at {when}, below {setting.minimum:g}"
                found.append(Diagnostic("E308", message, device.place(setting.name)))
            else:
                series[device.name if not declared.single else declared.keyword, setting.name] = array
    return series, found


def visits_of(vehicles: Vehicles, timeline: Timeline) -> Visits:
    """The steps that each vehicle is there for, and the share of each."""
    step = timeline.step
    first = np.floor(vehicles.begin / step + EDGE).astype(int)
    last = np.ceil(vehicles.end / step - EDGE).astype(int)
    count = np.maximum(last - first, 0)
    start = np.concatenate([[0], np.cumsum(count)]).astype(int)
    vehicle = np.repeat(np.arange(len(vehicles)), count)
    steps = first[vehicle] + np.arange(len(vehicle)) - start[vehicle]
    left = np.maximum(vehicles.begin[vehicle], steps * step)
    right = np.minimum(vehicles.end[vehicle], (steps + 1) * step)
    presence = np.clip((right - left) / step, 0.0, 1.0)
    presence[presence > 1.0 - EDGE] = 1.0
    return Visits(vehicle, steps, presence, start)


def _beyond_reach(spec: Spec, vehicles: Vehicles) -> list[Diagnostic]:
    """A warning for each block with vehicles that ask for more than they could take."""
    asked = np.where(np.isnan(vehicles.demand), vehicles.need / vehicles.charge_efficiency, vehicles.demand)
    short = asked - vehicles.reach
    found: list[Diagnostic] = []
    for owner in np.unique(vehicles.owner):
        mine = vehicles.owner == owner
        late = np.flatnonzero(mine & (short > 1e-6 * np.maximum(asked, 1.0)))
        if not len(late):
            continue
        device = spec.devices[int(owner)]
        worst = int(late[short[late].argmax()])
        count = f"{len(late)} of {int(mine.sum())} vehicles of" if mine.sum() > 1 else ""
        subject = " ".join(f"{count} `{device.name}`".split())
        message = f"{subject} {'ask' if len(late) > 1 else 'asks'} for more than the stay can carry"
        note = (
            f"`{vehicles.name[worst]}` wants {asked[worst]:.4g} kWh at the port"
            f" and can take {max(vehicles.reach[worst], 0.0):.4g} kWh"
        )
        help = "what is missing becomes `unmet`" if spec.on("partial_charging") else "enable partial_charging, or ask for less"
        found.append(Diagnostic("W103", message, device.header, "", help, (note,)))
    return found


def _digest(spec: Spec) -> str:
    """Of the spec and of every file that it reads."""
    digest = hashlib.sha256(spec.digest.encode())
    paths = [device.rows.path for device in spec.devices if device.rows is not None]
    for device in spec.devices:
        for value in device.settings.values():
            paths += [leaf.path for leaf in leaves(value) if isinstance(leaf, FileSeries | FileTariff)]
    for path in dict.fromkeys(paths):
        digest.update(path.read_bytes())
    return digest.hexdigest()


