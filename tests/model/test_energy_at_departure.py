"""What a vehicle leaves with for good, in requirements, lets and objectives: after its last trip."""

from __future__ import annotations

import pytest

import evdsl
from evdsl.diagnostics.source import Source
from evdsl.language.quantities import AT_DEPARTURE
from evdsl.semantics.overrides import Overrides
from evdsl.semantics.resolve import resolve
from evdsl.testing import claims, misses

SOLVERS = ("highs", "scip")
SITE = """
station home {
    start   = 2024-06-12
    horizon = 3 h
    step    = 1 h
}
grid {
    price = { 00:00: 0.10 EUR/kWh, 01:00: 0.30 EUR/kWh }
}
class car {
    battery = 20 kWh
    charge  = 10 kW
}
vehicle ev of car {
    arrival     = 00:00
    stay        = 3 h
    soc_arrival = 50 %
    soc_target  = 0 %
}
trip out of ev {
    departure = 01:00
    arrival   = 02:00
    used      = 8 kWh
}
"""


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("ending", "value", "left"),
    [
        # 8 for the trip and 12 after it, of which 10 came: 10 kWh before it, for 0.10.
        ("minimize cost\nrequire enough: energy[ev, departure] >= 12 kWh", 1.00, 12.0),
        ("minimize cost\nrequire enough: soc[v, departure] >= 60 % for v in vehicles", 1.00, 12.0),
        # 10 more at 0.30 after it.
        ("minimize cost\nrequire all: energy[car, departure] == 20 kWh", 1.00 + 8 * 0.30, 20.0),
        ("minimize cost - 0.20 EUR/kWh * energy[ev, departure]", 1.00 - 2.40, 12.0),
        ("minimize cost + 1 EUR/kWh * max(0 kWh, 14 kWh - energy[ev, departure])", 1.60, 14.0),
    ],
)
def test_the_energy_at_departure(solver: str, ending: str, value: float, left: float) -> None:
    result = evdsl.solve(evdsl.loads(f"{SITE}{ending}\n"), solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations
    assert result.schedule is not None
    assert result.stages[0].value == pytest.approx(value, abs=1e-6)
    assert float(result.schedule["energy_departure"][-1]) == pytest.approx(left, abs=1e-6)
    assert wrong(result) == []


SHORT = SITE.replace("stay        = 3 h", "stay        = 2 h")


def solved(text: str, solver: str = "highs") -> evdsl.Result:
    return evdsl.solve(evdsl.loads(text), solver)


def wrong(result: evdsl.Result) -> list[str]:
    assert result.schedule is not None
    arguments = result.spec, result.data, result.schedule
    return [str(miss) for miss in (*misses(*arguments), *claims(*arguments)) if miss.wrong]


@pytest.mark.parametrize("solver", SOLVERS)
def test_who_leaves_as_it_comes_back_has_what_the_trip_left(solver: str) -> None:
    """Its last stay has no step: 10 kWh and what is bought before the trip, less its 8."""
    result = solved(f"{SHORT}minimize cost\nrequire enough: energy[ev, departure] >= 9 kWh\n", solver)
    assert result.stages[0].value == pytest.approx(0.70)
    assert result.schedule is not None
    assert float(result.schedule["energy_departure"][-1]) == pytest.approx(9.0)
    assert wrong(result) == []


@pytest.mark.parametrize("solver", SOLVERS)
def test_energy_on_the_road_from_nowhere_is_no_energy_at_departure(solver: str) -> None:
    """The trip takes 15 of 10 kWh; 5 on the road and none left, unless it buys: unmet is not weighed."""
    text = SHORT.replace("used      = 8 kWh", "used      = 15 kWh")
    result = solved(f"{text}minimize cost - 0.15 EUR/kWh * energy[ev, departure]\n", solver)
    # 10 kWh for 1.00 leave 5 of 20 after the trip, worth 0.75: buying nothing is better.
    assert result.stages[0].value == pytest.approx(0.0, abs=1e-9)
    assert wrong(result) == []


def test_a_vehicle_that_is_there_as_the_horizon_ends_has_what_it_has_then() -> None:
    text = SITE.replace("stay        = 3 h", "stay        = 30 h")
    ending = "let left = energy[ev, departure]\nminimize cost - 0.20 EUR/kWh * left\n"
    result = solved(f"{text}{ending}")
    assert result.stages[0].value == pytest.approx(1.00 - 2.40)


def test_a_name_that_is_defined_is_what_it_was() -> None:
    asked = "energy[v, departure] >= 0 kWh for v in vehicles, departure in 00:00 .. 01:00"
    text = f"{SITE}require any: {asked}\nminimize cost\n"
    spec = evdsl.loads(text)
    assert spec.requirements[0].references() == {"energy"}
    again = evdsl.loads(SITE + "require any: energy[ev, departure] >= 0 kWh\nminimize cost\n")
    assert again.requirements[0].references() == {AT_DEPARTURE["energy"].name}


@pytest.mark.parametrize(
    ("asked", "message", "help"),
    [
        (
            "charge[ev, departure] <= 2 kW",
            "`departure` is no step: what vehicles leave with is `energy[v, departure]` "
            "and `soc[v, departure]`",
            "write `charge[v, t]`, with `t` a step",
        ),
        (
            "soc[vehicles, departure] >= 1",
            "`soc[v, departure]` is one vehicle's, and cannot be added up over `vehicles`",
            "write `mean(v in vehicles: soc[v, departure])`",
        ),
    ],
)
def test_departure_is_asked_for_of_states_of_single_batteries(asked: str, message: str, help: str) -> None:
    other = "vehicle other of car {\n arrival = 00:00\n stay = 1 h\n energy = 1 kWh\n}\n"
    text = SITE.replace("vehicle ev of car", f"{other}vehicle ev of car")
    found = resolve(Source("site.evs", f"{text}require odd: {asked}\nminimize cost\n"), Overrides())[1]
    assert [(one.code, one.message, one.help) for one in found if one.is_error] == [("E305", message, help)]
