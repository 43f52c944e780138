"""Whether what a spec leaves to be chosen lies within its range, and is what the schedule says was chosen.

    low · capacity <= energy[0] <= high · capacity        `soc_initial` of a storage as a range

What was chosen is read off the flows; `attrs["chosen"]` is a claim, and no claim is no fault.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from evdsl.language.spec import Device, Spec
from evdsl.language.values import RangeValue
from evdsl.verifier.reading import StoredSchedule
from evdsl.verifier.tolerance import tolerance
from evdsl.verifier.violations import Findings


def check_decisions(
    spec: Spec, reading: StoredSchedule, attributes: Mapping[object, object], findings: Findings
) -> None:
    """Each range of a spec, and each claim of a schedule about what was chosen."""
    ranged = {
        f"{device.name}.soc_initial": device
        for device in spec.of_kind("storage")
        if isinstance(device.get("soc_initial"), RangeValue)
    }
    for device in ranged.values():
        _check_start(device, float(reading.devices[f"{device.name}.energy"][0]), findings)
    claims = _claims(attributes, findings)
    if claims is None:
        return
    for name in {*ranged, *claims}:
        if name not in claims:
            findings.add("chosen", f"the schedule does not say what was chosen for `{name}`")
        elif name not in ranged:
            findings.add("chosen", f"`{name}` is said to be chosen, and the spec leaves no such thing open")
        else:
            begins = float(reading.devices[f"{ranged[name].name}.energy"][0])
            _check_claim(name, claims[name], begins, ranged[name], findings)


def _check_start(device: Device, energy: float, findings: Findings) -> None:
    low, high = (share * device.number("capacity") for share in device.bounds("soc_initial"))
    off = max(low - energy, energy - high)
    if not off <= tolerance(high):
        told = f"`{device.name}` begins with {energy:.8g} kWh"
        message = f"{told}, and is chosen between {low:.8g} and {high:.8g} kWh"
        findings.add("chosen", message, size=off, unit="kWh")


def _claims(attributes: Mapping[object, object], findings: Findings) -> dict[str, object] | None:
    """What the schedule says was chosen; `None` where it says nothing, or nothing that can be read."""
    if "chosen" not in attributes:
        return None
    try:
        said = json.loads(str(attributes["chosen"]))
    except ValueError:
        said = None
    if isinstance(said, dict):
        return said
    findings.add("chosen", "what the schedule says was chosen is not a JSON object")
    return None


def _check_claim(name: str, claim: object, energy: float, device: Device, findings: Findings) -> None:
    value = claim.get("value") if isinstance(claim, dict) else None
    share = float(value) if isinstance(value, int | float) else float("nan")
    unit = claim.get("unit", "") if isinstance(claim, dict) else ""
    if unit not in ("", "1"):
        findings.add("units", f"`{name}` is claimed in {unit}, and should be in no unit")
    capacity = device.number("capacity")
    off = abs(share * capacity - energy)
    if not off <= tolerance(capacity):
        message = f"`{name}` is said to be {share:.8g}, and the schedule begins with {energy / capacity:.8g}"
        findings.add("chosen", message, size=off, unit="kWh")
