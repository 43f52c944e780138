"""What holds the schedules of scenarios together is checked without the model: corrupted plans are found."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import evdsl
from evdsl.optimization.scenarios.plan import ScenarioPlan
from evdsl.verifier.scenarios import Claim, Sample, ScenariosVerdict, verify_scenarios, worst_mean

TEXT = """station s {
    start = 2024-03-12
    horizon = 4 h
    step = 1 h
    seed = 2
}
grid {
    price = { 00:00: 0.10 EUR/kWh, 01:00: 0.30 EUR/kWh }
    import_limit = 30 kW
}
class car {
    charge = 10 kW
}
fleet guests of car {
    count = 3
    arrival = uniform(00:00, 02:00)
    stay = 2 h
    energy = uniform(5 kWh, 9 kWh)
}
storage battery {
    capacity = 10 kWh
    power = 5 kW
    soc_initial = 0 % .. 100 %
}
scenarios {
    count = 3
    share = [battery]
}
risk {
    level = 50 %
    weight = 0.4
}
minimize cost + 1 EUR/kWh * unmet
"""
RISK = (0.5, 0.4)


@pytest.fixture(scope="module")
def plan() -> ScenarioPlan:
    found = evdsl.scenarios(evdsl.loads(TEXT))
    assert found.status is evdsl.Status.OPTIMAL
    return found


def samples(plan: ScenarioPlan) -> list[Sample]:
    """The schedules of a plan, as they are checked."""
    found = []
    for case, result in zip(plan.cases, plan.results, strict=True):
        assert result.schedule is not None
        assert result.verdict is not None
        one = Sample(case.spec, case.data, result.schedule, result.verdict, case.weight, case.name)
        found.append(one)
    return found


def checked(plan: ScenarioPlan, given: list[Sample], value: float | None = None) -> ScenariosVerdict:
    claim = Claim(plan.stages[0].value if value is None else value, plan.stages[0].size)
    return verify_scenarios(given, ("battery",), RISK, [claim])


def rules(verdict: ScenariosVerdict) -> set[str]:
    return {violation.rule for violation in verdict.violations}


def test_a_plan_of_the_compiler_is_accepted(plan: ScenarioPlan) -> None:
    assert checked(plan, samples(plan)).ok


def test_a_shared_flow_that_differs_is_found(plan: ScenarioPlan) -> None:
    first, second, *rest = samples(plan)
    schedule = second.schedule.copy(deep=True)
    schedule["battery.charge"][1] += 0.01
    verdict = checked(plan, [first, replace(second, schedule=schedule), *rest])
    assert rules(verdict) == {"shared"}
    assert verdict.violations[0].step == 1
    assert verdict.violations[0].size == pytest.approx(0.01)


def test_a_choice_that_differs_is_found(plan: ScenarioPlan) -> None:
    first, second, *rest = samples(plan)
    said = json.dumps({"battery.soc_initial": {"value": 0.123, "unit": ""}})
    verdict = checked(
        plan, [first, replace(second, schedule=second.schedule.assign_attrs(chosen=said)), *rest]
    )
    assert rules(verdict) == {"chosen"}
    silent = second.schedule.assign_attrs(chosen="{}")
    assert rules(checked(plan, [first, replace(second, schedule=silent), *rest])) == {"chosen"}


def test_weights_that_do_not_add_up_are_found(plan: ScenarioPlan) -> None:
    first, *rest = samples(plan)
    assert "scenario-weights" in rules(checked(plan, [replace(first, weight=0.4), *rest]))


@pytest.mark.parametrize("by", [0.01, -0.01])
def test_a_value_that_the_schedules_do_not_give_is_found(plan: ScenarioPlan, by: float) -> None:
    verdict = checked(plan, samples(plan), plan.stages[0].value + by)
    assert rules(verdict) == {"claimed-value"}


def test_the_mean_is_no_value_of_an_averse_plan(plan: ScenarioPlan) -> None:
    assert plan.mean() != pytest.approx(plan.stages[0].value, abs=1e-4)
    assert rules(checked(plan, samples(plan), plan.mean())) == {"claimed-value"}


@pytest.mark.parametrize(
    ("level", "sign", "worst"),
    [(0.0, 1.0, 4.0), (0.5, 1.0, 6.5), (0.6, 1.0, 7.375), (0.99, 1.0, 10.0), (0.75, -1.0, 1.0)],
)
def test_the_worst_are_taken_one_after_the_other(level: float, sign: float, worst: float) -> None:
    values, weights = np.array([1.0, 10.0, 2.0, 3.0]), np.array([0.25] * 4)
    assert worst_mean(values, weights, level, sign) == pytest.approx(worst)
