"""`exclusive`: a vehicle, and a storage, never charges and discharges in one step.

The requirement is stated by `evdsl.language.devices.vehicle`, once for each slot that can do both, and by
`evdsl.language.devices.storage`; how it is
written (with binaries, or not at all where doing both can never pay) is decided in `evdsl.model.lower`.
"""

from __future__ import annotations

from evdsl.language.declaration import Toggle
from evdsl.language.spec import Spec
from evdsl.language.toggles.v2g import TOGGLE as V2G


def _idle(spec: Spec) -> str | None:
    able = spec.of_kind("storage") or (spec.on("v2g") and V2G.idle(spec) is None)
    return None if able else "nothing can discharge"


TOGGLE = Toggle("exclusive", True, "a vehicle or storage never charges and discharges in one step", _idle)
