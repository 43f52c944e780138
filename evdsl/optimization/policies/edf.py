"""`edf`: earliest departure first. One after the other, each gets as much as it can take and limits leave."""

from __future__ import annotations

from evdsl.language.arrays import FloatArray
from evdsl.optimization.policies.rule import Policy, StepState, fill_in_order


def allot(moment: StepState) -> FloatArray:
    """Powers in one step, kW at the ports."""
    return fill_in_order(moment, moment.departure)


POLICY = Policy("edf", "earliest departure first", allot)
