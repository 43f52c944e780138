"""The Python interface: a spec, a model, a schedule, and what stages do to each other."""

from __future__ import annotations

import linopy
import numpy as np
import pytest
import xarray as xr
from worlds import TUTORIAL

import evdsl
from evdsl.model.builder import ModelBuilder
from evdsl.solver.solution import Status

BASE = """
station s {
    start = 2024-03-12
    horizon = 4 h
    step = 1 h
}
grid {
    import_limit = 10 kW
    price = { 00:00: 10 ct/kWh, 02:00: 30 ct/kWh }
}
class c {
    charge = 10 kW
}
vehicle a of c {
    arrival = 00:00
    stay = 4 h
    energy = 15 kWh
}
vehicle b of c {
    arrival = 01:00
    stay = 3 h
    energy = 15 kWh
}
"""


def solved(text: str, solver: str = "highs") -> evdsl.Result:
    result = evdsl.compile(evdsl.loads(text)).run(solver)
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations
    return result


def test_the_interface_of_the_language_page() -> None:
    spec = evdsl.load(TUTORIAL / "5_lingotto.evs", set={"gamma": "0.2 EUR/kWh"})
    problem = evdsl.compile(spec)
    assert isinstance(problem.model, linopy.Model)
    schedule = problem.solve("highs")
    assert isinstance(schedule, xr.Dataset)
    assert schedule["charge"].attrs["units"] == "kW"
    assert set(schedule["charge"].dims) == {"vehicle", "time"}
    assert schedule.attrs["digest"]
    evdsl.verify(spec, schedule).raise_for_violations()


def test_a_problem_can_be_solved_again_and_on_another_solver() -> None:
    problem = evdsl.compile(evdsl.load(TUTORIAL / "4_fair.evs"))
    values = [problem.run(solver).stages[0].value for solver in ("highs", "scip", "highs")]
    assert values == pytest.approx([values[0]] * 3, rel=1e-6)


def test_a_spec_with_mistakes_raises_one_error_that_carries_them() -> None:
    with pytest.raises(evdsl.SpecError) as caught:
        evdsl.loads(BASE.replace("10 kW", "10 kWh") + "minimize cosst\n")
    codes = [diagnostic.code for diagnostic in caught.value.diagnostics]
    assert codes == ["E301", "E301", "E203"]


def test_by_hand_the_cheap_hours_are_used_first(solver: str) -> None:
    result = solved(BASE + "disable partial_charging\nminimize cost\n", solver)
    # 20 kWh fit into the two cheap hours at 10 kW; the other 10 kWh cost three times as much.
    assert result.stages[0].value == pytest.approx(20 * 0.10 + 10 * 0.30)


def test_a_later_stage_keeps_the_earlier_one_within_its_allowance(solver: str) -> None:
    strict = solved(BASE + "disable partial_charging\nminimize cost\nthen minimize peak\n", solver)
    assert strict.terms["cost"] == pytest.approx(5.0, rel=1e-5)
    assert strict.stages[1].value == pytest.approx(10.0, rel=1e-5)
    loose = solved(
        BASE + "disable partial_charging\nminimize cost\nthen minimize peak allowing 20 %\n", solver
    )
    assert loose.terms["cost"] == pytest.approx(6.0, rel=1e-5)
    # 1 EUR moves 5 kWh into the dear hours: 15 kWh in two cheap hours, so the peak is 7.5 kW.
    assert loose.stages[1].value == pytest.approx(7.5, rel=1e-5)


def test_what_a_stage_gave_way_stays_allowed(solver: str) -> None:
    text = (
        BASE
        + "disable partial_charging\nminimize cost\nthen minimize peak allowing 20 %\nthen minimize cost\n"
    )
    result = solved(text, solver)
    assert result.terms["peak"] == pytest.approx(7.5, rel=1e-4)
    assert result.terms["cost"] == pytest.approx(6.0, rel=1e-4)


