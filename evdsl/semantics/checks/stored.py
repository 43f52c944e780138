"""What a storage begins and ends with lies within the states of charge that are allowed."""

from __future__ import annotations

from collections.abc import Iterable

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.devices.storage import allowed
from evdsl.language.spec import Device, Spec
from evdsl.language.tolerances import IN_RANGE
from evdsl.language.values import RangeValue
from evdsl.language.widening import widens


def check(spec: Spec) -> list[Diagnostic]:
    """E408 for a state of charge of a storage that is outside; E412 for an `end_value` without a battery."""
    found: list[Diagnostic] = []
    for device in spec.of_kind("storage"):
        if device.get("soc") is not None:
            found += _outside(device)
    for category in spec.of_kind("class"):
        if "end_value" in category.given and "battery" not in category.given:
            message = f"`class {category.name}` has an `end_value`, and no `battery` for energy to be left in"
            place, help = category.place("end_value"), "add `battery = 60 kWh`, or remove the line"
            found.append(Diagnostic("E412", message, place, "", help, (), category.header))
    return found


def _outside(device: Device) -> list[Diagnostic]:
    (low, high), bounds = allowed(device), _shown(device.bounds("soc"))
    # What is lost of a low start is not charged again: an end may be as low as that.
    lows = {"soc_initial": low, "soc_final": 0.0 if widens(device) else low}
    for setting, low in lows.items():
        ranged = isinstance(device.get(setting), RangeValue)
        shares = device.bounds(setting) if ranged else (device.number(setting, low),)
        if low - IN_RANGE <= shares[0] and shares[-1] <= high + IN_RANGE:
            continue
        what = "is" if setting in device.given else "is by default"
        nearest = _shown(min(max(share, low), high) for share in shares)
        told = f"`{setting}` of `storage {device.name}` {what} {_shown(shares)}"
        message = f"{told}, and its `soc` is {bounds}"
        help = f"write `{setting} = {nearest}`"
        # What is chosen is no bound: a range lies within `soc`, whatever `outside` says.
        help += ", or add `outside = widen`" if setting == "soc_initial" and not ranged else ""
        return [Diagnostic("E408", message, device.place(setting), "", help, (), device.header)]
    return []


def _shown(shares: Iterable[float]) -> str:
    return " .. ".join(f"{share * 100:g} %" for share in shares)
