"""Past days as they were: those of one key are the same days, and several days follow one another."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
from data.histories import HISTORY, drawn, price_of, spec_of, told, write

CARBON = 'csv("carbon.csv", column="co2", unit="g/kWh")'


def test_of_one_day_it_is_what_the_file_says_of_that_day_to_the_bit(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    write(tmp_path / "days.csv", "2024-03-01", 20, lambda _, __: random.normal(80.0, 30.0), step=1 / 12)
    path = price_of(tmp_path, f"bootstrap({HISTORY}, days=2024-03-05)", step="5 min")
    assert path.tolist() == price_of(tmp_path, HISTORY, start="2024-03-05", step="5 min").tolist()


def test_several_days_are_consecutive_and_each_past_day_is_as_likely(tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-03-02", 10, lambda day, _: 1000.0 * day.day)
    spec = spec_of(tmp_path, f"bootstrap({HISTORY})", horizon="3 d", step="12 h")
    firsts = []
    for scenario in range(1, 801):
        days = drawn(spec, scenario).series["grid", "price"][::2]
        assert days.tolist() == [days[0], days[0] + 1, days[0] + 2]
        firsts.append(int(days[0]))
    counts = np.bincount(firsts, minlength=12)[2:10]
    assert counts.sum() == 800
    # 100 of each: eight times a binomial of 800 and 1/8, whose deviation is 9.4.
    assert counts.min() > 62
    assert counts.max() < 138


def test_a_longer_horizon_begins_with_the_day_of_a_shorter_one(tmp_path: Path) -> None:
    """But where too few days follow that one."""
    write(tmp_path / "days.csv", "2024-02-01", 40, lambda day, _: float((day - date(2024, 1, 1)).days))
    short, long = (
        np.array(
            [
                drawn(spec_of(tmp_path, f"bootstrap({HISTORY})", horizon=length), k).series["grid", "price"][
                    0
                ]
                for k in range(1, 60)
            ]
        )
        for length in ("1 d", "3 d")
    )
    last = (date(2024, 3, 11) - date(2024, 1, 1)).days - 1
    assert (short == long)[short * 1000 < last].all()
    assert len(set(short.tolist())) > 20


def test_price_and_carbon_with_one_key_are_of_one_day_and_without_are_not(tmp_path: Path) -> None:
    """Of the days that both files have."""
    write(tmp_path / "days.csv", "2024-03-01", 9, lambda day, _: 1000.0 * day.day)
    write(tmp_path / "carbon.csv", "2024-03-03", 9, lambda day, _: 1000.0 * day.day, name="co2")

    def days(key: str) -> list[tuple[int, int]]:
        price = f"bootstrap({HISTORY}{key})\n    carbon = bootstrap({CARBON}{key})"
        spec = spec_of(tmp_path, price, step="24 h", arrival="00:00", leaving="stay = 24 h")
        found = [drawn(spec, scenario).series for scenario in range(1, 121)]
        return [(round(one["grid", "price"][0]), round(one["grid", "carbon"][0])) for one in found]

    joined = days(', key="day"')
    assert all(price == carbon for price, carbon in joined)
    assert {price for price, _ in joined} == set(range(3, 10))
    apart = days("")
    assert sum(price == carbon for price, carbon in apart) < 40
    assert {price for price, _ in apart} == set(range(1, 10))


def test_series_of_one_key_without_a_day_in_common_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-02-01", 3, lambda day, _: day.day)
    write(tmp_path / "carbon.csv", "2024-03-01", 3, lambda day, _: day.day, name="co2")
    price = f'bootstrap({HISTORY}, key="day")\n    carbon = bootstrap({CARBON}, key="day")'
    error = told(tmp_path, price)
    assert error.count('error[E509 no-rows]: the series with the key "day" have no day in common\n') == 2


def test_a_horizon_of_more_days_than_follow_each_other_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-02-01", 30, lambda day, _: day.day)
    error = told(tmp_path, f"bootstrap({HISTORY}, days=[mon, tue, sun])", horizon="4 d")
    assert error.startswith(
        "error[E508 series-too-short]: the horizon is on 4 days, and the history has no 4 days in a row: "
        "it has 12 days from 2024-02-04 to 2024-02-27\n"
    )


def test_an_evening_and_a_morning_are_of_two_days_in_a_row(tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-03-01", 6, lambda day, hour: 1000.0 * day.day + hour)
    spec = spec_of(
        tmp_path, f"bootstrap({HISTORY})", start="2024-03-12 17:00", horizon="14 h", arrival="18:00"
    )
    path = drawn(spec).series["grid", "price"] * 1000
    first = int(path[0] // 1000)
    expected = [first * 1000 + hour for hour in range(17, 24)]
    expected += [(first + 1) * 1000 + hour for hour in range(7)]
    np.testing.assert_allclose(path, expected)
