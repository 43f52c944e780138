"""Sweeps: rows are those of single runs, nothing is lost or run twice, and means are those of a hand."""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from optimization.likes import SOLD, UNSERVED
from optimization.sweeps import TINY, prepared_of, rows_in_process
from worlds import TUTORIAL, run_python

import evdsl
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.optimization.result import Result
from evdsl.optimization.sweep import job as sweep_job
from evdsl.optimization.sweep import local
from evdsl.optimization.sweep.bundle import bundle_of
from evdsl.optimization.sweep.cluster import LostClusterError, _Cluster, work
from evdsl.optimization.sweep.columns import numbers_of
from evdsl.optimization.sweep.folder import sweep_folder
from evdsl.optimization.sweep.intervals import failures_of, groups_of, mean_of
from evdsl.optimization.sweep.journal import Journal
from evdsl.optimization.sweep.plan import Conditions
from evdsl.optimization.sweep.run import Here, SweepResult, run_sweep
from evdsl.optimization.sweep.worker import job_record
from evdsl.report.sweep.text import text
from evdsl.solver.solution import Options, Status

SOLVERS = ("highs", "scip")
LIMITS = (("limit", ("7 kW", "11 kW")),)


@dataclass(frozen=True)
class Ended:
    """A problem whose run is known."""

    result: Result

    def run(self, *_: object) -> Result:
        return self.result


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.evs"
    path.write_text(TINY)
    return path


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_row_is_a_single_run_to_the_last_digit(tiny: Path, tmp_path: Path, solver: str) -> None:
    policies = ("optimum", "fifs", "edf")
    prepared = prepared_of(tiny, LIMITS, (range(4, 5),), policies=policies, backend=solver)
    rows = rows_in_process(prepared.plan, tmp_path / "laid")
    for limit in ("7 kW", "11 kW"):
        spec = evdsl.load(tiny, set={"limit": limit}, seed=4)
        single = evdsl.compare(spec, ["fifs", "edf"], solver, Options(threads=1).seeded(4))
        optimum, fifs, edf = (row for row in rows if row["set.limit"] == limit)
        best = single.best()
        assert best is not None
        assert optimum["stage_1"] == best.value
        assert optimum["stage_2"] == single.optimum.terms["peak"]
        assert {name: optimum.get(name) for name in single.optimum.terms} == single.optimum.terms
        assert (optimum["status"], optimum["digest"]) == ("optimal", single.optimum.data.digest)
        assert {name: optimum[name] for name in single.optimum.size} == single.optimum.size
        for row, ruled in zip((fifs, edf), single.ruled, strict=True):
            reached = single.reached(ruled)
            assert reached is not None
            assert row["stage_1"] == reached.value
            worse = single.worse_by(ruled)
            assert worse is not None
            assert row["saving"] == pytest.approx(worse / (1 + worse), rel=1e-12)
            assert {name: row.get(name) for name in ruled.terms} == dict(ruled.terms)
            assert row["verified"]


def test_a_rule_sells_as_much_beyond_as_the_optimum_of_its_job(tmp_path: Path) -> None:
    path = tmp_path / "sold.evs"
    path.write_text(SOLD)
    prepared = prepared_of(path, policies=("fifs",))
    (row,) = rows_in_process(prepared.plan, tmp_path / "laid")
    single = evdsl.compare(evdsl.load(path), ["fifs"], "highs")
    assert single.beyond == pytest.approx([10.0], abs=1e-5)
    assert row["revenue"] == single.ruled[0].terms["revenue"]


