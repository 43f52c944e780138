"""A vehicle that is given leaves after it comes, and is there during the horizon."""

from __future__ import annotations

from datetime import datetime, timedelta

from evdsl.diagnostic import Diagnostic
from evdsl.spec import Device, Spec
from evdsl.values import ClockTime, Const, Instant


def check(spec: Spec) -> list[Diagnostic]:
    """E406 and E407 where times are plain; drawn times and files are checked with the data."""
    found: list[Diagnostic] = []
    for device in spec.devices:
        if device.kind in ("fleet", "vehicle"):
            arrival, departure = _when(spec, device, "arrival"), _when(spec, device, "departure")
            if arrival is not None:
                problem = _problem(spec, device, arrival, departure or _after_stay(device, arrival))
                found += [problem] if problem is not None else []
    return found


def _when(spec: Spec, device: Device, setting: str) -> datetime | None:
    value = device.get(setting)
    if isinstance(value, ClockTime):
        return datetime.combine(spec.start.date(), datetime.min.time()) + timedelta(hours=value.hours)
    return value.when if isinstance(value, Instant) else None


def _after_stay(device: Device, arrival: datetime) -> datetime | None:
    stay = device.get("stay")
    return arrival + timedelta(hours=stay.value) if isinstance(stay, Const) else None


def _problem(spec: Spec, device: Device, arrival: datetime, departure: datetime | None) -> Diagnostic | None:
    end = spec.start + timedelta(hours=spec.horizon)
    name = f"{device.kind} {device.name}"
    if departure is not None and departure <= arrival and "departure" in device.given:
        message = f"`{name}` leaves at {departure:%Y-%m-%d %H:%M} and comes at {arrival:%Y-%m-%d %H:%M}"
        help = f"a clock time is on the first day; write `departure = {departure + timedelta(days=1):%Y-%m-%d %H:%M}` or `stay = 8 h`"
        return Diagnostic("E406", message, device.place("departure"), "", help, (), device.header)
    if arrival >= end or (departure is not None and departure <= spec.start):
        message = f"`{name}` is not there between {spec.start:%Y-%m-%d %H:%M} and {end:%Y-%m-%d %H:%M}, the horizon"
        help = "move `start`, lengthen `horizon`, or mend the times"
        return Diagnostic("E407", message, device.place("arrival"), "", help, (), device.header)
    return None
