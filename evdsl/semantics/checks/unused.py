"""A param that nothing uses, and a class that no vehicle has: most often a misspelling elsewhere."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Spec


def check(spec: Spec) -> list[Diagnostic]:
    """W105 for each. A `let` is used by being reported."""
    found = [
        Diagnostic("W105", f"nothing uses the param `{name}`", span, "", "use it, or remove the line")
        for name, span in spec.unused.items()
    ]
    used = {device.of for device in spec.devices if device.kind != "trip"}
    for category in spec.of_kind("class"):
        if category.name not in used:
            help = f"write `fleet NAME of {category.name} {{ ... }}`, or remove the block"
            found.append(
                Diagnostic("W105", f"no vehicle is of `class {category.name}`", category.header, "", help)
            )
    return found
