"""`v2g`: vehicles may give energy back. Off, no discharge exists in the model at all."""

from __future__ import annotations

from evdsl.language.declaration import Toggle
from evdsl.language.spec import Spec


def _idle(spec: Spec) -> str | None:
    able = [category for category in spec.of_kind("class") if category.number("discharge", 0.0) > 0]
    if not able:
        return "no class has a `discharge` power"
    if not any("battery" in category.given for category in able):
        return "no class that discharges has a `battery`"
    ports = spec.of_kind("port")
    if ports and not any(port.number("discharge", 0.0) > 0 for port in ports):
        return "no port has a `discharge` power"
    return None


TOGGLE = Toggle("v2g", False, "`discharge` may be above zero", _idle, frees=True)
