"""A stored schedule as `evdsl.verifier` sees it: its labels, units and numbers are looked at first.

Dense and ragged datasets give the same `StoredSchedule`, the flows of whoever is there; a ragged one is never
made dense. Each device of the site has one variable named after it, in kW: of `solar` and `wind` what they
give, of `load` and `cohort` what they take, of `storage` what it takes less what it gives, of a `feeder` what
flows into it. A storage also has its flows apart and its energy, a cohort its counts: who is in need, and by
state who is there and who charges. An event has what is drawn over its most, and with a baseline that and
what is saved of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.spec import Spec
from evdsl.verifier.open_settings import START, open_settings
from evdsl.verifier.presence import PortTable, Presence, stays_of
from evdsl.verifier.tolerance import SLACK
from evdsl.verifier.violations import Describe, Findings

if TYPE_CHECKING:
    import xarray as xr

CLOCK_SLACK = np.timedelta64(1, "ms")
"""Times lose their last digits in files that count them in floating hours."""

BY_VISIT = ("charge", "discharge", "energy", "port")

BY_VEHICLE = ("energy_departure", "delivered", "unmet")

BY_STEP = ("import", "export")

UNITS = {
    "charge": "kW",
    "discharge": "kW",
    "energy": "kWh",
    "energy_departure": "kWh",
    "delivered": "kWh",
    "unmet": "kWh",
    "import": "kW",
    "export": "kW",
}

ABSENT = {"charge": 0.0, "discharge": 0.0, "energy": np.nan, "port": -1.0}
"""What stands for a vehicle that is away."""

POWER = ("", "kW", ("time",))

OF_DEVICES: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "feeder": (POWER,),
    "solar": (POWER,),
    "wind": (POWER,),
    "load": (POWER,),
    "cohort": (POWER,),
    "storage": (
        POWER,
        (".charge", "kW", ("time",)),
        (".discharge", "kW", ("time",)),
        (".energy", "kWh", ("time",)),
        (".energy_end", "kWh", ()),
    ),
}
"""The variables of each kind of device: what follows its name, the unit, the dimensions."""


@dataclass(frozen=True, slots=True)
class StoredSchedule:
    """The flows of a schedule: over the entries of `stays`, over vehicles, over steps; `devices` by name.

    Powers in kW, energies in kWh (NaN without a battery); `port` is a position along the ports, -1 for none.
    """

    stays: Presence
    charge: FloatArray
    discharge: FloatArray
    energy: FloatArray
    port: IntArray
    energy_departure: FloatArray
    delivered: FloatArray
    unmet: FloatArray
    imported: FloatArray
    exported: FloatArray
    devices: Mapping[str, FloatArray]


def read(
    spec: Spec, data: Data, ports: PortTable, schedule: xr.Dataset, findings: Findings
) -> StoredSchedule | None:
    """The flows of a dataset; `None`, with the reasons in `findings`, where they cannot be judged."""
    arrays, devices = _arrays(schedule, findings), _read_devices(spec, schedule, findings)
    if arrays is None or not _labels_agree(data, ports, schedule, findings):
        return None
    stays, places = stays_of(spec, data), None
    if schedule["charge"].dims == ("visit",):
        places = _places(schedule, stays, len(data.vehicles), spec.steps, findings)
        if places is None:
            return None
    _check_devices_finite(devices, findings)
    if not _all_finite(schedule, arrays, places, findings):
        return None
    for name in BY_VISIT:
        if places is None:
            arrays[name] = _from_dense(name, arrays[name], stays, findings)
        else:
            arrays[name] = _from_ragged(name, arrays[name], places, findings)
    return _checked(data, ports, stays, arrays, devices, findings)


def _arrays(schedule: xr.Dataset, findings: Findings) -> dict[str, FloatArray] | None:
    """Every variable in floating numbers, its dimensions and unit looked at."""
    arrays: dict[str, FloatArray] = {}
    ragged = "charge" in schedule and schedule["charge"].dims == ("visit",)
    by_visit = ("visit",) if ragged else ("vehicle", "time")
    dimensions = [(name, by_visit) for name in BY_VISIT]
    dimensions += [(name, ("vehicle",)) for name in BY_VEHICLE] + [(name, ("time",)) for name in BY_STEP]
    for name, over in dimensions:
        if name not in schedule:
            findings.add("shape", f"the schedule has no `{name}`")
            continue
        variable = schedule[name]
        if variable.dims != over:
            shown = ", ".join(str(dimension) for dimension in variable.dims)
            findings.add("shape", f"`{name}` is over ({shown}), and should be over ({', '.join(over)})")
            continue
        unit = variable.attrs.get("units")
        if name in UNITS and unit != UNITS[name]:
            findings.add("units", f"`{name}` is in {unit or 'no unit'}, and should be in {UNITS[name]}")
        try:
            arrays[name] = np.asarray(variable.values, dtype=float)
        except (TypeError, ValueError):
            findings.add("shape", f"`{name}` is not made of numbers")
    return None if findings.counts["shape"] else arrays


def _labels_agree(data: Data, ports: PortTable, schedule: xr.Dataset, findings: Findings) -> bool:
    """Whether the vehicles, ports and times are those of the spec, in order."""
    for dimension, wanted in (("vehicle", list(data.vehicles.name)), ("port_name", list(ports.names))):
        found = [str(name) for name in schedule[dimension].values] if dimension in schedule.coords else []
        if len(found) != len(wanted):
            fact = f"{len(found)} labels along `{dimension}`, and the spec gives {len(wanted)}"
            findings.add("shape", f"the schedule has {fact}")
        elif found != wanted:
            at = next(at for at, name in enumerate(wanted) if found[at] != name)
            fact = f"`{found[at]}` along `{dimension}`, where the spec has `{wanted[at]}`"
            findings.add("shape", f"the schedule has {fact}")
    _check_times(data.timeline.times(), schedule, findings)
    return not findings.counts["shape"]


def _check_times(wanted: NDArray[np.datetime64], schedule: xr.Dataset, findings: Findings) -> None:
    found = schedule["time"].values if "time" in schedule.coords else np.zeros(0)
    if found.shape != wanted.shape:
        fact = f"{found.size} times, and the horizon has {len(wanted)} steps"
        findings.add("shape", f"the schedule has {fact}")
        return
    if found.dtype.kind != "M":
        findings.add("shape", "`time` is not made of dates and times")
        return
    wrong = np.flatnonzero(~(np.abs(found.astype(wanted.dtype) - wanted) <= CLOCK_SLACK))
    if len(wrong):
        shown, asked = (np.datetime_as_string(times[wrong[0]], unit="s") for times in (found, wanted))
        findings.add(
            "shape", f"step {wrong[0]} begins at {shown} UTC in the schedule, and at {asked} in the spec"
        )


def _all_finite(
    schedule: xr.Dataset, arrays: dict[str, FloatArray], places: _Places | None, findings: Findings
) -> bool:
    """Whether all numbers are finite; energies may be no numbers, which is judged once it is known where."""
    for name, values in arrays.items():
        wrong = np.isinf(values) if name.startswith("energy") else ~np.isfinite(values)
        if not wrong.any():
            continue
        axes: dict[str, IntArray] = dict(zip(map(str, schedule[name].dims), wrong.nonzero(), strict=True))
        vehicle, step = axes.get("vehicle"), axes.get("time")
        if places is not None and "visit" in axes:
            vehicle, step = places.vehicle[axes["visit"]], places.step[axes["visit"]]
        size, describe = np.full(int(wrong.sum()), np.inf), _describe(name, values[wrong])
        findings.beyond("finite", UNITS.get(name, ""), size, 0.0, describe, vehicle, step)
    return not findings.counts["finite"]


def _describe(name: str, values: FloatArray) -> Describe:
    """`charge` of `van.1` is nan at 2024-03-12 08:15: as much of it as there is."""

    def describe(at: int, who: str, when: str) -> str:
        subject = f"`{name}` of {who}" if who else f"`{name}`"
        return f"{subject} is {values[at]:g}{when and f' at {when}'}, and no finite number"

    return describe


def _from_dense(name: str, values: FloatArray, stays: Presence, findings: Findings) -> FloatArray:
    """A variable over vehicle and time at the entries of `stays`; what stands elsewhere is reported."""
    flow = values[stays.vehicle, stays.step]
    away = values.copy()
    away[stays.vehicle, stays.step] = ABSENT[name]
    vehicle, step = np.nonzero(_differs(name, away))
    _report_away(name, away[vehicle, step], vehicle, step, findings)
    return flow


@dataclass(frozen=True, slots=True)
class _Places:
    """Over `visit` of a ragged dataset: whose and when, and its entry in `stays` where it is `there`."""

    vehicle: IntArray
    step: IntArray
    entry: IntArray
    there: NDArray[np.bool_]
    size: int


def _places(
    schedule: xr.Dataset, stays: Presence, vehicles: int, steps: int, findings: Findings
) -> _Places | None:
    """Where the entries of a ragged dataset belong; each entry of `stays` has to be there once."""
    found: list[IntArray] = []
    for name, size in (("visit_vehicle", vehicles), ("visit_step", steps)):
        given = schedule[name] if name in schedule.coords else None
        if given is None or given.dims != ("visit",) or given.dtype.kind not in "iu":
            findings.add("shape", f"a ragged schedule needs `{name}`, whole numbers over (visit)")
        elif ((given.values < 0) | (given.values >= size)).any():
            findings.add("shape", f"`{name}` points beyond the {size} that there are")
        else:
            found.append(given.values.astype(np.int64))
    if findings.counts["shape"]:
        return None
    vehicle, step = found
    wanted, keys = stays.vehicle * steps + stays.step, vehicle * steps + step
    entry = np.searchsorted(wanted, keys)
    there = np.append(wanted, -1)[entry] == keys
    times = np.bincount(entry[there], minlength=len(stays))

    def describe(at: int, who: str, when: str) -> str:
        return f"{who} is there at {when}, and the schedule has {times[at]} entries for it, not one"

    findings.beyond("shape", "", np.abs(times - 1.0), 0.0, describe, stays.vehicle, stays.step)
    return None if findings.counts["shape"] else _Places(vehicle, step, entry, there, len(stays))


def _from_ragged(name: str, values: FloatArray, places: _Places, findings: Findings) -> FloatArray:
    """A variable over `visit` in the order of `stays`; what stands elsewhere is reported."""
    flow = np.empty(places.size)
    flow[places.entry[places.there]] = values[places.there]
    beside = np.flatnonzero(~places.there & _differs(name, values))
    _report_away(name, values[beside], places.vehicle[beside], places.step[beside], findings)
    return flow


def _differs(name: str, values: FloatArray) -> NDArray[np.bool_]:
    """Where a variable says more than that the vehicle is away."""
    if name == "energy":
        return ~np.isnan(values)
    return np.abs(values - ABSENT[name]) > SLACK


def _report_away(
    name: str, values: FloatArray, vehicle: IntArray, step: IntArray, findings: Findings
) -> None:
    does = {"charge": "charges {:.8g} kW", "discharge": "discharges {:.8g} kW"}
    does |= {"energy": "has {:.8g} kWh in its battery", "port": "holds port number {:g}"}

    def describe(at: int, who: str, when: str) -> str:
        return f"{who} {does[name].format(values[at])} at {when}, and is away then"

    everywhere = np.ones(len(values), dtype=bool)
    size = np.ones(len(values)) if name == "port" else np.abs(values)
    findings.where("presence", UNITS.get(name, ""), everywhere, size, describe, vehicle, step)


def _checked(
    data: Data,
    ports: PortTable,
    stays: Presence,
    flows: dict[str, FloatArray],
    devices: Mapping[str, FloatArray],
    findings: Findings,
) -> StoredSchedule | None:
    """A reading whose ports exist and whose energies are numbers where there is a battery."""
    everyone = np.arange(len(data.vehicles))
    _check_energies("energy", flows["energy"], data, stays.vehicle, stays.step, findings)
    _check_energies("energy_departure", flows["energy_departure"], data, everyone, None, findings)
    port, count = np.round(flows["port"]), len(ports.names)
    unknown = (port != flows["port"]) | (port < -1) | (port >= count)

    def no_port(at: int, who: str, when: str) -> str:
        return f"{who} holds port number {flows['port'][at]:g} at {when}, and the spec has {count}"

    findings.where("shape", "", unknown, np.ones(len(port)), no_port, stays.vehicle, stays.step)
    if findings.counts["finite"] or findings.counts["shape"]:
        return None
    return StoredSchedule(
        stays=stays,
        charge=flows["charge"],
        discharge=flows["discharge"],
        energy=flows["energy"],
        port=port.astype(np.int64),
        energy_departure=flows["energy_departure"],
        delivered=flows["delivered"],
        unmet=flows["unmet"],
        imported=flows["import"],
        exported=flows["export"],
        devices=devices,
    )


def _check_energies(
    name: str, values: FloatArray, data: Data, vehicle: IntArray, step: IntArray | None, findings: Findings
) -> None:
    """Energies are numbers for vehicles with a battery, and for no others."""
    has, known = np.isfinite(data.vehicles.battery[vehicle]), ~np.isnan(values)
    endless = np.full(len(values), np.inf)
    findings.where("finite", "kWh", has & ~known, endless, _describe(name, values), vehicle, step)

    def describe(at: int, who: str, when: str) -> str:
        return f"{who} has no battery, and {values[at]:.8g} kWh in it{when and f' at {when}'}"

    findings.where("no-battery", "kWh", ~has & known, np.abs(values), describe, vehicle, step)


def _read_devices(spec: Spec, schedule: xr.Dataset, findings: Findings) -> dict[str, FloatArray]:
    """The variables of all devices by their names; those that cannot be read are left out and told."""
    arrays: dict[str, FloatArray] = {}
    for kind, variables in OF_DEVICES.items():
        for device in spec.of_kind(kind):
            for suffix, unit, over in variables:
                name = f"{device.name}{suffix}"
                values = _device_array(name, unit, over, schedule, findings)
                if values is not None:
                    arrays[name] = values
    for one in (each for each in open_settings(spec) if each.setting != START):
        unit = "kWh" if one.setting == "capacity" else "kW"
        values = _device_array(one.variable, unit, (), schedule, findings)
        arrays |= {} if values is None else {one.variable: values}
    for device in spec.of_kind("event"):
        compared = (".saved", ".baseline") if device.get("baseline") is not None else ()
        for name in (f"{device.name}{suffix}" for suffix in (".over", *compared)):
            values = _device_array(name, "kW", ("time",), schedule, findings)
            if values is not None:
                arrays[name] = values
    for device in spec.of_kind("cohort"):
        last = int(device.number("classes"))
        counts = ["waiting", *(f"count.{i}" for i in range(last + 1))]
        counts += [f"charging.{i + 1}" for i in range(last)]
        for name in (f"{device.name}.{count}" for count in counts):
            values = _device_array(name, "1", ("time",), schedule, findings)
            if values is not None:
                arrays[name] = values
    return arrays


def _device_array(
    name: str, unit: str, over: tuple[str, ...], schedule: xr.Dataset, findings: Findings
) -> FloatArray | None:
    """A variable in floating numbers, its dimensions and unit looked at."""
    if name not in schedule.data_vars:
        findings.add("shape", f"the schedule has no `{name}`")
        return None
    variable = schedule[name]
    if variable.dims != over:
        shown = f"over ({', '.join(map(str, variable.dims))})" if variable.dims else "one number"
        wanted = f"over ({', '.join(over)})" if over else "one number"
        findings.add("shape", f"`{name}` is {shown}, and should be {wanted}")
        return None
    said = variable.attrs.get("units")
    if said != unit:
        findings.add("units", f"`{name}` is in {said or 'no unit'}, and should be in {unit}")
    if variable.dtype.kind not in "iufb":
        findings.add("shape", f"`{name}` is not made of numbers")
        return None
    return np.asarray(variable.values, dtype=float)


def _check_devices_finite(arrays: dict[str, FloatArray], findings: Findings) -> None:
    """Every number of a device is finite."""
    for name, values in arrays.items():
        wrong = np.flatnonzero(~np.isfinite(values))
        flat = values.reshape(-1)[wrong]

        def describe(at: int, _who: str, when: str, name: str = name, flat: FloatArray = flat) -> str:
            return f"`{name}` is {flat[at]:g}{when and f' at {when}'}, and no finite number"

        unit = "kWh" if name.endswith((".energy", ".energy_end")) else "kW"
        size = np.full(len(wrong), np.inf)
        findings.beyond("finite", unit, size, 0.0, describe, None, wrong if values.ndim else None)
