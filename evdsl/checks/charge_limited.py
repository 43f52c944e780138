"""Something must limit the power at which a vehicle charges: its class or its ports."""

from __future__ import annotations

from evdsl.diagnostic import Diagnostic
from evdsl.spec import Spec


def check(spec: Spec) -> list[Diagnostic]:
    """E411 for each class without `charge` in use by vehicles without ports, or by a cohort without `power`."""
    vehicles = () if spec.of_kind("port") else spec.devices
    used = {device.of for device in vehicles if device.of and device.kind != "cohort"}
    used |= {device.of for device in spec.of_kind("cohort") if "power" not in device.given}
    return [
        Diagnostic(
            "E411",
            f"nothing limits the charging power of `class {category.name}`",
            category.header,
            "",
            "add `charge = 11 kW` to it, or a `port` with a `power`",
        )
        for category in spec.of_kind("class")
        if category.name in used and "charge" not in category.given
    ]
