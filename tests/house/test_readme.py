"""The README says what the commands say, and its programs run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from worlds import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.slow
def test_the_spec_and_the_result_in_the_readme_are_what_the_command_prints() -> None:
    # -P: the package is the installed one, not the folder beside.
    command = [sys.executable, "-P", "tests/readme.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run python tests/readme.py\n{done.stderr}"


# What docs/trust.md shows takes long as it stands: tests/house/test_trust.py runs it on less.
QUICK = [page for page in PAGES if page.name != "trust.md"]
PROGRAMS = [(page, program) for page in QUICK for program in blocks(page, "python")]


@pytest.mark.parametrize(("page", "program"), PROGRAMS, ids=lambda value: getattr(value, "name", "program"))
def test_the_python_of_the_pages_runs(page: Path, program: str) -> None:
    command = [sys.executable, "-P", "-c", program]
    # A page may call the command, which is beside this Python where no environment is activated.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{page.name}: {done.stderr}"


def test_what_a_program_of_a_page_prints_stands_below_it() -> None:
    shown = re.compile(r"^```python\n([^`]*)```\n\n```text\n([^`]*)```$", re.M)
    found = [pair for page in QUICK for pair in shown.findall(page.read_text(encoding="utf-8"))]
    assert found
    for program, printed in found:
        done = subprocess.run(
            [sys.executable, "-P", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert done.stdout == printed


def test_the_readme_has_the_two_commands_that_ci_runs() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for marker in ("<!-- solve -->", "<!-- test -->"):
        assert re.search(rf"{marker}\n```sh\n.+\n```", text)
