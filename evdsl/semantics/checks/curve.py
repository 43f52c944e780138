"""The `taper` of a class: what it is of, who it asks for a state of charge, and its form."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.devices.taper import Point, is_concave, lowered, points
from evdsl.language.spec import VEHICLE_BLOCKS, Device, Spec
from evdsl.language.tolerances import IN_RANGE
from evdsl.language.units import POWER, format_value
from evdsl.semantics.checks.soc import allowed_of


def check(spec: Spec) -> list[Diagnostic]:
    """E308 where a curve does not go over all states of charge that are allowed, or is not concave."""
    problems = (_of_form(category) for category in spec.of_kind("class") if points(category))
    return [problem for problem in problems if problem is not None]


def needs(spec: Spec) -> list[Diagnostic]:
    """E412 for a curve without a battery, E405 for each block whose state of charge is not known."""
    found: list[Diagnostic] = []
    for category in spec.of_kind("class"):
        if not points(category):
            continue
        if "battery" not in category.given:
            message = f"`class {category.name}` has a `taper` and no `battery` that it is of"
            help = "add `battery = 60 kWh`, or leave `taper` out"
            found.append(Diagnostic("E412", message, category.place("taper"), "", help, (), category.header))
            continue
        found += [
            _without_charge(device, category)
            for device in spec.devices
            if spec.class_of(device) is category and _is_unknown(device)
        ]
    return found


def _is_unknown(device: Device) -> bool:
    """Whether nothing says with which state of charge the vehicles of a block come."""
    return device.kind == "cohort" or (device.kind in VEHICLE_BLOCKS and "soc_arrival" not in device.given)


def _without_charge(device: Device, category: Device) -> Diagnostic:
    whose = f"`{device.kind} {device.name}`"
    if device.kind == "cohort":
        message = f"the `taper` of `class {category.name}` needs states of charge, and {whose} has none"
        help = f"give {whose} a class without `taper`"
    else:
        message = f"the `taper` of `class {category.name}` needs the `soc_arrival` of {whose}"
        example = (
            '`soc_arrival="column"` to `csv(...)`' if device.kind == "sessions" else "`soc_arrival = 40 %`"
        )
        help = f"add {example}, or leave `taper` out"
    return Diagnostic("E405", message, device.header, "", help)


def _of_form(category: Device) -> Diagnostic | None:
    curve, (low, high) = points(category), allowed_of(category, "soc_arrival")
    told = f"`taper` of `class {category.name}`"
    if len(curve) < 2 or curve[0][0] > low + IN_RANGE or curve[-1][0] < high - IN_RANGE:
        goes = f"from {_percent(curve[0][0])} to {_percent(curve[-1][0])}"
        message = f"{told} goes {goes}, and {_percent(low)} to {_percent(high)} are allowed"
        return _problem(category, message, f"write {_written(_stretched(curve, low, high))}")
    if curve[0][0] < -IN_RANGE or curve[-1][0] > 1.0 + IN_RANGE:
        beyond = curve[0][0] if curve[0][0] < 0.0 else curve[-1][0]
        message = f"{told} has an entry at {_percent(beyond)}: a state of charge lies from 0 % to 100 %"
        return _problem(category, message, f"write {_written(_stretched(curve, 0.0, 1.0))}")
    if not is_concave(curve):
        message = f"{told} is not concave: it rises more, or falls less, after an entry than before it"
        return _problem(
            category, message, f"write {_written(lowered(curve))}, which is, and lies nowhere above it"
        )
    return None


def _stretched(curve: Sequence[Point], low: float, high: float) -> tuple[Point, ...]:
    """A concave curve over a range: where it goes no further it is level, or goes on down as it came."""
    inside = [point for point in curve if low <= point[0] <= high] or [curve[0]]
    first, last = inside[0], inside[-1]
    rises, falls = (_slope(pair) for pair in (inside[:2], inside[-2:]))
    before = max(first[1] - max(rises, 0.0) * (first[0] - low), 0.0)
    after = max(last[1] + min(falls, 0.0) * (high - last[0]), 0.0)
    ends = [(low, _in_watts(before))] if first[0] > low else []
    return lowered((*ends, *inside, *([(high, _in_watts(after))] if last[0] < high else [])))


def _slope(pair: Sequence[Point]) -> float:
    return (pair[-1][1] - pair[0][1]) / (pair[-1][0] - pair[0][0]) if len(pair) > 1 else 0.0


def _in_watts(power: float) -> float:
    return floor(power * 1000.0 + IN_RANGE) / 1000.0


def _problem(category: Device, message: str, help: str) -> Diagnostic:
    return Diagnostic("E308", message, category.place("taper"), "", help, (), category.header)


def _percent(share: float) -> str:
    return f"{share * 100:.6g} %"


def _written(curve: Sequence[Point]) -> str:
    entries = (f"{_percent(share)}: {format_value(power, POWER)}" for share, power in curve)
    return f"`taper = {{ {', '.join(entries)} }}`"
