"""With `partial_charging` and an objective that does not weigh `unmet`, it is best to charge nobody."""

from __future__ import annotations

from evdsl.diagnostic import Diagnostic
from evdsl.spec import Spec
from evdsl.units import MONEY

ASKING = frozenset(["unmet", "dissatisfaction", "fairness", "lexfairness"])


def check(spec: Spec) -> list[Diagnostic]:
    """W106 at the first stage, where no stage asks for energy to be delivered."""
    vehicles = any(device.kind in ("fleet", "vehicle", "sessions") for device in spec.devices)
    if not vehicles or not spec.stages or not spec.on("partial_charging"):
        return []
    if any(ASKING.intersection(stage.weights) for stage in spec.stages):
        return []
    stage = spec.stages[0]
    message = "nothing asks for energy to be delivered: with partial_charging on, charging nobody will do"
    sign = "+" if stage.sense == "minimize" else "-"
    other = f"`{stage.sense} {stage.text} {sign} 0.40 {spec.currency}/kWh * unmet`"
    if stage.dimension != MONEY:
        other = f"`minimize unmet`, and `then {stage.sense} {stage.text}`"
    help = f"write `disable partial_charging`, or {other}"
    return [Diagnostic("W106", message, stage.span, "", help)]
