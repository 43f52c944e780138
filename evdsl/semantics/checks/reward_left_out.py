"""`cost` leaves out what drivers are paid for what they give: weighed alone, it makes V2G look cheap."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.billing import is_given_back, weighed_stages
from evdsl.language.spec import VEHICLE_BLOCKS, Device, Spec, Stage
from evdsl.language.values import Const

WEIGHED_IN = frozenset(["revenue", "profit", "v2g_profit"])
"""The words that a reward is in."""


def check(spec: Spec) -> list[Diagnostic]:
    """W110 at the first stage that weighs `cost` and nothing that has the reward in it."""
    category = _rewarded(spec)
    if category is None:
        return []
    for stage in weighed_stages(spec):
        if stage.weights.get("cost") and not WEIGHED_IN & stage.words:
            message = (
                f"`cost` leaves out what drivers are paid for what they give: the `v2g_reward` of "
                f"`class {category.name}`"
            )
            place = category.place("v2g_reward")
            return [Diagnostic("W110", message, stage.span, "", f"write `{_with_revenue(stage)}`", (), place)]
    return []


def _rewarded(spec: Spec) -> Device | None:
    """The first class of some vehicle that can give, and is paid for it."""
    if not is_given_back(spec):
        return None
    used = {device.of for device in spec.devices if device.kind in VEHICLE_BLOCKS}
    for category in spec.of_kind("class"):
        reward = category.get("v2g_reward")
        paid = reward is not None and not (isinstance(reward, Const) and reward.value == 0.0)
        gives = category.number("discharge", 0.0) > 0 and "battery" in category.given
        if paid and gives and category.name in used:
            return category
    return None


def _with_revenue(stage: Stage) -> str:
    """The stage with what drivers pay and are paid beside each cost."""
    weight = stage.weights["cost"]
    if set(stage.weights) == {"cost"} and not stage.constant and weight * stage.sign > 0:
        return "maximize profit" if abs(weight) == 1.0 else f"maximize {abs(weight):.6g} * profit"
    times = "" if abs(weight) == 1.0 else f"{abs(weight):.6g} * "
    return f"{stage.sense} {stage.text} {'-' if weight > 0 else '+'} {times}revenue"
