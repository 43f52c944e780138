"""What single vehicles pay, wear and are paid for, in requirements, terms and lets."""

from __future__ import annotations

import pytest

import evdsl
from evdsl.report.facts import lets
from evdsl.testing import claims, misses

SOLVERS = ("highs", "scip")
SITE = """
station s {
    start   = 2024-03-12
    horizon = 4 h
    step    = 1 h
}
grid {
    price   = { 00:00: 0.10 EUR/kWh, 02:00: 0.40 EUR/kWh }
    feed_in = { 00:00: 0.05 EUR/kWh, 02:00: 0.35 EUR/kWh }
}
solar roof {
    power = { 00:00: 0 kW, 01:00: 4 kW }
}
class car {
    battery    = 40 kWh
    charge     = 10 kW
    discharge  = 10 kW
    wear       = 0.02 EUR/kWh
    tariff     = { 00:00: 0.30 EUR/kWh, 02:00: 0.50 EUR/kWh }
    v2g_reward = 0.10 EUR/kWh
    BILLING
}
class guest {
    battery   = 40 kWh
    charge    = 10 kW
    discharge = 10 kW
}
vehicle a of car {
    arrival     = 00:00
    stay        = 4 h
    soc_arrival = 50 %
    soc_target  = 50 %
}
fleet vans of car {
    count       = 2
    arrival     = 00:00
    stay        = 2 h
    soc_arrival = 20 %
    soc_target  = 40 %
}
vehicle free of guest {
    arrival     = 00:00
    stay        = 4 h
    soc_arrival = 50 %
    soc_target  = 50 %
}
enable v2g
disable partial_charging
"""


def solved(ending: str, solver: str, billing: str = "") -> evdsl.Result:
    result = evdsl.solve(evdsl.loads(SITE.replace("BILLING", billing) + ending + "\n"), solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations
    assert result.schedule is not None
    exact = (
        *misses(result.spec, result.data, result.schedule),
        *claims(result.spec, result.data, result.schedule),
    )
    assert [str(miss) for miss in exact if miss.wrong] == []
    return result


def told(result: evdsl.Result) -> dict[str, float]:
    return {name: value for name, (value, _) in lets(result).items()}


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("billing", ["billing = gross", "billing = net"])
def test_the_money_of_all_vehicles_is_the_word(solver: str, billing: str) -> None:
    ending = (
        "let paid = sum(v in vehicles: revenue[v])\nlet worn = sum(v in vehicles: wear[v])\n"
        "let groups = revenue[vans] + revenue[a] + revenue[guest]\nminimize energy_cost - export_revenue"
    )
    result = solved(ending, solver, billing)
    terms, own = result.terms, told(result)
    assert terms["discharged"] > 1
    assert own["paid"] == pytest.approx(terms["revenue"], abs=1e-9)
    assert own["groups"] == pytest.approx(terms["revenue"], abs=1e-9)
    assert own["worn"] == pytest.approx(terms["wear"], abs=1e-9)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_driver_who_is_to_lose_nothing_gives_back_what_pays_for_it(solver: str) -> None:
    # 0.30 is paid for 20 kWh that are charged early, and 0.10 for the 20 that are given back.
    free = solved("minimize energy_cost - export_revenue + wear\nlet own = revenue[a]", solver)
    assert told(free)["own"] == pytest.approx(4.0, abs=1e-6)
    bound = solved(
        "minimize energy_cost - export_revenue + wear\n"
        "let own = revenue[a]\nrequire fair: revenue[a] <= 1 EUR",
        solver,
    )
    assert told(bound)["own"] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("solver", SOLVERS)
def test_prices_of_a_class_are_those_of_each_of_its_vehicles(solver: str) -> None:
    ending = (
        "let fees = cost + sum(v in vehicles: tariff[v, 00:00]) * 1 kWh\n"
        "let late = cost + (tariff[a, 02:00] + tariff[free, 02:00]) * 1 kWh\n"
        "let paid = sum(v in vehicles: sum(t in steps: tariff[v, t] * charge[v, t])) * step\n"
        "let back = sum(v in vehicles: sum(t in steps: v2g_reward[v, t] * discharge[v, t])) * step\n"
        "let rewards = cost + sum(v in vans: v2g_reward[v, 01:00]) * 1 kWh\n"
        "minimize energy_cost - export_revenue"
    )
    result = solved(ending, solver)
    terms, own = result.terms, told(result)
    assert own["fees"] - terms["cost"] == pytest.approx(0.9)
    assert own["late"] - terms["cost"] == pytest.approx(0.5)
    assert own["rewards"] - terms["cost"] == pytest.approx(0.2)
    assert own["back"] > 0.5
    assert own["paid"] == pytest.approx(terms["revenue"] + own["back"], abs=1e-6)


@pytest.mark.parametrize("solver", SOLVERS)
def test_what_a_roof_could_give_is_known_before(solver: str) -> None:
    ending = (
        "let sun = sum(t in steps: roof.available[t] + 0.5 * import[t]) * step\n"
        "require half: roof.power[t] <= 0.5 * roof.available[t] for t in steps\n"
        "maximize export_revenue - cost"
    )
    result = solved(ending, solver)
    assert result.schedule is not None
    bought = float(result.schedule["import"].values.sum())
    assert told(result)["sun"] == pytest.approx(12.0 + 0.5 * bought)
    assert result.schedule["roof"].values.max() <= 2 + 1e-6
