"""Every combination of toggles on a small site with every device."""

from __future__ import annotations

from itertools import product

import pytest

import evdsl
from evdsl.constraints import TOGGLES

SITE = """
station everything {
    start = 2024-03-12
    horizon = 4 h
    step = 1 h
}
grid {
    import_limit = 14 kW
    export_limit = 5 kW
    price = { 00:00: 0.10 EUR/kWh, 01:00: -0.05 EUR/kWh, 02:00: 0.50 EUR/kWh, 03:00: 0.20 EUR/kWh }
    feed_in = { 00:00: 0.15 EUR/kWh, 02:00: 0.30 EUR/kWh }
    carbon = 200 g/kWh
    demand_charge = 0.02 EUR/kW
}
feeder east {
    limit = 9 kW
}
port ac {
    power = 6 kW
    discharge = 6 kW
    min_power = 2 kW
    feeder = east
}
port dc {
    power = 8 kW
    rates = [3 kW, 7 kW]
    efficiency = 95 %
}
solar roof {
    peak = 6 kW
    profile = { 00:00: 0.1, 01:00: 1, 02:00: 0.5, 03:00: 0 }
    feeder = east
}
wind turbine {
    power = 1 kW
}
storage battery {
    capacity = 6 kWh
    power = 2 kW
    efficiency = 90 %
    soc_final = 40 %
    wear = 0.01 EUR/kWh
    end_value = 0.10 EUR/kWh
    feeder = east
}
load house {
    power = { 00:00: 1 kW, 02:00: 3 kW }
}
class car {
    battery = 20 kWh
    charge = 6 kW
    discharge = 5 kW
    efficiency = 90 %
    wear = 0.02 EUR/kWh
    tariff = 0.30 EUR/kWh
    v2g_reward = 0.05 EUR/kWh
    end_value = 0.05 EUR/kWh
}
class van {
    charge = 7 kW
}
vehicle a of car {
    arrival = 00:00
    stay = 4 h
    soc_arrival = 40 %
    soc_target = 70 %
}
vehicle b of car {
    arrival = 00:20
    stay = 2 h
    soc_arrival = 60 %
    soc_target = 60 %
}
fleet vans of van {
    arrival = 02:00
    stay = 2 h
    energy = 7 kWh
    count = 1
}
minimize cost + 0.60 EUR/kWh * unmet + 0.01 EUR/kWh * curtailed
then minimize delay allowing 1 %
"""
NAMES = [toggle.name for toggle in TOGGLES]


def identity(states: tuple[bool, ...]) -> str:
    return "".join("+" if on else "-" for on in states)


@pytest.mark.parametrize("states", product([True, False], repeat=len(NAMES)), ids=identity)
def test_both_solvers_agree_whatever_is_toggled(states: tuple[bool, ...]) -> None:
    switched = dict(zip(NAMES, states, strict=True))
    spec = evdsl.loads(
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
