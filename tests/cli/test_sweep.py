"""`evdsl sweep` as it is typed: mistakes, kills, Ctrl-C, and the files that it leaves."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars
import pytest
from optimization.sweeps import TINY
from worlds import FEATURES, ROOT, said

from evdsl.cli.lists import parts_of, seeds_of, values_of
from evdsl.cli.progress import SweepProgress


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tiny.evs").write_text(TINY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mistakes(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[tuple[str, str, str]]:
    """Code, place and message of every mistake of a command line that is refused as wrong usage."""
    status, out, err = said(capsys, "sweep", *arguments, "--json")
    assert (status, err) == (2, "")
    return [
        (one["code"], f"{one['file']}:{one['column']}" if one.get("file") else "", one["message"])
        for one in json.loads(out)["diagnostics"]
    ]


def test_a_comma_in_brackets_or_quotes_belongs_to_a_value() -> None:
    text = 'x=[1, 2], "a,b" ,csv("f,g", column="c"),{ 00:00: 1, 07:00: 2 }'
    assert [text[first:end] for first, end in parts_of(text, 2)] == [
        "[1, 2]",
        '"a,b"',
        'csv("f,g", column="c")',
        "{ 00:00: 1, 07:00: 2 }",
    ]
    assert values_of(["a = 1,2", 'b="x=y"']) == ((("a", ("1", "2")), ("b", ('"x=y"',))), [])


def test_seeds_are_ranges_and_single_ones() -> None:
    assert seeds_of("1..100") == ((range(1, 101),), [])
    assert seeds_of("5, 1 .. 3,0") == ((range(5, 6), range(1, 4), range(0, 1)), [])
    assert [one.message for one in seeds_of("1..9,4..5")[1]] == ["the seed `4` is given twice"]


def test_all_mistakes_of_a_command_line_are_told_in_one_run(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "old.csv").write_text("x")
    found = mistakes(
        capsys,
        *("tiny.evs", "--specs", "tiny.evs,,other.evs", "--set", "limit=4 kW,4 kW,11 kWh", "--set", "gama=1"),
        *("--set", "gamma", "--seeds", "3..1,x", "--policies", "optimum,fif", "--out", "old.csv"),
        *("--plot", "p.txt", "--backend", "hihgs", "--dask", "tcp://a:1", "--jobs", "2"),
    )
    assert {(code, message) for code, _, message in found} == {
        ("E207", "the spec `tiny.evs` is given twice"),
        ("E101", "a spec is missing here"),
        ("E001", '"other.evs" cannot be read: no such file or directory'),
        ("E207", "the value `4 kW` is given twice"),
        ("E301", "`limit` is a power, and 11 kWh is an energy"),
        ("E203", "the spec has no param `gama`"),
        ("E101", "`gamma` is not a name with its values"),
        ("E308", "the range `3..1` has no seeds"),
        ("E305", "`x` is neither a seed, a whole number from 0 to 999999999, nor a range of them"),
        ("E203", "there is no policy `fif`"),
        ("E609", "`old.csv` is there already"),
        ("E609", "`p.txt` does not say in which form the picture is stored"),
        ("E603", "there is no solver `hihgs`"),
        ("E101", "`--jobs` is for runs on this machine, and `--dask` has them on its workers"),
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "a spec is missing"),
        (["tiny.evs", "--resume"], "`--resume` goes on with a table, and none is named"),
        (
            ["tiny.evs", "--out", "t.txt"],
            "`t.txt` does not say in which form the table is stored",
        ),
        (
            ["tiny.evs", "--out", "old.csv", "--resume"],
            "`old.csv` is there, and not its journal `old.csv.journal`, which says what was run",
        ),
        (["tiny.evs", "--out", "new.csv"], "`new.csv.journal` is there already"),
        (
            ["tiny.evs", "--out", "new.csv", "--resume"],
            "`new.csv.journal` is no journal of a sweep",
        ),
        (
            ["tiny.evs", "--seeds", "1..999999999", "--set", "gamma=1,2"],
            "the sweep has 1,999,999,998 runs, and 1,000,000 are run at most",
        ),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    (folder / "old.csv").write_text("x")
    (folder / "new.csv.journal").write_text("something else\n")
    assert [told for _, _, told in mistakes(capsys, *arguments)] == [message]
    assert (folder / "new.csv.journal").read_text() == "something else\n"


def test_a_spec_with_errors_is_told_as_check_tells_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "tiny.evs").write_text(TINY.replace("charge  = 7.4 kW", "charge  = 7.4 kWh"))
    status, _, err = said(capsys, "sweep", "tiny.evs", "--seeds", "1..3")
    assert status == 1
    _, *checked = said(capsys, "check", "tiny.evs")
    assert err.strip() in "".join(checked)


def test_a_front_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = said(capsys, "sweep", str(FEATURES / "pareto.evs"))
    assert status == 1
    assert "a sweep has one objective for each stage, and the spec asks for a front" in err


def test_two_currencies_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "other.evs").write_text(TINY.replace("EUR", "USD"))
    status, _, err = said(capsys, "sweep", "tiny.evs", "--specs", "other.evs")
    assert status == 1
    assert "`other.evs` counts in USD, `tiny.evs` in EUR" in err


def test_the_line_of_progress_tells_rate_and_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    line = SweepProgress()
    line(5, 100, 0, 1000)
    now[0] += 20
    line(40, 100, 3, 1000)
    now[0] += 1
    line(41, 100, 3, 1000)
    assert capsys.readouterr().err == "140 of 1,000 runs done, 3 failed, 2 a second, 7 min left\n"


@pytest.mark.slow
def test_a_sweep_is_stored_as_parquet_and_goes_on_where_seeds_are_added(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["tiny.evs", "--set", "limit=7 kW,11 kW", "--policies", "optimum,edf", "--out", "t.parquet"]
    status, out, err = said(capsys, "sweep", *asked, "--seeds", "1..2", "--jobs", "1")
    assert (status, err) == (0, "")
    assert "sweep of tiny.evs: 4 runs (2 values of limit, 2 seeds)\n" in out
    assert "written to t.parquet; t.parquet.journal lets `--resume` add to it, and may be deleted\n" in out
    lines = (folder / "t.parquet.journal").read_bytes()
    status, out, _ = said(
        capsys, "sweep", *asked, "--seeds", "2..3", "--resume", "--json", "--plot", "p.svg", "--jobs", "1"
    )
    told = json.loads(out)
    assert (status, told["jobs"]) == (0, {"asked": 4, "done": 4, "kept": 2, "foreign": 2})
    assert (folder / "t.parquet.journal").read_bytes().startswith(lines)
    assert "<svg" in (folder / "p.svg").read_text()
    table = polars.read_parquet("t.parquet")
    assert table["seed"].to_list() == [2, 2, 3, 3] * 2
    assert table["set.limit"].to_list() == ["7 kW"] * 4 + ["11 kW"] * 4
    means = {
        (group["set"]["limit"], group["policy"]): group["means"]["stage_1"]["mean"]
        for group in told["groups"]
    }
    mine = table.filter((polars.col("set.limit") == "7 kW") & (polars.col("policy") == "edf"))
    assert means["7 kW", "edf"] == mine["stage_1"].mean()
    about = json.loads(polars.read_parquet_metadata("t.parquet")["evdsl"])
    assert (about["units"]["cost"], about["units"]["stage_2"], about["units"]["co2"]) == ("EUR", "kW", "kg")


@pytest.mark.slow
def test_the_picture_of_the_documentation_is_the_one_that_is_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    (command,) = re.findall(r"<!-- evdsl (sweep .*) -->", (ROOT / "docs" / "sweep.md").read_text())
    fresh = tmp_path / "fresh.svg"
    assert said(capsys, *shlex.split(command), "--plot", str(fresh))[0] == 0
    texts = [
        set(re.findall(r">([^<>]+)</text>", path.read_text(encoding="utf-8")))
        for path in (fresh, ROOT / "docs" / "sweep.svg")
    ]
    assert texts[0] == texts[1], f"evdsl {command} --plot docs/sweep.svg"


def begun(*arguments: str) -> subprocess.Popen[str]:
    """A sweep in a process of its own, two jobs at a time."""
    command = [sys.executable, "-m", "evdsl", "sweep", *arguments, "--jobs", "2"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def lines_of(journal: Path) -> int:
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


def wait_for(journal: Path, lines: int) -> None:
    while lines_of(journal) < lines:
        time.sleep(0.01)


ASKED = ("tiny.evs", "--set", "limit=7 kW,11 kW", "--seeds", "1..15", "--policies", "optimum,fifs")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals to kill with")
def test_a_sweep_that_was_killed_twice_ends_with_the_table_of_one_that_was_not(folder: Path) -> None:
    journal = folder / "t.csv.journal"
    for lines, resume in ((5, []), (15, ["--resume"])):
        running = begun(*ASKED, "--out", "t.csv", *resume)
        wait_for(journal, lines)
        running.kill()
        running.communicate()
        assert not (folder / "t.csv").exists()
        with journal.open("ab") as stream:
            stream.write(b'{"key": "00", "rows": [{"spec')
    done = begun(*ASKED, "--out", "t.csv", "--resume")
    done.communicate()
    whole = begun(*ASKED, "--out", "whole.csv")
    whole.communicate()
    assert (done.returncode, whole.returncode) == (0, 0)
    assert lines_of(journal) == 31
    tables = [list(csv.DictReader((folder / name).open())) for name in ("t.csv", "whole.csv")]
    for table in tables:
        assert len(table) == 60
        for row in table:
            assert float(row.pop("seconds (s)")) > 0
    assert tables[0] == tables[1]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no Ctrl-C to send")
def test_ctrl_c_stores_what_is_done_and_tells_the_command_that_goes_on(folder: Path) -> None:
    asked = (*ASKED, "--gap", "1e-05", "--disable", "v2g", "--out", "my table.csv")
    running = begun(*asked)
    wait_for(folder / "my table.csv.journal", 6)
    os.kill(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    rows = len(list(csv.DictReader((folder / "my table.csv").open())))
    assert 10 <= rows < 60
    assert f"written to my table.csv: {rows // 2} of 30 runs\n" in out
    command = shlex.split(err.splitlines()[-1].removeprefix("interrupted; to go on: evdsl "))
    assert command == [
        *("sweep", "tiny.evs", "--set", "limit=7 kW,11 kW", "--disable", "v2g", "--seeds", "1..15"),
        *("--policies", "optimum,fifs", "--out", "my table.csv", "--jobs", "2", "--gap", "1e-05", "--resume"),
    ]
    again = subprocess.run(
        [sys.executable, "-m", "evdsl", *command], capture_output=True, text=True, check=False
    )
    assert (again.returncode, len(list(csv.DictReader((folder / "my table.csv").open())))) == (0, 60)
    assert lines_of(folder / "my table.csv.journal") == 31
