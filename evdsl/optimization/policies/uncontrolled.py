"""`uncontrolled`: every vehicle charges at full power from its arrival, until it has what it asks for.

Where that is more than a limit lets through, all who hang on it are slowed down in proportion, as a
breaker's load management does: unlike a plan it looks at no price and no departure.
"""

from __future__ import annotations

from evdsl.language.arrays import FloatArray
from evdsl.optimization.policies.rule import Policy, StepState, fill_proportionally


def allot(moment: StepState) -> FloatArray:
    """Powers in one step, kW at the ports."""
    return fill_proportionally(moment, moment.full)


POLICY = Policy("uncontrolled", "full power on arrival, slowed down in proportion at a limit", allot)
