"""Something must limit the power at which a vehicle charges: its class or its ports."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Spec


def check(spec: Spec) -> list[Diagnostic]:
    """E411 for each class without `charge`: of vehicles without ports, or of a cohort without `power`."""
    vehicles = () if spec.of_kind("port") else spec.devices
    used = {device.of for device in vehicles if device.of and device.kind != "cohort"}
    counted = {device.of: device.name for device in spec.of_kind("cohort") if "power" not in device.given}
    found: list[Diagnostic] = []
    for category in spec.of_kind("class"):
        if "charge" in category.given or category.name not in {*used, *counted}:
            continue
        message = f"nothing limits the charging power of `class {category.name}`"
        help = f"add `charge = 11 kW` to `class {category.name}`, or a `port` with a `power`"
        if category.name not in used:
            help = (
                f"add `charge = 11 kW` to `class {category.name}`, or `power = 11 kW` to "
                f"`cohort {counted[category.name]}`"
            )
        found.append(Diagnostic("E411", message, category.header, "", help))
    return found
