"""A storage that never charges while the site imports needs a bound of what is imported."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Spec


def check(spec: Spec) -> list[Diagnostic]:
    """E411 for `source = surplus` where the site may import without end what it exports in the same step."""
    grid = spec.only("grid")
    if spec.on("import_or_export") or grid is None or grid.get("feed_in") is None:
        return []
    if grid.get("import_limit") is not None or grid.get("export_limit") is not None:
        return []
    found: list[Diagnostic] = []
    for device in spec.of_kind("storage"):
        if device.choice("source") == "surplus":
            message = (
                f"`storage {device.name}` never charges while the site imports, and nothing limits what is "
                "imported while `import_or_export` is off"
            )
            help = "add `import_limit = 120 kW` to `grid`, or remove `disable import_or_export`"
            found.append(Diagnostic("E411", message, device.place("source"), "", help, (), device.header))
    return found
