"""The page about one site under four goals says what the solver says."""

from __future__ import annotations

import runpy

import pytest
from worlds import ROOT

DOCS = ROOT / "docs"


@pytest.mark.slow
def test_the_page_of_goals_is_the_one_that_is_solved() -> None:
    script = runpy.run_path(str(DOCS / "goals.py"))
    results = script["solved"]()
    assert (DOCS / "goals.md").read_text(encoding="utf-8") == script["page"](results), "python docs/goals.py"
    cost = {name: result.terms["cost"] + 0.38 * result.terms["unmet"] for name, result in results.items()}
    assert cost["cost"] == min(cost.values())
    assert results["cost + CO2"].terms["co2"] < results["cost"].terms["co2"]
    fairest = max(result.terms["fairness"] for result in results.values())
    assert results["fair"].terms["fairness"] >= fairest - 1e-5
    assert results["V2G profit"].terms["v2g_profit"] == max(r.terms["v2g_profit"] for r in results.values())
