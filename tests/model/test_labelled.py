"""The model that is handed out is the spec: linopy's own solve of it, its labels, its file."""

from __future__ import annotations

from pathlib import Path

import linopy
import numpy as np
import pytest
from worlds import DATA, OF_SCENARIOS, ROOT

import evdsl
from evdsl.language.spec import Spec

SOLVERS = ["highs", "scip"]
LARGE = {"jpl_july.evs"}
"""A month on real sessions: minutes of every solver."""
QUICK = sorted((ROOT / "specs" / "features").glob("*.evs"))
REST = [
    path
    for path in sorted((ROOT / "specs").rglob("*.evs"))
    if path not in QUICK and path.name not in LARGE and path.parent != OF_SCENARIOS
]


def loaded(path: Path) -> Spec:
    if "data/" in path.read_text(encoding="utf-8") and not DATA.is_dir():
        pytest.skip(f"{DATA} is not there")
    return evdsl.load(path, data=DATA)


def solved_by_linopy(model: linopy.Model, solver: str) -> float:
    if solver == "highs":
        _, reason = model.solve("highs", output_flag=False, mip_rel_gap=1e-6)
        if reason == "unknown":
            # HiGHS 1.16 ends some cohorts without an answer, as backends/highs.py says: of these is this one.
            model.solve("highs", output_flag=False, solver="ipm", presolve="off")
    else:
        model.solve(solver, **{"limits/gap": 1e-6})
    assert model.status == "ok"
    assert model.termination_condition == "optimal"
    assert model.objective.value is not None
    return float(model.objective.value)


