"""Holes in a file are seen by the rows around them, whatever the resolution of the rest of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data.days import PLAIN, prices, refused
from numpy.testing import assert_allclose

from evdsl.data.readers.spacing import described, holes_in, last_length

HOUR, QUARTER = 60.0, 15.0


def holes(*gaps: float) -> list[int]:
    return holes_in(np.array(gaps)).position.tolist()


@pytest.mark.parametrize(
    "gaps",
    [
        [QUARTER],
        [HOUR] * 24,
        [HOUR, HOUR, QUARTER, QUARTER, QUARTER],
        [QUARTER] * 4 + [HOUR, HOUR],
        [HOUR] * 4 + [QUARTER] * 8 + [HOUR] * 8 + [QUARTER] * 8 + [HOUR] * 2,
        [QUARTER] * 4 + [HOUR] * 2 + [240.0] * 2,
        [QUARTER] * 4 + [7.0, 8.0] + [QUARTER] * 4,
        [QUARTER] * 4 + [HOUR, 7.0, HOUR, HOUR, HOUR],
        [14.0, 17.0, 12.0, 18.0, 12.0, 13.0, 18.0],
        [744.0, 696.0, 744.0, 720.0],
        [23.0, 24.0, 24.0, 25.0],
    ],
)
def test_another_resolution_is_no_hole(gaps: list[float]) -> None:
    assert holes(*gaps) == []


@pytest.mark.parametrize(
    ("gaps", "positions"),
    [
        ([QUARTER] * 4 + [45.0] + [QUARTER] * 4, [4]),
        ([HOUR] * 12 + [QUARTER] * 3 + [45.0] + [QUARTER] * 5, [15]),
        ([QUARTER] * 5 + [45.0] + [QUARTER] * 3 + [HOUR] * 12, [5]),
        ([HOUR] * 3 + [30.0] + [QUARTER] * 3, [3]),
        ([HOUR] * 3 + [120.0] + [QUARTER] * 3, [3]),
        ([QUARTER] * 3 + [45.0] + [HOUR] * 3, [3]),
        ([5.0] * 6 + [55.0] + [HOUR] * 3, [6]),
        ([QUARTER] * 4 + [30.0, 30.0] + [QUARTER] * 4, [4, 5]),
        ([QUARTER] * 4 + [300.0, 360.0] + [QUARTER] * 4, [4, 5]),
        ([HOUR] + [QUARTER] * 4, [0]),
        ([QUARTER] * 4 + [HOUR], [4]),
        ([240.0, HOUR], [0]),
        ([960.0, 480.0, 960.0, 480.0], [0, 2]),
    ],
)
def test_a_hole_is_one_for_the_rows_beside_it(gaps: list[float], positions: list[int]) -> None:
    assert holes(*gaps) == positions
    assert holes(*reversed(gaps)) == [len(gaps) - 1 - position for position in reversed(positions)]


def test_a_hole_is_told_from_where_the_next_row_should_be() -> None:
    assert holes_in(np.array([HOUR] * 4 + [QUARTER] * 3 + [45.0] + [QUARTER] * 3)).usual.tolist() == [QUARTER]


@pytest.mark.parametrize(
    ("gaps", "length"),
    [
        ([QUARTER], QUARTER),
        ([HOUR] * 4 + [QUARTER] * 4, QUARTER),
        ([HOUR] * 4 + [QUARTER], QUARTER),
        ([QUARTER] * 4 + [HOUR] * 2, HOUR),
        ([QUARTER] * 4 + [HOUR], QUARTER),
        ([QUARTER] * 4 + [14.0], QUARTER),
    ],
)
def test_the_last_row_holds_as_long_as_those_before_it_are_apart(gaps: list[float], length: float) -> None:
    assert last_length(np.array(gaps)) == length


@pytest.mark.parametrize(
    ("gaps", "text"),
    [
        ([0.25] * 8, "every 15 min"),
        ([1.0, 1.0, 0.25], "every 1 h, then every 15 min"),
        ([0.25, 0.25, 1.5, 1.5, 3.0], "every 15 min, then every 90 min, then every 3 h"),
        ([1.0, 0.5, 1.0, 0.5, 2.0], "every 30 min to 2 h"),
    ],
)
def test_distances_are_described_in_words(gaps: list[float], text: str) -> None:
    assert described(np.array(gaps)) == text


def file(folder: Path, *times: str) -> str:
    rows = [f"2024-03-{time},{number}" for number, time in enumerate(times)]
    (folder / "p.csv").write_text("\n".join(["time,price", *rows]) + "\n")
    return 'csv("p.csv", unit="EUR/kWh")'


def test_hours_and_then_quarters_are_read_in_either_order(tmp_path: Path) -> None:
    price = file(tmp_path, "12 00:00", "12 01:00", "12 02:00", "12 02:15", "12 02:30", "12 02:45")
    found = prices(tmp_path, start=PLAIN, horizon="3 h", arrival="01:00", step="15 min", price=price)
    assert found.tolist() == [0.0] * 4 + [1.0] * 4 + [2.0, 3.0, 4.0, 5.0]
    price = file(tmp_path, "12 00:00", "12 00:15", "12 00:30", "12 00:45", "12 01:00", "12 02:00", "12 03:00")
    found = prices(tmp_path, start=PLAIN, horizon="4 h", arrival="01:00", step="15 min", price=price)
    assert found.tolist() == [0.0, 1.0, 2.0, 3.0] + [4.0] * 4 + [5.0] * 4 + [6.0] * 4


@pytest.mark.parametrize("method", ["hold", "linear"])
def test_rows_of_another_day_do_not_hide_a_hole(method: str, tmp_path: Path) -> None:
    quarters = [f"12 {hour:02}:{minute:02}" for hour in range(3) for minute in (0, 15, 30, 45)]
    missing = [time for time in quarters if time not in ("12 01:00", "12 01:15")]
    hourly = [f"11 {hour:02}:00" for hour in range(24)]
    later = [f"13 {hour:02}:00" for hour in range(24)]
    for rows in (missing, hourly + missing, missing + later):
        price = file(tmp_path, *rows).replace(")", f', method="{method}")')
        rendered = refused(tmp_path, horizon="3 h", arrival="01:00", step="15 min", price=price)
        assert '"p.csv" has nothing from 2024-03-12 01:00 to 2024-03-12 01:30' in rendered
        assert "help: fill the hole in the file\n" in rendered


CHANGES = 'csv("p.csv", unit="EUR/kWh", method="changes", until=2024-03-12 06:00)'


def test_change_points_hold_until_the_next_and_the_last_to_its_end(tmp_path: Path) -> None:
    file(tmp_path, "12 00:00", "12 04:00", "12 05:00")
    found = prices(tmp_path, horizon="6 h", arrival="01:00", price=CHANGES)
    assert found.tolist() == [0.0, 0.0, 0.0, 0.0, 1.0, 2.0]
    assert prices(
        tmp_path, horizon="6 h", arrival="01:00", price=CHANGES.replace("2024-03-12 06:00", "06:00")
    ).tolist() == [*found]
    file(tmp_path, "11 00:00", "12 04:30")
    assert_allclose(prices(tmp_path, horizon="6 h", arrival="01:00", price=CHANGES), [0.0] * 4 + [0.5, 1.0])


def test_one_change_point_is_enough_where_its_end_is_given(tmp_path: Path) -> None:
    file(tmp_path, "11 12:00")
    assert prices(tmp_path, horizon="6 h", arrival="01:00", price=CHANGES).tolist() == [0.0] * 6


def test_change_points_that_go_beyond_the_horizon_need_no_end(tmp_path: Path) -> None:
    file(tmp_path, "12 00:00", "12 04:00", "12 06:00")
    price = CHANGES.replace(", until=2024-03-12 06:00", "")
    assert prices(tmp_path, horizon="6 h", arrival="01:00", price=price).tolist() == [0.0] * 4 + [1.0] * 2


def test_two_change_points_at_one_time_are_refused(tmp_path: Path) -> None:
    file(tmp_path, "12 00:00", "12 04:00", "12 04:00")
    assert "E507" in refused(tmp_path, horizon="6 h", arrival="01:00", price=CHANGES)
