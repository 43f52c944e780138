"""Time: local clocks and elapsed hours, days of 23 and 25 hours, series on steps, and stays on steps."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.testing import assert_allclose

from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import Diagnostic, render
from evdsl.diagnostics.source import Source, Span
from evdsl.language.clock import elapsed_hours, is_skipped
from evdsl.language.spec import Spec
from evdsl.language.units import TIME
from evdsl.language.values import Const
from evdsl.semantics.resolve import Overrides, resolve

SHORT, LONG, PLAIN = "2024-03-31", "2024-10-27", "2024-03-12"
"""Days of 23, 25 and 24 hours in Rome: at 02:00 the clocks go to 03:00, and at 03:00 back to 02:00."""


def spec_text(
    *,
    start: str = PLAIN,
    horizon: str = "1 d",
    step: str = "1 h",
    zone: str = "Europe/Rome",
    price: str = "0.20 EUR/kWh",
    arrival: str = "12:00",
    leaving: str = "stay = 1 h",
    rounding: str = "exact",
) -> str:
    return f"""\
station lot {{
    start    = {start}
    horizon  = {horizon}
    step     = {step}
    zone     = "{zone}"
    rounding = {rounding}
}}
grid {{
    price = {price}
}}
class car {{
    charge = 10 kW
}}
vehicle van of car {{
    arrival = {arrival}
    {leaving}
    energy  = 1 kWh
}}
minimize cost + 1 EUR/kWh * unmet
"""


def resolved(folder: Path | None = None, **settings: str) -> tuple[Spec | None, list[Diagnostic]]:
    source = Source("lot.evs", spec_text(**settings), (folder or Path("/nowhere")) / "lot.evs")
    return resolve(source)


def loaded(folder: Path | None = None, **settings: str) -> tuple[Data | None, list[Diagnostic]]:
    """The data of the spec, and all that is said of it and of them."""
    spec, found = resolved(folder, **settings)
    if spec is None:
        return None, found
    data, more = load_data(spec)
    return data, [*found, *more]


def sound(folder: Path | None = None, **settings: str) -> Data:
    data, found = loaded(folder, **settings)
    assert data is not None, render(found)
    return data


def prices(folder: Path | None = None, **settings: str) -> np.ndarray:
    series = sound(folder, **settings).over_time("grid", "price")
    assert series is not None
    return series


def refused(folder: Path | None = None, **settings: str) -> str:
    data, found = loaded(folder, **settings)
    assert data is None
    return render(found)


# Horizons


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


# Daily tables

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


# Series from files


def write(folder: Path, rows: list[tuple[str, float]], header: str = "time,price") -> str:
    """A file of prices in the folder, and the setting that reads it."""
    lines = [header, *(f"{time},{value:.17g}" for time, value in rows)]
    (folder / "p.csv").write_text("\n".join(lines) + "\n")
    return 'csv("p.csv", unit="EUR/kWh")'


DAYS = ["03-30", "03-31", "04-01"]


def stamps(day: str, count: int, minutes: int, *, zone: str | None = None, offset: bool = True) -> list[str]:
    """Timestamps from a local midnight on, with or without their offset."""
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone or "Europe/Rome"))
    found = []
    for number in range(count):
        moment = datetime.fromtimestamp(start.timestamp() + number * minutes * 60, start.tzinfo)
        found.append(moment.isoformat() if offset else moment.replace(tzinfo=None).isoformat(" "))
    return found


def test_a_series_of_the_step_is_taken_as_it_is(tmp_path: Path) -> None:
    values = [0.1 * i for i in range(24)]
    price = write(tmp_path, list(zip(stamps(PLAIN, 24, 60), values, strict=True)))
    assert prices(tmp_path, price=price).tolist() == values


@pytest.mark.parametrize(("day", "hours"), [(SHORT, 23), (PLAIN, 24), (LONG, 25)])
def test_stamps_with_offsets_are_converted(day: str, hours: int, tmp_path: Path) -> None:
    values = np.arange(hours, dtype=float)
    price = write(tmp_path, list(zip(stamps(day, hours, 60), values, strict=True)))
    assert_allclose(prices(tmp_path, start=day, price=price), values)


def test_stamps_of_another_zone_are_converted(tmp_path: Path) -> None:
    utc = [(f"2024-03-{11 + (23 + i) // 24:02}T{(23 + i) % 24:02}:00:00Z", float(i)) for i in range(24)]
    assert_allclose(prices(tmp_path, price=write(tmp_path, utc)), np.arange(24))
    kolkata = stamps("2024-03-12 04:30", 24, 60, zone="Asia/Kolkata")
    assert kolkata[0].endswith("+05:30")
    price = write(tmp_path, [(stamp, float(i)) for i, stamp in enumerate(kolkata)])
    assert_allclose(prices(tmp_path, price=price), np.arange(24))


def test_local_stamps_of_a_repeated_hour_are_the_first_and_then_the_second(tmp_path: Path) -> None:
    local = stamps(LONG, 50, 30, offset=False)
    assert local.count("2024-10-27 02:30:00") == 2
    price = write(tmp_path, [(stamp, float(i)) for i, stamp in enumerate(local)])
    assert_allclose(prices(tmp_path, start=LONG, step="30 min", price=price), np.arange(50))


def test_local_stamps_of_a_short_day_leave_the_skipped_hour_out(tmp_path: Path) -> None:
    price = write(tmp_path, [(s, float(i)) for i, s in enumerate(stamps(SHORT, 23, 60, offset=False))])
    assert_allclose(prices(tmp_path, start=SHORT, price=price), np.arange(23))


def test_a_local_stamp_that_the_clocks_skip_is_refused_with_its_line(tmp_path: Path) -> None:
    price = write(tmp_path, [(f"2024-03-31 {hour:02}:00", 1.0) for hour in range(24)])
    rendered = refused(tmp_path, start=SHORT, price=price)
    assert rendered.startswith(
        'error[E413 no-such-time]: line 4 of "p.csv" has 2024-03-31 02:00, '
        "which is skipped by the clocks of Europe/Rome\n"
    )
    assert "help: give times with their offset, such as 2024-03-12 07:30+01:00" in rendered


@pytest.mark.parametrize("start", ["2024-03-30", "2024-04-01"])
@pytest.mark.parametrize("stamp", ["2024-03-31 02:00", "soon", "31.03.2024 02:00"])
def test_a_bad_stamp_outside_the_horizon_is_passed_over(start: str, stamp: str, tmp_path: Path) -> None:
    rows = [(f"2024-{day} {hour:02}:00", float(hour)) for day in DAYS for hour in range(24)]
    rows[26] = (stamp, 9.0)
    for method in ("", ', method="linear"'):
        price = write(tmp_path, rows).replace(")", f"{method})")
        found = prices(tmp_path, start=start, price=price)
        assert_allclose(found[:22], np.arange(22) + (0.5 if method else 0.0))


@pytest.mark.parametrize("clock", ["01:00", "03:30", "05:00"])
def test_a_skipped_stamp_is_refused_where_the_horizon_needs_it(clock: str, tmp_path: Path) -> None:
    """From 05:00 on another row stands between; at 03:30 the one for the skipped hour would still hold."""
    rows = [(f"2024-{day} {hour:02}:00", 1.0) for day in DAYS for hour in range(24)]
    price = write(tmp_path, [row for row in rows if row[0] != "2024-03-31 03:00"])
    start = f"2024-03-31 {clock}"
    if clock == "05:00":
        assert_allclose(prices(tmp_path, start=start, horizon="12 h", price=price), 1.0)
    else:
        assert "E413" in refused(tmp_path, start=start, horizon="12 h", price=price)


def test_a_text_that_is_no_time_is_refused_where_nobody_knows_its_place(tmp_path: Path) -> None:
    rows = [(f"2024-{day} {hour:02}:00", 1.0) for day in DAYS for hour in range(24)]
    rows = [*rows[24:], ("soon", 1.0), *rows[:24]]
    rows = [row for row in rows if row[0] != "2024-03-31 02:00"]
    assert "E505" in refused(tmp_path, start="2024-04-01", price=write(tmp_path, rows))


def test_a_year_of_local_stamps_is_read_in_a_zone_with_summer_time(data_folder: Path) -> None:
    """The file has 2020-03-29 02:00, which the clocks of Berlin skip."""
    name = "oemof_home_pv_load_hourly.csv"
    setting = f'csv("{name}", column="electricity demand (kW)", unit="kW")'
    text = (
        'station home {\n start = 2020-06-01\n horizon = 24 h\n step = 1 h\n zone = "Europe/Berlin"\n}\n'
        f"load house {{\n power = {setting}\n}}\ngrid {{\n price = 0.3 EUR/kWh\n}}\nminimize energy_cost\n"
    )
    spec, found = resolve(Source("home.evs", text), Overrides(folders=(data_folder,)))
    assert spec is not None, render(found)
    data, found = load_data(spec)
    assert data is not None, render(found)
    series = data.over_time("house", "power")
    rows = (data_folder / name).read_text().splitlines()
    first = next(i for i, row in enumerate(rows) if row.startswith("2020-06-01 00:00"))
    assert series is not None
    assert series.tolist() == [float(row.split(",")[1]) for row in rows[first : first + 24]]


def test_rows_may_stand_in_any_order(tmp_path: Path) -> None:
    rows = [(stamp, float(i)) for i, stamp in enumerate(stamps(PLAIN, 24, 60))]
    assert_allclose(prices(tmp_path, price=write(tmp_path, rows[::-1])), np.arange(24))


def test_finer_series_become_exact_means(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=24 * 12)
    price = write(tmp_path, list(zip(stamps(PLAIN, 24 * 12, 5), values, strict=True)))
    assert_allclose(prices(tmp_path, price=price), values.reshape(24, 12).mean(axis=1), rtol=1e-12)


def test_coarser_series_are_held(tmp_path: Path) -> None:
    price = write(tmp_path, [(stamp, float(i)) for i, stamp in enumerate(stamps(PLAIN, 24, 60))])
    found = prices(tmp_path, price=price, step="15 min")
    assert found.tolist() == np.repeat(np.arange(24.0), 4).tolist()


def test_steps_that_do_not_fit_the_rows_are_weighed(tmp_path: Path) -> None:
    price = write(tmp_path, [(stamp, float(i)) for i, stamp in enumerate(stamps(PLAIN, 24, 60))])
    found = prices(tmp_path, price=price, step="40 min")
    assert_allclose(found[:3], [0.0, 0.5, 1.0])
    assert_allclose(found.reshape(12, 3).mean(axis=1), np.arange(24.0).reshape(12, 2).mean(axis=1))


def test_rows_that_begin_before_the_horizon_count_for_their_share(tmp_path: Path) -> None:
    rows = [(f"2024-03-{11 + (20 + 3 * i) // 24:02} {(20 + 3 * i) % 24:02}:00", float(i)) for i in range(12)]
    found = prices(tmp_path, price=write(tmp_path, rows))
    # Rows of three hours from 20:00 on: at midnight the second has one hour behind it.
    assert found[:6].tolist() == [1.0, 1.0, 2.0, 2.0, 2.0, 3.0]


def test_the_integral_of_a_series_does_not_depend_on_the_step(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    price = write(tmp_path, list(zip(stamps(PLAIN, 96, 15), rng.normal(size=96), strict=True)))
    for method in ("hold", "linear"):
        setting = price.replace("unit", f'method="{method}", unit')
        totals = [
            prices(tmp_path, price=setting, step=step).sum() * hours
            for step, hours in [("5 min", 1 / 12), ("40 min", 2 / 3), ("1 h", 1.0), ("24 h", 24.0)]
        ]
        assert_allclose(totals, totals[0], rtol=1e-12)


def test_linear_series_are_means_of_straight_lines(tmp_path: Path) -> None:
    price = write(tmp_path, [(stamp, float(i)) for i, stamp in enumerate(stamps(PLAIN, 25, 60))])
    linear = price.replace("unit", 'method="linear", unit')
    assert_allclose(prices(tmp_path, price=linear), np.arange(24) + 0.5)
    assert_allclose(prices(tmp_path, price=linear, step="15 min"), np.arange(96) / 4 + 0.125)


def test_a_linear_series_holds_after_its_last_value(tmp_path: Path) -> None:
    price = write(tmp_path, [(stamp, float(i)) for i, stamp in enumerate(stamps(PLAIN, 24, 60))])
    found = prices(tmp_path, price=price.replace("unit", 'method="linear", unit'))
    assert found[-2:].tolist() == [22.5, 23.0]


def test_a_series_covers_the_horizon_with_the_interval_of_its_last_row(tmp_path: Path) -> None:
    rows = [(stamp, 1.0) for stamp in stamps(PLAIN, 24, 60)]
    assert_allclose(prices(tmp_path, price=write(tmp_path, rows)), 1.0)
    rendered = refused(tmp_path, price=write(tmp_path, rows[:-1]))
    assert rendered.startswith(
        'error[E508 series-too-short]: "p.csv" goes from 2024-03-12 00:00 to 2024-03-12 23:00, '
        "and the horizon from 2024-03-12 00:00 to 2024-03-13 00:00\n"
    )


def test_units_of_files_are_converted(tmp_path: Path) -> None:
    write(tmp_path, [(stamp, 150.0) for stamp in stamps(PLAIN, 24, 60)])
    assert_allclose(prices(tmp_path, price='csv("p.csv", unit="EUR/MWh")'), 0.15)
    assert_allclose(prices(tmp_path, price='csv("p.csv", unit="ct/kWh")'), 1.5)
    write(tmp_path, [(stamp, 150.0) for stamp in stamps(PLAIN, 24, 60)], "time,price (EUR/MWh)")
    assert_allclose(prices(tmp_path, price='csv("p.csv", column="price (EUR/MWh)")'), 0.15)


# Stays on steps


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
    ("arrival", "leaving", "begin", "end"),
    [
        ("20:00", "stay = 8 h", 20.0, 24.0),
        ("2024-03-11 20:00", "stay = 8 h", 0.0, 4.0),
        ("2024-03-11 20:00", "stay = 48 h", 0.0, 24.0),
    ],
)
def test_a_stay_beyond_the_horizon_is_cut_with_a_warning(
    arrival: str, leaving: str, begin: float, end: float
) -> None:
    data, found = loaded(arrival=arrival, leaving=leaving)
    assert data is not None
    assert (data.vehicles.begin[0], data.vehicles.end[0]) == (begin, end)
    assert render(found).startswith(
        "warning[W102 stay-cut]: the stay of `van` reaches beyond the horizon and is cut\n"
    )
    assert "help: lengthen `horizon` to plan it whole" in render(found)


def test_a_vehicle_of_another_day_is_refused() -> None:
    rendered = refused(arrival="2024-03-14 08:00")
    assert rendered.startswith(
        "error[E407 outside-horizon]: `vehicle van` is not there between "
        "2024-03-12 00:00 and 2024-03-13 00:00, the horizon\n"
    )


# Tariffs


def tariff_of(folder: Path, *entries: str) -> str:
    (folder / "t.json").write_text('{"schedule": [' + ", ".join(entries) + "]}")
    return 'tariff("t.json", unit="EUR/kWh")'


def entry(first: str, last: str, days: str, times: str, tariffs: str) -> str:
    return (
        f'{{"effective_start": "{first}", "effective_end": "{last}", "dow_mask": "{days}", '
        f'"times": {times}, "tariffs": {tariffs}}}'
    )


def test_a_tariff_follows_the_wall_clock_the_season_and_the_day_of_the_week(tmp_path: Path) -> None:
    price = tariff_of(
        tmp_path,
        entry("04-01", "10-31", "ALL", "[0, 12]", "[1, 2]"),
        entry("11-01", "03-31", "WEEKDAYS", "[0, 6, 20]", "[3, 4, 5]"),
        entry("11-01", "03-31", "WEEKENDS", "[0]", "[6]"),
    )
    found = prices(tmp_path, start="2024-03-29", horizon="4 d", price=price)
    friday, saturday, sunday, monday = np.split(found, [24, 48, 71])
    assert_allclose(friday, [3.0] * 6 + [4.0] * 14 + [5.0] * 4)
    assert_allclose(saturday, 6.0)
    assert_allclose(sunday, 6.0)
    assert_allclose(monday, [1.0] * 12 + [2.0] * 12)


@pytest.mark.parametrize(("day", "night"), [(SHORT, 5), (LONG, 7)])
def test_a_tariff_on_a_day_on_which_the_clocks_change(day: str, night: int, tmp_path: Path) -> None:
    price = tariff_of(tmp_path, entry("01-01", "12-31", "ALL", "[0, 6]", "[1, 2]"))
    assert prices(tmp_path, start=day, price=price).tolist().count(1.0) == night


def test_a_tariff_without_an_entry_for_a_day_names_it(tmp_path: Path) -> None:
    price = tariff_of(tmp_path, entry("01-01", "12-31", "WEEKDAYS", "[0]", "[1]"))
    rendered = refused(tmp_path, start="2024-03-15", horizon="2 d", price=price)
    assert rendered.startswith('error[E508 series-too-short]: "t.json" has no price for 2024-03-16\n')


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is no JSON (line 1)"),
        ("{", "it is no JSON (line 1)"),
        ("[" * 100_000, "it is no JSON that can be read"),
        ("[]", "it has no list `schedule`"),
        ('{"schedule": []}', "it has no list `schedule`"),
        ('{"schedule": {"a": 1}}', "it has no list `schedule`"),
        ('{"schedule": [3]}', "entry 1 of its schedule is no object"),
        ('{"schedule": [{}]}', "entry 1 of its schedule has no `times`"),
        (("01-01", "12-31", "ALL", "[0, 6]", "[1]"), "entry 1 of its schedule has not one price for each"),
        (("01-01", "12-31", "ALL", "[]", "[]"), "entry 1 of its schedule has not one price for each"),
        (("01-01", "12-31", "ALL", "[0]", "[NaN]"), "entry 1 of its schedule has not one price for each"),
        (("01-01", "12-31", "ALL", "[0]", "[1e999]"), "entry 1 of its schedule has not one price for each"),
        (("01-01", "12-31", "ALL", "[0]", '["1"]'), "entry 1 of its schedule has not one price for each"),
        (
            ("01-01", "12-31", "ALL", "[6, 0]", "[1, 2]"),
            "entry 1 of its schedule has times that do not go up",
        ),
        (("01-01", "12-31", "ALL", "[24]", "[1]"), "entry 1 of its schedule has times that do not go up"),
        (
            ("01-01", "12-31", "SUNDAYS", "[0]", "[1]"),
            "entry 1 of its schedule has a `dow_mask` that is none",
        ),
        (
            ("02-30", "12-31", "ALL", "[0]", "[1]"),
            "entry 1 of its schedule is not effective between two days",
        ),
        (("x", "12-31", "ALL", "[0]", "[1]"), "entry 1 of its schedule is not effective between two days"),
    ],
)
def test_a_tariff_that_is_none_is_refused(text: str | tuple[str, ...], reason: str, tmp_path: Path) -> None:
    if isinstance(text, str):
        (tmp_path / "t.json").write_text(text)
    else:
        tariff_of(tmp_path, entry(*text))
    rendered = refused(tmp_path, price='tariff("t.json", unit="EUR/kWh")')
    start = 'error[E505 bad-cell]: "t.json" is not a tariff as ACN-Sim writes them: '
    assert rendered.startswith(start + reason)
    assert "help: it has a list `schedule` of entries with times, tariffs, dow_mask" in rendered


# Real data


def real(folder: Path, start: str, horizon: str, **grid: str) -> Data:
    settings = "\n".join(f"    {name} = {value}" for name, value in grid.items())
    text = (
        f"station jpl {{\n start = {start}\n horizon = {horizon}\n step = 5 min\n"
        ' zone = "America/Los_Angeles"\n}\n'
        f"grid {{\n{settings}\n}}\nminimize energy_cost\n"
    )
    spec, found = resolve(Source("jpl.evs", text), Overrides(folders=(folder,)))
    assert spec is not None, render(found)
    data, found = load_data(spec)
    assert data is not None, render(found)
    return data


@pytest.mark.parametrize(
    ("day", "hour", "price"),
    [
        ("2019-07-24", 3, 0.05623),
        ("2019-07-24", 9, 0.0925),
        ("2019-07-24", 14, 0.26668),
        ("2019-07-24", 23, 0.05623),
        ("2019-07-27", 14, 0.05623),
    ],
)
def test_the_summer_tariff_of_southern_california(
    day: str, hour: int, price: float, data_folder: Path
) -> None:
    name = "acn_tariffs/sce_tou_ev_4_march_2019.json"
    series = real(data_folder, day, "24 h", price=f'tariff("{name}", unit="USD/kWh")').over_time(
        "grid", "price"
    )
    assert series is not None
    assert_allclose(series[hour * 12 : hour * 12 + 12], price)


def test_every_tariff_of_the_data_folder_covers_a_leap_year(data_folder: Path) -> None:
    names = sorted(path.name for path in (data_folder / "acn_tariffs").glob("*.json"))
    assert names
    for name in names:
        price = f'tariff("acn_tariffs/{name}", unit="USD/kWh")'
        series = real(data_folder, "2020-01-01", "366 d", price=price).over_time("grid", "price")
        assert series is not None
        assert len(series) == 366 * 288
        assert series.min() > 0


def test_emissions_in_utc_are_read_on_the_local_clock(data_folder: Path) -> None:
    setting = 'csv("moer_caiso_sce_2019-07_5min.csv", column="moer_kgco2_per_kwh", unit="kg/kWh")'
    data = real(data_folder, "2019-07-24", "24 h", price="0.1 USD/kWh", carbon=setting)
    series = data.over_time("grid", "carbon")
    rows = (data_folder / "moer_caiso_sce_2019-07_5min.csv").read_text().splitlines()
    first = next(i for i, row in enumerate(rows) if row.startswith("2019-07-24 07:00:00+00:00"))
    assert series is not None
    assert series.tolist() == [float(row.split(",")[1]) for row in rows[first : first + 288]]
    again = real(data_folder, "2019-07-24", "24 h", price="0.1 USD/kWh", carbon=f"{setting} * 1")
    assert np.array_equal(again.series["grid", "carbon"], series)


def test_emissions_that_end_before_the_horizon_are_refused_with_their_dates(data_folder: Path) -> None:
    setting = 'csv("moer_caiso_sce_2019-07_5min.csv", column="moer_kgco2_per_kwh", unit="kg/kWh")'
    text = (
        'station jpl {\n start = 2019-08-01\n horizon = 24 h\n zone = "America/Los_Angeles"\n}\n'
        f"grid {{\n carbon = {setting}\n price = 0.1 USD/kWh\n}}\nminimize energy_cost\n"
    )
    spec, _ = resolve(Source("jpl.evs", text), Overrides(folders=(data_folder,)))
    assert spec is not None
    data, found = load_data(spec)
    assert data is None
    assert "goes from 2019-06-29 17:00 to 2019-08-01 17:00" in render(found)


def test_sessions_of_a_garage_are_read_with_their_offsets(data_folder: Path) -> None:
    text = """\
