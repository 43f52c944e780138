"""The mean of past days is that of each clock time, over all days or over those of one weekday."""

from __future__ import annotations

from pathlib import Path

import pytest
from data.days import LONG, SHORT
from data.histories import HISTORY, drawn, price_of, spec_of, told, write
from numpy.testing import assert_allclose

TYPICAL = f"typical({HISTORY})"


def test_the_mean_of_two_days_by_hand(tmp_path: Path) -> None:
    (tmp_path / "days.csv").write_text(
        "time,price\n2024-03-10 00:00,80\n2024-03-10 12:00,120\n2024-03-11 00:00,100\n2024-03-11 12:00,160\n"
    )
    assert price_of(tmp_path, TYPICAL).tolist() == [0.09] * 12 + [0.14] * 12


def test_it_is_the_same_in_every_scenario_and_in_none(tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-03-01", 5, lambda day, hour: day.day + hour)
    spec = spec_of(tmp_path, TYPICAL)
    found = [drawn(spec, scenario).series["grid", "price"].tolist() for scenario in (0, 1, 7)]
    assert found[0] == found[1] == found[2]


def test_the_same_weekday_is_a_mean_of_its_own(tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-02-27", 14, lambda day, _: 1000.0 * day.day)
    price = price_of(tmp_path, f'typical({HISTORY}, weekday="same")', horizon="2 d")
    # Tuesdays are the 27th and the 5th, Wednesdays the 28th and the 6th.
    assert price.tolist() == [16.0] * 24 + [17.0] * 24


def test_a_weekday_that_the_history_lacks_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-03-08", 4, lambda _, hour: hour)
    error = told(tmp_path, f'typical({HISTORY}, weekday="same")')
    assert error.startswith(
        "error[E509 no-rows]: the history of `typical` has no `tue`, and the horizon has one: it has 4 days "
        "from 2024-03-08 to 2024-03-11\n"
    )


@pytest.mark.parametrize(
    ("start", "hours"),
    [(SHORT, [*range(2), *range(3, 24)]), (LONG, [*range(3), *range(2, 24)])],
    ids=["short", "long"],
)
def test_a_horizon_follows_the_clock_on_the_wall(start: str, hours: list[int], tmp_path: Path) -> None:
    """An hour that is skipped is not paid, and one that comes twice is like itself."""
    write(tmp_path / "days.csv", "2024-03-01", 3, lambda _, hour: 1000.0 * hour)
    assert price_of(tmp_path, TYPICAL, start=start).tolist() == hours


def test_it_is_calculated_with_as_any_series(tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-03-10", 1, lambda _, hour: 10.0 * hour)
    price = price_of(tmp_path, f"max(0.10 EUR/kWh, 2 * {TYPICAL}) + 1 ct/kWh")
    assert_allclose(price, [max(0.10, 0.02 * hour) + 0.01 for hour in range(24)])
