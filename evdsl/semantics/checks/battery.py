"""A state of charge needs a battery that it is of, and a target a state of charge to come from."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Spec


def check(spec: Spec) -> list[Diagnostic]:
    """E412 and E208 for each block of vehicles."""
    found: list[Diagnostic] = []
    for device in spec.devices:
        category = spec.class_of(device)
        if category is None:
            continue
        asked = [name for name in ("soc_arrival", "soc_target") if name in device.given]
        if asked and "battery" not in category.given:
            message = f"`{device.name}` has `{asked[0]}`, and `class {category.name}` has no `battery`"
            help = f"add `battery = 60 kWh` to `class {category.name}`, or ask for `energy` instead"
            found.append(Diagnostic("E412", message, device.place(asked[0]), "", help, (), device.header))
        elif asked == ["soc_target"] and "energy" not in device.given:
            help = "add `soc_arrival = 40 %`"
            message = f"`{device.name}` has a `soc_target` and no `soc_arrival` to come from"
            found.append(Diagnostic("E208", message, device.place("soc_target"), "", help, (), device.header))
    return found
