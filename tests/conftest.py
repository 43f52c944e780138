"""What several tests need: real data, both solvers, and Hypothesis without chance."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import settings
from worlds import DATA, ROOT

sys.path.append(str(ROOT))  # for `bench`; the last one, so that `evdsl` is what is installed

settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True)
settings.load_profile("ci")


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real data; a test that needs it says so where it is missing."""
    if not DATA.is_dir():
        pytest.skip(f"the real data are not in {DATA}: set EVDSL_DATA to their folder")
    return DATA


@pytest.fixture(params=["highs", "scip"])
def solver(request: pytest.FixtureRequest) -> str:
    """Each of the two solvers."""
    return str(request.param)
