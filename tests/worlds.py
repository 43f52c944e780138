"""What several tests stand on: the folders of the checkout, specs with a name, and the command as a process.

`pyproject.toml` has this folder on the path of pytest, so that a test says `from worlds import ROOT`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evdsl.cli.main import main

TESTS = Path(__file__).parent
"""Where commands run: at the root the checkout's own sources would be imported, not what is installed."""
ROOT = TESTS.parent
SPECS = ROOT / "specs"
FEATURES = SPECS / "features"
OF_SCENARIOS = SPECS / "scenarios"
"""Specs with a plan for many scenarios: they have no single schedule."""
TUTORIAL = SPECS / "tutorial"
DATA = Path(os.environ.get("EVDSL_DATA", ROOT.parent / "shared" / "data"))
"""The folder of real data; the fixture `data_folder` skips a test where it is missing."""
EVERYTHING = TESTS / "everything.evs"
"""A small site with every device."""
FIRST_SPEC = (TESTS / "first_spec.evs").read_text()
"""A spec of all ordinary statements, with comments."""


def run_cli(*arguments: str, folder: Path = TESTS, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """`evdsl` in a process of its own, in a folder: what it says and how it ends."""
    return run(["-m", "evdsl", *arguments], folder, timeout)


def run_python(
    program: str, *arguments: str, folder: Path = TESTS, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """A program in a process of its own, in a folder."""
    return run(["-c", program, *arguments], folder, timeout)


def run(given: list[str], folder: Path = TESTS, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Python with some arguments in a process of its own, in a folder."""
    command = [sys.executable, *given]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=timeout, check=False)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """`evdsl` in this process: its exit status, standard output and standard error."""
    capsys.readouterr()
    status = main(list(arguments))
    out, err = capsys.readouterr()
    return status, out, err
