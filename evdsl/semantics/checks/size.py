"""How large the model would be, estimated before anything is allocated."""

from __future__ import annotations

from math import ceil
from zoneinfo import ZoneInfo

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.calendar import dates_of_block
from evdsl.language.clock import hours_at
from evdsl.language.counts import most_of
from evdsl.language.spec import Device, Spec
from evdsl.language.values import ClockTime, Const, Draw, Instant, ListValue, Value

MAXIMUM_VEHICLES = 1_000_000
"""Of all fleets together: their arrays take 200 MB."""
MAXIMUM_VISITS = 10_000_000
"""Vehicles times the steps in which each is there: a month of a thousand vehicles that come every day
in steps of 5 min are 3 million. A model has a few columns for each, and at ten million no longer fits into
the memory of a workstation."""


def check(spec: Spec) -> list[Diagnostic]:
    """E410 at the fleet with which the spec becomes too large."""
    vehicles, visits = 0.0, 0.0
    for fleet in spec.of_kind("fleet"):
        days = len(dates_of_block(spec, fleet.get("days"))) if "days" in fleet.given else 1
        count = most_of(fleet.get("count")) * days
        vehicles += count
        visits += count * _steps(spec, fleet)
        if vehicles > MAXIMUM_VEHICLES or visits > MAXIMUM_VISITS:
            return [too_large(fleet, vehicles, visits)]
    for cohort in spec.of_kind("cohort"):
        counts = cohort.number("classes", 0.0) * spec.steps
        if counts + visits > MAXIMUM_VISITS:
            message = (
                f"`{cohort.name}` has {counts:,.0f} counts, one for each state and step, and "
                f"{MAXIMUM_VISITS:,} of them and of steps of vehicles can be planned"
            )
            help, place = "take longer steps, a shorter horizon or fewer classes", cohort.place("classes")
            return [Diagnostic("E410", message, place, "", help, (), cohort.header)]
        visits += counts
    return []


def too_large(device: Device, vehicles: float, visits: float) -> Diagnostic:
    """E410 for the block with which a spec has that many vehicles and visits."""
    message = (
        f"with `{device.name}` the spec has {vehicles:,.0f} vehicles that are there for some {visits:,.0f} "
        f"steps in all, and {MAXIMUM_VEHICLES:,} and {MAXIMUM_VISITS:,} can be planned"
    )
    help = "take longer steps, a shorter horizon or fewer vehicles"
    return Diagnostic("E410", message, device.place("count"), "", help, (), device.header)


def _steps(spec: Spec, fleet: Device) -> float:
    """The steps for which a vehicle of a fleet is there, about; all of them where nothing is known."""
    arrival = middle_of(spec, fleet.get("arrival"))
    stay = middle_of(spec, fleet.get("stay"))
    departure = middle_of(spec, fleet.get("departure"))
    if stay is None and arrival is not None and departure is not None:
        stay = departure - arrival
    if stay is None:
        return spec.steps
    return min(max(ceil(stay / spec.step), 1), spec.steps)


def middle_of(spec: Spec, value: Value | None) -> float | None:
    """The middle of a value that may be drawn, in hours; `None` where that is not known."""
    match value:
        case Const():
            return value.value
        case ClockTime() | Instant():
            return hours_at(value, spec.start, ZoneInfo(spec.zone))
        case Draw(distribution="normal" | "lognormal" | "poisson", arguments=(mean, *_)):
            return middle_of(spec, mean)
        case Draw(distribution="uniform", arguments=(low, high)):
            first, last = middle_of(spec, low), middle_of(spec, high)
            return None if first is None or last is None else (first + last) / 2
        case Draw(distribution="choice", arguments=(ListValue(items=items), *_)):
            found = [middle for item in items if (middle := middle_of(spec, item)) is not None]
            return max(found, default=None)
    return None
