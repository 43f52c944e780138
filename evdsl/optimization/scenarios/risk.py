"""Aversion to bad scenarios: the first stage looks at the worst tail beside the mean.

With f_s the value of the first stage in scenario s, p_s its weight, β the level and w the weight of `risk`,
to make small:

    (1 - w) E[f] + w CVaR_β(f),    CVaR = min over a of  a + 1/(1-β) Σ_s p_s max(f_s - a, 0)

which is linear with a decision `risk.level` = a and one `risk.beyond[s]` >= f_s - a for each scenario (R. T.
Rockafellar, S. Uryasev, 2000): whatever is made small chooses the best a. To make large both signs are
turned, and the tail is that of the lowest values. Later stages keep this value through the same rows.

It rises with each f_s, and is convex where each f_s is; so what is allowed in a stage stays allowed. With
`level = 0 %` it is the mean, with w = 0 too; from β = 1 - min p on it is the worst scenario.

At a settled point a is the quantile and `risk.beyond` follows from it (`settled`): the value is then exactly
that of the schedules. The verifier does not look at either, but sorts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Spec
from evdsl.model.builder import ModelBuilder
from evdsl.model.composition import Composition
from evdsl.model.linear import Linear
from evdsl.model.point import Values, value_of
from evdsl.model.program import weighted_sum

LEVEL, BEYOND = "risk.level", "risk.beyond"


@dataclass(frozen=True, slots=True)
class Risk:
    """How much the worst `1 - level` of all scenarios count beside the mean of all."""

    level: float
    weight: float

    @classmethod
    def of(cls, spec: Spec) -> Risk | None:
        """That of a spec; `None` where it has none, or gives it no weight."""
        block = spec.only("risk")
        if block is None or block.number("weight") == 0.0:
            return None
        return cls(block.number("level"), block.number("weight"))


def quantile(values: FloatArray, weights: FloatArray, level: float) -> float:
    """The least value that is not exceeded with the probability `level`."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    # A share of 0.95 that adds up to 0.9499999 is that share.
    at = int(np.searchsorted(reached, level - 1e-12 * max(1.0, level)))
    return float(values[order][min(at, len(values) - 1)])


def tail_mean(values: FloatArray, weights: FloatArray, level: float, sign: float) -> float:
    """The mean of the worst `1 - level` of values: the highest to make small, the lowest to make large."""
    turned = sign * np.asarray(values, dtype=float)
    a = quantile(turned, weights, level)
    return sign * (a + float(weights @ np.maximum(turned - a, 0.0)) / (1.0 - level))


def worth(values: FloatArray, weights: FloatArray, risk: Risk | None, sign: float) -> float:
    """What a stage is worth: the mean, or with an aversion to risk its mixture with the tail."""
    mean = float(weights @ values)
    if risk is None:
        return mean
    return (1.0 - risk.weight) * mean + risk.weight * tail_mean(values, weights, risk.level, sign)


def with_risk(composition: Composition, risk: Risk) -> Composition:
    """The composition whose first stage is averse; its model gains the decisions and rows of the tail."""
    program = composition.program
    stage, sign = program.stages[0], program.stages[0].sign
    block = program.spec.only("risk")
    place = stage.span if block is None else block.header
    builder = ModelBuilder.extending(program)
    count = len(composition.periods)
    level = builder.single(LEVEL, place, lower=-np.inf)
    beyond = builder.variable(BEYOND, "scenario", count, place)
    mean = weighted_sum(program, stage)
    tail: Linear = level
    for position, period in enumerate(composition.periods):
        own = sign * composition.expression(position, weighted_sum(period.program, stage))
        over = builder.take(beyond, [position], "")
        tail = tail + over * (period.weight / (1.0 - risk.level))
        builder.rows(f"{BEYOND}@{period.name}", over + level - own, ">=", 0.0, place)
    added = risk.weight * (sign * tail) - risk.weight * mean
    return replace(composition, program=replace(program, decisions=builder.decisions, added_terms=added))


def settled(composition: Composition, risk: Risk, parts: Sequence[Values]) -> Values:
    """The decisions of the tail at settled points of all periods."""
    stage = composition.program.stages[0]
    values = stage.sign * np.array(
        [
            value_of(weighted_sum(period.program, stage), part, period.program.model)
            for period, part in zip(composition.periods, parts, strict=True)
        ]
    )
    weights = np.array([period.weight for period in composition.periods])
    level = quantile(values, weights, risk.level)
    return {LEVEL: np.array(level), BEYOND: np.maximum(values - level, 0.0)}