def test_what_fails_is_a_row_with_its_reason(tiny: Path, tmp_path: Path) -> None:
    settings = (("limit", ("-1 kW", "2 kW", "11 kW")),)
    prepared = prepared_of(
        tiny, settings, (range(1, 2),), policies=("optimum", "uncontrolled"), disable=("partial_charging",)
    )
    rows = rows_in_process(prepared.plan, tmp_path / "laid")
    assert [(row["policy"], row["status"]) for row in rows] == [
        ("optimum", "mistake"),
        ("uncontrolled", "mistake"),
        ("optimum", "infeasible"),
        ("uncontrolled", "no_optimum"),
        ("optimum", "optimal"),
        ("uncontrolled", "done"),
    ]
    assert rows[0]["reason"].startswith("E308: `import_limit` of `grid` is limit, below 0 (")
    assert rows[3]["reason"] == f"the optimum has no schedule: {rows[2]['reason']}"
    assert "cost" not in rows[2]


def test_a_rule_that_breaks_the_spec_is_not_allowed_and_has_no_figure(tmp_path: Path) -> None:
    path = tmp_path / "unserved.evs"
    path.write_text(UNSERVED)
    prepared = prepared_of(path, policies=("optimum", "fifs", "edf"))
    optimum, fifs, edf = rows_in_process(prepared.plan, tmp_path / "laid")
    assert (optimum["status"], edf["status"]) == ("optimal", "done")
    assert (fifs["status"], fifs["verified"], "cost" in fifs) == ("not_allowed", False, False)
    assert fifs["reason"].startswith("unmet: ")


def test_a_rule_knows_whether_the_optimum_of_its_job_is_proven(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = prepared_of(tiny, policies=("fifs",))
    result = evdsl.solve(evdsl.load(tiny), "highs")
    broken_off = replace(result, status=Status.FEASIBLE, message="the time was over")
    monkeypatch.setattr(sweep_job, "compile_spec", lambda *_: Ended(broken_off))
    rows = rows_in_process(prepared.plan, tmp_path / "laid")
    assert [(row["status"], row["proven"]) for row in rows] == [("done", False)]
    assert [group.unproven for group in groups_of(rows)] == [1]
    told = text(prepared, SweepResult(prepared.plan, tuple(rows), 1, 1))
    assert "1 schedule of the optimum not proven optimal when the time was over\n" in told


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (MemoryError(), "out_of_memory", "the memory does not hold what there is to solve"),
        (
            RuntimeError("can't start new thread"),
            "out_of_memory",
            "the memory does not hold what there is to solve",
        ),
        (ZeroDivisionError("by\nzero"), "bug", "ZeroDivisionError: by zero"),
    ],
)
def test_a_job_never_raises(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, status: str, reason: str
) -> None:
    def broken(*_: object) -> None:
        raise error

    prepared = prepared_of(tiny)
    monkeypatch.setattr(sweep_job, "compile_spec", broken)
    (row,) = rows_in_process(prepared.plan, tmp_path / "laid")
    assert (row["status"], row["reason"], row["verified"]) == (status, reason, False)


def test_a_mean_has_the_interval_of_student_s_t() -> None:
    # s = 1.290994, t(0.975, 3) = 3.182446: 3.182446 * 1.290994 / 2
    mean = mean_of([1.0, 2.0, 3.0, 4.0])
    assert (mean.runs, mean.value, mean.half) == (4, 2.5, pytest.approx(2.054260, abs=1e-6))
    assert mean_of([7.0]).half is None
    assert mean_of([7.0, 7.0]).half == 0.0


def test_savings_are_paired_by_seed_and_failures_are_left_out_of_means() -> None:
    common = {"spec": "a.evs", "set.gamma": "1", "policy": "fifs", "reason": "", "status": "done"}
    rows = [
        {**common, "seed": 1, "stage_1": 10.0, "saving": 0.10},
        {**common, "seed": 2, "stage_1": 30.0, "saving": 0.12},
        {**common, "seed": 3, "status": "not_allowed", "reason": "`a` lacks 3.5 kWh"},
        {**common, "seed": 4, "status": "not_allowed", "reason": "`a` lacks 12 kWh"},
    ]
    (group,) = groups_of(rows)
    assert (group.set, len(group.rows), group.counted) == ((("gamma", "1"),), 4, 2)
    saving, stage = group.mean("saving"), group.mean("stage_1")
    assert saving is not None
    assert stage is not None
    # The objectives differ by 20, the savings by 0.02; t(0.975, 1) = 12.706205.
    assert saving.half == pytest.approx(12.706205 * 0.01, abs=1e-7)
    assert stage.half == pytest.approx(12.706205 * 10, abs=1e-4)
    (failure,) = failures_of(rows)
    assert (failure.count, failure.reason, failure.first["seed"]) == (2, "`a` lacks 3.5 kWh", 3)


