"""`above(x, y)` is 1 where data are above other data, else 0, wherever a value may stand."""

from __future__ import annotations

import pytest

import evdsl
from evdsl.testing import claims, misses

SOLVERS = ("highs", "scip")
SITE = """
station s {
    start   = 2024-06-12
    horizon = 4 h
    step    = 1 h
}
grid {
    price        = { 00:00: 0.10 EUR/kWh, 01:00: 0.70 EUR/kWh, 02:00: 70 ct/kWh, 03:00: 0.71 EUR/kWh }
    import_limit = 10 kW
}
load house {
    power = LOAD
}
storage battery {
    capacity    = 10 kWh
    power       = 5 kW
    soc_initial = 0 %
}
"""


def solved(ending: str, solver: str, load: str = "2 kW") -> evdsl.Result:
    result = evdsl.solve(evdsl.loads(SITE.replace("LOAD", load) + ending + "\n"), solver)
    assert result.status is evdsl.Status.OPTIMAL
    assert result.verdict is not None
    assert result.verdict.ok
    assert result.schedule is not None
    exact = (
        *misses(result.spec, result.data, result.schedule),
        *claims(result.spec, result.data, result.schedule),
    )
    assert [str(miss) for miss in exact if miss.wrong] == []
    return result


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("ending", "value"),
    [
        # Only the last hour is dearer than 0.70: 70 ct are 0.7000000000000001 EUR, and no more.
        ("minimize sum(t in steps: above(price[t], 0.70 EUR/kWh) * import[t]) * step", 0.0),
        ("minimize sum(t in steps: above(0.70 EUR/kWh, price[t]) * import[t]) * step", 2.0),
        ("maximize sum(t in steps: above(price[t], 0.70 EUR/kWh) * import[t]) * step", 7.0),
        ("minimize cost\nrequire r: above(price[t], 0.5 EUR/kWh) * import[t] <= 0.5 kW for t in steps", None),
    ],
)
def test_hours_that_are_dear(solver: str, ending: str, value: float | None) -> None:
    result = solved(ending, solver)
    if value is not None:
        assert result.stages[0].value == pytest.approx(value, abs=1e-6)
        return
    assert result.schedule is not None
    bought = result.schedule["import"].values.tolist()
    assert max(bought[1:]) <= 0.5 + 1e-6


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_series_of_a_block(solver: str) -> None:
    # A load that is off in the dear hours.
    load = "3 kW * above({ 00:00: 2, 02:00: 1 }, 1.5)"
    result = solved("minimize cost\nrequire idle: battery.charge[t] <= 0 kW for t in steps", solver, load)
    assert result.terms["cost"] == pytest.approx(3 * 0.10 + 3 * 0.70, abs=1e-9)
