"""What is added to `problem.model` through linopy holds in every later solve, or is refused."""

from __future__ import annotations

import json
from pathlib import Path

import linopy
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from optimization.two_hours import TWO_HOURS

import evdsl
from evdsl.cli.main import main
from evdsl.optimization.extension import ExtensionError
from evdsl.report.run.text import document, text
from evdsl.solver.solution import Status

SOLVERS = ["highs", "scip"]
BATTERY = TWO_HOURS.replace(
    "minimize cost",
    "storage box {\n    capacity = 20 kWh\n    power = 5 kW\n    soc_initial = 50 %\n}\nminimize cost",
)


def compiled(text: str = TWO_HOURS) -> evdsl.Problem:
    return evdsl.compile(evdsl.loads(text))


def value(result: evdsl.Result, stage: int = 0) -> float:
    assert result.status is Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok
    return result.stages[stage].value


def imports(problem: evdsl.Problem) -> linopy.Variable:
    return problem.model.variables["import"]


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_row_holds_in_the_first_and_in_every_later_solve(solver: str) -> None:
    problem = compiled()
    assert value(problem.run(solver)) == pytest.approx(1.0)
    problem.model.add_constraints(imports(problem) <= 6, name="cap")
    for _ in range(2):
        result = problem.run(solver)
        assert value(result) == pytest.approx(6 * 0.1 + 4 * 0.3)
        assert result.schedule is not None
        assert float(result.schedule["import"].max()) <= 6 + 1e-6
        assert result.extended_by == ("rows `cap`",)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_row_holds_in_every_stage(solver: str) -> None:
    problem = compiled(TWO_HOURS.replace("minimize cost", "minimize unmet\nthen minimize cost"))
    problem.model.add_constraints(imports(problem) <= 6, name="cap")
    assert value(problem.run(solver), stage=1) == pytest.approx(1.8)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_bound_that_is_tighter_is_a_row(solver: str) -> None:
    problem = compiled()
    imports(problem).update(upper=6)
    result = problem.run(solver)
    assert value(result) == pytest.approx(1.8)
    assert result.extended_by == ("bounds of `import`",)


@pytest.mark.parametrize("solver", SOLVERS)
def test_terms_of_the_objective_are_in_the_value_and_in_what_later_stages_hold(solver: str) -> None:
    problem = compiled(TWO_HOURS + "then minimize peak\n")
    # 0.30 EUR/kWh more in the first hour: the second is the cheaper one now.
    first = imports(problem).isel(time=0)
    model = problem.model
    model.add_objective(model.objective.expression + 0.3 * first, overwrite=True, sense="min")
    result = problem.run(solver)
    assert value(result) == pytest.approx(10 * 0.3)
    assert value(result, stage=1) == pytest.approx(10.0, abs=1e-3)
    assert result.extended_by == ("terms of the objective",)
    assert result.terms["cost"] == pytest.approx(3.0, abs=1e-4)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_variable_comes_back_in_the_schedule_under_its_labels(solver: str) -> None:
    problem = compiled()
    model, times = problem.model, problem.data.timeline.times()
    ramp = model.add_variables(lower=0, coords=[pd.Index(times[1:], name="time")], name="ramp")
    power = imports(problem)
    after = power.isel(time=slice(1, None))
    before = power.isel(time=slice(0, -1)).assign_coords(time=times[1:])
    model.add_constraints(ramp >= after - before, name="rise")
    model.add_constraints(ramp >= before - after, name="fall")
    model.add_objective(model.objective.expression + 0.05 * ramp.sum(), overwrite=True, sense="min")
    result = problem.run(solver)
    # Each kWh moved to the dear hour costs 0.20 and saves twice 0.05: none is moved.
    assert value(result) == pytest.approx(1.0 + 0.05 * 10)
    assert result.schedule is not None
    assert result.schedule["ramp"].values == pytest.approx([10.0])
    assert result.extended_by == ("rows `rise`", "rows `fall`", "variables `ramp`", "terms of the objective")


def test_the_schedule_says_that_the_model_was_extended_and_stores(tmp_path: Path) -> None:
    problem = compiled()
    problem.model.add_constraints(imports(problem) <= 6, name="cap")
    schedule = problem.solve("highs")
    assert "rows `cap`" in str(schedule.attrs["extended_by"])
    schedule.to_netcdf(tmp_path / "schedule.nc")
    with xr.open_dataset(tmp_path / "schedule.nc") as back:
        assert evdsl.verify(problem.spec, back.load()).ok


