"""`evdsl explain --plan plan.csv`: the table of `evdsl plan`, edited by hand, beside the schedule."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from report.test_plan import TWO
from worlds import EVERYTHING, FEATURES, SPECS, said

import evdsl
from evdsl.data.data import Data
from evdsl.report.plan import files
from evdsl.report.plan.charges import plan_of
from evdsl.report.plan.reader import is_plan, read_plan
from evdsl.report.plan.schedule import as_schedule
from evdsl.verifier import verify

SITES = [SPECS / "sites" / f"{name}.evs" for name in ("depot", "phases", "motorway", "working_week")]
Row = dict[str, str]


def table(text: str) -> list[Row]:
    return list(csv.DictReader(text.splitlines()))


def written(rows: list[Row], delimiter: str = ",") -> str:
    lines = [delimiter.join(rows[0]), *(delimiter.join(row.values()) for row in rows)]
    return "".join(f"{line}\n" for line in lines)


def planned(path: Path, folder: Path) -> tuple[evdsl.Result, Path]:
    """A solved spec, and its plan as a file."""
    result = evdsl.compile(evdsl.load(path)).run("highs")
    out = folder / "plan.csv"
    assert files.write(out, plan_of(result), "vehicle") is None
    return result, out


def same(result: evdsl.Result, out: Path) -> None:
    """A plan that nobody edited is the schedule."""
    assert result.schedule is not None
    assert is_plan(out)
    rows = read_plan(out, result.spec, result.data)
    assert isinstance(rows, tuple)
    schedule, changed = as_schedule(rows, result)
    assert changed == 0
    verdict = verify(result.spec, schedule, result.data)
    assert verdict.ok, verdict.violations
    for name, value in result.terms.items():
        assert verdict.terms[name] == pytest.approx(value, rel=1e-5, abs=1e-4), name


@pytest.mark.parametrize("name", ["v2g", "queue", "trip", "feeder", "storage"])
def test_a_plan_that_nobody_edited_is_the_schedule(name: str, tmp_path: Path) -> None:
    same(*planned(FEATURES / f"{name}.evs", tmp_path))


def test_a_plan_of_a_site_with_every_device_is_the_schedule(tmp_path: Path) -> None:
    same(*planned(EVERYTHING, tmp_path))


def test_a_plan_of_cohorts_is_no_schedule(tmp_path: Path) -> None:
    problems = read_plan(*_of_cohort(tmp_path))
    assert isinstance(problems, list)
    assert "in which a cohort stands by the hour" in problems[0].message


def _of_cohort(folder: Path) -> tuple[Path, evdsl.Spec, Data]:
    result, out = planned(FEATURES / "cohort.evs", folder)
    return out, result.spec, result.data


@pytest.mark.slow
@pytest.mark.parametrize("path", SITES, ids=lambda path: path.stem)
def test_a_plan_of_a_whole_site_that_nobody_edited_is_the_schedule(path: Path, tmp_path: Path) -> None:
    same(*planned(path, tmp_path))


@pytest.mark.parametrize("name", ["phases", "motorway"])
def test_half_of_a_run_leaves_the_site_in_balance(name: str, tmp_path: Path) -> None:
    """What is taken less is imported less, through feeders and phases: nothing breaks but a demand."""
    result, out = planned(SPECS / "sites" / f"{name}.evs", tmp_path)
    rows = table(out.read_text(encoding="utf-8"))
    for row in rows:
        if float(row["energy (kWh)"]) > 0:
            row["energy (kWh)"], row["mean power (kW)"] = str(float(row["energy (kWh)"]) / 2), ""
    out.write_text(written(rows), encoding="utf-8")
    read = read_plan(out, result.spec, result.data)
    assert isinstance(read, tuple)
    schedule, changed = as_schedule(read, result)
    assert changed == len(rows)
    assert result.schedule is not None
    balance = [rule for rule in verify(result.spec, schedule, result.data).counts if "min_power" not in rule]
    assert balance == []
    half = float(result.schedule["delivered"].sum()) / 2
    assert float(schedule["delivered"].sum()) == pytest.approx(half, rel=1e-6)


@pytest.fixture
def two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[str, Path]:
    """Two vehicles at one port, with their plan."""
    path, out = tmp_path / "two.evs", tmp_path / "plan.csv"
    path.write_text(TWO, encoding="utf-8")
    assert said(capsys, "plan", str(path), "--out", str(out))[0] == 0
    return str(path), out


def edited(out: Path, edit: Callable[[list[Row]], None], delimiter: str = ",") -> None:
    rows = table(out.read_text(encoding="utf-8"))
    edit(rows)
    out.write_text(written(rows, delimiter), encoding="utf-8")


def test_a_run_that_is_moved_costs_what_a_hand_calculation_says(
    two: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """5 kWh at 0.30 and 5 at 0.10 are 2.00, and the others 0.80."""
    path, out = two

    def edit(rows: list[Row]) -> None:
        rows[0] |= {"from": "2024-03-12 00:00", "to": "2024-03-12 02:00", "mean power (kW)": ""}

    edited(out, edit)
    status, said_out, _ = said(capsys, "explain", path, "--plan", str(out))
    told = " ".join(said_out.split())
    assert status == 0
    assert "The plan has 2 runs, of which 1 is not as in the schedule: there the power is the mean" in told
    assert "The plan breaks nothing of the spec." in told
    assert "it reaches 2.80 EUR where the schedule reaches 2.00 EUR: 0.80 EUR worse" in told
    assert "from 00:00 to 01:00, where it takes 5.00 kWh more and pays 1.50 EUR more" in told


def test_a_run_that_is_too_strong_breaks_the_limits(
    two: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = two
    edited(out, lambda rows: rows[0].update({"to": "2024-03-12 02:00", "mean power (kW)": "10"}))
    status, said_out, _ = said(capsys, "explain", path, "--plan", str(out))
    told = " ".join(said_out.split())
    assert status == 0
    assert "The plan breaks the spec in" in told
    assert "import" in told


def test_what_is_taken_out_is_missing(two: tuple[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    path, out = two
    edited(out, lambda rows: rows.pop())
    told = " ".join(said(capsys, "explain", path, "--plan", str(out))[1].split())
    assert "It delivers to `late` 3.00 kWh less." in told


def test_a_table_that_a_spreadsheet_wrote_with_commas_is_read(two: tuple[str, Path]) -> None:
    path, out = two

    def edit(rows: list[Row]) -> None:
        for row in rows:
            for name in ("mean power (kW)", "energy (kWh)"):
                row[name] = f"{float(row[name]):.3f}".replace(".", ",")
            for name in ("from", "to"):
                row[name] = f"{row[name][8:10]}.03.2024 {row[name][11:16]}"

    edited(out, edit, ";")
    spec = evdsl.load(path)
    rows = read_plan(out, spec, evdsl.compile(spec).data)
    assert isinstance(rows, tuple)
    assert [(row.begin, row.end, round(row.energy, 2)) for row in rows] == [(1, 2.5, 10), (2.75, 4, 3)]


def test_every_row_that_cannot_be_read_is_told_with_its_line(
    two: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = two
    begin, end = "2024-03-12 01:00", "2024-03-12 02:00"
    rows = (
        f"erly,ac.1,{begin},{end},8,",
        f"early,ac.7,{begin},{end},8,",
        f"early,ac.1,noon,{end},8,",
        f"early,ac.1,{end},{begin},8,",
        f"early,ac.1,{begin},2024-03-12 03:30,8,",
        f"early,ac.1,{begin},{end},,",
        f"early,ac.1,{begin},{end},8,3",
        f"early,ac.1,{begin},{end},much,",
        f"early,,{begin},{end},8,",
    )
    out.write_text("\n".join(("vehicle,port,from,to,mean power (kW),energy (kWh)", *rows)) + "\n")
    status, _, err = said(capsys, "explain", path, "--plan", str(out), "--vehicle", "nobody")
    assert status == 2
    for line, message in enumerate(
        (
            "no vehicle is named `erly`",
            "no port is named `ac.7`",
            "`from` is no time: `noon`",
            "the run ends before it begins",
            "`early` is there from 00:00 to 02:30, and the run is not in it",
            "the run has neither an energy nor a power",
            "the run lasts 1.00 h, in which 8 kW are 8.00 kWh, and the row has 3.00 kWh",
            "`mean power (kW)` is no number: `much`",
            "the run has no port",
        ),
        2,
    ):
        assert message in err
        assert f"{out}:{line}:1" in err
    assert "did you mean `early`?" in err
    assert "no vehicle is named `nobody`" in err


def test_a_table_without_a_column_says_which(
    two: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = two
    out.write_text("vehicle,from,to,power\nearly,2024-03-12 01:00,2024-03-12 02:00,8\n")
    status, _, err = said(capsys, "explain", path, "--plan", str(out))
    assert status == 2
    assert "the plan has no column `port`, `energy (kWh)` or `mean power (kW)`" in err


def test_one_vehicle_has_one_port_in_a_step(tmp_path: Path) -> None:
    spec = evdsl.loads(TWO.replace("count = 1", "count = 2"))
    out = tmp_path / "plan.csv"
    out.write_text(
        "vehicle,port,from,to,energy (kWh)\n"
        "early,ac.1,2024-03-12 01:00,2024-03-12 01:30,2\n"
        "early,ac.2,2024-03-12 01:30,2024-03-12 02:00,2\n"
    )
    problems = read_plan(out, spec, evdsl.compile(spec).data)
    assert isinstance(problems, list)
    assert [(one.message, one.span.line) for one in problems if one.span is not None] == [
        ("`early` has two ports in one step of 60 min", 3)
    ]
