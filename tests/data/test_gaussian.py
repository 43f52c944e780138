"""Normally distributed days: their mean and covariance over thousands of scenarios, and who shares what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from data.histories import HISTORY, drawn, price_of, spec_of, told, write
from numpy.testing import assert_allclose

CARBON = 'csv("carbon.csv", column="co2", unit="g/kWh")'
SETTINGS = {"step": "6 h", "arrival": "06:00", "leaving": "stay = 6 h"}
"""Four steps a day."""
COUNT = 1500


def history(folder: Path, name: str = "days.csv", column: str = "price", days: int = 12) -> np.ndarray:
    """Days of four parts, with a covariance of their own; in the file's unit."""
    random = np.random.default_rng(len(name))
    table = random.normal(100.0, 30.0, (days, 1)) + random.normal(0.0, 10.0, (days, 4)) + 10.0 * np.arange(4)
    numbers = iter(table.ravel().tolist())
    write(folder / name, "2024-02-20", days, lambda _, __: next(numbers), step=6.0, name=column)
    return table


def scenarios(folder: Path, price: str, count: int = COUNT, **settings: str) -> np.ndarray:
    spec = spec_of(folder, price, **(SETTINGS | settings))
    return np.array([drawn(spec, k).series["grid", "price"] for k in range(1, count + 1)])


def is_near_moments(paths: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> None:
    """Within four standard errors of a sample of a normal distribution."""
    deviation = np.sqrt(np.diag(covariance))
    assert (np.abs(paths.mean(axis=0) - mean) < 4 * deviation / np.sqrt(len(paths))).all()
    error = np.sqrt((np.outer(deviation**2, deviation**2) + covariance**2) / len(paths))
    assert (np.abs(np.cov(paths.T) - covariance) < 4 * error).all()


def test_scenarios_have_the_mean_and_the_covariance_of_the_days(tmp_path: Path) -> None:
    table = history(tmp_path) / 1000
    paths = scenarios(tmp_path, f"gaussian({HISTORY})")
    is_near_moments(paths, table.mean(axis=0), np.cov(table.T))


def test_given_moments_are_those_of_the_scenarios(tmp_path: Path) -> None:
    covariance = np.array([[400.0, 300.0, 0.0], [300.0, 400.0, 100.0], [0.0, 100.0, 100.0]])
    rows = "\n".join(",".join(map(str, row)) for row in covariance)
    (tmp_path / "cov.csv").write_text(f"00:00,08:00,16:00\n{rows}\n")
    mean = "{ 00:00: 0.10 EUR/kWh, 16:00: 0.30 EUR/kWh }"
    price = f'gaussian(mean={mean}, covariance=csv("cov.csv", unit="EUR/MWh"))'
    paths = scenarios(tmp_path, price, step="8 h", arrival="08:00", leaving="stay = 8 h")
    is_near_moments(paths, np.array([0.1, 0.1, 0.3]), covariance / 1e6)


def test_a_first_column_may_name_the_rows_of_a_covariance(tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_text("a,b\n4,1\n1,4\n")
    (tmp_path / "named.csv").write_text(",a,b\na,4,1\nb,1,4\n")
    plain, named = (
        price_of(tmp_path, f'gaussian(mean=0.2 EUR/kWh, covariance=csv("{name}.csv", unit="ct/kWh"))')
        for name in ("plain", "named")
    )
    assert plain.tolist() == named.tolist()
    assert len(set(plain[:12].tolist())) == len(set(plain[12:].tolist())) == 1


def test_what_is_singular_but_for_rounding_is_a_covariance(tmp_path: Path) -> None:
    (tmp_path / "cov.csv").write_text("a,b\n1,1.0000000001\n1.0000000001,1\n")
    price = price_of(tmp_path, 'gaussian(mean=0.2 EUR/kWh, covariance=csv("cov.csv", unit="ct/kWh"))')
    assert_allclose(price[0], price[12])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "00:00,12:00\n4,1\n2,4\n",
            '"cov.csv" is no covariance: line 2 has 1 in the column "12:00", and line 3 has 2 in "00:00"',
        ),
        ("a,b\n4,5\n5,4\n", '"cov.csv" is no covariance: it has the eigenvalue -1, and its largest is 9'),
        (
            "a,b\n4,1\n1,4\n0,0\n",
            '"cov.csv" is no covariance: it has 3 rows of numbers below its header, and 2 columns',
        ),
    ],
)
def test_a_table_that_is_no_covariance_is_told_with_what_shows_it(
    text: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "cov.csv").write_text(text)
    error = told(tmp_path, 'gaussian(mean=0.2 EUR/kWh, covariance=csv("cov.csv", unit="ct/kWh"))')
    assert error.startswith(f"error[E511 not-a-covariance]: {message}\n")


