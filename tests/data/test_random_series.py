"""A series that scenarios draw is refused in a plan without them, with what it varies around."""

from __future__ import annotations

from pathlib import Path

import pytest
from data.histories import HISTORY, drawn, price_of, spec_of, told, write


@pytest.fixture(autouse=True)
def _history(tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-03-01", 9, lambda day, hour: day.day + hour)


@pytest.mark.parametrize(
    ("call", "mean"),
    [
        (f"gaussian({HISTORY})", f"typical({HISTORY})"),
        (f'bootstrap({HISTORY}, days=mon .. fri, key="day")', f"typical({HISTORY}, days=mon .. fri)"),
        ("noisy(0.20 EUR/kWh, deviation=5 %, memory=1 h)", "0.20 EUR/kWh"),
        (f"noisy(bootstrap({HISTORY}), deviation=5 %, memory=1 h)", f"typical({HISTORY})"),
        ('gaussian(mean=0.20 EUR/kWh, covariance=csv("cov.csv", unit="ct/kWh"))', "0.20 EUR/kWh"),
    ],
)
def test_the_help_is_a_series_that_a_plan_can_have(call: str, mean: str, tmp_path: Path) -> None:
    (tmp_path / "cov.csv").write_text("a\n4\n")
    error = told(tmp_path, call, scenario=0)
    name = call.partition("(")[0]
    assert error.count("error[") == 1
    assert error.startswith(
        f"error[E416 random-series]: `{name}` is drawn for each scenario, and a plan without scenarios "
        "needs one series\n"
    )
    assert f"help: write `{mean}`, which it varies around" in error
    assert len(price_of(tmp_path, call, scenario=1)) == 24
    assert len(price_of(tmp_path, mean, scenario=0)) == 24


def test_of_a_sum_that_varies_the_help_names_no_part_of_it(tmp_path: Path) -> None:
    call = f"noisy(2 * gaussian({HISTORY}), deviation=5 %, memory=1 h)"
    assert "help: write what it varies around\n" in told(tmp_path, call, scenario=0) + "\n"


def test_each_is_told_beside_what_else_is_wrong(tmp_path: Path) -> None:
    price = (
        f'gaussian({HISTORY})\n    feed_in = bootstrap({HISTORY})\n    carbon = csv("days.csv", unit="g/kWh")'
    )
    error = told(tmp_path, price, scenario=0)
    assert error.count("error[E416 ") == 2
    assert error.count("error[E508 ") == 1


def test_a_series_that_a_requirement_asks_for_is_refused_too(tmp_path: Path) -> None:
    rest = f"0.20 EUR/kWh\n}}\nlet dear = gaussian({HISTORY})\n"
    rest += "require few: sum(t in steps: dear[t] * import[t]) * 1 h <= 1 EUR\nport ac {\n    power = 9 kW"
    assert told(tmp_path, rest, scenario=0).count("error[E416 ") == 1


def test_a_scenario_is_the_same_whatever_was_drawn_before_it(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, f"gaussian({HISTORY})")
    alone = drawn(spec, 7).series["grid", "price"].tolist()
    paths = [drawn(spec, k).series["grid", "price"].tolist() for k in range(1, 9)]
    assert paths[6] == alone
    assert len({tuple(path) for path in paths}) == 8


def test_the_files_of_a_history_are_part_of_the_digest(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, f"bootstrap({HISTORY})")
    before = drawn(spec).digest
    (tmp_path / "days.csv").write_text((tmp_path / "days.csv").read_text() + "2024-03-10 00:00,1\n")
    assert drawn(spec).digest != before