def test_the_report_and_the_command_that_checks_say_what_was_added(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = compiled()
    problem.model.add_constraints(imports(problem) <= 6, name="cap")
    result = problem.run("highs")
    assert "added to the model through linopy: rows `cap`" in text(result)
    assert document(result)["extended_by"] == ["rows `cap`"]
    assert result.schedule is not None
    spec, stored = tmp_path / "site.evs", tmp_path / "schedule.nc"
    spec.write_text(TWO_HOURS, encoding="utf-8")
    result.schedule.to_netcdf(stored)
    assert main(["verify", str(spec), str(stored)]) == 0
    assert "not checked: rows `cap`, added to the model through linopy" in capsys.readouterr().out
    assert main(["verify", str(spec), str(stored), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["not_checked"] == ["rows `cap`"]


def test_the_verifier_holds_a_stage_against_the_words_and_what_was_added() -> None:
    problem = compiled()
    model = problem.model
    model.add_objective(model.objective.expression + 0.3 * imports(problem).isel(time=0), overwrite=True)
    schedule = problem.solve("highs")
    assert evdsl.verify(problem.spec, schedule).ok
    for claim in (schedule.attrs["added_terms"] + 0.1, "much", float("nan")):
        assert not evdsl.verify(problem.spec, schedule.assign_attrs(added_terms=claim)).ok


@pytest.mark.parametrize("solver", SOLVERS)
def test_simplifications_by_the_rows_of_the_spec_are_not_made(solver: str) -> None:
    # Nothing on this site wants a storage to take and give at once, so the rule needs no binaries; a row that
    # asks for both does, and has no schedule.
    problem = compiled(BATTERY)
    assert problem.run(solver).status is Status.OPTIMAL
    model = problem.model
    for way in ("charge", "discharge"):
        model.add_constraints(model.variables[f"box.{way}"].isel(time=0) >= 1, name=f"some_{way}")
    assert problem.run(solver).status is Status.INFEASIBLE


def test_a_slow_port_is_there_for_a_row_that_forbids_the_fast_one() -> None:
    ports = "port fast {\n count = 1\n power = 10 kW\n}\nport slow {\n count = 1\n power = 6 kW\n}\nclass car"
    problem = compiled(TWO_HOURS.replace("class car", ports))
    assert value(problem.run("highs")) == pytest.approx(1.0)
    charge = problem.model.variables["charge"]
    problem.model.add_constraints(charge.sel(port="fast") <= 0, name="out_of_order")
    assert value(problem.run("highs")) == pytest.approx(1.8)


def taken_away(problem: evdsl.Problem) -> None:
    problem.model.remove_constraints("site.balance")


def wider(problem: evdsl.Problem) -> None:
    imports(problem).update(upper=100)


def turned_round(problem: evdsl.Problem) -> None:
    problem.model.objective.sense = "max"


def squared(problem: evdsl.Problem) -> None:
    problem.model.add_objective((imports(problem) * imports(problem)).sum(), overwrite=True)


def variable_away(problem: evdsl.Problem) -> None:
    problem.model.remove_variables("import")


def added_to_a_stage(problem: evdsl.Problem) -> None:
    model = problem.stage(2)
    model.add_constraints(model.variables["import"] <= 6, name="cap")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (taken_away, "rows `site.balance` of the spec were taken away"),
        (wider, "`import` may take values that the spec does not allow"),
        (turned_round, "the sense of the objective was turned round"),
        (squared, "quadratic terms"),
        (variable_away, "variables `import` of the spec were taken away"),
        (added_to_a_stage, "the model of stage 2 was changed"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_cannot_be_kept_is_refused(change: object, message: str) -> None:
    problem = compiled(TWO_HOURS + "then minimize peak\n")
    _ = problem.model
    assert callable(change)
    change(problem)
    with pytest.raises(ExtensionError, match=message):
        problem.run("highs")


def test_a_row_about_what_follows_from_others_is_told_where_the_schedule_misses_it() -> None:
    # The largest import is what it is: that the variable may lie above it is of the model, not of the site.
    problem = compiled(TWO_HOURS.replace("minimize cost", "minimize cost + 0.001 EUR/kW * peak"))
    problem.model.add_constraints(problem.model.variables["peak"] >= 15, name="high")
    result = problem.run("highs")
    assert result.status is Status.ERROR


def test_an_infeasible_addition_is_infeasible_and_not_dropped() -> None:
    problem = compiled()
    problem.model.add_constraints(imports(problem) <= 1, name="cap")
    assert problem.run("highs").status is Status.INFEASIBLE
    with pytest.raises(RuntimeError, match="infeasible"):
        problem.solve("highs")


def test_a_model_that_is_looked_at_and_solved_is_not_extended() -> None:
    problem = compiled()
    problem.model.solve("highs", output_flag=False)
    result = problem.run("highs")
    assert result.extended_by == ()
    assert result.schedule is not None
    assert "extended_by" not in result.schedule.attrs


def test_stage_two_of_an_extended_problem_has_what_was_added() -> None:
    problem = compiled(TWO_HOURS + "then minimize peak\n")
    problem.model.add_constraints(imports(problem) <= 6, name="cap")
    model = problem.stage(2)
    assert "cap" in model.constraints
    model.solve("highs", output_flag=False)
    assert float(np.asarray(model.objective.value)) == pytest.approx(6.0, abs=1e-3)
