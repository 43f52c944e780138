"""`edf`: earliest departure first. One after the other, each gets as much as it can take and limits leave."""

from __future__ import annotations

from evdsl.language.arrays import FloatArray
from evdsl.optimization.policies.rule import Moment, Policy, in_order


def allot(moment: Moment) -> FloatArray:
    """Powers in one step, kW at the ports."""
    return in_order(moment, moment.departure)


POLICY = Policy("edf", "earliest departure first", allot)
