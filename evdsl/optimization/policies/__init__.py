"""Rules of charging that stand beside the optimum: what is done where nothing is planned.

They know who is there and what is missing, and nothing of what comes: no price, no later arrival.
All keep the limits of the spec and no vehicle gives back; storages do what `battery` says.
"""

from __future__ import annotations

from evdsl.optimization.policies import edf, fifs, llf, round_robin, uncontrolled
from evdsl.optimization.policies.rule import Policy

POLICIES: tuple[Policy, ...] = (
    uncontrolled.POLICY,
    fifs.POLICY,
    edf.POLICY,
    llf.POLICY,
    round_robin.POLICY,
)


def policy(name: str) -> Policy | None:
    """The rule of that name."""
    return next((policy for policy in POLICIES if policy.name == name), None)
