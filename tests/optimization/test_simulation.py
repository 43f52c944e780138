"""Simulations: policies see the same draws, means are those of the rows, an error ends where it is met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from optimization.likes import SOLD
from optimization.sweeps import TINY

import evdsl
from evdsl.data.load import load_data
from evdsl.optimization.simulation.question import PILOT, Question
from evdsl.optimization.sweep import run as sweep_run
from evdsl.optimization.sweep.bundle import LaidBundle
from evdsl.optimization.sweep.job import Job, Row, rows_of
from evdsl.optimization.sweep.plan import Conditions, Scenario

SOLVERS = ("highs", "scip")
FLAT = """
station flat {
    start   = 2024-03-12 18:00
    horizon = 6 h
    step    = 1 h
    seed    = 3
}
grid {
    price = 0.25 EUR/kWh
}
class car {
    charge = 11 kW
}
fleet cars of car {
    count   = 4
    arrival = 18:00
    stay    = 6 h
    energy  = uniform(10 kWh, 30 kWh)
}
disable partial_charging
minimize cost
"""
MEAN = 0.25 * 4 * 20


@pytest.fixture(autouse=True)
def _in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are made one after the other in this process, as a worker makes them."""

    def run_here(
        jobs: Iterable[Job], specs: Sequence[LaidBundle], conditions: Conditions, *_: object
    ) -> Iterator[tuple[object, list[Row]]]:
        for job in jobs:
            yield job, rows_of(job, specs[job.spec], conditions)

    monkeypatch.setattr(sweep_run, "run_here", run_here)


def written(folder: Path, text: str) -> Path:
    path = folder / "site.evs"
    path.write_text(text)
    return path


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_run_is_that_of_its_scenario_to_the_last_digit(tmp_path: Path, solver: str) -> None:
    path = written(tmp_path, TINY)
    options = evdsl.Options(threads=1)
    found = evdsl.simulate(path, 2, ["fifs", "optimum"], backend=solver, options=options).runs
    for scenario in (1, 2):
        spec = replace(evdsl.load(path), scenario=scenario)
        single = evdsl.compare(spec, ["fifs"], solver, options.seeded(spec.seed))
        of_run = found.sel(scenario=scenario)
        best, reached = single.best(), single.reached(single.ruled[0])
        assert best is not None
        assert reached is not None
        assert of_run["stage_1"].sel(policy="optimum").item() == best.value
        assert of_run["stage_1"].sel(policy="fifs").item() == reached.value
        assert of_run["cost"].sel(policy="optimum").item() == single.optimum.terms["cost"]


def test_all_policies_see_the_same_demand_in_each_run(tmp_path: Path) -> None:
    runs = evdsl.simulate(written(tmp_path, FLAT), 5, ["optimum", "uncontrolled", "edf"]).runs
    charged = runs["charged"].values
    assert charged == pytest.approx(np.repeat(charged[:, :1], 3, axis=1))
    assert np.unique(charged[:, 0].round(6)).size == 5


def test_a_mean_is_that_of_the_runs_and_a_difference_is_paired(tmp_path: Path) -> None:
    found = evdsl.simulate(written(tmp_path, TINY), 6, ["fifs", "optimum"])
    values = found.runs["stage_1"]
    fifs, optimum = (values.sel(policy=name).values for name in ("fifs", "optimum"))
    mean, told = found.mean("optimum"), found.difference("optimum")
    assert mean is not None
    assert told is not None
    assert mean.mean == pytest.approx(optimum.mean())
    difference, share = told
    assert difference.mean == pytest.approx((optimum - fifs).mean())
    # Half of Student's interval of six: 2.5706 s / √6.
    assert difference.half == pytest.approx(2.570582 * (optimum - fifs).std(ddof=1) / np.sqrt(6))
    assert share is not None
    ratio = optimum.mean() / fifs.mean() - 1
    left = optimum - fifs - ratio * fifs
    assert share.mean == pytest.approx(ratio)
    assert share.half == pytest.approx(2.570582 * left.std(ddof=1) / np.sqrt(6) / fifs.mean())
    assert found.quantiles("fifs") == pytest.approx(np.quantile(fifs, [0.05, 0.5, 0.95]))


def test_with_uniform_energy_antithetic_runs_are_exactly_right(tmp_path: Path) -> None:
    found = evdsl.simulate(written(tmp_path, FLAT), 6, ["optimum", "fifs"], variance="antithetic")
    for policy in ("optimum", "fifs"):
        mean = found.mean(policy)
        assert mean is not None
        assert mean.mean == pytest.approx(MEAN, rel=1e-9)
        assert mean.half == pytest.approx(0.0, abs=1e-7)
    spread = found.runs["cost"].sel(policy="optimum").values
    assert spread.std() > 0.5


