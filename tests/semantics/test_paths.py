"""Functions that make a series of others: what they take, and whose random numbers they have."""

from __future__ import annotations

from pathlib import Path

import pytest
from data.histories import HISTORY, spec_of, told, write

from evdsl.language.values import DerivedSeries, Operation


@pytest.fixture(autouse=True)
def _history(tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-03-01", 9, lambda day, hour: day.day + hour)
    (tmp_path / "cov.csv").write_text("a,b\n4,1\n1,4\n")


@pytest.mark.parametrize(
    ("call", "message", "help"),
    [
        (
            f'typical({HISTORY}, weekday="sunday")',
            'error[E205 unknown-function]: `weekday` of `typical` is "same", and "sunday" is not',
            'write `weekday="same"`, or leave it out; some days alone are `days=mon .. fri`',
        ),
        (
            f'gaussian({HISTORY}, key="")',
            "error[E305 wrong-shape]: `key` is empty, and names what series are drawn together",
            'write `key="day"`, or leave it out',
        ),
        (
            f"bootstrap({HISTORY}, key=day)",
            "error[E305 wrong-shape]: `key` is a text in quotes, and day is a name",
            'write `key="day"`',
        ),
        (
            'typical(csv("days.csv", unit="EUR/MWh", method="linear"))',
            "error[E305 wrong-shape]: `typical` takes values that hold until the next, and those of "
            'csv("days.csv", unit="EUR/MWh", method="linear") go straight to it',
            'leave `method="linear"` out of the history',
        ),
        (
            'typical(csv("days.csv"))',
            'error[E303 missing-unit]: `grid` wants `price` in EUR/kWh, and typical(csv("days.csv")) has no '
            "unit",
            'give the unit of the column: `csv("days.csv", ..., unit="EUR/kWh")`',
        ),
        (
            'gaussian(mean=0.20 EUR/kWh, covariance=csv("cov.csv"))',
            "error[E303 missing-unit]: `mean` is in EUR/kWh, and the covariance has no unit",
            'give the unit of the values, whose squares the file has: `unit="EUR/kWh"`',
        ),
        (
            'gaussian(mean=0.20 EUR/kWh, covariance=csv("cov.csv", unit="kW"))',
            "error[E304 sum-mismatch]: `mean` is in EUR/kWh, and the covariance is of what is a power",
            'give the unit of the values, whose squares the file has: `unit="EUR/kWh"`',
        ),
        (
            f'gaussian({HISTORY}, mean=0.20 EUR/kWh, covariance=csv("cov.csv"))',
            "error[E205 unknown-function]: `gaussian` takes a history, or a `mean` and its `covariance`",
            'write `gaussian(csv("file.csv"))`, or `gaussian(mean=..., covariance=csv("file.csv"))`',
        ),
        (
            f"round({HISTORY.join(('typical(', ')'))})",
            f"error[E305 wrong-shape]: `round` takes one number, given or drawn, and typical({HISTORY})",
            "write the rounded numbers in its place",
        ),
    ],
)
def test_what_cannot_be_taken_is_told(call: str, message: str, help: str, tmp_path: Path) -> None:
    error = told(tmp_path, call)
    assert error.count("error[") == 1
    assert error.split("\n")[0].startswith(message[:150])
    assert f"help: {help}" in error


def test_series_are_numbered_in_their_setting_and_keep_the_name_that_they_have(tmp_path: Path) -> None:
    wave = "noisy(1, deviation=5 %, memory=1 h)"
    text = f"({wave} + sun + {wave} + noisy(sun, deviation=5 %, memory=1 h)) * 1 EUR/kWh"
    spec = spec_of(tmp_path, text + f"\n}}\nlet sun = 2 * {wave}\nport ac {{\n    power = 9 kW")
    found: list[tuple[str, int]] = []

    def walk(value: object) -> None:
        if isinstance(value, Operation | DerivedSeries):
            for operand in value.operands:
                walk(operand)
        if isinstance(value, DerivedSeries):
            found.append((value.stream, value.index))

    walk(spec.named("grid", "").settings["price"])
    assert found == [("", 1), ("sun", 1), ("", 2), ("sun", 1), ("", 3)]


@pytest.mark.parametrize("setting", ["power = 9 kW\n    count = round(typical(", "count = typical("])
def test_a_count_takes_no_series_of_past_days(setting: str, tmp_path: Path) -> None:
    rest = f'0.20 EUR/kWh\n}}\nport ac {{\n    {setting}csv("days.csv")'
    error = told(
        tmp_path, rest + (")" * (setting.count("("))) + ("" if "power" in setting else "\n    power = 9 kW")
    )
    assert error.startswith("error[E305 wrong-shape]")
