"""Whether what a spec leaves to be chosen lies within its range, and is what the schedule says was chosen.

    low <= size <= high                                a setting that is a range: a number of the schedule
    low · capacity <= energy[0] <= high · capacity     `soc_initial` of a storage as a range

What a storage begins with is read off the flows. Everything else is held against the spec in which each range
is the size that the schedule has (`with_sizes`): no flow says how large a battery is. `attrs["chosen"]` is a
claim, and no claim is no fault.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from evdsl.data.data import Data
from evdsl.language.devices import series_key
from evdsl.language.spec import Device, Spec
from evdsl.language.units import ENERGY, symbol
from evdsl.language.values import Const, RangeValue
from evdsl.verifier.open_settings import START, OpenSetting, open_settings
from evdsl.verifier.reading import StoredSchedule
from evdsl.verifier.tolerance import tolerance
from evdsl.verifier.violations import Findings


def with_sizes(spec: Spec, data: Data, reading: StoredSchedule) -> tuple[Spec, Data]:
    """The spec and its data with the sizes that a schedule has, each as the constant that it is."""
    series, devices = dict(data.series), list(spec.devices)
    for one in open_settings(spec):
        if one.setting == START:
            continue
        size, old = float(reading.devices[one.variable]), devices[one.at]
        value = old.settings[one.setting]
        settings = {**old.settings, one.setting: Const(size, value.dimension, value.span)}
        devices[one.at] = replace(old, settings=settings)
        if (series_key(old), one.setting) in series:
            series[series_key(old), one.setting] = np.full(spec.steps, size)
    return replace(spec, devices=tuple(devices)), replace(data, series=series)


def check_decisions(
    spec: Spec, reading: StoredSchedule, attributes: Mapping[object, object], findings: Findings
) -> None:
    """Each range of a spec, and each claim of a schedule about what was chosen."""
    ranges = {one.name: one for one in open_settings(spec)}
    for one in ranges.values():
        _check_range(one, spec, reading, findings)
    claims = _claims(attributes, findings)
    if claims is None:
        return
    for name in {*ranges, *claims}:
        if name not in claims:
            findings.add("chosen", f"the schedule does not say what was chosen for `{name}`")
        elif name not in ranges:
            findings.add("chosen", f"`{name}` is said to be chosen, and the spec leaves no such thing open")
        else:
            _check_claim(ranges[name], claims[name], spec, reading, findings)


def _capacity(device: Device, reading: StoredSchedule) -> float:
    """What a storage holds, as the schedule has it where it is chosen."""
    if isinstance(device.get("capacity"), RangeValue):
        return float(reading.devices[f"{device.name}.size.capacity"])
    return device.number("capacity")


def _check_range(one: OpenSetting, spec: Spec, reading: StoredSchedule, findings: Findings) -> None:
    low, high = one.device.bounds(one.setting)
    if one.setting == START:
        capacity = _capacity(one.device, reading)
        value, low, high = (
            float(reading.devices[f"{one.device.name}.energy"][0]),
            low * capacity,
            high * capacity,
        )
        told, dimension = f"`{one.device.name}` begins with", ENERGY
    else:
        value, dimension = float(reading.devices[one.variable]), one.device.settings[one.setting].dimension
        told = f"`{one.name}` is"
    off = max(low - value, value - high)
    if not off <= tolerance(high):
        unit = symbol(dimension, spec.currency)
        message = f"{told} {value:.8g} {unit}, and is chosen between {low:.8g} and {high:.8g} {unit}"
        findings.add("chosen", message, size=off, unit=unit)


def _claims(attributes: Mapping[object, object], findings: Findings) -> dict[str, object] | None:
    """What the schedule says was chosen; `None` where it says nothing, or nothing that can be read."""
    if "chosen" not in attributes:
        return None
    try:
        said = json.loads(str(attributes["chosen"]))
    except ValueError:
        said = None
    if isinstance(said, dict):
        return said
    findings.add("chosen", "what the schedule says was chosen is not a JSON object")
    return None


def _check_claim(
    one: OpenSetting, claim: object, spec: Spec, reading: StoredSchedule, findings: Findings
) -> None:
    value = claim.get("value") if isinstance(claim, dict) else None
    said = float(value) if isinstance(value, int | float) else float("nan")
    wanted = symbol(one.device.settings[one.setting].dimension, spec.currency)
    unit = claim.get("unit", wanted) if isinstance(claim, dict) else wanted
    if unit not in ({wanted} if wanted else {"", "1"}):
        findings.add("units", f"`{one.name}` is claimed in {unit}, and should be in {wanted or 'no unit'}")
    if one.setting != START:
        size = float(reading.devices[one.variable])
        if not abs(said - size) <= tolerance(size):
            message = f"`{one.name}` is said to be {said:.8g}, and is {size:.8g} {wanted} in the schedule"
            findings.add("chosen", message, size=abs(said - size), unit=wanted)
        return
    capacity, begins = _capacity(one.device, reading), float(reading.devices[f"{one.device.name}.energy"][0])
    off = abs(said * capacity - begins)
    if not off <= tolerance(capacity):
        has = f"{begins / capacity:.8g}" if capacity else f"{begins:.8g} kWh"
        message = f"`{one.name}` is said to be {said:.8g}, and the schedule begins with {has}"
        findings.add("chosen", message, size=off, unit="kWh")