@pytest.mark.slow
def test_a_control_that_is_the_same_leaves_the_mean_of_its_further_draws(tmp_path: Path) -> None:
    """At one price every rule pays the same: what is left is the mean of 20 x 4 further draws."""
    found = evdsl.simulate(written(tmp_path, FLAT), 4, ["edf"], variance="control")
    mean = found.mean("edf")
    assert mean is not None
    assert found.further in (80, 160, 320)
    assert found.why_plain == ""
    energies = []
    spec = evdsl.load(tmp_path / "site.evs")
    first = 1 + 4 + PILOT
    for scenario in range(first, first + found.further):
        data, _ = load_data(replace(spec, scenario=scenario))
        assert data is not None
        energies.append(data.vehicles.demand.sum())
    assert mean.mean == pytest.approx(0.25 * np.mean(energies), rel=1e-9)
    assert mean.reduced == pytest.approx(found.further / 4, rel=0.8)
    assert found.runs.sizes == {"scenario": 4, "policy": 1}
    assert found.runs["control"].values == pytest.approx(found.runs["cost"].values)


def test_a_control_that_does_not_vary_is_not_used(tmp_path: Path) -> None:
    text = FLAT.replace("arrival = 18:00", "arrival = normal(18:30, 10 min)").replace(
        "uniform(10 kWh, 30 kWh)", "10 kWh"
    )
    found = evdsl.simulate(written(tmp_path, text), 3, ["optimum"], variance="control")
    assert found.method.variance == "plain"
    assert found.why_plain == "the rule `uncontrolled` is worth the same in every run of the pilot"
    assert found.further == 0


def test_runs_that_do_not_count_are_left_out_of_all_policies(tmp_path: Path) -> None:
    """Two cars want 0 to 20 kWh each, and a connection of 5 kW carries 30 kWh in six hours."""
    text = FLAT.replace("grid {", "grid {\n    import_limit = 5 kW").replace("count   = 4", "count   = 2")
    path = written(tmp_path, text.replace("uniform(10 kWh, 30 kWh)", "uniform(0 kWh, 20 kWh)"))
    found = evdsl.simulate(path, 12, ["optimum", "fifs"])
    status = found.runs["status"].sel(policy="optimum").values
    lost = int((status == "infeasible").sum())
    assert 0 < lost < 6
    assert found.samples.count == 12 - lost
    fifs = found.runs["stage_1"].sel(policy="fifs")
    mean = found.mean("fifs")
    assert mean is not None
    assert mean.mean == pytest.approx(fifs.values[status == "optimal"].mean())
    # A rule needs nothing of the optimum here, and is in the table all the same.
    assert fifs.notnull().all()


@pytest.mark.slow
def test_where_some_runs_do_not_count_the_control_is_not_used(tmp_path: Path) -> None:
    """Its further draws would be of all draws, and the runs are of those that an optimum can serve."""
    text = FLAT.replace("grid {", "grid {\n    import_limit = 5 kW").replace("count   = 4", "count   = 2")
    path = written(tmp_path, text.replace("uniform(10 kWh, 30 kWh)", "uniform(0 kWh, 20 kWh)"))
    found = evdsl.simulate(path, 2, ["optimum"], variance="control")
    assert found.method.variance == "plain"
    assert found.why_plain.startswith("some runs do not count")
    assert found.further == 0


def test_a_rule_that_breaks_the_spec_counts_and_is_told(tmp_path: Path) -> None:
    text = FLAT.replace("disable", "require low: import[t] <= 25 kW for t in steps\ndisable")
    found = evdsl.simulate(written(tmp_path, text), 3, ["optimum", "uncontrolled"])
    rule = found.runs.sel(policy="uncontrolled")
    assert rule["status"].values.tolist() == ["broken"] * 3
    assert rule["reason"].values[0].startswith("require: `low` ")
    assert (found.broken("uncontrolled"), found.broken("optimum")) == (1.0, 0.0)
    assert found.samples.count == 3
    assert rule["cost"].values == pytest.approx(found.runs["cost"].sel(policy="optimum").values)


