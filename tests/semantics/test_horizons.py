"""Horizons and clock times: local clocks and elapsed hours, and days of 23 and 25 hours."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from data.days import LONG, PLAIN, SHORT, refused, resolved, sound
from numpy.testing import assert_allclose

from evdsl.diagnostics.diagnostic import render
from evdsl.diagnostics.source import Source, Span
from evdsl.language.clock import elapsed_hours, is_skipped
from evdsl.language.units import TIME
from evdsl.language.values import Const


@pytest.mark.parametrize(("day", "hours"), [(SHORT, 23), (PLAIN, 24), (LONG, 25)])
def test_a_calendar_day_has_the_hours_that_its_clocks_show(day: str, hours: int) -> None:
    spec, _ = resolved(start=day, horizon="1 d")
    assert spec is not None
    assert spec.steps == hours


@pytest.mark.parametrize("day", [SHORT, PLAIN, LONG])
def test_twenty_four_hours_are_elapsed_hours_on_any_day(day: str) -> None:
    spec, _ = resolved(start=day, horizon="24 h")
    assert spec is not None
    assert spec.steps == 24


@pytest.mark.parametrize(
    ("start", "horizon", "hours"),
    [
        ("2024-03-30", "2 d", 47),
        ("2024-03-30 12:00", "1 d", 23),
        ("2024-03-31 06:00", "1 d", 24),
        ("2024-03-25", "7 d", 167),
        ("2024-03-01", "31 d", 743),
        ("2024-10-01", "31 d", 745),
        ("2024-03-30", "1 d + 12 h", 36),
        ("2024-03-31", "1.5 d", 35),
        ("2024-03-31", "0.5 d", 12),
        ("2024-03-31", "2 * 1 d", 47),
        ("2024-03-31", "2 d / 2", 23),
        ("2024-03-31", "2 d - 1 d", 23),
        ("2024-03-31", "max(1 d, 3 h)", 23),
    ],
)
def test_days_follow_the_clocks_and_hours_do_not(start: str, horizon: str, hours: int) -> None:
    spec, found = resolved(start=start, horizon=horizon, arrival=f"{start[:10]} 12:30")
    assert spec is not None, render(found)
    assert spec.steps == hours


def test_a_day_of_23_hours_is_no_whole_number_of_two_hour_steps() -> None:
    assert refused(start=SHORT, step="2 h").startswith(
        "error[E409 uneven-steps]: the horizon of 23 h is not a whole number of steps of 2 h, "
        "since the clocks change in it\n"
    )


def test_the_zone_decides_what_a_day_is() -> None:
    for zone, hours in [("Europe/Rome", 23), ("UTC", 24), ("Etc/GMT+7", 24), ("America/New_York", 24)]:
        spec, _ = resolved(start=SHORT, zone=zone)
        assert spec is not None
        assert spec.steps == hours


def test_a_start_is_local_to_its_zone() -> None:
    for zone, utc in [("Europe/Rome", 23), ("America/Los_Angeles", 7), ("Asia/Kolkata", 18)]:
        spec, _ = resolved(start=PLAIN, zone=zone)
        assert spec is not None
        assert spec.start == datetime(2024, 3, 12)
        assert spec.start_utc.hour == utc


def test_a_start_that_the_clocks_skip_is_refused() -> None:
    assert refused(start="2024-03-31 02:30") == (
        "error[E413 no-such-time]: 2024-03-31 02:30 is skipped by the clocks of Europe/Rome\n"
        " --> lot.evs:2:16\n"
        "  |\n"
        "1 | station lot {\n"
        "2 |     start    = 2024-03-31 02:30\n"
        "  |                ^^^^^^^^^^^^^^^^\n"
        "  |\n"
        "help: write `start = 2024-03-31 03:30`\n"
    )


def test_a_start_in_an_hour_that_comes_twice_is_the_first() -> None:
    spec, _ = resolved(start="2024-10-27 02:30", horizon="3 h", arrival="04:00")
    assert spec is not None
    assert spec.start_utc == datetime(2024, 10, 27, 0, 30)


def test_the_ends_of_the_steps_are_elapsed_hours() -> None:
    timeline = sound(start=LONG, step="15 min").timeline
    assert_allclose(timeline.edges(), np.arange(101) / 4)
    assert timeline.times()[0] == np.datetime64("2024-10-26T22:00")
    assert timeline.times()[-1] == np.datetime64("2024-10-27T22:45")


# Clock times


@pytest.mark.parametrize(
    ("start", "arrival", "hours"),
    [
        (PLAIN, "06:00", 6.0),
        (PLAIN, "06:20:30", 6 + 20.5 / 60),
        (SHORT, "01:30", 1.5),
        (SHORT, "06:00", 5.0),
        (LONG, "06:00", 7.0),
        (LONG, "02:30", 2.5),
        ("2024-03-30", "06:00 + 24 h", 30.0),
        ("2024-03-30", "06:00 + 1 d", 29.0),
        ("2024-03-30", "1 d + 06:00", 29.0),
        ("2024-03-30", "06:00 + 1 d + 30 min", 29.5),
        ("2024-03-31", "06:00 + 1 d - 1 d", 5.0),
        ("2024-03-30", "2024-03-31 06:00", 29.0),
        ("2024-03-30", "2024-03-30 06:00 + 1 d", 29.0),
        ("2024-03-30", "2024-03-30 06:00 + 24 h", 30.0),
        ("2024-03-30 12:00", "18:00", 6.0),
        ("2024-03-30 12:00", "06:00 + 1 d", 17.0),
    ],
)
def test_a_clock_time_is_on_the_wall_and_of_the_first_day(start: str, arrival: str, hours: float) -> None:
    vehicles = sound(start=start, horizon="40 h", arrival=arrival).vehicles
    assert vehicles.arrival[0] == pytest.approx(hours)


@pytest.mark.parametrize(
    ("start", "arrival", "leaving", "hours"),
    [
        ("2024-03-30", "12:00", "departure = 12:00 + 1 d", 23.0),
        ("2024-03-30", "12:00", "departure = 12:00 + 24 h", 24.0),
        ("2024-03-30", "12:00", "stay = 1 d", 23.0),
        ("2024-03-30", "12:00", "stay = 24 h", 24.0),
        ("2024-10-26", "12:00", "stay = 1 d", 25.0),
        ("2024-10-26", "12:00", "stay = 2 d", 49.0),
        ("2024-03-30", "normal(12:00, 0 min)", "stay = 1 d", 23.0),
    ],
)
def test_a_stay_of_a_day_follows_the_clocks(start: str, arrival: str, leaving: str, hours: float) -> None:
    vehicles = sound(start=start, horizon="72 h", arrival=arrival, leaving=leaving).vehicles
    assert vehicles.departure[0] - vehicles.arrival[0] == pytest.approx(hours)


@pytest.mark.parametrize("arrival", ["02:30", "normal(02:30, 5 min)", "2024-03-31 02:30", "02:30 + 1 h"])
def test_a_time_that_the_clocks_skip_is_refused_with_the_one_that_they_show(arrival: str) -> None:
    rendered = refused(start=SHORT, arrival=arrival)
    assert "error[E413 no-such-time]: 2024-03-31 02:30 is skipped by the clocks of Europe/Rome\n" in rendered
    assert "help: write `03:30`, which is what the clocks show then\n" in rendered


def test_elapsed_hours_count_whole_calendar_days_only_along_the_clocks() -> None:
    rome, start = ZoneInfo("Europe/Rome"), datetime(2024, 3, 30, 12)

    def length(hours: float, days: float) -> Const:
        return Const(hours, TIME, Span(Source("", ""), 0, 0), days)

    assert elapsed_hours(start, length(24.0, 0.0), rome) == 24.0
    assert elapsed_hours(start, length(24.0, 1.0), rome) == 23.0
    assert elapsed_hours(start, length(36.0, 1.5), rome) == 35.0
    assert elapsed_hours(start, length(30.0, 1.0), rome) == 29.0


def test_only_times_in_a_gap_are_skipped() -> None:
    rome, saopaulo = ZoneInfo("Europe/Rome"), ZoneInfo("America/Sao_Paulo")
    assert is_skipped(datetime(2024, 3, 31, 2), rome)
    assert is_skipped(datetime(2024, 3, 31, 2, 59, 59), rome)
    assert not is_skipped(datetime(2024, 3, 31, 3), rome)
    assert not is_skipped(datetime(2024, 10, 27, 2, 30), rome)
    assert is_skipped(datetime(2018, 11, 4), saopaulo)
