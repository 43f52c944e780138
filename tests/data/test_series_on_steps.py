"""Series from files on the steps of a horizon: means, zones, gaps and changes of the clock."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from data.days import LONG, PLAIN, SHORT, prices, refused
from numpy.testing import assert_allclose

from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import render
from evdsl.diagnostics.source import Source
from evdsl.semantics.resolve import Overrides, resolve


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
