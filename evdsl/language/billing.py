"""Whether a plan is to look at what drivers pay for energy that they also give back."""

from __future__ import annotations

from evdsl.language.objectives import base_weights
from evdsl.language.spec import Spec, Stage
from evdsl.language.toggles import v2g


def weighed_stages(spec: Spec) -> tuple[Stage, ...]:
    """All that is made small or large: the stages, and the axes of a front."""
    return (*spec.stages, *(() if spec.pareto is None else (spec.pareto.first, spec.pareto.second)))


def is_given_back(spec: Spec) -> bool:
    """Whether vehicles may discharge at all."""
    return spec.on("v2g") and v2g.TOGGLE.idle(spec) is None


def may_churn(spec: Spec) -> bool:
    """Whether energy that is turned round may earn what drivers pay: their data say whether it does."""
    billed = any("tariff" in category.given for category in spec.of_kind("class"))
    earned = any(base_weights(stage).get("revenue", 0.0) < 0 for stage in weighed_stages(spec))
    return billed and earned and is_given_back(spec)
