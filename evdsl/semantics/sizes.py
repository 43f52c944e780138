"""What requirements and objectives may ask of a device whose size is given, or left to be chosen."""

from __future__ import annotations

from evdsl.diagnostics.source import Span
from evdsl.language.devices import declared_kind
from evdsl.language.quantities import RATING_NAMES, QuantityDeclaration, setting_of_size
from evdsl.language.spec import Device
from evdsl.language.values import Const, RangeValue
from evdsl.semantics.scope import Scope


def has_its_number(declared: QuantityDeclaration, owner: str, place: Span, scope: Scope) -> bool:
    """Whether a quantity of a device has a linear value; if not, that is reported."""
    assert scope.local is not None
    device = next(
        one
        for one in scope.local.of_kind("storage", "solar", "wind", "load", "cohort", "feeder")
        if one.name == owner
    )
    if declared.name == "soc" and device.decides("capacity"):
        message = (
            f"`{owner}.soc` is a quotient of two decisions, since `capacity` of `storage {owner}` is chosen"
        )
        help = f"compare energies: `{owner}.energy[t] >= 50 % * {owner}.capacity`"
        scope.report("E404", message, place, "", help)
        return False
    setting = setting_of_size(declared.name)
    if not declared.size or isinstance(device.get(setting), Const | RangeValue):
        return True
    _report_absent(device, declared, setting, place, scope)
    return False


def decides_peak(owner: str, scope: Scope) -> bool:
    """Whether what a generator could give depends on a peak that is chosen."""
    assert scope.local is not None
    return any(one.name == owner and one.decides("peak") for one in scope.local.of_kind("solar", "wind"))


def _report_absent(
    device: Device, declared: QuantityDeclaration, setting: str, place: Span, scope: Scope
) -> None:
    """What is asked for is not given, or no single number."""
    owner, found = f"{device.kind} {device.name}", declared_kind(device.kind).setting(setting)
    assert found is not None
    if device.get(setting) is not None:
        message = f"`{device.name}.{declared.name}` is one number, and `{setting}` of `{owner}` is a series"
        help = f"write `{setting} = {found.example}` in `{owner}`, or a range"
        scope.report("E305", message, place, "", help)
    elif not scope.opaque:
        others = [name for name in RATING_NAMES if device.kind == "storage" and device.get(name) is not None]
        help = (
            f"write `{device.name}.{RATING_NAMES[others[0]]}`"
            if others
            else f"write what is there: `{device.name}.available[t]`"
        )
        message = f"`{device.name}.{declared.name}` needs the `{setting}` of `{owner}`"
        scope.report("E405", message, place, "", help)
