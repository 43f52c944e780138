"""A vehicle that is given leaves after it comes, is there during the horizon, and its times exist."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from zoneinfo import ZoneInfo

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.clock import elapsed_hours, hours_at, is_skipped, local_after, wall
from evdsl.language.spec import VEHICLE_BLOCKS, Device, Spec
from evdsl.language.steps import Horizon, horizon_of
from evdsl.language.tolerances import ON_EDGE
from evdsl.language.values import ClockTime, Const, Instant, leaves


def check(spec: Spec) -> list[Diagnostic]:
    """E413 for each time; E406 and E407 where they are plain: others are checked with the data."""
    found: list[Diagnostic] = []
    for device in spec.devices:
        if device.kind not in VEHICLE_BLOCKS or device.get("days") is not None:
            continue
        skipped = _skipped(spec, device)
        found += skipped
        arrival = _when(spec, device, "arrival")
        if not skipped and arrival is not None:
            departure = _when(spec, device, "departure")
            problem = _problem(spec, device, arrival, departure)
            found += [problem] if problem is not None else []
    return found


def _skipped(spec: Spec, device: Device) -> list[Diagnostic]:
    """Local times that no clock shows, those around which others are drawn included."""
    found: list[Diagnostic] = []
    for setting in ("arrival", "departure"):
        value = device.get(setting)
        for leaf in leaves(value) if value is not None else ():
            if isinstance(leaf, ClockTime | Instant):
                local = wall(leaf, spec.start)
                if is_skipped(local, ZoneInfo(spec.zone)):
                    message = f"{local:%Y-%m-%d %H:%M} is skipped by the clocks of {spec.zone}"
                    help = f"write `{local + timedelta(hours=1):%H:%M}`, which is what the clocks show then"
                    found.append(Diagnostic("E413", message, leaf.span, "", help, (), device.header))
    return found


def _when(spec: Spec, device: Device, setting: str) -> float | None:
    """Hours from the start; `None` where the setting is not one plain time."""
    value = device.get(setting)
    if isinstance(value, ClockTime | Instant):
        return hours_at(value, spec.start, ZoneInfo(spec.zone))
    return None


def leaves_at(spec: Spec, device: Device, arrival: float) -> float | None:
    """When a vehicle that comes at `arrival` leaves, in hours; `None` where that is drawn or read."""
    stay = device.get("stay")
    if isinstance(stay, Const):
        zone = ZoneInfo(spec.zone)
        return arrival + elapsed_hours(local_after(spec.start, arrival, zone), stay, zone)
    return _when(spec, device, "departure")


def comes_at(spec: Spec, device: Device) -> float | None:
    """When a vehicle comes, in hours; `None` where that is drawn or read, or on several days."""
    return _when(spec, device, "arrival") if device.get("days") is None else None


def _problem(spec: Spec, device: Device, arrival: float, departure: float | None) -> Diagnostic | None:
    zone = ZoneInfo(spec.zone)
    name = f"{device.kind} {device.name}"
    came = local_after(spec.start, arrival, zone)
    if departure is not None and departure <= arrival:
        left = local_after(spec.start, departure, zone)
        message = f"`{name}` leaves at {left:%Y-%m-%d %H:%M} and comes at {came:%Y-%m-%d %H:%M}"
        help = "give a later `departure`, or write `stay = 8 h`"
        if isinstance(device.get("departure"), ClockTime):
            while left <= came:
                left += timedelta(days=1)
            help = (
                f"write `departure = {left:%Y-%m-%d %H:%M}` or `stay = 8 h`: clock times are on the first day"
            )
        return Diagnostic("E406", message, device.place("departure"), "", help, (), device.header)
    if departure is None:
        departure = leaves_at(spec, device, arrival)
    if arrival < spec.horizon and (departure is None or departure > 0):
        return None
    end = local_after(spec.start, spec.horizon, zone)
    message = (
        f"`{name}` is not there between {spec.start:%Y-%m-%d %H:%M} and {end:%Y-%m-%d %H:%M}, the horizon"
    )
    behind = arrival + spec.step if departure is None else departure
    help = elsewhere((arrival, behind), horizon_of(spec))
    if arrival < 0 and came.date() == spec.start.date():
        help = (
            f"a clock time is on the first day; write `arrival = {came + timedelta(days=1):%Y-%m-%d %H:%M}`"
        )
    return Diagnostic("E407", message, device.place("arrival"), "", help, (), device.header)


LONGEST = 31 * 24.0
"""Hours of a horizon that a help still names: beyond it a date is probably wrong."""


def elsewhere(ends: tuple[float, float], clock: Horizon, what: str = "vehicle", daily: bool = False) -> str:
    """What to write for a vehicle, or what else, of which the horizon sees nothing; clock times of what is
    `daily` are on any day."""
    if max(ends[1], clock.steps * clock.step) - min(ends[0], 0.0) > LONGEST:
        return f"mend the times, or move `start` to the day of the {what}"
    return f"mend the times, or write {to_hold(ends, clock)}{'' if daily else dated(ends, clock)}"


def to_hold(ends: tuple[float, float], clock: Horizon) -> str:
    """The settings of a station whose horizon also holds all from `ends[0]` to `ends[1]` (hours)."""
    length = clock.steps * clock.step
    before = max(ceil(-ends[0] / clock.step - ON_EDGE), 0)
    behind = max(ceil((ends[1] - length) / clock.step - ON_EDGE), 0)
    hours = length + (before + behind) * clock.step
    horizon = f"`horizon = {f'{hours:g} h' if (hours * 4).is_integer() else f'{hours * 60:.10g} min'}`"
    if not before:
        return horizon
    start = local_after(clock.start, -before * clock.step, clock.zone)
    return f"`start = {start:%Y-%m-%d %H:%M}` and {horizon}"


def dated(ends: tuple[float, float], clock: Horizon) -> str:
    """What a horizon that begins on an earlier day asks for: clock times are on its first day."""
    is_earlier = local_after(clock.start, min(ends[0], 0.0), clock.zone).date() < clock.start.date()
    return f"; give clock times a date then, such as {clock.start:%Y-%m-%d} 07:30" if is_earlier else ""
