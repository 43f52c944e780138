"""Whether a change of a value is a jump.

A value moves in proportion to a small change of a statement for as long as the same things bind: half of the
change is then worth half as much. Where integers are decided, it may jump: a port that is a little weaker
loses a whole rate. Divided by the change, a jump would be a price as large as one likes.
"""

from __future__ import annotations

from dataclasses import dataclass

UNEQUAL = 0.25
"""Of what a change is worth: by how much half of it may miss the half."""


@dataclass(frozen=True, slots=True)
class Jump:
    """What a stage's value changes by, as a whole, where a statement changes by a step."""

    change: float
    step: float


def is_jump(whole: float, half: float | None, noise: float) -> bool:
    """Whether half of a change, `None` where that is infeasible, is not worth half of what all of it is."""
    if abs(whole) <= noise:
        return False
    return half is None or abs(half - whole / 2) > UNEQUAL * abs(whole) + noise
