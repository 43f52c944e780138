"""Every device kind of the language, in the order in which their physics enters a model."""

from __future__ import annotations

from evdsl.language.declaration import DEVICE, Kind
from evdsl.language.devices import (
    cohort,
    demand_charge,
    event,
    feeder,
    fleet,
    grid,
    load,
    port,
    risk,
    scenarios,
    sessions,
    solar,
    station,
    storage,
    trip,
    vehicle,
    vehicle_class,
    wind,
)
from evdsl.language.spec import Device

KINDS: tuple[Kind, ...] = (
    station.KIND,
    grid.KIND,
    demand_charge.KIND,
    port.KIND,
    vehicle_class.KIND,
    fleet.KIND,
    vehicle.KIND,
    sessions.KIND,
    trip.KIND,
    solar.KIND,
    wind.KIND,
    storage.KIND,
    load.KIND,
    cohort.KIND,
    feeder.KIND,  # behind all others: a feeder carries what these take
    event.KIND,  # it speaks of what flows through the connection and through feeders
    scenarios.KIND,
    risk.KIND,
)

PLANNED: dict[str, str] = {
    "robust": "protection against deviations",
}
"""Words of the language that this version does not build, with what they will be."""


def kind(keyword: str) -> Kind | None:
    """The kind of that keyword."""
    return next((kind for kind in KINDS if kind.keyword == keyword), None)


def declared_kind(keyword: str) -> Kind:
    """The kind of a resolved block. Raises `LookupError` for another keyword: no mistake of a user's."""
    found = kind(keyword)
    if found is None:
        raise LookupError(keyword)
    return found


def series_key(device: Device) -> str:
    """How series know a block: by its kind where there is one, by its name among devices, else by both."""
    declared = declared_kind(device.kind)
    if declared.single:
        return device.kind
    return device.name if declared.family == DEVICE else f"{device.kind} {device.name}"
