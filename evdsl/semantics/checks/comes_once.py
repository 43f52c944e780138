"""A block of vehicles whose clock times hold on the first day alone, where the horizon holds further ones.

Nothing else would say that a fleet over five days came once. It is no mistake where `days` says so, or where
the vehicle is still there when the last whole day begins: its stay is long, and meant to be. The same of a
trip that is made once in a stay of several days.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.calendar import DAY, whole_days_in
from evdsl.language.clock import to_local, to_utc
from evdsl.language.spec import Device, Spec
from evdsl.language.steps import horizon_of
from evdsl.language.values import ClockTime, leaves
from evdsl.semantics.checks.presence import comes_at, leaves_at
from evdsl.semantics.checks.size import middle_of


def check(spec: Spec) -> list[Diagnostic]:
    """W112 for each such block."""
    clock = horizon_of(spec)
    first = clock.start.date()
    further = [day for day in whole_days_in(clock) if day > first]
    if not further:
        return []
    midnight = to_utc(datetime.combine(further[-1], datetime.min.time()), clock.zone)
    until = (midnight - clock.start_utc).total_seconds() / 3600
    found: list[Diagnostic] = []
    for device in (*spec.of_kind("fleet"), *spec.of_kind("vehicle")):
        if "days" in device.given:
            continue
        if not _is_of_a_day(device, "arrival") or _leaves(spec, device) > until:
            found += _trips(spec, device)
            continue
        days = f"{len(further)} further whole day{'s' * (len(further) > 1)}"
        message = f"`{device.name}` comes on {first} alone, and the horizon holds {days}"
        help = f"add `days = all`, or `days = {first}` if one day is meant"
        found.append(Diagnostic("W112", message, device.place("arrival"), "", help, (), device.header))
    return found


def _trips(spec: Spec, device: Device) -> list[Diagnostic]:
    """W112 for each trip by clock times in a stay that holds further whole days."""
    clock, arrival = horizon_of(spec), comes_at(spec, device)
    if arrival is None:
        return []
    first = to_local(clock.start_utc + timedelta(hours=arrival), clock.zone).date()
    end = clock.start_utc + timedelta(hours=_leaves(spec, device))
    further = [
        day
        for day in whole_days_in(clock)
        if day > first and to_utc(datetime.combine(day + DAY, datetime.min.time()), clock.zone) <= end
    ]
    found: list[Diagnostic] = []
    for trip in spec.of_kind("trip"):
        if not further or trip.of != device.name or "days" in trip.given:
            continue
        if not _is_of_a_day(trip, "departure"):
            continue
        days = f"{len(further)} further whole day{'s' * (len(further) > 1)}"
        message = f"`trip {trip.name}` is made on {first} alone, and the stay of `{device.name}` holds {days}"
        help = f"add `days = all`, or `days = {first}` if one day is meant"
        found.append(Diagnostic("W112", message, trip.place("departure"), "", help, (), trip.header))
    return found


def _is_of_a_day(device: Device, setting: str) -> bool:
    """Whether it is at a time of the first day, and not at a date or `+ 1 d`."""
    value = device.get(setting)
    times = [leaf for leaf in leaves(value) if isinstance(leaf, ClockTime)] if value is not None else []
    return bool(times) and all(0.0 <= time.hours < 24.0 for time in times)


def _leaves(spec: Spec, device: Device) -> float:
    """When it leaves, in hours; about, where that is drawn, and 0 where nothing is known."""
    arrival = comes_at(spec, device)
    exact = None if arrival is None else leaves_at(spec, device, arrival)
    if exact is not None:
        return exact
    arrival, stay = middle_of(spec, device.get("arrival")), middle_of(spec, device.get("stay"))
    if arrival is not None and stay is not None:
        return arrival + stay
    return middle_of(spec, device.get("departure")) or 0.0
