"""Every counterexample that was ever found, by its name: what went wrong stands in its first line."""

from __future__ import annotations

from pathlib import Path

import pytest

import evdsl
from evdsl.optimization.comparison import compare
from evdsl.optimization.policies import POLICIES
from evdsl.testing import Trial
from evdsl.testing.properties.invariants import words_recomputed

FOUND = sorted((Path(__file__).parent / "found").glob("*.evs"))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_what_was_once_wrong_is_right(path: Path) -> None:
    spec = evdsl.load(path)
    highs, scip = (evdsl.compile(spec).run(solver) for solver in ("highs", "scip"))
    assert highs.status is scip.status, (highs.message, scip.message)
    assert highs.status in (evdsl.Status.OPTIMAL, evdsl.Status.INFEASIBLE), highs.message
    for one, other in zip(highs.stages, scip.stages, strict=True):
        assert one.value == pytest.approx(other.value, rel=2e-5, abs=2e-5)
    for result in (highs, scip):
        assert result.verdict is None or result.verdict.ok, result.message
    if highs.status is evdsl.Status.OPTIMAL:
        assert words_recomputed(Trial(path.read_text(encoding="utf-8"))) is None
    if highs.status is evdsl.Status.OPTIMAL and not spec.of_kind("cohort"):
        for ruled in compare(highs, POLICIES).ruled:
            assert ruled.terms, ruled.policy.name
