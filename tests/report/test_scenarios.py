"""What is said of a plan for many scenarios, by the command and by the report."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from worlds import OF_SCENARIOS, ROOT, said

AVERSE = str(OF_SCENARIOS / "averse.evs")
AHEAD = str(OF_SCENARIOS / "bought_ahead.evs")


def test_solve_tells_the_choice_the_mean_the_tail_and_one_schedule(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, out, _ = said(capsys, "solve", AVERSE)
    assert status == 0
    assert out.startswith("optimal on ")
    for line in (
        "chosen     battery.soc_initial 75 %",
        "cost       6.00 EUR expected, 6.00 EUR in the worst 50 % (CVaR)",
    ):
        assert line in out
    assert "4 scenarios (plain, seed" in out
    assert "(in the middle by the first objective)" in out


def test_another_scenario_is_shown_by_its_number(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(said(capsys, "solve", AHEAD, "--scenario", "3", "--json")[1])
    assert document["scenario"] == "3"
    assert [one["name"] for one in document["scenarios"]] == ["1", "2", "3", "4"]
    assert sorted(one["value"] for one in document["scenarios"]) == pytest.approx([2.0, 2.0, 8.0, 8.0])
    assert document["expected"] == pytest.approx(5.0)
    assert document["objective"] == pytest.approx(5.0)
    assert document["risk"] is None
    assert document["verified"]
    status, _, err = said(capsys, "solve", AHEAD, "--scenario", "5")
    assert (status, "the spec has 4" in err) == (2, True)


def test_the_schedule_of_a_scenario_is_stored_and_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "plan.nc")
    assert said(capsys, "solve", AHEAD, "--scenario", "2", "--out", path)[0] == 0
    status, out, _ = said(capsys, "verify", AHEAD, path)
    assert (status, "accepted" in out, "scenario 2" in out) == (0, True, True)


@pytest.mark.parametrize(
    "command",
    [
        "compare",
        "plan",
        "explain",
        "sweep",
        "fuzz",
        "price SPEC peak",
        "report SPEC -o x.html",
        "diff SPEC --solve",
    ],
)
def test_a_command_about_one_schedule_says_so(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = command.split() if "SPEC" in command else [command, "SPEC"]
    status, _, err = said(capsys, *(AHEAD if word == "SPEC" else word for word in words))
    assert status == (2 if words[0] == "diff" else 1)
    assert f"`evdsl {' '.join(words[:1])}" in err
    assert "error[E206 not-built-yet]" in err


def test_show_is_of_one_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "show", AHEAD)
    assert (status, "scenario 1 of 4" in out) == (0, True)


def test_the_page_shows_what_the_command_prints(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    page = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    shown = re.findall(r"```text\n(.*?)\n```", page, re.DOTALL)
    assert Path(AHEAD).read_text(encoding="utf-8") in page
    assert len(shown) == 2
    for text, path in zip(shown, (AHEAD, AVERSE), strict=True):
        assert said(capsys, "solve", path, "--backend", "highs")[1].startswith(text + "\n")
