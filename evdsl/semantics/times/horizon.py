"""The clock of a station: its zone, its start, and the steps that its horizon is cut into."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo, available_timezones

from evdsl.diagnostics.diagnostic import did_you_mean
from evdsl.language.clock import MAXIMUM_HOURS, elapsed_hours, is_skipped, to_utc
from evdsl.language.spec import Device
from evdsl.language.steps import Horizon
from evdsl.language.values import Const, Instant, TextValue
from evdsl.semantics.scope import Scope

MAXIMUM_STEPS = 200_000
"""Two years in steps of 5 min; the largest model that this is for."""
NICE_STEPS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)
"""Minutes that a clock is cut into."""


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
    if _is_too_long(station, length.value, step.value, scope):
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


def _is_too_long(station: Device, hours: float, step: float, scope: Scope) -> bool:
    """E410, from an estimate: nothing is computed over the steps before it is known how many there are."""
    if hours / step > MAXIMUM_STEPS:
        count = hours / step
        steps = f"{count:,.0f}" if count < 1e15 else f"{count:.4g}"
        message = f"the horizon has {steps} steps, and {MAXIMUM_STEPS:,} can be planned"
    elif hours > MAXIMUM_HOURS:
        message = f"the horizon has {hours / 8766:.4g} years, and {MAXIMUM_HOURS / 8766:g} can be planned"
    else:
        return False
    help = "take a shorter horizon or longer steps"
    scope.report("E410", message, station.place("horizon"), "", help, station.header)
    return True


def _steps(station: Device, hours: float, about: float, step: float, scope: Scope) -> int | None:
    count = hours / step
    if abs(count - round(count)) <= 1e-6 and round(count) >= 1:
        return round(count)
    message = f"the horizon of {_shown(hours)} is not a whole number of steps of {_shown(step)}"
    if abs(hours - about) > 1e-9:
        message += ", since the clocks change in it"
    whole = max(round(count), 1) * step
    minutes = [m for m in NICE_STEPS if abs(hours * 60 / m - round(hours * 60 / m)) < 1e-6]
    choices = [f"`horizon = {_shown(whole)}`"] if (whole * 4).is_integer() else []
    if minutes:
        choices.append(f"`step = {min(minutes, key=lambda m: abs(m - step * 60))} min`")
    help = f"write {' or '.join(choices)}" if choices else "make the horizon a multiple of the step"
    scope.report("E409", message, station.place("horizon"), "", help, station.header)
    return None


def _shown(hours: float) -> str:
    return f"{hours:g} h" if hours >= 1 else f"{hours * 60:g} min"
