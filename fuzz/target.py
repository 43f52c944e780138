"""What the targets of this folder share: a campaign of some claims, told on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Collection

from evdsl.cli.commands.fuzz import summary
from evdsl.testing import INVARIANTS, METAMORPHIC, Plan, campaign, specs


def run(invariants: Collection[str] | None = None, relations: bool = True) -> None:
    """Holds random specs against the claims of these names, all without; exits with 1 where one fails."""
    examples, seed = [*(int(given) for given in sys.argv[1:3]), *(1000, 0)[len(sys.argv[1:3]) :]]
    if invariants is None:
        chosen = [*INVARIANTS]
    else:
        chosen = [one for one in (*INVARIANTS, *METAMORPHIC) if one.name in invariants]
    plan = Plan(invariants=chosen, metamorphic=METAMORPHIC if relations else ())
    coverage, failure = campaign(specs, examples, start=seed, plan=plan)
    print(summary(coverage))
    if failure is not None:
        sys.exit(f"{failure.invariant.name}: {failure.message}\n{failure.text}")
