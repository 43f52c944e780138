"""Every combination of toggles on a small site with every device."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

import evdsl
from evdsl.constraints import TOGGLES

SITE = Path(__file__).parent / "everything.evs"
NAMES = [toggle.name for toggle in TOGGLES]


def identity(states: tuple[bool, ...]) -> str:
    return "".join("+" if on else "-" for on in states)


@pytest.mark.parametrize("states", list(product([True, False], repeat=len(NAMES))), ids=identity)
def test_both_solvers_agree_whatever_is_toggled(states: tuple[bool, ...]) -> None:
    switched = dict(zip(NAMES, states, strict=True))
    spec = evdsl.load(
        SITE,
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
