"""What a Python program calls goes the way of the command of the same name."""

from __future__ import annotations

import pytest
from optimization.two_hours import TWO_HOURS

import evdsl

SITE = TWO_HOURS.replace("20 kW", "6 kW")
IMPOSSIBLE = SITE.replace("6 kW", "4 kW")


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_solve_gives_the_checked_result(solver: str) -> None:
    result = evdsl.solve(evdsl.loads(SITE), solver)
    assert result.stages[0].value == pytest.approx(1.8)
    assert result.verdict is not None
    assert result.verdict.ok


def test_solve_of_what_is_infeasible_says_why() -> None:
    result = evdsl.solve(evdsl.loads(IMPOSSIBLE))
    assert result.status is evdsl.Status.INFEASIBLE
    assert [each.code for each in result.diagnostics] == ["E601"]
    with pytest.raises(RuntimeError, match="infeasible"):
        evdsl.compare(evdsl.loads(IMPOSSIBLE))


def test_compare_has_the_rules_that_were_asked_for() -> None:
    found = evdsl.compare(evdsl.loads(SITE), ["uncontrolled"])
    assert [each.policy.name for each in found.ruled] == ["uncontrolled"]
    assert len(evdsl.compare(evdsl.loads(SITE)).ruled) > 1
    with pytest.raises(ValueError, match="there is no rule `first`; there are "):
        evdsl.compare(evdsl.loads(SITE), ["first"])


def test_explain_prices_lines_and_finds_conflicts() -> None:
    prices = evdsl.explain(evdsl.loads(SITE)).prices
    assert prices is not None
    assert prices.value == pytest.approx(1.8)
    assert evdsl.explain(evdsl.loads(IMPOSSIBLE)).conflict is not None
    with pytest.raises(IndexError, match="1 stages, and none of number 2"):
        evdsl.explain(evdsl.loads(SITE), stage=2)


def test_price_tells_what_a_word_costs() -> None:
    found = evdsl.price(evdsl.loads(SITE), "peak")
    # 5 kW instead of 6 cost 0.20 EUR more.
    assert found.loss == pytest.approx(0.2, abs=1e-4)
    with pytest.raises(ValueError, match="nothing"):
        evdsl.price(evdsl.loads(SITE), "nothing")


def test_diff_tells_meanings_apart() -> None:
    assert evdsl.diff(evdsl.loads(SITE), evdsl.loads(SITE + "# the same\n")) == []
    (found,) = evdsl.diff(evdsl.loads(SITE), evdsl.loads(IMPOSSIBLE))
    assert "import_limit" in str(found)


def test_an_unknown_solver_is_told() -> None:
    with pytest.raises(LookupError, match="gurobi"):
        evdsl.solve(evdsl.loads(SITE), "gurobi")
