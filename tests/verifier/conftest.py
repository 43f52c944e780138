"""What the tests of several files ask for by name."""

from __future__ import annotations

import pytest

import evdsl.schedule.dataset


@pytest.fixture(params=["dense", "ragged"])
def layout(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both forms of a dataset, for the same small schedules."""
    if request.param == "ragged":
        monkeypatch.setattr(evdsl.schedule.dataset, "DENSE_CELLS", 0)
    return str(request.param)
