"""`evdsl fuzz` on the command line: what was found is not lost, and can be seen again."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evdsl.backend import installed
from evdsl.cli import main
from evdsl.fuzzing import campaign as campaigns
from evdsl.solution import Status
from evdsl.testing import FAULTS, Coverage, Failure, Faulty, Invariant, Plan, Trial, campaign, specs

HERE = Path(__file__).parent
SMALL = HERE.parent / "specs" / "features" / "energy_cost.evs"
ODD = Invariant("odd", "nothing is odd", lambda _: "it is odd")
FOUND = Failure(ODD, "it is\nodd", "minimize cost\n", "")
PROGRAM = """\
import sys
from evdsl.fuzzing import campaign
from evdsl.testing import Coverage, Failure, Invariant
found = Failure(Invariant("odd", "nothing is odd", lambda _: "odd"), "odd", "minimize cost\\n", "")
campaign.campaign = lambda *_, **__: (Coverage(), found)
from evdsl.cli import main
sys.exit(main(["fuzz"]))
"""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """What a campaign is asked for, which finds something at once."""
    known: dict[str, Any] = {}

    def one(files: object, examples: int, **more: Any) -> tuple[Coverage, Failure]:
        known.update(more, files=files, examples=examples)
        return Coverage(), FOUND

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(campaigns, "campaign", one)
    return known


def test_a_failure_is_kept_where_nobody_reads_the_output(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(
        command, cwd=tmp_path, stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert done.returncode == 1, done.stderr
    assert "written to fuzz_odd.evs" in done.stderr
    assert (tmp_path / "fuzz_odd.evs").read_text().endswith("minimize cost\n")


def test_a_failure_is_printed_where_it_cannot_be_written(
    asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_text", refused)
    assert main(["fuzz"]) == 1
    said = capsys.readouterr().out
    assert "fuzz_odd.evs cannot be written: permission denied; this is the spec:\n# odd: it is odd\n" in said
    assert said.endswith("minimize cost\n")
    assert asked["examples"] == 200


def test_the_seed_is_that_of_the_campaign(asked: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    given = ["fuzz", str(SMALL), "--seed", "7", "--time-limit", "9", "--enable", "v2g", "--examples", "4"]
    assert main(given) == 1
    assert (asked["start"], asked["examples"], asked["plan"].overrides.seed) == (7, 4, None)
    said = capsys.readouterr().out
    (path,) = (line.removeprefix("written to ") for line in said.splitlines() if line.startswith("written"))
    text = Path(path).read_text()
    Path(path).unlink()
    assert f"see it again: evdsl fuzz {path} --examples 1 --enable v2g --time-limit 9\n" in text
    assert f"found by: evdsl fuzz {SMALL} --enable v2g --time-limit 9 --examples 4 --seed 7\n" in text


def test_what_is_given_is_quoted(asked: dict[str, Any], tmp_path: Path) -> None:
    spec = tmp_path / "a site.evs"
    spec.write_text(SMALL.read_text() + "\nparam stay = 1 h\n")
    assert main(["fuzz", str(spec), "--set", "stay=2 h"]) == 1
    assert "--set 'stay=2 h'" in (tmp_path / "fuzz_odd.evs").read_text()
    assert asked["first"] is not None


def test_no_example_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["fuzz", "--examples", "0"])
    assert "at least 1" in capsys.readouterr().err


def test_who_does_not_wait_gets_the_failure_as_it_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(campaigns, "smaller", interrupted)
    coverage, failure = campaign(specs(), 5, plan=Plan(invariants=(FOUND.invariant,), metamorphic=()))
    assert failure is not None
    assert failure.text == failure.original
    assert coverage.failing


# What a campaign may leave open, and what not


@pytest.mark.parametrize(
    "fault", [each for each in FAULTS if not each.needs_integers], ids=lambda each: each.name
)
def test_a_campaign_finds_the_fault_of_a_backend(fault: Any) -> None:
    plan = Plan(solvers=("highs", Faulty(installed()["highs"], fault)), relations=0, shrinking=0.0)
    coverage, failure = campaign(specs(), 30, start=2, plan=plan)
    assert failure is not None, coverage


def test_a_violation_that_speaks_of_a_limit_is_not_left_open() -> None:
    trial = Trial(SMALL.read_text())
    wrong = replace(trial.run(), status=Status.ERROR, message="`limit` charges 3 kW, and 2 kW is the limit")
    again = Trial(SMALL.read_text(), _runs={("highs", (), 0, ()): wrong})
    assert again.run().status is Status.ERROR
