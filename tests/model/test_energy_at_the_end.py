"""What a storage holds when the horizon ends, in requirements and objectives."""

from __future__ import annotations

import pytest

import evdsl
from evdsl.testing import claims, misses

SOLVERS = ("highs", "scip")
SITE = """
station e {
    start   = 2024-06-12
    horizon = 3 h
    step    = 1 h
}
grid {
    price        = { 00:00: 0.10 EUR/kWh, 01:00: 0.30 EUR/kWh }
    import_limit = 8 kW
}
load house {
    power = 2 kW
}
storage battery {
    capacity    = 10 kWh
    power       = 5 kW
    soc_initial = 0 %
}
"""


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("ending", "value", "left"),
    [
        # 5 kWh are bought early, and 4 of them spare 0.30 EUR each.
        ("minimize cost", 0.60, None),
        # Two of them stay: one kWh for the house is bought late.
        ("minimize cost\nrequire end: battery.energy_end >= 2 kWh", 1.00, 2.0),
        ("minimize cost\nrequire end: battery.energy_end == 5 kWh", 1.90, 5.0),
        # The kWh that nobody takes is worth 0.15, those that the house takes are worth 0.30 there.
        ("minimize cost - 0.15 EUR/kWh * min(battery.energy_end, 3 kWh)", 0.55, 1.0),
        ("minimize cost + 0.50 EUR/kWh * max(4 kWh - battery.energy_end, 0 kWh)", 1.60, 4.0),
    ],
)
def test_the_energy_at_the_end(solver: str, ending: str, value: float, left: float | None) -> None:
    result = evdsl.solve(evdsl.loads(f"{SITE}{ending}\n"), solver)
    assert result.status is evdsl.Status.OPTIMAL
    assert result.verdict is not None
    assert result.verdict.ok
    assert result.schedule is not None
    assert result.stages[0].value == pytest.approx(value, abs=1e-6)
    if left is not None:
        assert float(result.schedule["battery.energy_end"]) == pytest.approx(left, abs=1e-6)
    exact = (
        *misses(result.spec, result.data, result.schedule),
        *claims(result.spec, result.data, result.schedule),
    )
    assert [str(miss) for miss in exact if miss.wrong] == []
