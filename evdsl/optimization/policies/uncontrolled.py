"""`uncontrolled`: every vehicle charges at full power from its arrival, until it has what it asks for.

Where that is more than a limit lets through, all who hang on it are slowed down in proportion, as a
breaker's load management does: unlike a plan it looks at no price and no departure.
"""

from __future__ import annotations

from evdsl.language.arrays import FloatArray
from evdsl.optimization.policies.rule import Moment, Policy, together


def allot(moment: Moment) -> FloatArray:
    """Powers in one step, kW at the ports."""
    return together(moment, moment.full)


POLICY = Policy("uncontrolled", "full power on arrival, slowed down in proportion at a limit", allot)
