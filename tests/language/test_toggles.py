"""Any four toggles in every combination on a small site with every device.

128 of 512 settings, as a two-level fractional factorial of resolution V (Box and Hunter 1961) has them: the
eighth toggle is the product of the first four, the ninth that of the first two and the next two.
"""

from __future__ import annotations

from itertools import combinations, product
from math import prod

import pytest
from worlds import EVERYTHING

import evdsl
from evdsl.language.toggles import TOGGLES

NAMES = [toggle.name for toggle in TOGGLES]


PRODUCTS = ((0, 1, 2, 3), (0, 1, 4, 5))
STATES = [
    tuple(sign > 0 for sign in (*signs, *(prod(signs[each] for each in of) for of in PRODUCTS)))
    for signs in product([1, -1], repeat=len(NAMES) - len(PRODUCTS))
]


def identity(states: tuple[bool, ...]) -> str:
    return "".join("+" if on else "-" for on in states)


def test_any_four_toggles_are_met_in_every_combination() -> None:
    for four in combinations(range(len(NAMES)), 4):
        assert len({tuple(states[each] for each in four) for states in STATES}) == 16, four


@pytest.mark.slow
@pytest.mark.parametrize("states", STATES, ids=identity)
def test_both_solvers_agree_whatever_is_toggled(states: tuple[bool, ...]) -> None:
    switched = dict(zip(NAMES, states, strict=True))
    spec = evdsl.load(
        EVERYTHING,
        enable=[name for name, on in switched.items() if on],
        disable=[name for name, on in switched.items() if not on],
    )
    highs, scip = (evdsl.compile(spec).run(solver) for solver in ("highs", "scip"))
    assert highs.status is scip.status, f"{highs.message} / {scip.message}"
    if highs.status is evdsl.Status.INFEASIBLE:
        assert not switched["partial_charging"] or not switched["curtailment"]
        assert highs.message
        return
    assert highs.status is evdsl.Status.OPTIMAL, highs.message
    for one, other in zip(highs.stages, scip.stages, strict=True):
        assert one.value == pytest.approx(other.value, rel=2e-5, abs=2e-5)
    for result in (highs, scip):
        assert result.verdict is not None
        assert result.verdict.ok, result.verdict.violations[:3]
