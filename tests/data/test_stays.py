"""Stays on steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data.days import loaded, refused, sound

from evdsl.diagnostics.diagnostic import render


@pytest.mark.parametrize(
    ("rounding", "arrival", "leaving", "presence"),
    [
        ("exact", "10:20", "departure = 12:45", {10: 2 / 3, 11: 1.0, 12: 0.75}),
        ("exact", "10:20", "departure = 10:40", {10: 1 / 3}),
        ("exact", "10:00", "departure = 12:00", {10: 1.0, 11: 1.0}),
        ("floor", "10:20", "departure = 12:45", {10: 1.0, 11: 1.0}),
        ("floor", "10:20", "departure = 10:40", {}),
        ("floor", "10:00", "departure = 12:00", {10: 1.0, 11: 1.0}),
        ("inward", "10:20", "departure = 12:45", {11: 1.0}),
        ("inward", "10:20", "departure = 11:40", {}),
        ("inward", "10:00", "departure = 12:00", {10: 1.0, 11: 1.0}),
    ],
)
def test_rounding_says_which_share_of_a_step_a_vehicle_is_there(
    rounding: str, arrival: str, leaving: str, presence: dict[int, float]
) -> None:
    visits = sound(rounding=rounding, arrival=arrival, leaving=leaving).visits
    assert dict(zip(visits.step.tolist(), visits.presence.tolist(), strict=True)) == pytest.approx(presence)


def test_presence_adds_up_to_the_stay(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        begin, length = rng.uniform(0, 20), rng.uniform(0.05, 4)
        data = sound(
            tmp_path,
            step="7 min",
            horizon="1400 min",
            arrival=f"00:00 + {begin} h",
            leaving=f"stay = {length} h",
        )
        assert data.visits.presence.sum() * 7 / 60 == pytest.approx(min(length, 1400 / 60 - begin))


@pytest.mark.parametrize(
    ("arrival", "leaving", "begin", "end", "help"),
    [
        ("20:00", "stay = 8 h", 20.0, 24.0, "write `horizon = 28 h`"),
        ("2024-03-11 20:00", "stay = 8 h", 0.0, 4.0, "write `start = 2024-03-11 20:00` and `horizon = 28 h`"),
        (
            "2024-03-11 20:00",
            "stay = 48 h",
            0.0,
            24.0,
            "write `start = 2024-03-11 20:00` and `horizon = 48 h`",
        ),
    ],
)
def test_a_stay_beyond_the_horizon_is_cut_with_a_warning(
    arrival: str, leaving: str, begin: float, end: float, help: str
) -> None:
    data, found = loaded(arrival=arrival, leaving=leaving)
    assert data is not None
    assert (data.vehicles.begin[0], data.vehicles.end[0]) == (begin, end)
    assert render(found).startswith(
        "warning[W102 stay-cut]: the stay of `van` reaches beyond the horizon and is cut\n"
    )
    assert f"help: {help} to plan it whole" in render(found)


def test_a_vehicle_of_another_day_is_refused() -> None:
    rendered = refused(arrival="2024-03-14 08:00")
    assert rendered.startswith(
        "error[E407 outside-horizon]: `vehicle van` is not there between "
        "2024-03-12 00:00 and 2024-03-13 00:00, the horizon\n"
    )
