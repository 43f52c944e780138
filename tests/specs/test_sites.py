"""The JPL garage on 2019-07-24: every number of an independent HiGHS program, on both solvers."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import SPECS

import evdsl

SPEC = SPECS / "sites" / "jpl.evs"


def solved(folder: Path, solver: str, *, enable: tuple[str, ...] = (), **knobs: str) -> evdsl.Result:
    spec = evdsl.load(SPEC, set=knobs, enable=enable, data=folder)
    result = evdsl.compile(spec).run(solver)
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations[:3]
    assert result.status is evdsl.Status.OPTIMAL
    return result


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-6)


def test_the_day_has_82_sessions(data_folder: Path) -> None:
    problem = evdsl.compile(evdsl.load(SPEC, data=data_folder))
    assert len(problem.data.vehicles) == 82
    assert problem.data.vehicles.need.sum() == near(1183.892)


def test_charging_as_early_as_possible_is_the_uncontrolled_schedule(data_folder: Path, solver: str) -> None:
    terms = solved(data_folder, solver, cap="10 MW", goal="delay").terms
    assert terms["energy_cost"] == near(157.560106)
    assert terms["co2"] == near(324.933893)
    assert terms["peak"] == near(280.188)


@pytest.mark.parametrize(
    ("cap", "goal", "value"),
    [
        ("195 kW", "energy_cost", 145.280396),
        ("195 kW", "co2", 297.534127),
        ("100 kW", "energy_cost", 181.268079),
        ("100 kW", "co2", 335.955384),
        ("195 kW", "peak", 87.442870),
    ],
)
def test_the_best_schedule_is_worth_what_it_is_worth(
    data_folder: Path, solver: str, cap: str, goal: str, value: float
) -> None:
    result = solved(data_folder, solver, cap=cap, goal=goal)
    assert result.stages[0].value == near(value)
    assert result.terms[goal] == near(value)


def test_at_60_kw_not_everyone_can_be_served(data_folder: Path, solver: str) -> None:
    spec = evdsl.load(SPEC, set={"cap": "60 kW"}, data=data_folder)
    assert evdsl.compile(spec).run(solver).status is evdsl.Status.INFEASIBLE
    best = solved(data_folder, solver, cap="60 kW", goal="unmet", enable=("partial_charging",))
    assert 1183.892 - best.terms["unmet"] == near(853.825)
