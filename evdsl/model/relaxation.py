"""Rules that may hold by themselves are left out, and the answer is held against them.

At each label of a `Complementarity` at most one of two flows is above zero. A program without such rules
allows all that the one with them allows: it is a relaxation.

Claim: an optimal answer of the relaxation that keeps the rules is an optimal answer of the program with
them. Proof. Its value is the least over a larger set, and it lies in the smaller one. For the same reason a
bound of the relaxation bounds the program, an allowed point within a gap of it is within that gap, and where
the relaxation allows nothing, the program allows nothing. A later stage is solved over what keeps the earlier
ones at these same values, so the claim goes on from stage to stage; and the fairest list of shares of the
larger set, if the schedule that has it keeps the rules, is the fairest of the smaller one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evdsl.language.combinatorial import Complementarity
from evdsl.model.point import Values

NAME = "exclusive_to_relaxation"
"""As `--without` has it."""

BOTH = 1e-7
"""kW above which a flow counts as one."""


def keeps(requirements: Sequence[Complementarity], values: Values) -> bool:
    """Whether nowhere both flows of a requirement are above zero."""
    return not any(
        (
            (_flow(values, one.first, one.first_at) > BOTH)
            & (_flow(values, one.second, one.second_at) > BOTH)
        ).any()
        for one in requirements
    )


def _flow(values: Values, name: str, positions: Any) -> Any:
    return values[name] if positions is None else values[name][np.asarray(positions)]
