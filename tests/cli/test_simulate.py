"""`evdsl simulate` as it is typed: mistakes, its table, kills, and the files that it leaves."""

from __future__ import annotations

import csv
import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
from optimization.sweeps import TINY
from worlds import FEATURES, ROOT, said


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tiny.evs").write_text(TINY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mistakes(capsys: pytest.CaptureFixture[str], *arguments: str) -> set[tuple[str, str]]:
    """Code and message of every mistake of a command line that is refused as wrong usage."""
    status, out, err = said(capsys, "simulate", *arguments, "--json")
    assert (status, err) == (2, "")
    return {(one["code"], one["message"]) for one in json.loads(out)["diagnostics"]}


def test_all_mistakes_of_a_command_line_are_told_in_one_run(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "old.csv").write_text("x")
    found = mistakes(
        capsys,
        *("tiny.evs", "--set", "limit=11 kWh", "--policies", "optimum,fif,best.nc,replan", "--runs", "3"),
        *("--variance", "antithetic", "--out", "old.csv", "--plot", "p.txt", "--backend", "hihgs"),
        *("--dask", "tcp://a:1", "--jobs", "2"),
    )
    assert found == {
        ("E301", "`limit` is a power, and 11 kWh is an energy"),
        ("E203", "there is no policy `fif`"),
        ("E206", "`best.nc`, a stored plan, is not built in this version"),
        ("E206", "`replan`, re-planning while a day goes on, is not built in this version"),
        ("E308", "antithetic runs come in pairs, and 3 is odd"),
        ("E609", "`old.csv` is there already"),
        ("E609", "`p.txt` does not say in which form the picture is stored"),
        ("E603", "there is no solver `hihgs`"),
        ("E101", "`--jobs` is for runs on this machine, and `--dask` has them on its workers"),
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--variance", "controll"], "there is no way `controll`"),
        (["--variance", "stratified"], "`stratified`, stratified draws, is not built in this version"),
        (["--resume"], "`--resume` goes on with a table, and none is named"),
        (["--out", "t.txt"], "`t.txt` does not say in which form the table is stored"),
        (
            ["--variance", "control", "--runs", "10001"],
            "the simulation has 10,001 runs, and 10,000 are run at most",
        ),
        (["--runs", "1000001"], "the simulation has 1,000,001 runs, and 1,000,000 are run at most"),
        (["--policies", "edf,edf"], "the policy `edf` is given twice"),
        (["--set", "gama=1"], "the spec has no param `gama`"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_cannot_be_is_refused_before_anything_runs(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert [told for _, told in mistakes(capsys, "tiny.evs", *arguments)] == [message]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--runs", "0"], "at least 1 is needed"),
        (["--error", "0"], "an error lies above 0 and below 1, such as 0.5%"),
        (["--error", "much"], "'much' is not a number"),
        (["--seed", "-1"], "'-1' is not a whole number from 0 to 999999999"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_number_that_is_none_is_wrong_usage(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        said(capsys, "simulate", "tiny.evs", *arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_a_spec_that_has_no_mean_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    still = re.sub(r"(arrival|stay|soc_arrival) += \w+\(([\w:]+)( [%h])?,.*\)", r"\1 = \2\3", TINY)
    (folder / "still.evs").write_text(still)
    status, _, err = said(capsys, "simulate", "still.evs")
    assert (status, "E419" in err, "nothing in it is random: every run is the same" in err) == (1, True, True)
    status, _, err = said(capsys, "simulate", str(FEATURES / "pareto.evs"))
    assert status == 1
    assert "a simulation has one objective for each stage, and the spec asks for a front" in err


@pytest.mark.slow
def test_the_report_has_means_quantiles_and_paired_differences(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("tiny.evs", "--runs", "6", "--policies", "fifs,optimum", "--seed", "4", "--jobs", "1")
    status, out, err = said(capsys, "simulate", *asked, "--out", "t.csv", "--plot", "p.svg")
    assert (status, err) == (0, "")
    assert out.startswith("simulation of tiny.evs: 6 runs (seed 4)\n\nminimize cost + gamma * unmet\n")
    with (folder / "t.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["scenario"], row["policy"], row["seed"]) for row in rows[:3]] == [
        ("1", "fifs", "4"),
        ("1", "optimum", "4"),
        ("2", "fifs", "4"),
    ]
    values = [float(row["stage_1 (EUR)"]) for row in rows]
    mean = sum(values[1::2]) / 6
    assert re.search(rf"^optimum +{mean:.2f} ± ", out, re.MULTILINE)
    assert re.search(rf"^optimum +-{sum(values[::2]) / 6 - mean:.2f} ± .* %$", out, re.MULTILINE)
    assert "<svg" in (folder / "p.svg").read_text()
    status, out, _ = said(capsys, "simulate", *asked, "--out", "t.csv", "--resume", "--json")
    told = json.loads(out)
    assert (status, told["runs"]) == (
        0,
        {"asked": 6, "done": 6, "counted": 6, "kept": 6, "foreign": 0},
    )
    first, second = told["policies"]
    assert second["mean"] == pytest.approx(mean)
    assert first["quantiles"][1] == pytest.approx(sorted(values[::2])[2] / 2 + sorted(values[::2])[3] / 2)
    assert (first["broken"], second["broken"], second["unproven"]) == (0, 0, 0)
    assert second["means"]["cost"]["unit"] == "EUR"
    (difference,) = told["differences"]
    assert (difference["policy"], difference["against"]) == ("optimum", "fifs")
    assert difference["share"] == pytest.approx(difference["mean"] / first["mean"])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals to kill with")
def test_a_simulation_that_was_killed_ends_with_the_table_of_one_that_was_not(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("tiny.evs", "--runs", "12", "--policies", "optimum,fifs", "--variance", "antithetic")
    command = [sys.executable, "-m", "evdsl", "simulate", *asked, "--jobs", "2", "--out", "t.csv"]
    journal = folder / "t.csv.journal"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        while not journal.exists() or journal.read_bytes().count(b"\n") < 5:
            time.sleep(0.01)
        running.kill()
    assert not (folder / "t.csv").exists()
    status, resumed, _ = said(capsys, "simulate", *asked, "--out", "t.csv", "--resume", "--jobs", "1")
    assert status == 0
    _, whole, _ = said(capsys, "simulate", *asked, "--out", "whole.csv", "--jobs", "1")
    assert journal.read_bytes().count(b"\n") == 13
    tables = [list(csv.DictReader((folder / name).open())) for name in ("t.csv", "whole.csv")]
    for table in tables:
        assert len(table) == 24
        for row in table:
            assert float(row.pop("seconds (s)")) > 0
    assert tables[0] == tables[1]
    assert resumed.partition("written to")[0] == whole.partition("written to")[0]


@pytest.mark.slow
def test_the_picture_of_the_documentation_is_the_one_that_is_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    command = re.findall(r"<!-- evdsl (simulate .*) -->", (ROOT / "docs" / "simulate.md").read_text())[0]
    fresh = tmp_path / "fresh.svg"
    assert said(capsys, *shlex.split(command), "--plot", str(fresh))[0] == 0
    texts = [
        set(re.findall(r">([^<>]+)</text>", path.read_text(encoding="utf-8")))
        for path in (fresh, ROOT / "docs" / "simulate.svg")
    ]
    assert texts[0] == texts[1], f"evdsl {command} --plot docs/simulate.svg"
