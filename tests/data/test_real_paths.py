"""Paths of real years: what is drawn has the mean of the hours that were, and a past day is that day."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from data.histories import drawn, price_of, spec_of
from numpy.testing import assert_allclose

COUNT = 1000
MOER = "moer_caiso_sce_2019-07_5min.csv"
HOME = "oemof_home_pv_load_hourly.csv"


@pytest.fixture
def ercot(data_folder: Path, tmp_path: Path) -> np.ndarray:
    """A year of prices of Houston, days over hours, as a file with a time a row; USD are taken for EUR."""
    with (data_folder / "ercot_dam_lz_houston_2021.csv").open() as file:
        rows = list(csv.DictReader(file))
    days: dict[str, list[float]] = {}
    lines = ["time,price"]
    for row in rows:
        month, day, year = row["delivery_date"].split("/")
        if row["repeated_hour"] == "Y":
            continue
        stamp = f"{year}-{month}-{day} {int(row['hour_ending'][:2]) - 1:02d}:00"
        lines.append(f"{stamp},{row['price_usd_per_mwh']}")
        days.setdefault(f"{year}-{month}-{day}", []).append(float(row["price_usd_per_mwh"]))
    (tmp_path / "days.csv").write_text("\n".join(lines))
    # In 2021 the clocks changed on these days.
    return np.array([day for date, day in days.items() if date not in ("2021-03-14", "2021-11-07")])


@pytest.mark.slow
def test_normal_days_have_the_moments_of_a_year_of_prices(ercot: np.ndarray, tmp_path: Path) -> None:
    """February 2021, at 9 USD/kWh, makes the deviation of an hour four times its mean."""
    assert ercot.shape == (363, 24)
    history = 'gaussian(csv("days.csv", column="price", unit="EUR/MWh"))'
    spec = spec_of(tmp_path, history, start="2022-05-04", zone="America/Chicago")
    paths = np.array([drawn(spec, k).series["grid", "price"] for k in range(1, COUNT + 1)]) * 1000
    deviation = ercot.std(axis=0, ddof=1)
    assert (np.abs(paths.mean(axis=0) - ercot.mean(axis=0)) < 4 * deviation / np.sqrt(COUNT)).all()
    assert (np.abs(paths.std(axis=0) / deviation - 1.0) < 4 / np.sqrt(2 * COUNT)).all()
    near = np.abs(np.corrcoef(paths.T) - np.corrcoef(ercot.T))
    assert near.max() < 4 / np.sqrt(COUNT)


def test_the_mean_day_of_a_year_is_that_of_its_numbers(ercot: np.ndarray, tmp_path: Path) -> None:
    history = 'typical(csv("days.csv", column="price", unit="EUR/MWh"))'
    price = price_of(tmp_path, history, start="2022-05-04", zone="America/Chicago")
    assert_allclose(price * 1000, ercot.mean(axis=0))


def test_a_past_day_of_emissions_is_that_day_to_the_bit(data_folder: Path) -> None:
    column = f'csv("{MOER}", unit="kg/kWh")'
    settings = {"zone": "America/Los_Angeles", "step": "5 min"}
    past = f"0.2 EUR/kWh\n    carbon = bootstrap({column}, days=2019-07-24)"
    path = drawn(spec_of(data_folder, past, start="2019-07-28", **settings)).series["grid", "carbon"]
    was = drawn(spec_of(data_folder, f"0.2 EUR/kWh\n    carbon = {column}", start="2019-07-24", **settings))
    assert path.tolist() == was.series["grid", "carbon"].tolist()


def test_the_load_and_the_sun_of_a_scenario_are_of_one_day(data_folder: Path) -> None:
    with (data_folder / HOME).open() as file:
        rows = [(float(row[1]), float(row[2])) for row in list(csv.reader(file))[1:]]
    days = {tuple(map(tuple, rows[24 * n : 24 * n + 24])) for n in range(366)}
    blocks = "\n".join(
        [
            "0.2 EUR/kWh\n}",
            "load home {",
            f'    power = bootstrap(csv("{HOME}", column="electricity demand (kW)"), key="day")\n}}',
            "solar roof {\n    peak = 1 kW",
            f'    profile = bootstrap(csv("{HOME}", column="pv yield (kW/kW)"), key="day")',
        ]
    )
    spec = spec_of(data_folder, blocks, start="2021-05-04", zone="Europe/Berlin")
    for scenario in range(1, 6):
        series = drawn(spec, scenario).series
        pair = zip(series["home", "power"].tolist(), series["roof", "profile"].tolist(), strict=True)
        assert tuple(pair) in days
