"""Daily tables follow the clock on the wall."""

from __future__ import annotations

import numpy as np
import pytest
from data.days import LONG, PLAIN, SHORT, prices
from numpy.testing import assert_allclose

TABLE = "{ 00:00: 1 EUR/kWh, 06:00: 2 EUR/kWh, 22:00: 3 EUR/kWh }"


@pytest.mark.parametrize(("day", "night", "end"), [(SHORT, 5, 21), (PLAIN, 6, 22), (LONG, 7, 23)])
def test_a_daily_table_follows_the_wall_clock(day: str, night: int, end: int) -> None:
    found = prices(start=day, price=TABLE)
    expected = np.full(len(found), 2.0)
    expected[:night] = 1.0
    expected[end:] = 3.0
    assert_allclose(found, expected)
    assert (len(found) - end) == 2


def test_a_table_begins_anew_on_each_day() -> None:
    found = prices(start="2024-03-30", horizon="3 d", price=TABLE)
    assert_allclose(found[:24], prices(start="2024-03-30", price=TABLE))
    assert_allclose(found[24:47], prices(start=SHORT, price=TABLE))
    assert_allclose(found[47:], prices(start="2024-04-01", price=TABLE))


def test_before_its_first_entry_the_last_one_of_the_day_before_holds() -> None:
    found = prices(price="{ 07:00: 1 EUR/kWh, 21:00: 2 EUR/kWh }")
    assert_allclose(found, [2.0] * 7 + [1.0] * 14 + [2.0] * 3)


def test_a_table_of_one_entry_is_a_constant() -> None:
    assert_allclose(prices(price="{ 07:00: 4 EUR/kWh }"), 4.0)


def test_an_entry_inside_a_step_counts_for_its_share() -> None:
    found = prices(price="{ 00:00: 1 EUR/kWh, 06:15: 3 EUR/kWh }")
    assert found[6] == pytest.approx(0.25 * 1 + 0.75 * 3)


def test_an_entry_in_the_skipped_hour_holds_from_the_change_on() -> None:
    found = prices(start=SHORT, price="{ 00:00: 1 EUR/kWh, 02:30: 2 EUR/kWh }", step="30 min")
    assert_allclose(found[:4], 1.0)
    assert_allclose(found[4:], 2.0)


def test_an_entry_in_the_repeated_hour_comes_twice() -> None:
    found = prices(start=LONG, price="{ 00:00: 1 EUR/kWh, 02:30: 2 EUR/kWh }", step="30 min")
    assert_allclose(found[:8], [1, 1, 1, 1, 1, 2, 1, 2])
    assert_allclose(found[8:], 2.0)


def test_a_table_may_begin_in_the_middle_of_a_day() -> None:
    found = prices(start="2024-03-30 12:00", horizon="1 d", price=TABLE)
    assert_allclose(found, [2.0] * 10 + [3.0] * 2 + [1.0] * 5 + [2.0] * 6)


def test_tables_are_calculated_with_step_by_step() -> None:
    found = prices(price=f"{TABLE} * 2 + {{ 00:00: 0 EUR/kWh, 12:00: 10 EUR/kWh }}")
    assert_allclose(found, 2 * prices(price=TABLE) + np.repeat([0.0, 10.0], 12))


def test_a_long_horizon_of_a_long_table_is_quick() -> None:
    entries = ", ".join(f"{i // 60:02}:{i % 60:02}: {i % 7} EUR/kWh" for i in range(0, 1440, 5))
    found = prices(horizon="360 d", price=f"{{ {entries} }}")
    assert len(found) == 360 * 24
