"""Values that only some settings know: `max_energy` in `energy`, `column(...)` in `sessions`."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Spec
from evdsl.language.values import Column, MaximumEnergy, leaves


def check(spec: Spec) -> list[Diagnostic]:
    """E305 for each of them elsewhere."""
    found: list[Diagnostic] = []
    for device in spec.devices:
        for name in sorted(device.given):
            value = device.get(name)
            for leaf in leaves(value) if value is not None else ():
                if isinstance(leaf, MaximumEnergy) and name != "energy":
                    message = f"`max_energy` is known in `energy` only, and `{name}` comes before it"
                    help = "write `energy = ... * max_energy`"
                    found.append(Diagnostic("E305", message, leaf.span, "", help, (), device.header))
                if isinstance(leaf, Column) and device.rows is None:
                    message = "`column(...)` is a column of a file, and only `sessions` have one"
                    help = "write `sessions NAME of CLASS = csv(...)`"
                    found.append(Diagnostic("E305", message, leaf.span, "", help, (), device.header))
    return found
