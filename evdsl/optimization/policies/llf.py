"""`llf`: least laxity first. The laxity of a vehicle is the time that it stays on, less the time that it
needs at full power: how long it could still wait."""

from __future__ import annotations

from evdsl.language.arrays import FloatArray
from evdsl.optimization.policies.rule import Policy, StepState, fill_in_order


def allot(moment: StepState) -> FloatArray:
    """Powers in one step, kW at the ports."""
    return fill_in_order(moment, moment.laxity)


POLICY = Policy("llf", "least laxity first", allot)
