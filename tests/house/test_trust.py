"""What docs/trust.md says can be run: its commands, and its lines of one's own."""

from __future__ import annotations

import re
import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from worlds import ROOT

from evdsl.testing import CASES

PAGE = (ROOT / "docs" / "trust.md").read_text()
COMMANDS = re.findall(r"`python fuzz/(\w+)\.py`", PAGE)
PARTS = {"target", "everything", "hostile_cases"}
PARTS |= {path.stem for path in (ROOT / "fuzz").glob("mutant_*.py")}
"""What targets share, and what `evdsl fuzz` does as well."""
TOLD = {
    "physics": "state_of_charge ",
    "exact": "exactly_kept ",
    "solvers": "solvers_agree ",
    "brute": "schedules ",
    "rewrites": "rewrites_agree ",
    "stages": "stages_kept ",
    "relations": "ease_",
    "printing": "printed 3",
    "text": " wrong\n",
}
"""What a campaign of three says at its end; the others have tests of their own."""
ELSEWHERE = {"planted", "faults", "guided", "hostile", "mutants", "in_ci"}


@contextmanager
def suppress_success() -> Iterator[None]:
    """A target may end by saying that it went well."""
    try:
        yield
    except SystemExit as ended:
        if ended.code:
            raise


def test_every_target_of_the_folder_is_on_the_page() -> None:
    assert {path.stem for path in (ROOT / "fuzz").glob("*.py")} - PARTS == set(COMMANDS)
    assert set(COMMANDS) == TOLD.keys() | ELSEWHERE


@pytest.mark.slow
@pytest.mark.parametrize("name", TOLD)
def test_a_target_runs_and_says_what_it_met(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(ROOT / "fuzz"))
    monkeypatch.setattr(sys, "argv", [f"fuzz/{name}.py", "3", "2"])
    with suppress_success():
        runpy.run_path(str(ROOT / "fuzz" / f"{name}.py"), run_name="__main__")
    assert TOLD[name] in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_lines_of_ones_own_run_as_they_stand(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[number]
    monkeypatch.chdir(ROOT)
    few = lines.replace(" 20, ", " 12, ").replace("conformance(BACKEND)", "conformance(BACKEND, CASES[:5])")
    found: dict[str, Any] = {"CASES": CASES}
    exec(compile(few, f"docs/trust.md, block {number}", "exec"), found)
    assert found["failure"] is None
    assert found["coverage"].examples == 12