def check_optimum(path: Path, solver: str) -> None:
    problem = evdsl.compile(loaded(path))
    expected = problem.run("highs").stages[0].value
    assert solved_by_linopy(problem.model, solver) == pytest.approx(expected, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("path", QUICK, ids=lambda path: path.stem)
def test_linopys_own_solve_gives_the_optimum(path: Path) -> None:
    check_optimum(path, "highs")


@pytest.mark.slow
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("path", [*QUICK, *REST], ids=lambda path: path.stem)
def test_linopys_own_solve_gives_the_optimum_of_every_spec(path: Path, solver: str) -> None:
    check_optimum(path, solver)


@pytest.fixture(scope="module")
def v2g() -> evdsl.Problem:
    return evdsl.compile(evdsl.load(ROOT / "specs" / "tutorial" / "5_lingotto.evs"))


def test_a_vehicle_is_selected_by_its_name(v2g: evdsl.Problem) -> None:
    charge = v2g.model.variables["charge"]
    name = v2g.data.vehicles.name[2]
    one = charge.sel(vehicle=name)
    assert set(np.atleast_1d(one.coords["vehicle"].values)) == {name}
    assert 0 < one.size < charge.size


def test_sums_by_vehicle_and_by_time_have_these_as_their_dimension(v2g: evdsl.Problem) -> None:
    charge = v2g.model.variables["charge"]
    by_vehicle = (1 * charge).groupby("vehicle").sum()
    assert by_vehicle.coord_dims == ("vehicle",)
    assert set(by_vehicle.coords["vehicle"].values) <= set(v2g.data.vehicles.name)
    by_time = (1 * charge).groupby("time").sum()
    assert set(by_time.coords["time"].values) <= set(v2g.data.timeline.times())


def test_every_dimension_has_labels_that_say_what_it_is(v2g: evdsl.Problem) -> None:
    model = v2g.model
    coordinates = {str(name): {str(c) for c in variable.coords} for name, variable in model.variables.items()}
    assert coordinates["import"] == {"time"}
    assert coordinates["unmet"] == {"vehicle"}
    assert {"vehicle", "time"} <= coordinates["charge"]
    assert {"vehicle", "time"} <= coordinates["energy"]
    rows = {str(name): {str(c) for c in row.coords} for name, row in model.constraints.items()}
    assert rows["site.balance"] == {"time"}
    assert all({"vehicle", "time", "port", "need"} & names for names in rows.values() if names)


def test_a_row_prints_as_the_spec_names_things(v2g: evdsl.Problem) -> None:
    text = str(v2g.model.constraints["site.balance"])
    assert "import[2024-" in text
    assert v2g.data.vehicles.name[0] in str(v2g.model.variables["charge"])


def test_variables_have_units_and_a_description(v2g: evdsl.Problem) -> None:
    attributes = v2g.model.variables["charge"].attrs
    assert attributes["units"] == "kW"
    assert attributes["description"] == "power into a vehicle, at the port"


def test_ports_are_apart_by_block_in_a_model_that_is_handed_out() -> None:
    text = (
        "station s {\n start = 2024-03-12\n horizon = 2 h\n step = 1 h\n}\n"
        "grid {\n price = 0.20 EUR/kWh\n}\nport fast {\n count = 2\n power = 22 kW\n}\n"
        "port slow {\n count = 2\n power = 11 kW\n}\nclass car {\n charge = 22 kW\n}\n"
        "vehicle one of car {\n arrival = 00:00\n departure = 02:00\n energy = 10 kWh\n}\nminimize cost\n"
    )
    problem = evdsl.compile(evdsl.loads(text))
    assert set(problem.model.variables["charge"].coords["port"].values) == {"fast", "slow"}
    assert len(problem.program.slot_index.slots) == 2


def test_the_states_of_a_cohort_are_labelled() -> None:
    problem = evdsl.compile(evdsl.load(ROOT / "specs" / "features" / "cohort.evs"))
    counts = [v for name, v in problem.model.variables.items() if str(name).endswith(".count")]
    assert counts
    assert all({"time", "need"} <= {str(c) for c in each.coords} for each in counts)


def test_the_second_stage_is_posed_with_the_first_one_held() -> None:
    text = (
        "station s {\n start = 2024-03-12\n horizon = 2 h\n step = 1 h\n}\n"
        "grid {\n price = { 00:00: 0.10 EUR/kWh, 01:00: 0.30 EUR/kWh }\n}\nclass car {\n charge = 10 kW\n}\n"
        "vehicle one of car {\n arrival = 00:00\n departure = 02:00\n energy = 10 kWh\n}\n"
        "disable partial_charging\nminimize peak\nthen minimize cost\n"
    )
    problem = evdsl.compile(evdsl.loads(text))
    assert solved_by_linopy(problem.model, "highs") == pytest.approx(5.0)
    assert solved_by_linopy(problem.stage(2), "highs") == pytest.approx(2.0, abs=1e-4)
    assert problem.stage(1) is problem.model
    with pytest.raises(IndexError, match="2 stages, and none of number 3"):
        problem.stage(3)


def test_what_is_constant_in_an_objective_is_in_the_value() -> None:
    text = (
        "station s {\n start = 2024-03-12\n horizon = 1 h\n step = 1 h\n}\n"
        "grid {\n price = 0.20 EUR/kWh\n}\nload house {\n power = 5 kW\n}\nminimize cost + 3 EUR\n"
    )
    problem = evdsl.compile(evdsl.loads(text))
    assert solved_by_linopy(problem.model, "highs") == pytest.approx(4.0)


@pytest.mark.parametrize(
    "path", [ROOT / "specs" / "tutorial" / "5_lingotto.evs", *QUICK[:3]], ids=lambda p: p.stem
)
def test_a_file_opens_with_linopy_as_it_comes_and_has_the_labels(path: Path, tmp_path: Path) -> None:
    from evdsl.cli.main import main

    assert linopy.options["semantics"] == "legacy"
    assert main(["export", str(path), "--to", str(tmp_path / "model.nc")]) == 0
    back = linopy.read_netcdf(tmp_path / "model.nc")
    assert "time" in back.variables["import"].coords
    expected = evdsl.compile(evdsl.load(path)).run("highs").stages[0].value
    assert solved_by_linopy(back, "highs") == pytest.approx(expected, rel=1e-5, abs=1e-5)