def test_rules_alone_need_no_optimum_where_nothing_of_it_matters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evdsl.optimization.sweep import job

    solved: list[object] = []
    honest = job.compile_spec

    def counting(*arguments: object) -> object:
        solved.append(arguments)
        return honest(*arguments)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(job, "compile_spec", counting)
    alone = evdsl.simulate(written(tmp_path, FLAT), 2, ["edf"])
    assert not solved
    beside = evdsl.simulate(tmp_path / "site.evs", 2, ["edf", "optimum"])
    assert alone.mean("edf") == beside.mean("edf")
    assert len(solved) == 2


def test_a_rule_sells_as_much_as_the_optimum_of_its_run(tmp_path: Path) -> None:
    path = written(tmp_path, SOLD.replace("stay        = 2 h", "stay        = normal(2 h, 1 min)"))
    found = evdsl.simulate(path, 1, ["fifs"])
    single = evdsl.compare(replace(evdsl.load(path), scenario=1), ["fifs"], "highs")
    assert single.beyond.sum() > 5
    assert found.runs["revenue"].values.item() == pytest.approx(single.ruled[0].terms["revenue"])


@pytest.mark.slow
def test_an_error_ends_at_the_first_look_at_which_it_is_met(tmp_path: Path) -> None:
    """Its interval is that of as many runs, and one look earlier it is too wide."""
    path = written(tmp_path, FLAT)
    whole = evdsl.simulate(path, 400, ["edf"])
    values = whole.runs["stage_1"].values[:, 0]

    def half(count: int) -> float:
        return float(1.98 * values[:count].std(ddof=1) / np.sqrt(count) / values[:count].mean())

    error = (half(150) + half(200)) / 2
    found = evdsl.simulate(path, 400, ["edf"], error=error)
    assert (found.done, found.met) == (200, True)
    assert found.runs["stage_1"].values[:, 0].tolist() == values[:200].tolist()
    assert evdsl.simulate(path, 120, ["edf"], error=1e-6).met is False
    assert evdsl.simulate(path, 120, ["edf"], error=0.5).done == 100


def test_scenarios_of_the_runs_the_pilot_and_the_control_are_apart() -> None:
    question = Question(120, "control")
    found = question.scenarios(20)
    assert found[:100] == tuple(Scenario(number) for number in range(1, 101))
    assert found[100] == Scenario(151, alone=True)
    numbers = [one.number for one in (*found, *question.pilot())]
    assert len(set(numbers)) == len(numbers) == 120 * 21 + PILOT
    assert Question(4, "antithetic", first=4).scenarios()[0] == Scenario(5, antithetic=True)
    assert Question(4, first=4).scenarios()[0] == Scenario(4)


def test_a_journal_is_gone_on_with_and_more_runs_are_added(tmp_path: Path) -> None:
    path, journal = written(tmp_path, FLAT), tmp_path / "journal"
    few = evdsl.simulate(path, 4, ["edf"], journal=journal)
    many = evdsl.simulate(path, 6, ["edf"], journal=journal)
    assert (few.kept, many.kept, many.foreign) == (0, 4, 0)
    assert many.runs.identical(evdsl.simulate(path, 6, ["edf"], journal=journal).runs)
    other = evdsl.simulate(path, 4, ["edf"], seed=9, journal=journal)
    assert (other.kept, other.foreign) == (0, 6)
    assert other.mean("edf") != few.mean("edf")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"runs": 0}, "`runs` is 0; it is to be a whole number from 1 to 1,000,000"),
        ({"runs": 20_000, "variance": "control"}, "from 1 to 10,000"),
        ({"runs": 3, "variance": "antithetic"}, "antithetic runs come in pairs, and 3 is odd"),
        ({"variance": "stratified"}, "there is no way `stratified`; there are plain, antithetic, control"),
        ({"error": 0.0}, "`error` is 0.0; it is to lie above 0 and below 1"),
        ({"seed": -1}, "`seed` is -1; it is to be a whole number from 0"),
        ({"policies": ["fif"]}, "there is no policy `fif`"),
        ({"jobs": 0}, "`jobs` is 0"),
    ],
)
def test_an_argument_that_is_wrong_is_a_value_error(
    tmp_path: Path, given: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]*$") as raised:
        evdsl.simulate(written(tmp_path, FLAT), **given)  # type: ignore[arg-type]  # some are wrong
    assert message in str(raised.value)


def test_a_spec_in_which_nothing_is_random_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, FLAT.replace("uniform(10 kWh, 30 kWh)", "20 kWh"))
    with pytest.raises(evdsl.SpecError, match="nothing in it is random: every run is the same"):
        evdsl.simulate(path)
