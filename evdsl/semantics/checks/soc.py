"""States of charge: what most real failures are. On arrival below the class's minimum, or a target
above its maximum; what is drawn or read is checked with the data, in the same words."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Device, Spec
from evdsl.language.tolerances import IN_RANGE
from evdsl.language.values import Column, Const, Draw, ListValue, Value
from evdsl.language.widening import widens


def check(spec: Spec) -> list[Diagnostic]:
    """E408 for each setting that goes beyond the bounds of its class."""
    found: list[Diagnostic] = []
    for device in spec.devices:
        category = spec.class_of(device)
        if category is None or category.get("soc") is None:
            continue
        for setting in ("soc_arrival", "soc_target"):
            value = device.get(setting)
            ends = _support(value) if value is not None else None
            if ends is not None:
                drawn = isinstance(value, Draw)
                beyond = outside(device, category, setting, ends, f"`{device.name}`", drawn=drawn)
                found += [beyond] if beyond is not None else []
    return found


def outside(
    device: Device,
    category: Device,
    setting: str,
    ends: tuple[float, float],
    who: str,
    *,
    drawn: bool = False,
) -> Diagnostic | None:
    """E408 where a state of charge from `ends[0]` to `ends[1]` leaves the bounds of the class."""
    low, high = allowed_of(category, setting)
    if ends[0] < low - IN_RANGE:
        side, value, bound = "below", ends[0], low
    elif ends[1] > high + IN_RANGE:
        side, value, bound = "above", ends[1], high
    else:
        return None
    verb = f"goes {'down' if side == 'below' else 'up'} to" if drawn else "is"
    extreme = "minimum" if side == "below" else "maximum"
    message = (
        f"`{setting}` of {who} {verb} {value * 100:.4g} %, {side} the {extreme} of `class {category.name}`"
    )
    reach = f"{min(value, low) * 100:g} % .. {max(value, high) * 100:g} %"
    help = f"write {bound * 100:g} %, or give the class `soc = {reach}`"
    help += ", or give the class `outside = widen`" if setting == "soc_arrival" else ""
    column = device.get(setting)
    if not 0 <= value <= 1:
        help = "a state of charge lies between 0 % and 100 %"
        if isinstance(column, Column) and column.factor == 1.0 and value <= 100:
            help = f'write `{setting}=column("{column.name}", unit="%")`, if its numbers are percentages'
    note = f"`class {category.name}` keeps its state of charge between {low * 100:g} % and {high * 100:g} %"
    return Diagnostic("E408", message, device.place(setting), "", help, (note,), device.header)


def allowed_of(category: Device, setting: str) -> tuple[float, float]:
    """The states of charge that a setting of a vehicle may have; any on arrival where they widen."""
    return (0.0, 1.0) if setting == "soc_arrival" and widens(category) else category.bounds("soc")


def _support(value: Value) -> tuple[float, float] | None:
    """The least and the largest value, where they are known without drawing."""
    match value:
        case Const(value=number):
            return number, number
        case Draw(distribution="uniform", arguments=(Const(value=low), Const(value=high))):
            return low, high
        case Draw(distribution="choice", arguments=(ListValue(items=items), *_)):
            numbers = [item.value for item in items if isinstance(item, Const)]
            return (min(numbers), max(numbers)) if numbers else None
    return None
