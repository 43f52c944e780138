"""A toggle that the spec sets and that has nothing to act on."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Spec
from evdsl.language.toggles import TOGGLES


def check(spec: Spec) -> list[Diagnostic]:
    """W104 for each; defaults are not spoken of."""
    found: list[Diagnostic] = []
    for toggle in TOGGLES:
        switch = spec.toggles[toggle.name]
        reason = toggle.idle(spec) if switch.span is not None else None
        if reason is not None:
            message = f"`{toggle.name}` has nothing to act on: {reason}"
            found.append(
                Diagnostic("W104", message, switch.span, "", "remove it, or give it something to act on")
            )
    return found
