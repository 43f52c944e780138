"""The interval of a demand charge fits the steps and the clock, and each of its windows has a length."""

from __future__ import annotations

from math import gcd

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Device, Spec
from evdsl.language.values import ListValue

WHOLE = 1e-9


def check(spec: Spec) -> list[Diagnostic]:
    """E308 for an interval or a window that no clock has; W105 for a `partial` that means nothing."""
    found: list[Diagnostic] = []
    for charge in spec.of_kind("demand_charge"):
        found += [*_interval(charge), *_windows(charge)]
        if charge.choice("partial") == "days" and charge.choice("per") == "horizon":
            message = (
                f"`partial` of `demand_charge {charge.name}` changes nothing: the horizon is paid for once"
            )
            help = "write `per = month` or `per = day`, or remove the line"
            place = charge.place("partial")
            found.append(Diagnostic("W105", message, place, "", help, (), charge.header))
    return found


def against_steps(spec: Spec) -> list[Diagnostic]:
    """E409 for an interval that its steps do not add up to; a step may be longer than it."""
    found: list[Diagnostic] = []
    for charge in spec.of_kind("demand_charge"):
        interval = charge.number("interval", 0.0)
        count = interval / spec.step
        if count < 1.0 or abs(count - round(count)) < WHOLE * count:
            continue
        message = f"`interval` of `demand_charge {charge.name}` is {_shown(interval)}"
        message += f", and steps of {_shown(spec.step)} do not add up to it"
        found.append(
            Diagnostic(
                "E409", message, charge.place("interval"), "", _instead(spec, interval), (), charge.header
            )
        )
    return found


def _instead(spec: Spec, interval: float) -> str:
    """The longest interval below that the steps add up to, and the steps that add up to this one."""
    fitting = [n for n in range(1, int(interval / spec.step) + 1) if _is_of_a_clock(n * spec.step)]
    choices = [f"write `interval = {_shown(max(fitting) * spec.step)}`"] if fitting else []
    seconds = gcd(round(interval * 3600), round(spec.step * 3600), round(spec.horizon * 3600))
    return ", or ".join([*choices, f"take steps of {_shown(seconds / 3600)} in the station"])


def _is_of_a_clock(interval: float) -> bool:
    """Whether it is a part of an hour, or whole hours that a day is a multiple of."""
    whole = interval if interval > 1.0 else 1.0 / interval
    return abs(whole - round(whole)) < WHOLE * whole and (interval <= 1.0 or 24 % round(interval) == 0)


def _interval(charge: Device) -> list[Diagnostic]:
    interval = charge.number("interval", 0.0)
    if not interval or _is_of_a_clock(interval):
        return []
    message = f"`interval` of `demand_charge {charge.name}` is {_shown(interval)}"
    message += ", which does not fit into " + ("an hour" if interval < 1.0 else "a day in whole hours")
    help = (
        "write `interval = 15 min`, or another part of an hour"
        if interval < 1.0
        else "write `interval = 1 h`"
    )
    return [Diagnostic("E308", message, charge.place("interval"), "", help, (), charge.header)]


def _windows(charge: Device) -> list[Diagnostic]:
    value = charge.get("window")
    items = value.items if isinstance(value, ListValue) else ()
    for item, (begin, end) in zip(items, charge.windows("window"), strict=True):
        if begin == end:
            message = f"a `window` of `demand_charge {charge.name}` ends when it begins"
            help = "write an end that lies later; without `window` it meters always"
            return [Diagnostic("E308", message, item.span, "", help, (), charge.header)]
    return []


def _shown(hours: float) -> str:
    return (
        f"{hours:g} h" if hours >= 1 else f"{hours * 60:g} min" if hours * 60 >= 1 else f"{hours * 3600:g} s"
    )
