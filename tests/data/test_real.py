"""Real series are read as what they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import render
from evdsl.diagnostics.source import Source
from evdsl.semantics.resolve import Overrides, resolve


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
        block = 'demand_charge monthly = tariff("acn_tariffs/sce_tou_ev_4_march_2019.json")'
        assert found[0].help.startswith(f"add `{block}`, or `demand_charge = 0 USD/kW` to the `grid`")
