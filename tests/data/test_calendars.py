"""Tables by day and by month: the finest key of a day counts, and its table alone."""

from __future__ import annotations

import numpy as np
import pytest
from data.days import LONG, SHORT, prices
from numpy.testing import assert_allclose

import evdsl
from evdsl.semantics.diff.specs import compare

TABLE = (
    "{ mon .. fri: { 00:00: 12 EUR/kWh, 07:00: 21 EUR/kWh }, [sat, sun]: 10 EUR/kWh, 2024-12-25: 8 EUR/kWh }"
)


def daily(found: np.ndarray) -> list[list[float]]:
    return [sorted(set(day.tolist())) for day in found.reshape(-1, 24)]


def test_a_date_counts_before_a_day_of_the_week() -> None:
    found = daily(prices(start="2024-12-23", horizon="7 d", price=TABLE))
    assert found == [[12, 21], [12, 21], [8], [12, 21], [12, 21], [10], [10]]


def test_a_day_of_the_week_counts_before_all_and_the_order_of_the_entries_does_not() -> None:
    found = prices(start="2024-12-23", horizon="3 d", price="{ all: 1 EUR/kWh, tue: 2 EUR/kWh }")
    assert daily(found) == [[1], [2], [1]]
    again = prices(start="2024-12-23", horizon="3 d", price="{ tue: 2 EUR/kWh, all: 1 EUR/kWh }")
    assert_allclose(again, found)


def test_before_its_first_entry_the_last_one_of_the_same_day_holds() -> None:
    table = "{ mon: { 07:00: 1 EUR/kWh, 20:00: 2 EUR/kWh }, all: { 06:00: 3 EUR/kWh, 18:00: 4 EUR/kWh } }"
    found = prices(start="2024-12-23", horizon="2 d", price=table)
    assert_allclose(found[:24], [2.0] * 7 + [1.0] * 13 + [2.0] * 4)
    assert_allclose(found[24:], [4.0] * 6 + [3.0] * 12 + [4.0] * 6)


def test_a_month_chooses_what_its_days_say() -> None:
    table = "{ feb .. dec: 5 EUR/kWh, jan: { mon .. fri: 1 EUR/kWh, all: 2 EUR/kWh } }"
    assert daily(prices(start="2024-01-30", horizon="4 d", price=table)) == [[1], [1], [5], [5]]
    round_the_year = "{ nov .. feb: 1 EUR/kWh, mar .. oct: 2 EUR/kWh }"
    assert daily(prices(start="2024-02-28", horizon="3 d", price=round_the_year)) == [[1], [1], [2]]


@pytest.mark.parametrize(("day", "night", "end"), [(SHORT, 5, 21), (LONG, 7, 23)])
def test_a_table_by_day_follows_the_clock_on_the_wall(day: str, night: int, end: int) -> None:
    table = "{ sun: { 00:00: 1 EUR/kWh, 06:00: 2 EUR/kWh, 22:00: 3 EUR/kWh }, all: 9 EUR/kWh }"
    found = prices(start=day, horizon="2 d", price=table)
    assert_allclose(found[:night], 1.0)
    assert_allclose(found[night:end], 2.0)
    assert_allclose(found[end : end + 2], 3.0)
    assert_allclose(found[end + 2 :], 9.0)


def test_tables_by_day_are_calculated_with() -> None:
    found = prices(
        start="2024-12-23", horizon="2 d", price="2 * { mon: 1 EUR/kWh, tue: { 12:00: 3 EUR/kWh } }"
    )
    assert daily(found) == [[2], [6]]


HOLIDAYS = """\
station s {
    start    = 2024-12-24
    horizon  = 3 d
    step     = 1 h
    holidays = [2024-12-25 .. 2024-12-26]
}
"""


def test_a_holiday_counts_before_a_day_of_the_week_and_behind_a_date() -> None:
    text = (
        "grid {\n price = { all: 1 EUR/kWh, thu: 2 EUR/kWh, holiday: 3 EUR/kWh, 2024-12-26: 4 EUR/kWh }\n}\n"
        "load l {\n power = 1 kW\n}\nminimize cost\n"
    )
    result = evdsl.loads(HOLIDAYS + text)
    assert evdsl.compile(result).run("highs").stages[0].value == pytest.approx(24 * (1 + 3 + 4))


def test_what_says_the_same_in_another_way_is_no_difference() -> None:
    one = "grid {\n price = { mon .. tue: 1 EUR/kWh, all: 2 EUR/kWh }\n}\nminimize cost\n"
    other = one.replace("mon .. tue: 1 EUR/kWh, all: 2 EUR/kWh", "all: 2 EUR/kWh, [tue, mon]: 1 EUR/kWh")
    head = HOLIDAYS.replace("2024-12-25 .. 2024-12-26", "2024-12-26, 2024-12-25")
    assert compare(evdsl.loads(HOLIDAYS + one), evdsl.loads(head + other)) == []
    (change,) = compare(evdsl.loads(HOLIDAYS + one), evdsl.loads(HOLIDAYS + one.replace("mon ..", "sun ..")))
    assert change.old == "{ [mon, tue]: 1 EUR/kWh, all: 2 EUR/kWh }"
    assert change.new == "{ [mon, tue, sun]: 1 EUR/kWh, all: 2 EUR/kWh }"