def test_max_min_fairness_by_hand(solver: str) -> None:
    text = BASE.replace("horizon = 4 h", "horizon = 2 h").replace("stay = 4 h", "stay = 2 h")
    result = solved(
        text.replace("stay = 3 h", "stay = 1 h") + "maximize fairness\nthen minimize unmet\n", solver
    )
    # 20 kWh for two demands of 15: b can take 10 in its hour, a the other 10.
    assert result.terms["fairness"] == pytest.approx(2 / 3, rel=1e-5)
    assert result.terms["unmet"] == pytest.approx(10.0, rel=1e-5)


def test_a_demand_beyond_reach_is_infeasible_before_a_solver_is_started() -> None:
    text = BASE.replace("energy = 15 kWh", "energy = 150 kWh") + "disable partial_charging\nminimize cost\n"
    result = evdsl.compile(evdsl.loads(text)).run("highs")
    assert result.status is evdsl.Status.INFEASIBLE
    assert result.seconds["solve"] == 0.0


def test_numbers_of_bad_scale_still_give_stages_that_can_be_met(solver: str) -> None:
    for factor, unit in (("1e-6", "EUR/kWh"), ("1e5", "EUR/kWh")):
        text = BASE.replace("10 ct/kWh", f"{factor} {unit}").replace("30 ct/kWh", f"3{factor[1:]} {unit}")
        result = solved(text + "disable partial_charging\nminimize cost\nthen minimize peak\n", solver)
        assert len(result.stages) == 2
        assert result.stages[0].value == pytest.approx(50 * float(factor), rel=1e-5)


def test_a_vehicle_there_for_a_third_of_a_step_takes_a_third_of_its_energy(solver: str) -> None:
    text = BASE.replace("arrival = 00:00", "arrival = 00:40").replace("stay = 4 h", "stay = 20 min")
    result = solved(text + "minimize unmet\n", solver)
    assert result.schedule is not None
    delivered = dict(zip(result.schedule["vehicle"].values, result.schedule["delivered"].values, strict=True))
    assert delivered["a"] == pytest.approx(10 / 3)


def test_the_schedule_is_ragged_where_dense_would_be_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evdsl.schedule.dataset.DENSE_CELLS", 3)
    result = solved(BASE + "minimize unmet\n")
    assert result.schedule is not None
    assert result.schedule["charge"].dims == ("visit",)
    assert len(result.schedule["visit_step"]) == 7
    assert np.isfinite(result.schedule["charge"].values).all()


def test_a_schedule_that_beats_what_the_solver_proved_is_no_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    right = ModelBuilder.given_powers
    monkeypatch.setattr(ModelBuilder, "given_powers", lambda self, feeder="": -1.0 * right(self, feeder))
    text = BASE + "load hall {\n    power = 2 kW\n}\nminimize cost\n"
    result = evdsl.compile(evdsl.loads(text)).run("highs")
    assert result.status is Status.ERROR
    assert "is proven to be the best" in result.message


def test_a_problem_is_the_same_after_a_run_and_can_be_solved_again(solver: str) -> None:
    spec = evdsl.load(TUTORIAL.parent / "features" / "exclusive.evs")
    problem = evdsl.compile(spec)
    before = (list(problem.model.variables), list(problem.model.constraints), problem.model.nvars)
    first, second = problem.run(solver), problem.run(solver)
    assert first.stages[0].value == pytest.approx(second.stages[0].value, rel=1e-9)
    assert (list(problem.model.variables), list(problem.model.constraints), problem.model.nvars) == before


def test_a_row_of_ones_own_holds_in_every_run(solver: str) -> None:
    problem = evdsl.compile(evdsl.load(TUTORIAL / "2_car_park.evs"))
    problem.model.add_constraints(problem.model.variables["import"] <= 80)
    for _ in range(2):
        assert problem.solve(solver)["import"].max() <= 80 + 1e-6