station jpl {
    start = 2019-07-24
    horizon = 26 h
    step = 5 min
    zone = "America/Los_Angeles"
}
class car {
    charge = 6.656 kW
}
sessions garage of car = csv("acn_jpl_sessions_2019-07.csv", arrival="arrival", departure="departure",
    energy="delivered_energy (kWh)", id="session_id", arriving=2019-07-24 .. 2019-07-25)
minimize unmet
"""
    spec, found = resolve(Source("jpl.evs", text), Overrides(folders=(data_folder,)))
    assert spec is not None, render(found)
    data, found = load_data(spec)
    assert data is not None, render(found)
    assert data.remarks == ("82 of 1489 rows of acn_jpl_sessions_2019-07.csv arrive in the range asked for",)
    rows = [
        row.split(",")
        for row in (data_folder / "acn_jpl_sessions_2019-07.csv").read_text().splitlines()
        if row.startswith("2019-07-24")
    ]
    start = datetime.fromisoformat("2019-07-24 00:00:00-07:00")
    hours = [(datetime.fromisoformat(row[0]) - start) / timedelta(hours=1) for row in rows]
    assert_allclose(data.vehicles.arrival, hours)
    assert data.vehicles.name == tuple(row[5] for row in rows)
    assert data.vehicles.demand.tolist() == [float(row[3]) for row in rows]


@pytest.mark.parametrize(
    ("objective", "grid", "warned"),
    [
        ("cost", "", True),
        ("energy_cost + 2 * demand_cost", "", True),
        ("energy_cost", "", False),
        ("pareto energy_cost, demand_cost points 3", "", True),
        ("cost", "demand_charge = 12 USD/kW", False),
        ("cost", "demand_charge = 0 USD/kW", False),
    ],
)
def test_a_demand_charge_of_a_tariff_is_not_left_out_unsaid(
    objective: str, grid: str, warned: bool, data_folder: Path
) -> None:
    text = (
        'station jpl {\n start = 2019-07-24\n horizon = 24 h\n currency = "USD"\n}\n'
        f'grid {{\n price = tariff("acn_tariffs/sce_tou_ev_4_march_2019.json", unit="USD/kWh")\n {grid}\n}}\n'
        f"{objective if objective.startswith('pareto') else 'minimize ' + objective}\n"
    )
    spec, found = resolve(Source("jpl.evs", text), Overrides(folders=(data_folder,)))
    assert spec is not None, render(found)
    _, found = load_data(spec)
    assert [finding.code for finding in found] == ["W109"] * warned
    if warned:
        assert found[0].help.startswith("write `demand_charge = 15.51 USD/kW` in the `grid`")
