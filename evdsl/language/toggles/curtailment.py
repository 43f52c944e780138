"""`curtailment`: generation may be left unused. Off, all of it is used, stored or exported:

    power[t] = available[t]   for every `solar` and `wind`

which makes a spec infeasible where nothing can take it. The bounds are set by
`evdsl.language.devices.generation`.
"""

from __future__ import annotations

from evdsl.language.declaration import Toggle
from evdsl.language.devices import generation
from evdsl.language.spec import Spec


def _idle(spec: Spec) -> str | None:
    return None if any(spec.of_kind(kind) for kind in generation.KEYWORDS) else "the spec has no generation"


TOGGLE = Toggle("curtailment", True, "generation may be left unused", _idle, frees=True)
