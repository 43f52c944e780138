"""A call begins and ends at times that are, in the horizon, and has the baseline that it speaks of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Span
from evdsl.language.calls import all_calls, calls_by_day, calls_of
from evdsl.language.clock import is_skipped, local_after, to_local, to_utc
from evdsl.language.names import DAY_NAMES
from evdsl.language.spec import Device, Spec
from evdsl.language.steps import horizon_of
from evdsl.language.values import ClockTime, Const, Days, Instant, Value
from evdsl.semantics.checks.presence import elsewhere

WORDS = {"penalty": "event_penalty", "reward": "event_revenue"}
"""What a setting counts in, beside `cost` and `profit`."""


def check(spec: Spec) -> list[Diagnostic]:
    """E206 for drawn times, E305 for times of two kinds, E308 for a call that ends no later than it begins,
    W105 for a baseline that nothing is compared with."""
    found: list[Diagnostic] = []
    for event in spec.of_kind("event"):
        problem = _of_times(event)
        found += [problem] if problem is not None else []
        baseline = event.get("baseline")
        if baseline is not None and event.get("reduce") is None and event.get("reward") is None:
            message = f"nothing of `event {event.name}` is counted against its `baseline`"
            help = "add `reward = 0.50 EUR/kWh`, or remove the line".replace("EUR", spec.currency)
            place = event.place("baseline")
            found.append(Diagnostic("W105", message, place, "", help, (), event.header))
    return found


def needs(spec: Spec) -> list[Diagnostic]:
    """E208 for a call that is to be compared with a baseline and has none."""
    found: list[Diagnostic] = []
    for event in spec.of_kind("event"):
        asking = next((name for name in ("reduce", "reward") if event.get(name) is not None), None)
        if asking is not None and event.get("baseline") is None and "baseline" not in event.given:
            message = f"`event {event.name}` needs `baseline`: its `{asking}` is counted from it"
            help = "add `baseline = 100 kW`, or a series"
            found.append(Diagnostic("E208", message, event.place(asking), "", help, (), event.header))
    return found


def unweighed(spec: Spec) -> list[Diagnostic]:
    """W105 for a penalty or a reward that nothing in the spec weighs."""
    used = {name for name, _ in spec.word_uses}
    found: list[Diagnostic] = []
    for event in spec.of_kind("event"):
        for setting, word in WORDS.items():
            if event.get(setting) is None or used & {word, "cost", "profit"}:
                continue
            message = f"nothing weighs the `{setting}` of `event {event.name}`"
            message += ", so its limit keeps nothing back" if setting == "penalty" else ""
            help = f"weigh `{word}` or `cost`, or remove the line"
            found.append(Diagnostic("W105", message, event.place(setting), "", help, (), event.header))
    return found


def against_horizon(spec: Spec) -> list[Diagnostic]:
    """E413 for a date that the clocks skip, E407 for an event of which the horizon has no call."""
    found: list[Diagnostic] = []
    for event in spec.of_kind("event"):
        if not _is_timed(event) or _of_times(event) is not None:
            continue
        skipped = [problem for name in ("from", "to") for problem in _skipped(spec, event, event.get(name))]
        found += skipped
        if skipped or calls_of(event, spec):
            continue
        end = local_after(spec.start, spec.horizon, ZoneInfo(spec.zone))
        message = f"no call of `event {event.name}` lies between "
        message += f"{spec.start:%Y-%m-%d %H:%M} and {end:%Y-%m-%d %H:%M}, the horizon"
        place, help = _with_a_call(event, spec)
        found.append(Diagnostic("E407", message, place, "", help, (), event.header))
    return found


def _with_a_call(event: Device, spec: Spec) -> tuple[Span, str]:
    """What to write for an event of which the horizon has no call: other days, or times that it has."""
    days = event.get("days")
    if any(begin < spec.horizon and end > 0.0 for begin, end in all_calls(event, spec)):
        return event.place("from"), "a call lasts longer than that: write `lasts = 2 h`"
    daily = replace(event, settings={n: v for n, v in event.settings.items() if n != "days"})
    inside = [day for day, begin, end in calls_by_day(daily, spec) if begin < spec.horizon and end > 0.0]
    if isinstance(days, Days) and inside:
        return days.span, f"write `{DAY_NAMES[inside[0].weekday()]}` or another of its days, or `all`"
    calls = [*all_calls(event, spec)] or [*all_calls(daily, spec)]
    ends = next((call for call in calls if call[0] >= 0.0), calls[0])
    daily_times = isinstance(event.get("from"), ClockTime)
    return event.place("from"), elsewhere(ends, horizon_of(spec), "call", daily_times)


def _is_timed(event: Device) -> bool:
    """Whether it has a begin and an end that were understood."""
    first, last, lasts = event.get("from"), event.get("to"), event.get("lasts")
    ends = isinstance(lasts, Const) or (lasts is None and isinstance(last, ClockTime | Instant))
    once = isinstance(first, Instant) and event.get("days") is not None  # refused elsewhere
    return isinstance(first, ClockTime | Instant) and ends and not once


def _of_times(event: Device) -> Diagnostic | None:
    """What is wrong with when it begins and ends, whatever the horizon."""
    first, last = event.get("from"), event.get("to")
    for name, value in (("from", first), ("to", last)):
        if value is not None and not isinstance(value, ClockTime | Instant):
            message = f"a drawn `{name}` of an event is not built in this version"
            help = f"write a time such as `{name} = {'17:00' if name == 'from' else '19:00'}`"
            return Diagnostic("E206", message, event.place(name), "", help, (), event.header)
        if isinstance(value, ClockTime) and (value.later or not 0.0 <= value.hours < 24.0):
            message = (
                f"`{name}` of `event {event.name}` is on one day, and a call between clock times on each"
            )
            whole = name == "to" and isinstance(first, ClockTime) and value.hours == first.hours + 24.0
            help = "write `lasts = 24 h` in its place" if whole else f"write `{name} = {_clock(value)}`"
            return Diagnostic("E305", message, event.place(name), "", help, (), event.header)
    if isinstance(first, ClockTime | Instant) and isinstance(last, ClockTime | Instant):
        return _of_both(event, first, last)
    return None


def _of_both(event: Device, first: ClockTime | Instant, last: ClockTime | Instant) -> Diagnostic | None:
    place, name = event.place("to"), f"event {event.name}"
    if isinstance(first, Instant) != isinstance(last, Instant):
        kinds = ("on a date", "at a clock time of each day")
        kinds = kinds if isinstance(first, Instant) else kinds[::-1]
        message = f"`{name}` begins {kinds[0]} and ends {kinds[1]}"
        help = "write `lasts = 2 h` in its place"
        return Diagnostic("E305", message, place, "", help, (), event.header)
    is_empty = isinstance(first, ClockTime) and isinstance(last, ClockTime) and first.hours == last.hours
    if isinstance(first, Instant) and isinstance(last, Instant):
        is_empty = _moment(last) <= _moment(first)
    if not is_empty:
        return None
    daily = isinstance(first, ClockTime)
    message = f"`{name}` ends {'when' if daily else 'no later than'} it begins"
    help = f"write `lasts = {24 if daily else 2} h` in its place"
    return Diagnostic("E308", message, place, "", help, (), event.header)


def _moment(value: Instant) -> datetime:
    return value.when + timedelta(hours=value.later)


def _clock(value: ClockTime) -> str:
    minutes = round((value.hours + value.later) % 24.0 * 60)
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def _skipped(spec: Spec, event: Device, value: Value | None) -> list[Diagnostic]:
    zone = ZoneInfo(spec.zone)
    if not isinstance(value, Instant) or not is_skipped(value.when, zone):
        return []
    message = f"{value.when:%Y-%m-%d %H:%M} is skipped by the clocks of {spec.zone}"
    shown = to_local(to_utc(value.when, zone), zone)
    help = f"write `{shown:%Y-%m-%d %H:%M}`, which is what the clocks show then"
    return [Diagnostic("E413", message, value.span, "", help, (), event.header)]
