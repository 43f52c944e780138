"""Files as people have them are read right, or refused; the cost is known by hand, on both solvers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import evdsl
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import render

CAR = """\
port p { power = 10 kW }
class car { charge = 10 kW }
vehicle v of car {
    arrival = 00:00
    stay    = HORIZON
    energy  = 5 kWh
}
disable partial_charging
minimize cost
"""


def written(folder: Path, rows: str, price: str, horizon: str, step: str) -> Path:
    """A spec with its prices beside it, whose car takes 5 kWh within the horizon."""
    (folder / "p.csv").write_text(rows)
    head = f"station s {{\n    start   = 2025-10-01\n    horizon = {horizon}\n    step    = {step}\n}}\n"
    spec = folder / "s.evs"
    spec.write_text(f"{head}grid {{ price = {price} }}\n{CAR.replace('HORIZON', horizon)}")
    return spec


def cost(spec: Path, solver: str) -> float:
    result = evdsl.compile(evdsl.load(spec)).run(backend=solver)
    assert result.verdict is not None
    assert result.verdict.ok
    return result.terms["cost"]


MIXED = """\
time,price
2025-10-01 00:00,60
2025-10-01 01:00,60
2025-10-01 02:00,40
2025-10-01 02:15,40
2025-10-01 02:30,40
2025-10-01 02:45,40
"""
CHANGES = "time,price\n2025-10-01 00:00,100\n2025-10-01 04:00,50\n2025-10-01 04:15,70\n"
HEADED = "time,price (EUR/kWh)\n2025-10-01 00:00,0.30\n2025-10-01 01:00,0.10\n"


def test_hours_and_then_quarters_cost_what_they_say(tmp_path: Path, solver: str) -> None:
    spec = written(tmp_path, MIXED, 'csv("p.csv", unit="EUR/MWh")', "3 h", "15 min")
    assert cost(spec, solver) == pytest.approx(0.20)


def test_change_points_cost_what_they_say(tmp_path: Path, solver: str) -> None:
    """A quarter of an hour at 50 and a quarter at 70 EUR/MWh: 2.5 kWh each."""
    price = 'csv("p.csv", unit="EUR/MWh", method="changes", until=2025-10-01 06:00)'
    spec = written(tmp_path, CHANGES, price, "6 h", "15 min")
    assert cost(spec, solver) == pytest.approx(2.5 * 0.05 + 2.5 * 0.07)


@pytest.mark.parametrize("header", ["price (EUR/kWh)", "price [EUR/kWh]", "EUR (EUR/kWh) "])
def test_the_only_column_is_read_in_the_unit_of_its_header(header: str, tmp_path: Path, solver: str) -> None:
    rows = HEADED.replace("price (EUR/kWh)", header)
    spec = written(tmp_path, rows, 'csv("p.csv")', "2 h", "1 h")
    assert cost(spec, solver) == pytest.approx(0.50)


def test_the_unit_of_a_header_converts_the_numbers(tmp_path: Path, solver: str) -> None:
    rows = HEADED.replace("EUR/kWh", "ct/kWh").replace("0.", "")
    spec = written(tmp_path, rows, 'csv("p.csv")', "2 h", "1 h")
    assert cost(spec, solver) == pytest.approx(0.50)


@pytest.mark.parametrize(
    ("unit", "block", "owner", "setting", "factor"),
    [
        ("EUR/MWh", 'grid {\n    price = csv("p.csv")\n}', "grid", "price", 1e-3),
        ("EUR/MWh", 'let market = csv("p.csv")\ngrid {\n    price = market\n}', "grid", "price", 1e-3),
        ("g/kWh", 'grid {\n    carbon = csv("p.csv")\n}', "grid", "carbon", 1e-3),
        ("W", 'grid {\n    import_limit = csv("p.csv")\n}', "grid", "import_limit", 1e-3),
        ("W", 'load house {\n    power = csv("p.csv")\n}', "house", "power", 1e-3),
        ("%", 'solar roof {\n    peak = 5 kW\n    profile = csv("p.csv")\n}', "roof", "profile", 1e-2),
    ],
)
def test_every_series_reads_the_unit_of_its_only_column(
    unit: str, block: str, owner: str, setting: str, factor: float, tmp_path: Path
) -> None:
    (tmp_path / "p.csv").write_text(HEADED.replace("EUR/kWh", unit))
    head = "station s {\n    start = 2025-10-01\n    horizon = 2 h\n    step = 1 h\n}\n"
    spec = tmp_path / "s.evs"
    spec.write_text(f"{head}{block}\nminimize peak\n")
    data, found = load_data(evdsl.load(spec))
    assert data is not None, render(found)
    assert data.series[owner, setting].tolist() == pytest.approx([0.30 * factor, 0.10 * factor])


@pytest.mark.parametrize(
    ("rows", "code", "message"),
    [
        (
            HEADED.replace("EUR/kWh", "day ahead"),
            "E303",
            '`grid` wants `price` in EUR/kWh, and csv("p.csv") has no',
        ),
        (
            HEADED.replace("EUR/kWh", "kWh"),
            "E301",
            '`grid` wants `price` in EUR/kWh, and csv("p.csv") is an energy',
        ),
        (
            HEADED.replace("time,", "time,load (kW),").replace("00,", "00,1,"),
            "E504",
            '"p.csv" has 2 columns beside',
        ),
        ("a,b (EUR/kWh)\n1,2\n", "E504", '"p.csv" has no column of dates and times'),
        ("time\n2025-10-01\n", "E504", '"p.csv" has 0 columns beside its times'),
        ("", "E503", '"p.csv" is empty'),
        ("time,price (EUR/kWh)\n2025-10-01\n", "E505", 'line 2 of "p.csv" has 1 cell, and its header has 2'),
    ],
)
def test_a_column_that_cannot_be_found_is_refused_once(
    rows: str, code: str, message: str, tmp_path: Path
) -> None:
    spec = written(tmp_path, rows, 'csv("p.csv")', "2 h", "1 h")
    with pytest.raises(evdsl.SpecError) as refused:
        evdsl.load(spec)
    (found,) = refused.value.diagnostics
    assert (found.code, found.message[: len(message)]) == (code, message)
    assert found.span is not None
    assert found.span.line == 6


SESSIONS = "came HEADER,left HEADER,asked (kWh)\n2025-10-01 00:00,2025-10-01 01:00,5\n"


@pytest.mark.parametrize(
    ("header", "later"),
    [
        ("(UTC)", 2.0),
        ("[UTC]", 2.0),
        ("utc", 2.0),
        ("_utc", 2.0),
        ("UTC+1", 1.0),
        ("(UTC+01:00)", 1.0),
        ("(GMT-0330)", 5.5),
        ("of day", 0.0),
        ("(local)", 0.0),
        ("utcoffset", 0.0),
    ],
)
def test_times_are_of_the_clock_that_their_header_says(header: str, later: float, tmp_path: Path) -> None:
    """In a zone two hours before UTC; so for a series as for sessions. Offsets in the cells go before."""
    days = [f"2025-{day} {hour:02}:00,{hour}" for day in ("09-30", "10-01") for hour in range(24)]
    (tmp_path / "p.csv").write_text("\n".join([f"time {header},price (ct/kWh)", *days]) + "\n")
    (tmp_path / "s.csv").write_text(SESSIONS.replace("HEADER", header))
    (tmp_path / "o.csv").write_text(SESSIONS.replace("HEADER", header).replace(":00,", ":00+02:00,"))
    spec = tmp_path / "s.evs"
    spec.write_text(
        "station s {\n    start = 2025-10-01\n    horizon = 12 h\n    step = 30 min\n"
        '    zone = "Europe/Berlin"\n}\ngrid {\n    price = csv("p.csv")\n}\nport p {\n    power = 11 kW\n}\n'
        "class car {\n    charge = 11 kW\n}\nminimize cost + 1 EUR/kWh * unmet\n"
        + "".join(
            f'sessions {name} of car = csv("{name}.csv", arrival="came {header}", departure="left {header}", '
            'energy="asked (kWh)")\n'
            for name in ("s", "o")
        )
    )
    data, found = load_data(evdsl.load(spec))
    assert data is not None, render(found)
    assert data.vehicles.arrival.tolist() == [later, 0.0]
    hours = (np.arange(24) / 2 - later) % 24
    assert data.series["grid", "price"].tolist() == pytest.approx((np.floor(hours) / 100).tolist())
