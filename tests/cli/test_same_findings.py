"""What `check` says of a spec is what `solve` says of it, for every block."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings

from evdsl.cli.commands.check import needs_data
from evdsl.cli.main import main
from evdsl.data.load import load_data
from evdsl.diagnostics.source import Source
from evdsl.semantics.resolve import resolve
from evdsl.testing import texts

STATION = "station home {\n    start = 2024-03-12 20:00\n    horizon = 8 h\n    step = 1 h\n}\n"
GRID = "grid {\n    price = 0.20 EUR/kWh\n}\n"
CLASS = "class car {\n    battery = 50 kWh\n    charge = 11 kW\n}\n"
LATE = "arrival = 22:00\n    departure = 2024-03-13 07:00\n    energy = 24 kWh"
EARLY = "arrival = 2024-03-12 15:00\n    stay = 8 h\n    energy = 24 kWh"
SOUND = "arrival = 22:00\n    stay = 4 h\n    energy = 24 kWh"
SHORT = "arrival = 22:00\n    stay = 1 h\n    energy = 24 kWh"
ROWS = "came,left,asked (kWh)\n2024-03-12 22:00,2024-03-13 07:00,24\n"
OBJECTIVE = "minimize cost + 1 EUR/kWh * unmet\n"


def codes(command: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    main([*command, "--json"])
    document = json.loads(capsys.readouterr().out)
    found = document["files"][0]["diagnostics"] if "files" in document else document["diagnostics"]
    return [one["code"] for one in found]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (f"vehicle ev of car {{\n    {LATE}\n}}\n", ["W102"]),
        (f"vehicle ev of car {{\n    {EARLY}\n}}\n", ["W102"]),
        (f"vehicle ev of car {{\n    {SHORT}\n}}\n", ["W103"]),
        (f"fleet evs of car {{\n    count = 2\n    {LATE}\n}}\n", ["W102"]),
        (f"fleet evs of car {{\n    count = 2\n    {SHORT}\n}}\n", ["W103"]),
        (
            "fleet evs of car {\n    count = 2\n    arrival = 22:00\n    stay = normal(9 h, 1 min)\n"
            "    energy = 24 kWh\n}\n",
            ["W102"],
        ),
        (
            'sessions log of car = csv("log.csv", arrival="came", departure="left", energy="asked (kWh)")\n',
            ["W102"],
        ),
        (
            f"vehicle ev of car {{\n    {SHORT}\n}}\nrequire full: energy[ev, 02:00 + 1 d] >= 10 kWh\n",
            ["W103", "W107"],
        ),
        (
            f"vehicle ev of car {{\n    {SOUND}\n}}\n"
            "load house {\n    power = max({ 00:00: -2 kW, 22:00: 1 kW }, -1 kW)\n}\n",
            ["E308"],
        ),
    ],
)
def test_check_and_solve_say_the_same(
    lines: str,
    expected: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("log.csv").write_text(ROWS)
    Path("home.evs").write_text(STATION + GRID + CLASS + lines + OBJECTIVE)
    checked = codes(["check", "home.evs"], capsys)
    assert sorted(checked) == expected
    assert codes(["solve", "home.evs"], capsys) == checked


@settings(max_examples=150, deadline=None)
@given(texts())
def test_what_needs_no_data_is_said_without_them(text: str) -> None:
    spec, found = resolve(Source("random.evs", text))
    if spec is not None and not needs_data(spec):
        assert set(load_data(spec)[1]) <= set(found), text


def test_what_is_odd_is_not_said_beside_an_error_of_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """W106 speaks of the best schedule, and there is none."""
    monkeypatch.chdir(tmp_path)
    Path("p.csv").write_text("time,price\n2024-03-12 20:00,0.1\n2024-03-12 21:00,0.1\n")
    grid = 'grid {\n    price = csv("p.csv", unit="EUR/kWh")\n}\n'
    van = f"vehicle ev of car {{\n    {SOUND}\n}}\n"
    Path("home.evs").write_text(STATION + grid + CLASS + van + "minimize cost\n")
    assert codes(["check", "home.evs"], capsys) == ["E508"]
    assert codes(["solve", "home.evs"], capsys) == ["E508"]


def test_a_demand_that_two_ways_of_adding_up_round_apart_is_told_once() -> None:
    """56.7 % of 10 kWh at 80 % are 7.0875 kWh, give or take a rounding: told with four digits."""
    text = (
        f"{STATION}grid {{\n    price = 0.2 EUR/kWh\n}}\nport p {{\n    power = 1 kW\n}}\n"
        "class van {\n    battery = 10 kWh\n    charge_efficiency = 80 %\n}\n"
        "vehicle v of van {\n    arrival = 21:00\n    departure = 22:00\n"
        "    soc_arrival = 33.3 %\n    soc_target = 90 %\n}\nminimize cost + 1 EUR/kWh * unmet\n"
    )
    spec, found = resolve(Source("site.evs", text))
    assert spec is not None, found
    assert set(load_data(spec)[1]) <= set(found)
    assert [each.notes for each in found if each.code == "W103"] == [
        ("`v` wants 7.088 kWh at the port and can take 1 kWh",)
    ]
