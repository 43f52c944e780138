"""The sizes that a schedule has, in the place of the ranges of its spec, and what they miss of these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.language.spec import Device, Spec
from evdsl.language.values import Const, RangeValue
from evdsl.testing.exact.reading import Exact, Miss

if TYPE_CHECKING:
    import xarray as xr

OPEN = {
    "storage": ("capacity", "power", "charge", "discharge"),
    "solar": ("peak",),
    "wind": ("peak",),
    "grid": ("import_limit", "export_limit"),
    "feeder": ("limit",),
}
"""The settings that may be ranges, but for what a storage begins with."""


def chosen_of(device: Device) -> list[str]:
    """The settings of a block that a schedule has to have a number for."""
    return [name for name in OPEN.get(device.kind, ()) if isinstance(device.get(name), RangeValue)]


def named(device: Device) -> str:
    """How a schedule calls a block."""
    return device.name or device.kind


def at_size(spec: Spec, data: Data, schedule: xr.Dataset) -> Exact:
    """A schedule with the spec in which each size is the number that the schedule has."""
    devices, series = [], dict(data.series)
    for device in spec.devices:
        settings = dict(device.settings)
        for name in chosen_of(device):
            size = float(schedule[f"{named(device)}.size.{name}"])
            settings[name] = Const(size, settings[name].dimension, settings[name].span)
            if (named(device), name) in series:
                series[named(device), name] = np.full(spec.steps, size)
        devices.append(replace(device, settings=settings))
    return Exact(replace(spec, devices=tuple(devices)), replace(data, series=series), schedule)


def size_rules(spec: Spec, schedule: xr.Dataset) -> Iterator[Miss]:
    """Every size within its range."""
    for device in spec.devices:
        for name in chosen_of(device):
            size = Fraction(float(schedule[f"{named(device)}.size.{name}"]))
            low, high = map(Fraction, device.bounds(name))
            yield Miss("chosen", f"{named(device)}.{name}", max(low - size, size - high), high)
