"""Tariffs: by hour, by day of the week and by season."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data.days import LONG, SHORT, prices, refused
from numpy.testing import assert_allclose


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
