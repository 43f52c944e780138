"""States of charge: what most real failures are. On arrival below the class's minimum, a target
above its maximum, a state of charge without a battery."""

from __future__ import annotations

from evdsl.diagnostic import Diagnostic
from evdsl.spec import Device, Spec
from evdsl.values import Const, Draw, ListValue, Value


def check(spec: Spec) -> list[Diagnostic]:
    """E408, E412 and E208 for each block of vehicles."""
    found: list[Diagnostic] = []
    for device in spec.devices:
        if device.kind not in ("fleet", "vehicle", "sessions"):
            continue
        category = next((c for c in spec.of_kind("class") if c.name == device.of), None)
        if category is None:
            continue
        asked = [name for name in ("soc_arrival", "soc_target") if name in device.given]
        if asked and "battery" not in category.given:
            message = f"`{device.name}` has `{asked[0]}`, and `class {category.name}` has no `battery`"
            help = "add `battery = 60 kWh` to the class, or ask for `energy`"
            found.append(Diagnostic("E412", message, device.place(asked[0]), "", help, (), device.header))
        elif asked == ["soc_target"]:
            help = "add `soc_arrival = 40 %`"
            message = f"`{device.name}` has a `soc_target` and no `soc_arrival` to come from"
            found.append(Diagnostic("E208", message, device.place("soc_target"), "", help, (), device.header))
        else:
            found += [problem for name in asked if (problem := _outside(device, category, name))]
    return found


def _outside(device: Device, category: Device, setting: str) -> Diagnostic | None:
    value = device.get(setting)
    support = _support(value) if value is not None else None
    if value is None or support is None or category.get("soc") is None:
        return None
    low, high = category.bounds("soc")
    if support[0] < low - 1e-12:
        message = f"`{setting}` of `{device.name}` goes down to {support[0]:.4g}, below the minimum {low:.4g}"
        help = f"start it at {low * 100:g} %, or widen `soc` of `class {category.name}`"
    elif support[1] > high + 1e-12:
        message = f"`{setting}` of `{device.name}` goes up to {support[1]:.4g}, above the maximum {high:.4g}"
        help = f"end it at {high * 100:g} %, or widen `soc` of `class {category.name}`"
    else:
        return None
    note = f"`class {category.name}` keeps its state of charge between {low * 100:g} % and {high * 100:g} %"
    return Diagnostic("E408", message, value.span, "", help, (note,), device.header)


def _support(value: Value) -> tuple[float, float] | None:
    """The least and the largest value, where they are known without drawing."""
    match value:
        case Const(value=number):
            return number, number
        case Draw(distribution="uniform", arguments=(Const(value=low), Const(value=high))):
            return low, high
        case Draw(distribution="choice", arguments=(ListValue(items=items), *_)):
            numbers = [item.value for item in items if isinstance(item, Const)]
            return min(numbers), max(numbers)
    return None
