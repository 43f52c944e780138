"""Rules are left out until an answer breaks them: the same optimum, on both solvers, and rules that hold."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, event, given, reject, settings
from worlds import ROOT

import evdsl
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.model.lower import REWRITES
from evdsl.model.relaxation import NAME, keeps
from evdsl.optimization import relaxed
from evdsl.optimization.problem import Problem, compile_spec
from evdsl.optimization.stages import Broken, solve_stages
from evdsl.semantics.load import SpecError
from evdsl.solver.discovery import find
from evdsl.solver.solution import Options, Status
from evdsl.testing.generate.specs import texts

KEPT = [
    "features/billing",
    "features/curtailment",
    "features/leakage",
    "features/source",
    "features/import_or_export",
]
BREACHES = ["features/v2g_profit", "features/exclusive", "features/export_revenue"]

HUB = """
station hub {
    start   = 2024-03-12
    horizon = 24 h
    step    = 10 min
}
grid {
    import_limit = 200 kW
    price        = { 00:00: 10 ct/kWh, 06:00: 25 ct/kWh, 12:00: FLOOR ct/kWh, 13:00: 30 ct/kWh,
                     20:00: 15 ct/kWh }
}
feeder yard {
    limit = 150 kW
}
storage battery {
    feeder     = yard
    capacity   = 100 kWh
    charge     = 50 kW
    discharge  = 50 kW
    efficiency = 90 %
}
class car {
    charge = 22 kW
}
fleet cars of car {
    count   = 20
    arrival = normal(08:00, 1 h)
    stay    = 9 h
    energy  = 30 kWh
}
minimize energy_cost + 1 EUR/kWh * unmet
"""
"""A battery behind a feeder, for which no proof leaves its 144 binaries out."""


def problem_of(path: str) -> Problem:
    return compile_spec(evdsl.load(ROOT / "specs" / f"{path}.evs"))


@pytest.mark.parametrize("solver", ["highs", "scip"])
@pytest.mark.parametrize("path", KEPT + BREACHES)
def test_the_optimum_is_the_same_whether_rules_are_left_out_first_or_not(
    path: str, solver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaxed, "WORTHWHILE", 0)
    problem = problem_of(path)
    before = problem.run(solver, Options(without=(NAME,)))
    after = problem.run(solver)
    assert after.status is before.status is Status.OPTIMAL
    assert [stage.value for stage in after.stages] == pytest.approx(
        [s.value for s in before.stages], rel=1e-6
    )
    assert after.verdict is not None
    assert after.verdict.ok
    assert before.size["integers"] > 0


@pytest.mark.parametrize("path", BREACHES)
def test_an_answer_that_breaks_a_rule_is_followed_by_binaries(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaxed, "WORTHWHILE", 0)
    assert problem_of(path).run("highs").size["integers"] > 0


@pytest.mark.parametrize("floor", [5, -20])
def test_a_battery_behind_a_feeder_needs_no_binaries_while_turning_round_does_not_pay(floor: int) -> None:
    problem = compile_spec(evdsl.loads(HUB.replace("FLOOR", str(floor))))
    result = problem.run("highs")
    usual = problem.run("highs", Options(without=(NAME,)))
    assert (result.size["integers"], usual.size["integers"]) == (0, 144)
    assert result.stages[0].value == pytest.approx(usual.stages[0].value, rel=1e-6)


def test_hours_of_prices_below_zero_that_overfill_it_bring_the_binaries_back() -> None:
    text = HUB.replace("25 ct/kWh, 12:00: FLOOR", "-25 ct/kWh, 12:00: -20")
    result = compile_spec(evdsl.loads(text)).run("highs")
    assert result.status is Status.OPTIMAL
    assert result.size["integers"] == 144
    assert result.verdict is not None
    assert result.verdict.ok


def test_few_labels_are_not_worth_a_relaxation() -> None:
    assert problem_of("features/curtailment").run("highs").size["integers"] > 0


def test_a_stage_whose_answer_breaks_a_rule_is_named() -> None:
    problem, solver = problem_of("features/exclusive"), find("highs")
    assert not isinstance(solver, Diagnostic), solver
    lowered = relaxed.lower(problem.program, solver.capabilities, relaxed=True)
    assert [step.rewrite for step in lowered.applied if step.requirement == "battery.exclusive"] == [NAME]
    assert solve_stages(lowered, solver, Options()) == Broken(1)


def test_flows_that_are_one_at_a_time_keep_a_rule() -> None:
    import numpy as np

    (rule,) = (one for one in problem_of("features/exclusive").program.requirements)
    flows = {rule.first: np.array([1.0]), rule.second: np.array([0.0])}
    assert keeps([rule], flows)
    assert keeps([rule], {**flows, rule.second: np.array([1e-9])})
    assert not keeps([rule], {**flows, rule.second: np.array([1e-3])})


def test_it_has_a_name_of_its_own() -> None:
    assert NAME not in {rewrite.name for rewrite in REWRITES}


@pytest.mark.slow
@given(texts())
@settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_random_specs_have_the_same_optimum_either_way(text: str) -> None:
    try:
        problem = compile_spec(evdsl.loads(text))
    except SpecError:
        reject()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relaxed, "WORTHWHILE", 1)
        after = problem.run("highs", Options(time_limit=20.0))
    before = problem.run("highs", Options(time_limit=20.0, without=(NAME,)))
    assume(not {before.status, after.status} & {Status.FEASIBLE, Status.STOPPED})
    assert after.status.has_schedule is before.status.has_schedule
    values = [stage.value for stage in before.stages]
    assert [stage.value for stage in after.stages] == pytest.approx(values, rel=1e-5, abs=1e-5)
    event("left out" if after.size != before.size else "as it was")
