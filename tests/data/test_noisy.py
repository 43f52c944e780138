"""An error that wanders: its size, how fast it fades, and that it begins as it goes on."""

from __future__ import annotations

from dataclasses import replace
from math import exp
from pathlib import Path

import numpy as np
from data.histories import drawn, price_of, spec_of
from numpy.testing import assert_allclose

PRICE = "0.20 EUR/kWh"
NOISY = f"noisy({PRICE}, deviation=20 %, memory=3 h)"
COUNT = 1500


def errors(folder: Path, price: str = NOISY, **settings: str) -> np.ndarray:
    """z of each scenario, where the price is 0.20."""
    spec = spec_of(folder, price, **settings)
    paths = np.array([drawn(spec, k).series["grid", "price"] for k in range(1, COUNT + 1)])
    return (paths / 0.20 - 1.0) / 0.20


def test_the_error_is_stationary_and_fades_with_its_memory(tmp_path: Path) -> None:
    found = errors(tmp_path)
    apart = np.abs(np.subtract.outer(np.arange(24), np.arange(24)))
    correlation = np.exp(-apart / 3.0)
    near = 4 / np.sqrt(COUNT)
    assert np.abs(found.mean(axis=0)).max() < near
    assert np.abs(found.var(axis=0) - 1.0).max() < near * np.sqrt(2)
    assert np.abs(np.cov(found.T) - correlation).max() < near * np.sqrt(2)
    # Near hours are wrong in the same way: what one leaves open of the next.
    steps = found[:, 1:] - exp(-1 / 3) * found[:, :-1]
    assert abs(steps.var() / (1 - exp(-2 / 3)) - 1.0) < near


def test_finer_steps_fade_as_fast_in_time(tmp_path: Path) -> None:
    found = errors(tmp_path, step="15 min", horizon="6 h", arrival="02:00")
    hour = np.mean(found[:, :-4] * found[:, 4:])
    assert abs(hour - exp(-1 / 3)) < 4 / np.sqrt(COUNT)


def test_the_error_is_a_share_of_the_series_at_each_step(tmp_path: Path) -> None:
    table = "{ 00:00: 0 EUR/kWh, 06:00: 0.10 EUR/kWh, 12:00: 0.40 EUR/kWh }"
    flat, varied = (price_of(tmp_path, NOISY.replace(PRICE, each)) for each in (PRICE, table))
    assert varied[:6].tolist() == [0.0] * 6
    assert_allclose(varied[6:12], flat[6:12] / 2)
    assert_allclose(varied[12:], flat[12:] * 2)


def test_a_floor_cuts_below_it_and_nothing_else_does(tmp_path: Path) -> None:
    wild = NOISY.replace("20 %", "200 %")
    free, cut = (price_of(tmp_path, each) for each in (wild, wild[:-1] + ", floor=5 ct/kWh)"))
    assert free.min() < 0.0
    assert cut.tolist() == np.maximum(free, 0.05).tolist()


def test_a_longer_horizon_goes_on_where_a_shorter_one_ends(tmp_path: Path) -> None:
    short, long = (price_of(tmp_path, NOISY, horizon=f"{n} d") for n in (1, 2))
    assert long[:24].tolist() == short.tolist()


def test_without_a_deviation_it_is_the_series_itself(tmp_path: Path) -> None:
    assert price_of(tmp_path, NOISY.replace("20 %", "0 %")).tolist() == [0.20] * 24


def test_what_has_no_name_is_drawn_for_each_place_and_a_name_is_one_path(tmp_path: Path) -> None:
    error = "noisy(1, deviation=20 %, memory=3 h)"
    apart = price_of(tmp_path, f"({error} - {error}) * 1 EUR/kWh")
    assert np.abs(apart).min() > 0.0
    spec = spec_of(
        tmp_path, "(cloud - cloud) * 1 EUR/kWh\n}\nlet cloud = " + error + "\nport ac {\n    power = 9 kW"
    )
    assert drawn(spec).series["grid", "price"].tolist() == [0.0] * 24


def test_a_named_path_is_the_same_in_a_setting_and_in_a_requirement(tmp_path: Path) -> None:
    rest = f"dear\n}}\nlet dear = {NOISY}\n"
    rest += "require few: sum(t in steps: dear[t] * import[t]) * 1 h <= 1 EUR\nport ac {\n    power = 9 kW"
    data = drawn(spec_of(tmp_path, rest))
    assert data.series["let", "dear"].tolist() == data.series["grid", "price"].tolist()


def test_the_distance_of_a_random_series_from_zero_is_of_one_path(tmp_path: Path) -> None:
    centred = "noisy(1, deviation=100 %, memory=3 h) - 1"
    plain, distance = (
        price_of(tmp_path, f"{each} * 1 EUR/kWh") for each in (f"({centred})", f"abs({centred})")
    )
    assert distance.tolist() == np.abs(plain).tolist()


def test_opposites_lie_on_the_two_sides_of_the_series(tmp_path: Path) -> None:
    spec = replace(spec_of(tmp_path, NOISY), antithetic=True)
    first, second = (drawn(spec, k).series["grid", "price"] for k in (1, 2))
    assert_allclose(first + second, 0.40)
