"""Days that come again, as known optima on both solvers."""

from __future__ import annotations

import pytest

import evdsl
from evdsl.optimization.problem import compile_spec
from evdsl.testing.exact import claims

SOLVERS = ("highs", "scip")
LOAD = """\
station s {
    start   = 2024-12-23
    horizon = 7 d
    step    = 1 h
}
grid {
    price = { mon .. fri: { 00:00: 0.12 EUR/kWh, 07:00: 0.21 EUR/kWh }, [sat, sun]: 0.10 EUR/kWh,
              2024-12-25: 0.08 EUR/kWh }
}
load house {
    power = 1 kW
}
minimize cost
"""
CAR = """\
station s {
    start   = 2024-03-11
    horizon = 7 d
    step    = 1 h
}
grid {
    price = { mon .. fri: 0.20 EUR/kWh, [sat, sun]: 0.10 EUR/kWh }
}
class car {
    charge = 11 kW
}
vehicle commuter of car {
    arrival = 08:00
    stay    = 8 h
    energy  = 10 kWh
    days    = mon .. fri
}
disable partial_charging
minimize cost
"""


def optimum(text: str, solver: str) -> float:
    result = compile_spec(evdsl.loads(text)).run(solver)
    assert result.schedule is not None
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations
    spec, data = result.spec, result.data
    found = [*claims.misses(spec, data, result.schedule), *claims.claims(spec, data, result.schedule)]
    assert [miss for miss in found if miss.wrong] == []
    return result.stages[0].value


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_load_pays_what_each_day_costs(solver: str) -> None:
    assert optimum(LOAD, solver) == pytest.approx(24.36, abs=1e-6)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("days", "cost"),
    [("mon .. fri", 10.0), ("all", 12.0), ("sat .. sun", 2.0), ("2024-03-11", 2.0), ("[fri .. sat]", 3.0)],
)
def test_a_car_comes_on_its_days(days: str, cost: float, solver: str) -> None:
    assert optimum(CAR.replace("mon .. fri\n}", f"{days}\n}}"), solver) == pytest.approx(cost, abs=1e-6)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_car_without_days_comes_once(solver: str) -> None:
    text = CAR.replace("    days    = mon .. fri\n", "")
    assert optimum(text, solver) == pytest.approx(2.0, abs=1e-6)


METERED = """\
station s {
    start    = 2024-03-11
    horizon  = 3 d
    step     = 1 h
    holidays = 2024-03-13
}
load house {
    power = { mon: 3 kW, tue: { 00:00: 5 kW, 12:00: 7 kW }, wed: 11 kW }
}
"""


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("settings", "cost"),
    [
        ("days = mon", 3.0),
        ("days = [mon, 2024-03-12]", 7.0),
        ("days = mon .. tue\n window = 00:00 .. 12:00", 5.0),
        ("days = tue\n window = 22:00 .. 06:00", 7.0),
        ("days = holiday", 11.0),
        ("days = sat .. sun", 0.0),
        ("days = sat .. sun\n per = day\n reached = 2 kW", 0.0),
        ("days = [mon, holiday]\n per = day", 14.0),
        ("per = day", 21.0),
    ],
)
def test_a_demand_charge_meters_on_its_days(settings: str, cost: float, solver: str) -> None:
    text = f"{METERED}demand_charge d {{\n price = 1 EUR/kW\n {settings}\n}}\nminimize demand_cost\n"
    assert optimum(text, solver) == pytest.approx(cost, abs=1e-6)


MEMBERS = """\
station s {
    start   = 2024-03-11
    horizon = 3 d
    step    = 1 h
}
class car {
    charge = 10 kW
}
fleet day_shift of car {
    count   = 2
    arrival = 08:00
    stay    = 2 h
    energy  = 10 kWh
    days    = mon .. tue
}
vehicle bus of car {
    arrival = 22:00
    stay    = 4 h
    energy  = 10 kWh
    days    = all
}
"""


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("left", "unmet"),
    [
        ("day_shift[2, 2024-03-12]", 6.0),
        ("bus[2024-03-12]", 6.0),
        ("bus", 26.0),
        ("day_shift", 36.0),
        ("[bus[2024-03-11], day_shift[1, 2024-03-11]]", 16.0),
    ],
)
def test_a_stay_of_one_day_is_named_by_its_day(left: str, unmet: float, solver: str) -> None:
    text = f"{MEMBERS}require few: delivered[{left}] <= 4 kWh\nminimize unmet\n"
    assert optimum(text, solver) == pytest.approx(unmet, abs=1e-6)
