"""A misspelled unit is told in the same words in a number and for a column, with what to type there."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import said

SITE = """\
station site {
    start   = 2024-03-12
    horizon = 2 h
    step    = 1 h
}
grid {
    price = PRICE
}
load house {
    power = 1 kW
}
minimize cost
"""


def finding(capsys: pytest.CaptureFixture[str], folder: Path, price: str) -> tuple[str, str]:
    (folder / "p.csv").write_text("time,price\n2024-03-12 00:00,1\n2024-03-12 01:00,2\n")
    spec = folder / "site.evs"
    spec.write_text(SITE.replace("PRICE", price))
    status, _, told = said(capsys, "check", str(spec))
    assert status == 1
    error = next(line for line in told.splitlines() if line.startswith("error"))
    help = next(line.strip() for line in told.splitlines() if line.strip().startswith("help:"))
    return error, help


@pytest.mark.parametrize(
    ("price", "error", "help"),
    [
        ("3 eur/kwh", "error[E302 unknown-unit]: `eur` is not a unit", "help: write `3 EUR/kWh`"),
        (
            'csv("p.csv", unit="eur/kwh")',
            "error[E302 unknown-unit]: `eur` is not a unit",
            'help: write `unit="EUR/kWh"`',
        ),
        (
            "3 foo",
            "error[E302 unknown-unit]: `foo` is not a unit",
            "help: units are kW, kWh, h, min, EUR, kg, %",
        ),
        (
            'csv("p.csv", unit="foo")',
            "error[E302 unknown-unit]: `foo` is not a unit",
            "help: units are kW, kWh, h, min, EUR, kg, %",
        ),
        (
            'csv("p.csv", unit="EUR/USD")',
            "error[E306 two-currencies]: EUR/USD has two currencies, and money is one currency in a spec",
            "help: convert the number",
        ),
    ],
)
def test_a_misspelled_unit(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, price: str, error: str, help: str
) -> None:
    assert finding(capsys, tmp_path, price) == (error, help)
