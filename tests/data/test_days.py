"""Vehicles that come on several days: which days these are, what is drawn for each, and what stays apart."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from data.lots import block, fleet, loaded, only, vehicles

import evdsl
from evdsl.diagnostics.diagnostic import has_errors
from evdsl.language.calendar import dates_of_block

WEEK = """\
station lot {
    start    = 2024-03-11
    horizon  = 7 d
    step     = 15 min
    zone     = "Europe/Rome"
    seed     = 7
    holidays = 2024-03-14
}
class car {
    battery = 52 kWh
    charge  = 11 kW
    soc     = 10 % .. 90 %
}
"""
NIGHT = {"arrival": "22:00", "departure": "06:00 + 1 d", "energy": "5 kWh"}


def dates(days: str, head: str = WEEK) -> list[int]:
    spec = evdsl.loads(f"{head}{block('vehicle', 'bus', NIGHT | {'days': days})}minimize unmet\n")
    return [day.day for day in dates_of_block(spec, spec.named("vehicle", "bus").get("days"))]


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ("all", [11, 12, 13, 14, 15, 16, 17]),
        ("mon .. fri", [11, 12, 13, 14, 15]),
        ("sat .. mon", [11, 16, 17]),
        ("sun", [17]),
        ("mon .. mon", [11]),
        ("2024-03-12", [12]),
        ("2024-03-12 .. 2024-03-14", [12, 13, 14]),
        ("2024-02-01 .. 2024-03-11", [11]),
        ("holiday", [14]),
        ("[mon, wed .. fri, 2024-03-16, 2024-03-13 .. 2024-03-14, holiday]", [11, 13, 14, 15, 16]),
    ],
)
def test_days_are_names_dates_ranges_that_go_round_and_lists_of_them(days: str, found: list[int]) -> None:
    assert dates(days) == found


def test_the_days_of_a_horizon_are_those_that_any_part_of_it_lies_on() -> None:
    assert dates("all", WEEK.replace("2024-03-11", "2024-03-11 12:00").replace("7 d", "25 h")) == [11, 12]
    assert dates("all", WEEK.replace("2024-03-11", "2024-03-11 12:00").replace("7 d", "12 h")) == [11]


def test_a_param_that_is_called_as_a_day_is_not_meant_where_days_are_read() -> None:
    assert dates("sun", "param sun = 3 kW\nparam may = 2\n" + WEEK) == [17]


def test_clock_times_hold_on_each_day_and_a_day_more_counts_from_it() -> None:
    found = vehicles(block("vehicle", "bus", NIGHT | {"days": "[tue, fri]"}), head=WEEK)
    assert found.name == ("bus@2024-03-12", "bus@2024-03-15")
    assert found.arrival.tolist() == [46.0, 118.0]
    assert found.departure.tolist() == [54.0, 126.0]


def test_clock_times_follow_the_wall_through_days_on_which_the_clocks_change() -> None:
    head = WEEK.replace("start    = 2024-03-11", "start    = 2024-03-30").replace("7 d", "3 d")
    days = NIGHT | {"departure": "23:00", "days": "all"}
    found = vehicles(block("vehicle", "bus", days), head=head)
    assert found.arrival.tolist() == [22.0, 45.0, 69.0]
    early = vehicles(block("vehicle", "bus", days | {"arrival": "02:30"}), head=head)
    assert early.arrival.tolist() == [2.5, 26.5, 49.5]  # 02:30 is 03:30 on the 31st


def test_a_fleet_is_drawn_anew_on_each_day() -> None:
    found = vehicles(fleet(days="mon .. wed", count="3"), head=WEEK)
    assert found.name[:4] == ("day.1@2024-03-11", "day.2@2024-03-11", "day.3@2024-03-11", "day.1@2024-03-12")
    assert len(set((found.arrival % 24.0).round(6))) == 9
    assert len(set(found.initial.round(6))) == 9


@pytest.mark.parametrize(("days", "horizon"), [("all", "3 d"), ("mon .. tue", "7 d"), ("2024-03-12", "36 h")])
def test_what_is_drawn_for_a_day_depends_on_no_other_day_nor_on_the_horizon(days: str, horizon: str) -> None:
    whole = vehicles(fleet(days="all", count="30"), head=WEEK)
    part = vehicles(fleet(days=days, count="30"), head=WEEK.replace("7 d", horizon))
    by_name = {name: place for place, name in enumerate(whole.name)}
    places = [by_name[name] for name in part.name if name.endswith("@2024-03-12")]
    mine = [place for place, name in enumerate(part.name) if name.endswith("@2024-03-12")]
    assert len(places) == 30
    for each in ("arrival", "departure", "initial"):
        assert getattr(part, each)[mine].tolist() == getattr(whole, each)[places].tolist()


def test_draws_that_have_no_meaning_are_drawn_again_without_changing_another_day() -> None:
    changes = {"stay": "normal(1 h, 2 h)", "soc_arrival": "normal(12 %, 10 %)", "count": "40"}
    whole = vehicles(fleet(days="all", **changes), head=WEEK)
    alone = vehicles(fleet(days="2024-03-13", **changes), head=WEEK)
    mine = [place for place, name in enumerate(whole.name) if name.endswith("03-13")]
    assert len(mine) == len(alone) == 40
    assert whole.departure[mine].tolist() == alone.departure.tolist()
    assert whole.initial[mine].tolist() == alone.initial.tolist()
    assert np.all(alone.departure > alone.arrival)


def test_a_block_without_days_draws_what_it_drew() -> None:
    one = vehicles(fleet(), head=WEEK.replace("7 d", "24 h"))
    other = vehicles(fleet(days="2024-03-11"), head=WEEK.replace("7 d", "24 h"))
    assert one.name[0] == "day.1"
    assert other.name[0] == "day.1@2024-03-11"
    assert not np.any(one.arrival == other.arrival)


def test_stays_that_lie_outside_the_horizon_are_left_out_and_others_cut() -> None:
    head = WEEK.replace("2024-03-11", "2024-03-11 12:00").replace("7 d", "2 d")
    day = {"arrival": "08:00", "departure": "11:00", "energy": "5 kWh", "days": "all"}
    assert vehicles(block("vehicle", "bus", day), head=head).name == ("bus@2024-03-12", "bus@2024-03-13")
    evening = day | {"arrival": "13:00", "departure": "15:00"}
    assert vehicles(block("vehicle", "bus", evening), head=head).name == ("bus@2024-03-11", "bus@2024-03-12")
    noon = day | {"departure": "13:00"}
    assert vehicles(block("vehicle", "bus", noon), head=head).begin.tolist() == [0.0, 20.0, 44.0]


def test_a_vehicle_that_is_still_there_when_it_comes_again_is_refused() -> None:
    day = {"arrival": "08:00", "stay": "25 h", "energy": "5 kWh", "days": "mon .. tue"}
    found = only(loaded(WEEK + block("vehicle", "bus", day) + "minimize unmet\n")[1])
    assert (found.code, found.message) == (
        "E406",
        "`bus@2024-03-12` comes at 2024-03-12 08:00, and `bus@2024-03-11` leaves at 2024-03-12 09:00: one "
        "vehicle cannot come before it has left",
    )
    assert len(vehicles(block("vehicle", "bus", day | {"stay": "24 h"}), head=WEEK)) == 2


def test_of_a_fleet_the_stays_of_two_days_may_overlap() -> None:
    assert len(vehicles(fleet(days="mon .. tue", count="1", stay="30 h"), head=WEEK)) == 2


def test_a_departure_behind_midnight_is_written_with_its_day() -> None:
    day = {"arrival": "22:00", "departure": "06:00", "energy": "5 kWh", "days": "mon .. tue"}
    found = only(loaded(WEEK + block("vehicle", "bus", day) + "minimize unmet\n")[1])
    assert found.code == "E406"
    assert (
        found.help == "write `departure = 06:00 + 1 d` or `stay = 8 h`: clock times are on the day of arrival"
    )
    mended = day | {"departure": "06:00 + 1 d"}
    assert not has_errors(loaded(WEEK + block("vehicle", "bus", mended) + "minimize unmet\n")[1])


def test_max_energy_is_that_of_each_stay_where_some_are_left_out() -> None:
    head = WEEK.replace("2024-03-11", "2024-03-11 12:00").replace("7 d", "2 d")
    day = {"arrival": "08:00", "departure": "10:00", "energy": "0.5 * max_energy", "days": "all"}
    found = vehicles(block("vehicle", "bus", day), head=head)
    assert found.demand.tolist() == [11.0, 11.0]


def test_the_days_of_holidays_are_dates() -> None:
    spec = evdsl.loads(WEEK + block("vehicle", "bus", NIGHT | {"days": "holiday"}) + "minimize unmet\n")
    assert dates_of_block(spec, spec.named("vehicle", "bus").get("days")) == (date(2024, 3, 14),)