def test_a_bundle_has_what_a_spec_reads_and_what_a_value_names(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "prices.csv").write_text("time,price (EUR/kWh)\n2024-03-12 18:00,0.2\n2024-03-13 00:00,0.2\n")
    (tmp_path / "other.csv").write_text("time,price (EUR/kWh)\n2024-03-12 18:00,0.4\n2024-03-13 00:00,0.4\n")
    (tmp_path / "unrelated.csv").write_text("x\n")
    (tmp_path / "link.csv").symlink_to("prices.csv")
    (tmp_path / "deep" / "class.evs").write_text(TINY[TINY.index("class car") : TINY.index("fleet cars")])
    text = TINY.replace(
        TINY[TINY.index("class car") : TINY.index("fleet cars")], 'include "deep/class.evs"\n'
    )
    text = text.replace("{ 00:00: 0.31 EUR/kWh, 21:00: 0.12 EUR/kWh }", "paid")
    text += 'param paid = csv("link.csv", column="price (EUR/kWh)")\n'
    path = tmp_path / "site.evs"
    path.write_text(text)
    spec = evdsl.load(path)
    value = 'csv("other.csv", column="price (EUR/kWh)")'
    bundle = bundle_of(spec, "site.evs", [value])
    assert [place for place, _ in bundle.files] == [
        "0/deep/class.evs",
        "0/other.csv",
        "0/prices.csv",
        "0/site.evs",
    ]
    assert bundle.links == (("0/link.csv", "0/prices.csv"),)
    laid = bundle.lay(tmp_path / "laid")
    for given in ({}, {"paid": value}):
        here, there = (evdsl.compile(evdsl.load(each, set=given)).data for each in (path, laid.path))
        assert here.digest == there.digest
        assert here.series["grid", "price"].tolist() == there.series["grid", "price"].tolist()
    (tmp_path / "prices.csv").write_text("time,price (EUR/kWh)\n2024-03-12 18:00,0.3\n2024-03-13 00:00,0.3\n")
    assert bundle_of(spec, "site.evs", [value]).digest != bundle.digest
    assert bundle_of(spec, "site.evs", []).digest != bundle.digest


def test_a_spec_that_changes_while_a_sweep_runs_does_not_change_its_rows(tiny: Path, tmp_path: Path) -> None:
    prepared = prepared_of(tiny)
    tiny.write_text(TINY.replace("count       = 3", "count       = 2"))
    (row,) = rows_in_process(prepared.plan, tmp_path / "laid")
    assert row["vehicles"] == 3


def test_every_job_has_a_key_of_its_own_and_of_all_that_it_depends_on(tiny: Path) -> None:
    plan = prepared_of(tiny, LIMITS, (range(1, 4), range(9, 10))).plan
    jobs = list(plan.keyed_jobs())
    assert [(job.set[0][1], job.seed) for job, _ in jobs] == [
        (limit, seed) for limit in ("7 kW", "11 kW") for seed in (1, 2, 3, 9)
    ]
    keys = {key for _, key in jobs}
    assert len(keys) == plan.count == 8
    told = plan.conditions
    for other in (
        replace(told, policies=("optimum", "fifs")),
        replace(told, backend="scip"),
        replace(told, options=Options(threads=1, time_limit=3.0)),
        replace(told, options=Options(threads=1, extra={"presolve": "off"})),
        replace(told, disable=("v2g",)),
    ):
        assert not keys & {key for _, key in replace(plan, conditions=other).keyed_jobs()}
    again = prepared_of(tiny, (("limit", ("11 kW",)),), (range(3, 4),)).plan
    assert {key for _, key in again.keyed_jobs()} < keys
    tiny.write_text(TINY + "# said otherwise\n")
    assert not keys & {key for _, key in prepared_of(tiny, LIMITS, plan.seeds).plan.keyed_jobs()}