def test_a_cell_of_a_covariance_that_is_no_number_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "cov.csv").write_text("a,b\n4,x\n1,4\n")
    error = told(tmp_path, 'gaussian(mean=0.2 EUR/kWh, covariance=csv("cov.csv", unit="ct/kWh"))')
    assert error.startswith('error[E505 bad-cell]: line 2 of "cov.csv" has "x" in the column "b"')


def test_one_day_has_no_covariance(tmp_path: Path) -> None:
    history(tmp_path, days=1)
    error = told(tmp_path, f"gaussian({HISTORY})")
    assert error.startswith(
        "error[E511 not-a-covariance]: a covariance takes two days or more, and the history has 2024-02-20 "
        "alone\n"
    )


def test_series_of_one_key_are_one_vector_over_the_days_that_both_have(tmp_path: Path) -> None:
    prices = history(tmp_path, days=14)[2:] / 1000
    # What the sun of the same day was, by the hour and in another unit.
    days = iter(np.repeat(2.0 * prices[:, ::-1], 6, axis=1).ravel().tolist() + [9.0] * 72)
    write(tmp_path / "carbon.csv", "2024-02-22", 15, lambda _, __: 1e6 * next(days), name="co2")
    price = f'gaussian({HISTORY}, key="day")\n    carbon = gaussian({CARBON}, key="day")'
    spec = spec_of(tmp_path, price, **SETTINGS)
    for scenario in (1, 2, 3):
        series = drawn(spec, scenario).series
        assert_allclose(series["grid", "carbon"], 2000.0 * series["grid", "price"][::-1])
    apart = spec_of(tmp_path, price.replace(', key="day"', ""), **SETTINGS)
    series = drawn(apart).series
    assert np.abs(series["grid", "carbon"] - 2000.0 * series["grid", "price"][::-1]).max() > 1.0


def test_days_of_the_horizon_are_drawn_each_for_itself_and_a_longer_one_changes_none(tmp_path: Path) -> None:
    history(tmp_path)
    one, three = (price_of(tmp_path, f"gaussian({HISTORY})", horizon=f"{n} d", **SETTINGS) for n in (1, 3))
    assert one.tolist() == three[:4].tolist()
    paths = scenarios(tmp_path, f"gaussian({HISTORY})", 400, horizon="2 d")
    across = np.corrcoef(paths.T)[:4, 4:]
    assert np.abs(across).max() < 4 / np.sqrt(400)


def test_a_further_series_changes_no_other(tmp_path: Path) -> None:
    history(tmp_path)
    history(tmp_path, "carbon.csv", "co2")
    for key in ("", ', key="day"'):
        alone = price_of(tmp_path, f"gaussian({HISTORY}{key})")
        further = f"\n    feed_in = noisy(gaussian({HISTORY}), deviation=5 %, memory=1 h)"
        further += f"\n    carbon = gaussian({CARBON}{key})"
        assert price_of(tmp_path, f"gaussian({HISTORY}{key}){further}").tolist() == alone.tolist()


def test_opposites_lie_on_the_two_sides_of_the_mean(tmp_path: Path) -> None:
    mean = history(tmp_path).mean(axis=0) / 1000
    spec = replace(spec_of(tmp_path, f"gaussian({HISTORY})", **SETTINGS), antithetic=True)
    first, second, third = (drawn(spec, k).series["grid", "price"] for k in (1, 2, 3))
    assert_allclose((first + second) / 2, mean)
    assert np.abs(third - second).max() > 1e-3
