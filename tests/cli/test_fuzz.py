"""`evdsl fuzz` on the command line: what was found is not lost, and can be seen again."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from worlds import FEATURES

from evdsl.cli.main import main
from evdsl.solver.discovery import installed_backends
from evdsl.solver.solution import Status
from evdsl.testing import (
    FAULTS,
    Coverage,
    Failure,
    Faulty,
    Invariant,
    Plan,
    Trial,
    campaign,
    campaigns,
    specs,
)

SMALL = FEATURES / "energy_cost.evs"
ODD = Invariant("odd", "nothing is odd", lambda _: "it is odd")
FOUND = Failure(ODD, "it is\nodd", "minimize cost\n", "")
PROGRAM = """\
import sys
from evdsl.testing import campaigns
from evdsl.testing import Coverage, Failure, Invariant
found = Failure(Invariant("odd", "nothing is odd", lambda _: "odd"), "odd", "minimize cost\\n", "")
campaigns.campaign = lambda *_, **__: (Coverage(), found)
from evdsl.cli.main import main
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


def test_a_claim_about_any_text_is_tried_on_a_refused_spec_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from evdsl.testing.properties import invariants

    monkeypatch.chdir(tmp_path)
    Path("site.evs").write_text("station s {\n}\n")
    assert main(["fuzz", "site.evs", "--examples", "1"]) == 1
    kept = capsys.readouterr()
    assert "E208" in kept.err
    assert "failed" not in kept.out
    monkeypatch.setattr(invariants, "misprinted", lambda _: "a line is lost")
    assert main(["fuzz", "site.evs", "--examples", "1"]) == 1
    assert "failed: format and parse change nothing\n  a line is lost\nwritten to fuzz_printed.evs" in (
        capsys.readouterr().out
    )


@pytest.mark.parametrize(("given", "code"), [(("--disable", "v2gg"), "E204"), (("--set", "worth=1"), "E203")])
def test_what_no_random_spec_could_take_is_wrong_usage(
    given: tuple[str, str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fuzz", *given]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error[{code} ")
    assert said.count("error[") == 1


def test_a_spec_of_several_files_is_varied_as_far_as_its_text_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = SMALL.read_text()
    at = text.index("minimize")
    Path("blocks.evs").write_text(text[:at])
    Path("site.evs").write_text(f'include "blocks.evs"\n{text[at:]}')
    assert main(["fuzz", "site.evs", "--examples", "3"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("3 specs in ")
    assert "names" not in said


def test_a_range_that_has_a_name_is_not_eased() -> None:
    from evdsl.testing.generate.easing import EASES

    text = (
        "station s {\n start = 2024-03-12\n horizon = 2 h\n}\nparam window = 10 % .. 90 %\n"
        "class car {\n battery = 20 kWh\n charge = 3 kW\n soc = window\n}\n"
        "fleet day of car {\n count = 1\n arrival = 00:00\n stay = 2 h\n soc_arrival = 20 %\n"
        " soc_target = 30 %\n}\nminimize peak\n"
    )
    assert Trial(text).has_no_errors, Trial(text).read[1]
    assert EASES["ease_class_soc"](Trial(text)) is None
    assert EASES["ease_class_soc"](Trial(text.replace("= window", "= 10 % .. 90 %"))) is not None


def test_what_fails_before_a_claim_is_tried_is_told_as_its_failure() -> None:
    broken = Invariant("broken", "it is no claim", lambda _: None, applies=lambda _: bool(1 / 0))
    _, failure = campaign(specs(), 5, plan=Plan(invariants=[broken], metamorphic=(), shrinking=0.0))
    assert failure is not None
    assert failure.message.startswith("ZeroDivisionError: ")


def test_a_text_that_the_reader_fails_at_is_kept_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: str) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr(campaigns.nodes, "read_file", fails)
    _, failure = campaign(specs(), 5, plan=Plan(invariants=[ODD], metamorphic=()))
    assert failure is not None
    assert failure.text == failure.original


def test_what_was_solved_for_a_failure_is_counted() -> None:
    solved = Invariant("solved", "nothing is solved", lambda trial: trial.run().status.value)
    coverage, failure = campaign(specs(), 5, plan=Plan(invariants=[solved], metamorphic=(), shrinking=0.0))
    assert failure is not None
    assert coverage.solves == 1


def test_claims_without_anything_to_be_held_against_are_not_counted() -> None:
    trial = Trial(SMALL.read_text(), solvers=("highs",))
    coverage = Coverage()
    assert campaigns.examine(trial.text, Plan(solvers=("highs",), relations=0), coverage) is None
    for name in ("solvers_agree", "stages_kept", "requirements"):
        assert coverage.tried[name] == 1, name
        assert coverage.checked[name] == 0, name


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
    plan = Plan(solvers=("highs", Faulty(installed_backends()["highs"], fault)), relations=0, shrinking=0.0)
    coverage, failure = campaign(specs(), 30, start=2, plan=plan)
    assert failure is not None, coverage


def test_a_violation_that_speaks_of_a_limit_is_not_left_open() -> None:
    trial = Trial(SMALL.read_text())
    wrong = replace(trial.run(), status=Status.ERROR, message="`limit` charges 3 kW, and 2 kW is the limit")
    again = Trial(SMALL.read_text(), _runs={("highs", (), 0, ()): wrong})
    assert again.run().status is Status.ERROR
