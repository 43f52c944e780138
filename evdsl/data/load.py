"""A spec's data: series over the steps, vehicles, and the steps that each is there for."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from evdsl.data.absence import absent_terms
from evdsl.data.checks import state_never_exists, unused_demand_charge
from evdsl.data.churn import churning
from evdsl.data.cohorts import arrivals_of
from evdsl.data.data import Data
from evdsl.data.draws import Sampling
from evdsl.data.events import call_of, reduced_below_nothing
from evdsl.data.members import missing_members
from evdsl.data.metering import meter_of
from evdsl.data.monthly_charges import read_charges
from evdsl.data.paths.drawing import Drawing
from evdsl.data.paths.file_scenarios import other_count
from evdsl.data.paths.random_series import without_scenario
from evdsl.data.series import counts_on_steps, on_steps
from evdsl.data.timeline import Timeline
from evdsl.data.vehicles import concatenate, read_group
from evdsl.diagnostics.diagnostic import Diagnostic, has_errors
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.declaration import Setting, Shape
from evdsl.language.devices import declared_kind, series_key
from evdsl.language.site import Vehicles, Visits, listed
from evdsl.language.spec import VEHICLE_BLOCKS, Device, Spec
from evdsl.language.tolerances import IN_RANGE, ON_EDGE
from evdsl.language.units import symbol
from evdsl.language.values import Calendar, Daily, FileSeries, FileTariff, RangeValue, leaves
from evdsl.semantics.checks import cells
from evdsl.semantics.checks.size import MAXIMUM_VISITS, too_large
from evdsl.semantics.ranges import amount_of


def load_data(spec: Spec) -> tuple[Data | None, list[Diagnostic]]:
    """All data of a spec, and what is wrong with them. No data where a finding is an error."""
    timeline = Timeline.of(spec)
    drawing = Drawing.of(spec, timeline)
    series, found = _all_series(spec, timeline, drawing)
    found += [*without_scenario(spec), *other_count(spec, drawing.listed)]
    groups: list[Vehicles] = []
    remarks: list[str] = []
    beyond_reach: list[Diagnostic] = []
    total = 0
    for index, device in enumerate(spec.devices):
        if device.kind not in VEHICLE_BLOCKS:
            continue
        result = read_group(spec, index, timeline)
        found += result.diagnostics
        remarks += result.remarks
        beyond_reach += result.beyond_reach
        if result.vehicles is not None:
            groups.append(result.vehicles)
            total += visits_in(result.vehicles, timeline)
        if total > MAXIMUM_VISITS:
            found.append(too_large(device, sum(map(len, groups)), total))
            break
    found += _named_twice(spec, groups)
    if not has_errors(found):  # a block whose vehicles could not be read has none
        found += missing_members(spec, groups)
    sizes = {spec.devices[int(group.owner[0])].name: len(group) for group in groups if len(group)}
    found += cells.beyond(spec, sizes)
    charges = {device.name: read_charges(device, timeline) for device in spec.of_kind("demand_charge")}
    found += [prices for prices in charges.values() if isinstance(prices, Diagnostic)]
    if has_errors(found):
        return None, found
    vehicles = concatenate(groups)
    visits = visits_of(vehicles, timeline)
    cohorts = {
        device.name: arrivals_of(device, series[device.name, "arrivals"], spec.step, Sampling.of(spec))
        for device in spec.of_kind("cohort")
    }
    data = Data(
        series,
        vehicles,
        visits,
        cohorts,
        {
            device.name: meter_of(device, timeline, prices)
            for device in spec.of_kind("demand_charge")
            if not isinstance(prices := charges[device.name], Diagnostic)
        },
        {device.name: call_of(device, spec) for device in spec.of_kind("event")},
        timeline,
        tuple(found),
        tuple(remarks),
        _digest(spec),
        tuple(beyond_reach),
    )
    absent = absent_terms(spec, data)
    if absent:
        return None, [*found, *absent]
    found += [*state_never_exists(spec, data), *unused_demand_charge(spec, timeline)]
    found += [*churning(spec, data, timeline), *reduced_below_nothing(spec, data, timeline)]
    return replace(data, diagnostics=tuple(found)), found


def _all_series(
    spec: Spec, timeline: Timeline, drawing: Drawing
) -> tuple[dict[tuple[str, str], FloatArray], list[Diagnostic]]:
    series: dict[tuple[str, str], FloatArray] = {}
    found: list[Diagnostic] = []
    for device in spec.devices:
        declared = declared_kind(device.kind)
        for setting in declared.settings:
            value = device.get(setting.name)
            if setting.shape is Shape.COUNTS and isinstance(value, Daily | Calendar):
                series[series_key(device), setting.name] = counts_on_steps(value, timeline)
            if setting.shape not in (Shape.SERIES, Shape.SERIES_LIST) or value is None:
                continue
            # What is to be chosen is at most the upper end: what it becomes, the model says.
            named = [(setting.name, value.high if isinstance(value, RangeValue) else value)]
            if setting.shape is Shape.SERIES_LIST:
                named = [
                    (listed(setting.name, n), each) for n, each in enumerate(device.entries(setting.name))
                ]
            for name, each in named:
                array = on_steps(each, timeline, drawing.within(series_key(device), name))
                if isinstance(array, Diagnostic):
                    # What files of scenarios do not agree in is found with each of them.
                    found += [array] if array not in found else []
                    continue
                beyond = _outside(device, setting, array, timeline, spec.currency)
                if beyond is not None:
                    found.append(beyond)
                else:
                    series[series_key(device), name] = array
    for name, value in spec.asked_at_steps.items():
        array = on_steps(value, timeline, drawing.within("let", name))
        if isinstance(array, Diagnostic):
            found.append(array)
        else:
            series["let", name] = array
    return series, found


def _outside(
    device: Device, setting: Setting, array: FloatArray, timeline: Timeline, currency: str
) -> Diagnostic | None:
    """E308 where a series leaves the range that its setting declares."""
    low = -np.inf if setting.minimum is None else setting.minimum
    high = np.inf if setting.maximum is None else setting.maximum
    wrong = (array < low - IN_RANGE) | (array > high + IN_RANGE)
    if not wrong.any():
        return None
    at = int(wrong.argmax())
    side, bound = ("below", low) if array[at] < low else ("above", high)
    when = f"{timeline.local(at * timeline.step):%Y-%m-%d %H:%M}"
    number = amount_of(float(array[at]), setting, currency)
    limit = amount_of(bound, setting, currency) if setting.maximum == 1.0 else f"{bound:g}"
    message = f"`{setting.name}` is {number} at {when}, {side} {limit}"
    zero = f"0 {symbol(setting.dimension, currency)}".strip()
    help = f"mend the numbers, or write `max({zero}, ...)`" if side == "below" else "mend the numbers"
    return Diagnostic("E308", message, device.place(setting.name), "", help, (), device.header)


def _ends(vehicles: Vehicles, timeline: Timeline) -> tuple[IntArray, IntArray]:
    """The first step of each stay and the one after its last."""
    first = np.floor(vehicles.begin / timeline.step + ON_EDGE).astype(np.int64)
    last = np.ceil(vehicles.end / timeline.step - ON_EDGE).astype(np.int64)
    # A trip may begin as its vehicle comes: such a stay has no step, wherever in one it lies.
    last = np.where(vehicles.end - vehicles.begin > ON_EDGE * timeline.step, last, first)
    return first, np.maximum(last, first)


def visits_in(vehicles: Vehicles, timeline: Timeline) -> int:
    """How many entries the visits of these vehicles have."""
    first, last = _ends(vehicles, timeline)
    return int((last - first).sum())


def visits_of(vehicles: Vehicles, timeline: Timeline) -> Visits:
    """The steps that each vehicle is there for, and the share of each."""
    step = timeline.step
    first, last = _ends(vehicles, timeline)
    count = last - first
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    vehicle = np.repeat(np.arange(len(vehicles)), count)
    steps = first[vehicle] + np.arange(len(vehicle)) - start[vehicle]
    left = np.maximum(vehicles.begin[vehicle], steps * step)
    right = np.minimum(vehicles.end[vehicle], (steps + 1) * step)
    presence = np.clip((right - left) / step, 0.0, 1.0)
    presence[presence > 1.0 - ON_EDGE] = 1.0
    return Visits(vehicle, steps, presence, start)


def _named_twice(spec: Spec, groups: list[Vehicles]) -> list[Diagnostic]:
    """E207 where an `id` of a file is the name of another vehicle: a schedule tells them apart by it."""
    owners: dict[str, int] = {}
    for vehicles in groups:
        for name in vehicles.name:
            owner = int(vehicles.owner[0])
            if owners.setdefault(name, owner) != owner:
                device, other = spec.devices[owner], spec.devices[owners[name]]
                message = f'"{name}" of `{device.name}` is also the name of a vehicle of `{other.name}`'
                help = "leave `id` out, or give each vehicle a name of its own"
                return [Diagnostic("E207", message, device.place("id"), "", help, (), device.header)]
    return []


def _digest(spec: Spec) -> str:
    """Of the spec and of every file that it reads."""
    digest = hashlib.sha256(spec.digest.encode())
    paths = [device.rows.path for device in spec.devices if device.rows is not None]
    for device in spec.devices:
        for value in device.settings.values():
            paths += [leaf.path for leaf in leaves(value) if isinstance(leaf, FileSeries | FileTariff)]
    for value in spec.asked_at_steps.values():
        paths += [leaf.path for leaf in leaves(value) if isinstance(leaf, FileSeries | FileTariff)]
    for path in dict.fromkeys(paths):
        digest.update(path.read_bytes())
    return digest.hexdigest()
