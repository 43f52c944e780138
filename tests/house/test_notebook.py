"""The notebooks of `docs/` run, cell by cell, and what is stored in them is what their code shows."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from typing import Any

import pytest
from worlds import ROOT

NOTEBOOK = ROOT / "docs" / "linopy.ipynb"
SHOWING = ROOT / "docs" / "report.ipynb"
"""What shows itself; `python tests/notebook.py` stores it."""


def cells() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return found


def printed(cell: dict[str, Any]) -> str:
    """What a cell has printed, as it is stored."""
    streams = [
        each for each in cell["outputs"] if each["output_type"] == "stream" and each["name"] == "stdout"
    ]
    return "".join("".join(each["text"]) for each in streams)


@pytest.mark.slow
def test_the_notebook_runs_and_prints_what_is_stored() -> None:
    code = [cell for cell in cells() if cell["cell_type"] == "code"]
    mark = "\n# end of a cell\n"
    program = "import matplotlib\nmatplotlib.use('agg')\n" + f"print({mark!r}, end='')\n".join(
        "".join(cell["source"]) + "\n" for cell in code
    )
    command = [sys.executable, "-P", "-W", "ignore", "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    fresh = done.stdout.split(mark)
    assert [text.strip() for text in fresh] == [printed(cell).strip() for cell in code]


def test_every_code_cell_of_the_notebook_was_run_and_none_failed() -> None:
    code = [cell for cell in cells() if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in code)
    assert not [each for cell in code for each in cell["outputs"] if each["output_type"] == "error"]
    pictures = [each for cell in code for each in cell["outputs"] if "image/png" in each.get("data", {})]
    assert len(pictures) == 1


def words_of(html: str) -> str:
    """A page without its pictures, whose lines a new version of their library may draw otherwise."""
    return re.sub(r"<svg.*?</svg>", "<svg>", html, flags=re.S)


@pytest.mark.slow
def test_what_shows_itself_shows_what_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    fresh = runpy.run_path(str(ROOT / "tests" / "notebook.py"))["run"]()
    notebook = json.loads(SHOWING.read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell, (text, html) in zip(code, fresh, strict=True):
        drawn = [each["data"]["text/html"] for each in cell["outputs"] if "data" in each]
        assert printed(cell).strip() == text.strip()
        assert [words_of("".join(each)) for each in drawn] == ([words_of(html)] if html else [])
