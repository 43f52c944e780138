"""`curtailment`: generation may be left unused. Off, all of it is used, stored or exported:

    power[t] = available[t]   for every `solar` and `wind`

which makes a spec infeasible where nothing can take it. The bounds are set by `evdsl.devices.generation`.
"""

from __future__ import annotations

from evdsl.devices import generation
from evdsl.schema import Toggle
from evdsl.spec import Spec


def _idle(spec: Spec) -> str | None:
    return None if any(spec.of_kind(kind) for kind in generation.KEYWORDS) else "the spec has no generation"


TOGGLE = Toggle("curtailment", True, "generation may be left unused", _idle, frees=True)
