"""The notebook of `docs/` runs, cell by cell, and its stored output is that of its code."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from worlds import ROOT

NOTEBOOK = ROOT / "docs" / "linopy.ipynb"


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
