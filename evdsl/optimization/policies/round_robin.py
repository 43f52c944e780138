"""`round_robin`: power is dealt out in equal parts, round after round, until vehicles or limits are full.

In the limit of small parts all powers grow alike: what a full vehicle leaves goes to the others.
"""

from __future__ import annotations

from evdsl.language.arrays import FloatArray
from evdsl.optimization.policies.rule import Policy, StepState, fill_proportionally


def allot(moment: StepState) -> FloatArray:
    """Powers in one step, kW at the ports."""
    return fill_proportionally(moment, moment.vehicles)


POLICY = Policy("round_robin", "equal parts for all, and what one leaves for the others", allot)
