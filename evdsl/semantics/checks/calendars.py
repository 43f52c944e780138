"""Days that are named lie in the horizon, tables by day cover it, and holidays are known where they count."""

from __future__ import annotations

from collections.abc import Iterator

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Span
from evdsl.language.calendar import days_in, holidays_of
from evdsl.language.names import DAY_NAMES
from evdsl.language.spec import VEHICLE_BLOCKS, Spec
from evdsl.language.steps import horizon_of
from evdsl.language.values import Calendar, Days, Instant, Value, leaves

CLOCKS = ("arrival", "departure", "from", "to")
COMING = (*VEHICLE_BLOCKS, "trip")
"""Blocks that have times on each of their days."""


def check(spec: Spec) -> list[Diagnostic]:
    """E305 for dates beside `days`, E405 for a `holiday` without `holidays`."""
    found: list[Diagnostic] = []
    holidays = holidays_of(spec)
    for value, header in _values(spec):
        for days in value.named_days() if isinstance(value, Calendar) else (value,):
            if isinstance(days, Days) and days.holidays and holidays is None:
                message = "`holiday` is no day yet: the `station` names no `holidays`"
                help = "add `holidays = [2024-12-25, 2024-12-26]` to the `station`"
                found.append(Diagnostic("E405", message, days.span, "", help, (), header))
    for device in spec.devices:
        if not isinstance(device.get("days"), Days):
            continue
        for setting in CLOCKS:
            clock = device.get(setting)
            for leaf in leaves(clock) if clock is not None else ():
                if isinstance(leaf, Instant):
                    message = f"`{device.kind} {device.name}` has `days`, and its `{setting}` is on a date"
                    help = f"write `{leaf.when:%H:%M}`, which is on each of its days"
                    found.append(Diagnostic("E305", message, leaf.span, "", help, (), device.header))
    return found


def against_days(spec: Spec) -> list[Diagnostic]:
    """E407 for vehicles and trips on days that the horizon has not, E508 for a table that misses one."""
    found: list[Diagnostic] = []
    every, holidays = days_in(horizon_of(spec)), holidays_of(spec)
    first, last = f"{every[0]:%Y-%m-%d}", f"{every[-1]:%Y-%m-%d}"
    goes = (
        f"the horizon has the {first} alone" if first == last else f"the horizon goes from {first} to {last}"
    )
    for device in spec.devices:
        days = device.get("days") if device.kind in COMING else None
        if not isinstance(days, Days) or (days.holidays and holidays is None):
            continue
        if not any(days.rank_on(day, holidays) is not None for day in every):
            shown = " ".join(days.span.text.split())[:60]
            message = f"no day of `{shown}` is in the horizon: {goes}"
            help = f"write `{DAY_NAMES[every[0].weekday()]}` or another of its days, or `all`"
            found.append(Diagnostic("E407", message, days.span, "", help, (), device.header))
    for value, header in _values(spec):
        if isinstance(value, Calendar) and not (
            holidays is None and any(d.holidays for d in value.named_days())
        ):
            lacking = [day for day in every if value.on(day, holidays) is None]
            if lacking:
                name = DAY_NAMES[lacking[0].weekday()]
                message = f"the table has nothing for {lacking[0]}, a `{name}`"
                more = len(lacking) - 1
                message += f", and {more} more day{'s' * (more > 1)} of the horizon" if more else ""
                help = f"give it an entry `{name}: ...`, or `all: ...` for every other day"
                found.append(Diagnostic("E508", message, value.span, "", help, (), header))
    return found


def _values(spec: Spec) -> Iterator[tuple[Value, Span | None]]:
    """Tables by day and settings of days, each once, with the header of the block that it is in."""
    seen: set[Span] = set()
    values = [(v, device.header) for device in spec.devices for v in device.settings.values()]
    for value, header in (*values, *((value, None) for value in spec.asked_at_steps.values())):
        for leaf in leaves(value):
            if isinstance(leaf, Calendar | Days) and leaf.span not in seen:
                seen.add(leaf.span)
                # The dates of the station are none that the horizon has to have.
                if not (isinstance(leaf, Days) and leaf is holidays_of(spec)):
                    yield leaf, header
