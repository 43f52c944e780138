"""With `partial_charging` and an objective that does not weigh `unmet`, it is best to charge nobody."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import VEHICLE_BLOCKS, Spec
from evdsl.language.units import MONEY

ASKING = frozenset(["unmet", "dissatisfaction", "fairness", "lexfairness"])


REQUIRED = ASKING | {"delivered", "charge", "energy", "soc"}
"""What a requirement may ask for, so that it is no mistake to weigh nothing of it."""


def check(spec: Spec) -> list[Diagnostic]:
    """W106 at the first stage, where no stage asks for energy to be delivered."""
    return _cohorts(spec) or _vehicles(spec)


def _cohorts(spec: Spec) -> list[Diagnostic]:
    """A cohort has no demand that must be met: only what its waiting counts for asks for energy."""
    asking = {"dissatisfaction", "revenue", "profit"}
    silent = not any(asking.intersection(stage.weights) for stage in spec.stages)
    if not spec.stages or not silent or not spec.of_kind("cohort") or spec.requirements:
        return []
    stage, cohort = spec.stages[0], spec.of_kind("cohort")[0]
    message = f"nothing asks for `cohort {cohort.name}` to be charged: leaving all of it waiting will do"
    sign = "+" if stage.sense == "minimize" else "-"
    other = f"`{stage.sense} {stage.text} {sign} 0.40 {spec.currency}/kWh * dissatisfaction`"
    if stage.dimension != MONEY:
        other = f"`minimize dissatisfaction`, and `then {stage.sense} {stage.text}`"
    return [Diagnostic("W106", message, stage.span, "", f"write {other}")]


def _vehicles(spec: Spec) -> list[Diagnostic]:
    vehicles = any(device.kind in VEHICLE_BLOCKS for device in spec.devices)
    if not vehicles or not spec.stages or not spec.on("partial_charging"):
        return []
    if any(REQUIRED & own.references() for own in spec.requirements):
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
