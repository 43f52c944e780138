"""What became of the devices of a site, and what the drivers' side of the money comes to, as facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.devices.generation import available
from evdsl.report.facts import NOTICED, clock
from evdsl.report.numbers import energy, money, power, printable, share
from evdsl.report.run.summary import AT_LIMIT, Fact

if TYPE_CHECKING:
    import xarray as xr

    from evdsl.language.spec import Device
    from evdsl.optimization.result import Result

MOST = 12
"""Devices that are told one by one; a site with more is for `--out` and `--json`."""

EARNED = {"revenue": "from drivers", "profit": "revenue less cost", "v2g_profit": "from what vehicles gave"}


def earnings(result: Result) -> Iterator[Fact]:
    """The words of money beside the cost, where the spec gives what they are made of."""
    for name, what in EARNED.items():
        if abs(result.terms.get(name, 0.0)) >= 5e-7:
            shown = money(result.terms[name], result.spec.currency)
            yield Fact(name.replace("_", " "), shown, f", {what}")


def devices(result: Result, schedule: xr.Dataset) -> Iterator[Fact]:
    """One line for each device: what it gave, took or carried."""
    result = result.as_chosen
    told = [device for device in result.spec.devices if device.kind in TOLD]
    for device in told[:MOST]:
        yield Fact(printable(device.name, 20), *TOLD[device.kind](result, schedule, device))
    if len(told) > MOST:
        yield Fact("", f"and {len(told) - MOST} more devices")


def _generation(result: Result, schedule: xr.Dataset, device: Device) -> tuple[str, str]:
    step = result.spec.step
    used = float(schedule[device.name].sum()) * step
    total = float(available(result.data, device).sum()) * step
    if total <= 0:
        return "nothing", ", none is there"
    unused = total - used
    note = f", {share(unused / total)} curtailed" if unused > 0.005 else ", none curtailed"
    return f"{energy(used)} of {energy(total)} kWh used", note


def _storage(result: Result, schedule: xr.Dataset, device: Device) -> tuple[str, str]:
    step, capacity = result.spec.step, device.number("capacity")
    given = float(schedule[f"{device.name}.discharge"].sum()) * step
    if capacity == 0.0:
        return "nothing", ", none is built"
    end = float(schedule[f"{device.name}.energy_end"]) / capacity
    states = schedule[f"{device.name}.energy"].values / capacity
    low, high = min(float(states.min()), end), max(float(states.max()), end)
    return f"{energy(given)} kWh given", f", between {share(low)} and {share(high)}, {share(end)} at the end"


def _load(result: Result, schedule: xr.Dataset, device: Device) -> tuple[str, str]:
    taken = np.asarray(schedule[device.name].values)
    return (
        f"{energy(float(taken.sum()) * result.spec.step)} kWh taken",
        f", up to {power(float(taken.max()))}",
    )


def _feeder(result: Result, schedule: xr.Dataset, device: Device) -> tuple[str, str]:
    limit = result.data.over_time(device.name, "limit")
    assert limit is not None, "the setting is required"
    flow: FloatArray = np.abs(np.asarray(schedule[device.name].values))
    full = flow >= limit * (1 - AT_LIMIT) - 1e-9
    full &= (limit > 0) | (flow > 0)
    hours = f"{int(full.sum()) * result.spec.step:.3g} h"
    note = f", at its limit for {hours}" if full.any() else f", of {power(float(limit.max()))}"
    return f"up to {power(float(flow.max()))}", note


def _event(result: Result, schedule: xr.Dataset, device: Device) -> tuple[str, str]:
    """What was saved and what was over, each with its money: of the steps inside, by their share."""
    call, currency = result.data.events[device.name], result.spec.currency
    hours = call.share * result.spec.step
    begin, end = (clock(result.data, float(each[0])) for each in (call.begin, call.end))
    others = len(call.begin) - 1
    when = f"{begin:%H:%M} to {end:%H:%M}" + (f" and {others} more" if others else "")
    over = float(hours @ schedule[f"{device.name}.over"].values)
    parts: list[str] = []
    if device.get("baseline") is not None:
        saved = float(hours @ schedule[f"{device.name}.saved"].values)
        whole = float(hours @ schedule[f"{device.name}.baseline"].values)
        below = f"{energy(saved)} of {energy(whole)} kWh below the baseline"
        parts.append(below if saved >= 0 else f"{energy(-saved)} kWh above the baseline of {energy(whole)}")
        if device.get("reward") is not None:
            earned = device.number("reward") * saved
            if abs(earned) >= 5e-7:
                parts[-1] += f", {money(abs(earned), currency)} {'earned' if earned > 0 else 'taken off'}"
    if device.get("penalty") is not None and (over > NOTICED or not parts):
        parts.append(f"{energy(over)} kWh over, {money(device.number('penalty') * over, currency)} paid")
    elif not parts:
        parts.append(f"kept, at most {power(float(result.data.most_drawn(device).min()))}")
    return when, ": " + "; ".join(parts)


TOLD = {
    "solar": _generation,
    "wind": _generation,
    "storage": _storage,
    "load": _load,
    "feeder": _feeder,
    "event": _event,
}
