"""The largest export, in what is weighed, in a requirement, and where nothing can be exported."""

from __future__ import annotations

import pytest

import evdsl
from evdsl.diagnostics.source import Source
from evdsl.semantics.resolve import Overrides, resolve
from evdsl.testing import claims, misses

SOLVERS = ("highs", "scip")
SITE = """
station e {
    start   = 2024-06-12
    horizon = 3 h
    step    = 1 h
}
grid {
    price = 0.30 EUR/kWh
    BACK
}
solar roof {
    power = { 00:00: 9 kW, 01:00: 3 kW, 02:00: 0 kW }
}
storage battery {
    capacity = 10 kWh
    power    = 5 kW
}
"""
FED_IN = SITE.replace("BACK", "feed_in = 0.10 EUR/kWh")
CAR = """
class car {
    charge = 11 kW
}
vehicle a of car {
    arrival = 00:00
    stay    = 3 h
    energy  = 5 kWh
}
"""
NOTHING_BACK = SITE.replace("BACK", "")


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("ending", "value", "peak"),
    [
        # 12 kWh in three equal hours earn 1.20 EUR.
        ("minimize cost + 0.05 EUR/kW * max(export_peak, 4 kW)", -1.0, 4.0),
        # The storage takes at most 5 of the 9 kW; the rest is given away or curtailed.
        ("minimize cost + 1 EUR/kW * export_peak", 0.0, 0.0),
        ("minimize cost\nrequire low: export_peak <= 3 kW", -0.9, 3.0),
        ("disable curtailment\nminimize export_peak", 4.0, 4.0),
    ],
)
def test_the_largest_export(solver: str, ending: str, value: float, peak: float) -> None:
    result = evdsl.solve(evdsl.loads(f"{FED_IN}{ending}\n"), solver)
    assert result.status is evdsl.Status.OPTIMAL
    assert result.verdict is not None
    assert result.verdict.ok
    assert result.stages[0].value == pytest.approx(value, abs=1e-6)
    assert result.terms["export_peak"] == pytest.approx(peak, abs=1e-6)
    assert result.schedule is not None
    exact = (
        *misses(result.spec, result.data, result.schedule),
        *claims(result.spec, result.data, result.schedule),
    )
    assert [str(miss) for miss in exact if miss.wrong] == []


@pytest.mark.parametrize("solver", SOLVERS)
def test_where_nothing_can_be_exported_it_is_zero(solver: str) -> None:
    result = evdsl.solve(evdsl.loads(f"{NOTHING_BACK}minimize cost + 1 EUR/kW * export_peak\n"), solver)
    assert result.status is evdsl.Status.OPTIMAL
    assert result.terms["export_peak"] == 0.0


def test_a_car_that_lowers_the_export_is_charged_for_it() -> None:
    """So that nothing is said of a charging that nobody would do."""
    source = Source("site", f"{FED_IN}{CAR}disable curtailment\nminimize export_peak\n", None)
    spec, found = resolve(source, Overrides())
    assert spec is not None
    assert "W106" not in {each.code for each in found}
