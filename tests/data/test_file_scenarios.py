"""Scenarios that files have: whose rows each takes, what it weighs, and where two files do not agree."""

from __future__ import annotations

from pathlib import Path

import pytest
from data.histories import drawn, spec_of, told
from numpy.testing import assert_allclose

from evdsl.data.paths.file_scenarios import FileScenarios, scenarios_of

PRICE = 'csv("s.csv", column="price", unit="EUR/MWh", scenario="case", weight="p")'
ROWS = """\
time,case,price,p
2024-03-12 00:00,wet,50,3
2024-03-12 00:00,dry,100,1
2024-03-12 12:00,wet,60,3
2024-03-12 12:00,dry,200,1
"""
CARBON = '0.2 EUR/kWh\n    carbon = csv("c.csv", column="co2", unit="g/kWh", scenario="name")'


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(ROWS)
    rows = [
        f"2024-03-12 {hour}:00,{name},{co2}"
        for name, co2 in (("dry", 400), ("wet", 200))
        for hour in ("00", "12")
    ]
    (tmp_path / "c.csv").write_text("\n".join(["time,name,co2", *rows]))


def both(weight: str = "") -> str:
    carbon = f'csv("c.csv", column="co2", unit="g/kWh", scenario="name"{weight})'
    return f"{PRICE}\n    carbon = {carbon}"


def test_each_scenario_takes_its_own_rows_in_the_order_of_the_first_file(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, both())
    first, second = (drawn(spec, k).series for k in (1, 2))
    assert first["grid", "price"].tolist() == [0.05] * 12 + [0.06] * 12
    assert second["grid", "price"].tolist() == [0.1] * 12 + [0.2] * 12
    assert_allclose(first["grid", "carbon"], 0.2)
    assert_allclose(second["grid", "carbon"], 0.4)


def test_weights_add_up_to_one_and_are_equal_where_no_file_has_any(tmp_path: Path) -> None:
    assert scenarios_of(spec_of(tmp_path, both())) == FileScenarios(("wet", "dry"), (0.75, 0.25))
    assert scenarios_of(spec_of(tmp_path, CARBON)) == FileScenarios(("dry", "wet"), (0.5, 0.5))
    assert scenarios_of(spec_of(tmp_path, "0.2 EUR/kWh")) is None
    # The carbon stands first, and the weights of the price count.
    later = spec_of(tmp_path, f"{CARBON}\n    feed_in = {PRICE}")
    assert scenarios_of(later) == FileScenarios(("dry", "wet"), (0.25, 0.75))


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "c.csv",
            ",wet,",
            ",rain,",
            'E509 no-rows]: "c.csv" has no row of the scenario "wet", which "s.csv" has',
        ),
        (
            "s.csv",
            "12:00,wet,60,3",
            "12:00,wet,60,4",
            'E505 bad-cell]: line 4 of "s.csv" weighs the scenario "wet" with 4, and line 2 with 3',
        ),
        ("s.csv", ",3\n", ",0\n", 'E505 bad-cell]: line 2 of "s.csv" weighs the scenario "wet" with 0'),
        (
            "s.csv",
            "00:00,dry",
            "00:00,",
            'E505 bad-cell]: line 3 of "s.csv" names no scenario in the column "case"',
        ),
        (
            "s.csv",
            "2024-03-12 00:00,dry,100,1\n",
            "",
            'E508 series-too-short]: of the scenario "dry": "s.csv" has one time only, 2024-03-12 12:00',
        ),
        ("s.csv", "case", "fall", 'E504 missing-column]: "s.csv" has no column "case"'),
    ],
)
def test_what_files_do_not_agree_in_is_told_once(
    file: str, old: str, new: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / file).write_text((tmp_path / file).read_text().replace(old, new))
    error = told(tmp_path, both(), scenario=2)
    assert error.count("error[") == 1
    assert error.startswith(f"error[{message}")


def test_two_files_with_other_weights_are_refused(tmp_path: Path) -> None:
    rows = (tmp_path / "c.csv").read_text().split("\n")
    (tmp_path / "c.csv").write_text("\n".join([f"{rows[0]},w", *(f"{row},1" for row in rows[1:])]))
    error = told(tmp_path, both(', weight="w"'))
    assert error.startswith(
        'error[E505 bad-cell]: "c.csv" weighs the scenario "dry" with 0.5 of all, and "s.csv" with 0.25\n'
    )


def test_a_file_has_no_further_scenarios_than_its_own(tmp_path: Path) -> None:
    error = told(tmp_path, PRICE, scenario=3)
    assert error.startswith(
        'error[E508 series-too-short]: "s.csv" has 2 scenarios, and number 3 is asked for\n'
    )


def test_a_plan_without_scenarios_has_no_use_for_them(tmp_path: Path) -> None:
    error = told(tmp_path, PRICE, scenario=0)
    assert error.startswith(
        "error[E416 random-series]: `csv` with `scenario` has a series for each, and a plan without "
        "scenarios needs one\n"
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            'csv("s.csv", column="price", unit="EUR/MWh", weight="p")',
            "`weight` is the column with the weight of each `scenario`, and none is named",
        ),
        (
            'csv("s.csv", unit="EUR/MWh", scenario="case")',
            "`csv` with `scenario` has several columns, and that of the values is not named",
        ),
    ],
)
def test_what_is_missing_beside_a_scenario_is_told(call: str, message: str, tmp_path: Path) -> None:
    error = told(tmp_path, call)
    assert error.startswith(f"error[E205 unknown-function]: {message}\n")