def test_conditions_travel_as_plain_data() -> None:
    told = Conditions(("optimum", "edf"), "scip", Options(2.5, 0.1, 3, 4, {"a": "b"}), ("v2g",), ("x",))
    assert Conditions.read(json.loads(json.dumps(told.record()))) == told


def opened(path: Path) -> tuple[Journal, dict[str, list[dict[str, object]]]]:
    found = Journal.open(path)
    assert not isinstance(found, Diagnostic), found
    return found


@pytest.mark.parametrize("torn", [b"", b'{"key": "b", "ro', b'{"key": "b", "rows": [{"seed": 1}]}'])
def test_a_torn_line_of_a_journal_is_cut_off_and_the_rest_is_kept(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "j"
    journal, known = opened(path)
    assert known == {}
    with journal:
        journal.add("a", [{"seed": 7, "reason": "\N{GREEK SMALL LETTER GAMMA}\n"}])
    with path.open("ab") as stream:
        stream.write(torn)
    journal, known = opened(path)
    assert known == {"a": [{"seed": 7, "reason": "\N{GREEK SMALL LETTER GAMMA}\n"}]}
    with journal:
        journal.add("c", [])
    journal, known = opened(path)
    journal.stream.close()
    assert list(known) == ["a", "c"]


def test_a_journal_that_was_killed_in_its_first_line_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(b'{"evdsl": "jour')
    journal, known = opened(path)
    journal.stream.close()
    assert known == {}
    assert path.read_bytes().endswith(b"}\n")


@pytest.mark.parametrize("content", [b"spec,seed\n1,2\n", b"no line end", b'{"key": "a", "rows": []}\n'])
def test_another_file_is_no_journal_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "j"
    path.write_bytes(content)
    found = Journal.open(path)
    assert isinstance(found, Diagnostic)
    assert found.message == f"`{path}` is no journal of a sweep"
    assert path.read_bytes() == content


def test_a_journal_is_written_by_one_sweep_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal, _ = opened(path)
    with journal:
        found = Journal.open(path)
        assert isinstance(found, Diagnostic)
        assert found.message == f"another sweep is writing `{path}`"
    opened(path)[0].stream.close()


def worker_that(does: str) -> str:
    """A worker that does something else than to solve; what it does knows `job`."""
    return (
        "import json, os, pathlib, signal, sys\n"
        "sys.path[:] = json.loads(sys.argv[1])\n"
        "from evdsl.optimization.sweep import worker\n"
        "def rows_of(job, laid, conditions):\n"
        f"    {does}\n"
        "    return [{'spec': laid.shown, 'seed': job.seed, 'policy': 'optimum', 'status': 'optimal'}]\n"
        "worker.rows_of = rows_of\n"
        "worker.serve(int(sys.argv[2]))\n"
    )


@pytest.mark.slow
def test_a_worker_that_dies_twice_is_a_row_and_the_rest_goes_on(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    does = "job.seed == 2 and os.kill(os.getpid(), signal.SIGKILL)"
    monkeypatch.setattr(local, "PROGRAM", worker_that(does))
    result = run_sweep(prepared_of(tiny, seeds=(range(1, 5),)).plan, Here(2))
    assert [(row["seed"], row["status"]) for row in result.rows] == [
        (1, "optimal"),
        (2, "died"),
        (3, "optimal"),
        (4, "optimal"),
    ]
    assert result.rows[1]["reason"] == (
        "the process of the run was killed twice, as the system does where memory runs out"
    )


@pytest.mark.slow
def test_a_worker_that_dies_once_is_run_again(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "died"
    does = f"m = pathlib.Path({str(mark)!r}); not m.exists() and (m.touch(), os.abort())"
    monkeypatch.setattr(local, "PROGRAM", worker_that(does))
    result = run_sweep(prepared_of(tiny, seeds=(range(1, 3),)).plan, Here(1))
    assert mark.exists()
    assert [row["status"] for row in result.rows] == ["optimal", "optimal"]


def test_what_a_journal_has_is_not_run_again_and_what_is_foreign_is_counted(tiny: Path) -> None:
    plan = prepared_of(tiny, seeds=(range(1, 3),)).plan
    known = {key: [{"status": "optimal", "seed": job.seed}] for job, key in plan.keyed_jobs()}
    told: list[tuple[int, ...]] = []
    known["other"] = []
    result = run_sweep(plan, Here(1), None, known, lambda *counts: told.append(counts))
    assert [row["seed"] for row in result.rows] == [1, 2]
    assert (result.done, result.kept, result.foreign) == (2, 2, 1)
    assert told == [(0, 2, 0, 2)]


def test_numbers_of_one_unit_are_an_axis() -> None:
    assert numbers_of(["0.2 EUR/kWh", "1e1 EUR/kWh"]) == ([0.2, 10.0], "EUR/kWh")
    assert numbers_of(["20 %", "-3%"]) == ([20.0, -3.0], "%")
    assert numbers_of(["2"]) == ([2.0], "")
    assert numbers_of(["2 kW", "3 MW"]) is None
    assert numbers_of(["08:15", "2"]) is None
    assert numbers_of(['"a.csv"']) is None


@pytest.mark.slow
def test_from_python_it_is_a_dataset_over_what_was_set(tiny: Path, tmp_path: Path) -> None:
    journal = tmp_path / "kept"
    given = {"limit": ["7 kW", "11 kW"]}
    found = evdsl.sweep(tiny, given, [5, 3], ["optimum", "fifs"], jobs=1, journal=journal)
    assert dict(found.sizes) == {"limit": 2, "seed": 2, "policy": 2}
    assert (found["limit"].values.tolist(), found["limit"].attrs) == ([7.0, 11.0], {"units": "kW"})
    assert (found["seed"].values.tolist(), found["cost"].attrs) == ([5, 3], {"units": "EUR"})
    single = evdsl.solve(evdsl.load(tiny, set={"limit": "7 kW"}, seed=3))
    assert found["cost"].sel(limit=7, seed=3, policy="optimum").item() == single.terms["cost"]
    assert math.isnan(found["rows"].sel(limit=7, seed=3, policy="fifs").item())
    assert found["status"].sel(policy="fifs").values.tolist() == [["done", "done"], ["done", "done"]]
    before = journal.read_bytes()
    again = evdsl.sweep(evdsl.load(tiny), given, [5, 3], ["optimum", "fifs"], jobs=1, journal=tmp_path / "b")
    assert found.drop_vars("seconds").equals(again.drop_vars("seconds"))
    assert evdsl.sweep(tiny, given, [5, 3], ["optimum", "fifs"], journal=journal).equals(found)
    assert journal.read_bytes() == before


def test_several_specs_are_a_dimension(tiny: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.evs"
    other.write_text(TINY.replace("soc_target  = 80 %", "soc_target  = 70 %"))
    limits = {"limit": ["7 kW", "11 kW"]}
    found = evdsl.sweep([tiny, other], limits, [5, 3], ["optimum", "fifs"], jobs=1)
    assert found["stage_1"].dims == ("spec", "limit", "seed", "policy")
    assert found["spec"].values.tolist() == [str(tiny), str(other)]
    alone = evdsl.sweep(other, limits, [5, 3], ["optimum", "fifs"], jobs=1)
    mine = found.sel(spec=str(other), drop=True)
    for name in ("stage_1", "stage_2", "saving", "status"):
        assert mine[name].equals(alone[name]), name
    with pytest.raises(ValueError, match="each spec is named once"):
        evdsl.sweep([tiny, tiny])
    with pytest.raises(ValueError, match="names none"):
        evdsl.sweep([])


def test_specs_with_seeds_of_their_own_are_swept_over_seeds_that_are_said(tiny: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.evs"
    other.write_text(TINY.replace("seed    = 1", "seed    = 9"))
    with pytest.raises(ValueError, match="say `seeds`"):
        evdsl.sweep([tiny, other])


def test_python_refuses_what_cannot_be_swept(tiny: Path) -> None:
    with pytest.raises(ValueError, match="read with overrides"):
        evdsl.sweep(evdsl.load(tiny, set={"limit": "7 kW"}))
    for wrong, said in (
        ({"policies": ["fif"]}, "there is no policy `fif`"),
        ({"policies": "fifs"}, "it is to be a list"),
        ({"set": {"limit": "7 kW"}}, "it is to be a list"),
        ({"set": {"limit": [1, 1]}}, "a value twice"),
        ({"seeds": [1, 1]}, "each once"),
        ({"seeds": [-1]}, "whole numbers from 0"),
        ({"seeds": range(2_000_000)}, "1,000,000 are run at most"),
        ({"jobs": 0}, "a whole number from 1"),
    ):
        with pytest.raises(ValueError, match=said):
            evdsl.sweep(tiny, **wrong)
    with pytest.raises(LookupError, match="there is no solver `hihgs`"):
        evdsl.sweep(tiny, backend="hihgs")
    with pytest.raises(evdsl.SpecError, match="no param `gama`"):
        evdsl.sweep(tiny, {"gama": [1]})


CLUSTER = """
import os, signal, sys, threading, time
from pathlib import Path
from distributed import LocalCluster
import evdsl

def kill_one(cluster, journal):
    while not journal.exists() or journal.read_bytes().count(b"\\n") < 5:
        time.sleep(0.05)
    os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)

if __name__ == "__main__":
    spec, folder = sys.argv[1], Path(sys.argv[2])
    given = ({"limit": ["7 kW", "11 kW"]}, range(1, 11), ["optimum", "fifs"])
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        journal = folder / "journal"
        threading.Thread(target=kill_one, args=(cluster, journal), daemon=True).start()
        far = evdsl.sweep(spec, *given, dask=cluster.scheduler_address, journal=journal)
    near = evdsl.sweep(spec, *given, jobs=2)
    assert journal.read_bytes().count(b"\\n") == 21
    assert (far.status != "").all() and set(far.status.values.ravel()) == {"optimal", "done"}
    print(far.drop_vars("seconds").equals(near.drop_vars("seconds")))
"""


@pytest.mark.slow
def test_a_cluster_of_which_a_worker_is_killed_gives_the_same_rows(tiny: Path, tmp_path: Path) -> None:
    program = tmp_path / "cluster.py"
    program.write_text(CLUSTER)
    code = f"import runpy; runpy.run_path({str(program)!r}, run_name='__main__')"
    done = run_python(code, str(tiny), str(tmp_path), timeout=300)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr[-2000:]


@dataclass
class Future:
    """What a scheduler knows of a task that fails."""

    key: str
    error: BaseException
    status: str = "error"

    def result(self) -> None:
        raise self.error

    def exception(self) -> BaseException:
        return self.error


@dataclass
class Scheduler:
    """A client whose tasks all fail, `spec` excepted."""

    error: BaseException
    submitted: list[str]

    def submit(self, *_: object, key: str, **__: object) -> Future:
        self.submitted.append(key)
        return Future(key, self.error, "error" if "-run-" in key else "finished")


@pytest.mark.parametrize(
    ("error", "attempts", "status", "reason"),
    [
        ("killed", 2, "died", "the workers that ran it died, several times"),
        (OSError("disk full"), 1, "bug", "a worker cannot run it: OSError: disk full"),
        (ImportError("no evdsl"), 1, "bug", "a worker cannot run it: ImportError: no evdsl"),
    ],
)
def test_a_run_that_no_worker_lives_through_is_a_row(
    tiny: Path, error: BaseException | str, attempts: int, status: str, reason: str
) -> None:
    distributed = pytest.importorskip("distributed")
    failure = distributed.KilledWorker("task", None, 3) if isinstance(error, str) else error
    plan = prepared_of(tiny).plan
    scheduler = Scheduler(failure, [])
    cluster = _Cluster(scheduler, plan.bundles, plan.conditions)  # type: ignore[arg-type]  # a client's part
    found = cluster.submit(next(iter(plan.jobs())), 1)
    while not isinstance(found, tuple):
        found = cluster.ended(found)
    ((row,), told) = found[1], found[0].number
    assert (told, row["status"], row["reason"]) == (0, status, reason)
    assert len([key for key in scheduler.submitted if "-run-" in key]) == attempts


def test_a_connection_that_is_lost_ends_the_sweep_and_keeps_what_is_done(tiny: Path) -> None:
    pytest.importorskip("distributed")
    plan = prepared_of(tiny).plan
    scheduler = Scheduler(OSError("closed"), [])
    cluster = _Cluster(scheduler, plan.bundles, plan.conditions)  # type: ignore[arg-type]  # a client's part
    future = cluster.submit(next(iter(plan.jobs())), 1)
    future.status = "cancelled"
    with pytest.raises(LostClusterError, match="the scheduler went away"):
        cluster.ended(future)


def test_a_worker_of_another_version_says_so(tiny: Path) -> None:
    plan = prepared_of(tiny).plan
    (job,) = plan.jobs()
    (row,) = work(job_record(job), plan.bundles[0], plan.conditions.record(), "0.0.0")
    assert row["reason"] == f"the worker has evdsl {evdsl.__version__}, and the sweep was begun with 0.0.0"


def test_a_scheduler_that_is_not_there_is_told() -> None:
    pytest.importorskip("distributed")
    from evdsl.optimization.sweep import cluster

    found = cluster.connect("nonsense://here")
    assert isinstance(found, Diagnostic)
    assert (found.code, found.message.startswith("`nonsense://here` cannot be used")) == ("E603", True)


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from evdsl.optimization.sweep import cluster

    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    found = cluster.connect("tcp://127.0.0.1:8786")
    assert isinstance(found, Diagnostic)
    assert found.help == "install it with `pip install 'evdsl[dask]'`"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no locks to tell by")
def test_what_a_killed_sweep_left_is_cleared_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("evdsl-sweep-killed", "evdsl-sweep-young", "evdsl-sweep-of-another-kind", "other"):
        (tmp_path / name).mkdir()
        if name != "evdsl-sweep-of-another-kind":
            (tmp_path / name / "lock").touch()
        if name != "evdsl-sweep-young":
            os.utime(tmp_path / name, (1.0, 1.0))
    with sweep_folder() as running:
        os.utime(running, (1.0, 1.0))
        with sweep_folder():
            assert running.exists()
            there = {path.name for path in tmp_path.iterdir()} - {running.name}
    assert len(there) == 4
    assert there > {"evdsl-sweep-young", "evdsl-sweep-of-another-kind", "other"}
    assert not running.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the cores of the machine are taken")
def test_the_cores_are_those_that_the_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5, 8})
    assert local.cores() == 3


def test_the_spec_of_the_tutorial_may_be_swept() -> None:
    assert prepared_of(TUTORIAL / "2_car_park.evs").plan.count == 1
