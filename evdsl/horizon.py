"""The clock of a station: its zone, its start, and the steps that its horizon is cut into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from evdsl.clock import elapsed_hours, is_skipped, to_utc
from evdsl.diagnostic import did_you_mean
from evdsl.scope import Scope
from evdsl.spec import Device
from evdsl.values import Const, Instant, TextValue

MAXIMUM_STEPS = 200_000
"""Two years in steps of 5 min; the largest model that this is for."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """When the horizon begins, and its `steps` of `step` hours."""

    start: datetime
    start_utc: datetime
    zone: ZoneInfo
    steps: int
    step: float


def read_horizon(station: Device, scope: Scope) -> Horizon | None:
    """The clock of a station; `None` where a finding has been reported."""
    zone = _zone(station, scope)
    start, length, step = (station.get(name) for name in ("start", "horizon", "step"))
    if zone is None or not isinstance(start, Instant):
        return None
    if is_skipped(start.when, zone):
        message = f"{start.when:%Y-%m-%d %H:%M} is skipped by the clocks of {zone}"
        later = start.when + timedelta(hours=1)
        scope.report(
            "E413", message, start.span, "", f"write `start = {later:%Y-%m-%d %H:%M}`", station.header
        )
        return None
    if not isinstance(length, Const) or not isinstance(step, Const):
        return None
    steps = _steps(station, elapsed_hours(start.when, length, zone), length.value, step.value, scope)
    if steps is None:
        return None
    return Horizon(start.when, to_utc(start.when, zone), zone, steps, step.value)


def _zone(station: Device, scope: Scope) -> ZoneInfo | None:
    value = station.get("zone")
    if not isinstance(value, TextValue):
        return None
    try:
        return ZoneInfo(value.value)
    except (KeyError, ValueError, OSError):
        message = f'"{value.value}" is not a time zone of the IANA database'
        help = did_you_mean(value.value, sorted(available_timezones()))
        help = help or 'write a name such as "Europe/Rome"'
        scope.report("E203", message, station.place("zone"), "", help, station.header)
        return None


def _steps(station: Device, hours: float, about: float, step: float, scope: Scope) -> int | None:
    place = station.place("horizon")
    if about / step > MAXIMUM_STEPS:
        message = f"the horizon has {about / step:.4g} steps, and {MAXIMUM_STEPS:,} can be planned"
        scope.report("E410", message, place, "", "take a shorter horizon or longer steps", station.header)
        return None
    count = hours / step
    if abs(count - round(count)) <= 1e-6 and round(count) >= 1:
        return round(count)
    minutes = step * 60
    message = f"the horizon of {hours:g} h is not a whole number of steps of {minutes:g} min"
    whole = max(round(count), 1) * step
    help = f"write `horizon = {whole:g} h`"
    if abs(hours - about) > 1e-9:
        message += f": the clocks change, and its days have {hours:g} h"
    scope.report("E409", message, place, "", help, station.header)
    return None
