"""Stored schedules: what is read is what was written, and what cannot be read is said."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from worlds import TUTORIAL

import evdsl
from evdsl.cli import main as cli
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.report.run.text import document
from evdsl.schedule.storage import ENDINGS, check_ending, read, write
from evdsl.schedule.table import from_table, to_table


@pytest.fixture(scope="module", params=["4_fair.evs", "5_lingotto.evs", "3_sessions.evs"])
def result(request: pytest.FixtureRequest) -> evdsl.Result:
    return evdsl.compile(evdsl.load(TUTORIAL / request.param)).run("highs")


def assert_same(one: xr.Dataset, other: xr.Dataset) -> None:
    assert set(one.data_vars) == set(other.data_vars)
    for name in [*one.data_vars, *one.coords]:
        assert one[name].dims == other[name].dims
        assert (one[name].values == other[name].values)[~_missing(one[name].values)].all(), name
        assert (_missing(one[name].values) == _missing(other[name].values)).all(), name
        assert one[name].attrs.get("units") == other[name].attrs.get("units")
    assert {k: str(v) for k, v in one.attrs.items()} == {k: str(v) for k, v in other.attrs.items()}


def _missing(values: np.ndarray) -> np.ndarray:
    return np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, dtype=bool)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_schedule_is_read_back_exactly(result: evdsl.Result, tmp_path: Path, ending: str) -> None:
    assert result.schedule is not None
    path = tmp_path / f"schedule{ending}"
    assert write(path, result.schedule, document(result)) is None
    stored = read(path)
    assert isinstance(stored, xr.Dataset), stored
    assert_same(result.schedule, stored)
    assert evdsl.verify(result.spec, stored).ok
    assert sorted(p.name for p in tmp_path.iterdir()) == [path.name]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_ragged_schedule_is_read_back_exactly(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evdsl.schedule.dataset.DENSE_CELLS", 10)
    ragged = evdsl.compile(evdsl.load(TUTORIAL / "4_fair.evs")).run("highs")
    assert ragged.schedule is not None
    assert "visit" in ragged.schedule.dims
    path = tmp_path / f"schedule{ending}"
    assert write(path, ragged.schedule, document(ragged)) is None
    stored = read(path)
    assert isinstance(stored, xr.Dataset), stored
    assert_same(ragged.schedule, stored)
    assert evdsl.verify(ragged.spec, stored).ok


YARD = """
station yard {
    start   = 2024-03-12
    horizon = 4 h
    step    = 1 h
}
grid {
    price   = { 00:00: 0.10 EUR/kWh, 03:00: 0.40 EUR/kWh }
    feed_in = 0.05 EUR/kWh
}
feeder east {
    limit = 12 kW
}
solar roof {
    peak    = 10 kW
    profile = { 00:00: 0, 02:00: 0.7 }
    feeder  = east
}
storage pack {
    capacity = 20 kWh
    power    = 5 kW
    feeder   = east
}
load shop {
    power = { 00:00: 3 kW, 03:00: 6 kW }
}
class scooter {
    charge = 4 kW
}
vehicle one of scooter {
    arrival   = 01:00
    departure = 03:00
    energy    = 6 kWh
}
minimize cost + 1 EUR/kWh * unmet
"""


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> evdsl.Result:
    path = tmp_path_factory.mktemp("yard") / "yard.evs"
    path.write_text(YARD)
    return evdsl.compile(evdsl.load(path)).run("highs")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("cells", [3_000_000, 1], ids=["dense", "ragged"])
def test_a_schedule_with_devices_is_read_back_exactly(
    yard: evdsl.Result, tmp_path: Path, ending: str, cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evdsl.schedule.dataset.DENSE_CELLS", cells)
    result = yard if cells > 1 else evdsl.compile(yard.spec).run("highs")
    assert result.schedule is not None
    assert result.schedule["pack.energy_end"].dims == ()
    assert result.schedule["pack"].values.any()
    path = tmp_path / f"schedule{ending}"
    assert write(path, result.schedule, document(result)) is None
    stored = read(path)
    assert isinstance(stored, xr.Dataset), stored
    assert_same(result.schedule, stored)
    assert evdsl.verify(result.spec, stored).ok


@pytest.mark.parametrize("name", ["roof", "pack.energy", "pack.energy_end", "import", "unmet"])
def test_a_number_that_is_none_does_not_become_zero(yard: evdsl.Result, name: str) -> None:
    assert yard.schedule is not None
    schedule = yard.schedule.copy(deep=True)
    schedule[name].values[0 if schedule[name].ndim else ()] = np.nan
    assert_same(schedule, from_table(*to_table(schedule)))
    assert not evdsl.verify(yard.spec, from_table(*to_table(schedule))).ok


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    "content", [b"", b"garbage\n\x00\xff", b"{}", b"# evdsl {}\nvariable\n1\n", b"PAR1PAR1"]
)
def test_a_file_that_is_no_schedule_is_said_so(tmp_path: Path, ending: str, content: bytes) -> None:
    path = tmp_path / f"schedule{ending}"
    path.write_bytes(content)
    found = read(path)
    assert isinstance(found, Diagnostic)
    assert found.code == "E609"


def test_a_truncated_file_is_said_so(result: evdsl.Result, tmp_path: Path) -> None:
    for ending in ENDINGS:
        path = tmp_path / f"schedule{ending}"
        assert write(path, result.schedule, document(result)) is None
        path.write_bytes(path.read_bytes()[:-200])
        found = read(path)
        ok = isinstance(found, xr.Dataset) and evdsl.verify(result.spec, found).ok
        assert not ok


def test_an_unknown_ending_is_refused_before_anything_is_solved(tmp_path: Path) -> None:
    assert isinstance(check_ending(tmp_path / "x.xlsx"), Diagnostic)
    assert isinstance(check_ending(tmp_path / "missing" / "x.nc"), Diagnostic)
    assert check_ending(tmp_path / "x.NC") is None
    missing = read(tmp_path / "none.nc")
    assert isinstance(missing, Diagnostic)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_table_of_a_front_is_no_schedule_and_is_said_so(tmp_path: Path, ending: str) -> None:
    text = YARD.replace("minimize cost + 1 EUR/kWh * unmet", "pareto cost, unmet points 2")
    (tmp_path / "front.evs").write_text(text)
    path = tmp_path / f"front{ending}"
    assert cli.main(["solve", str(tmp_path / "front.evs"), "--out", str(path)]) == 0
    found = read(path)
    assert isinstance(found, Diagnostic)
    assert found.code == "E609"
    assert found.message == f"`{path}` is the table of a front, which has points and no schedule"


def test_the_report_of_solve_json_is_told_from_what_out_stores(yard: evdsl.Result, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(document(yard)))
    found = read(path)
    assert isinstance(found, Diagnostic)
    assert found.code == "E609"
    assert found.help == "store the schedule with `evdsl solve SPEC --out x.json`"


@pytest.mark.slow
def test_a_damaged_parquet_file_is_refused_whatever_polars_does_with_it(tmp_path: Path) -> None:
    """At some of these polars ends the process it is in, without an exception."""
    spec = evdsl.load(TUTORIAL / "1_one_car.evs")
    path = tmp_path / "schedule.parquet"
    assert write(path, evdsl.compile(spec).solve("highs"), {}) is None
    whole, chance = path.read_bytes(), random.Random(1)
    for number in range(12):
        damaged = bytearray(whole)
        for _ in range(3):
            damaged[chance.randrange(len(whole) - 2_000, len(whole))] = chance.randrange(256)
        path.write_bytes(damaged[: len(whole) - number % 3])
        found = read(path)
        assert isinstance(found, Diagnostic) or set(found.data_vars) >= {"import"}
        if number % 3:
            assert isinstance(found, Diagnostic)
            assert found.code == "E609"


NIGHT = """
station yard {
    start   = 2024-10-27
    horizon = 5 h
    step    = 1 h
    zone    = "Europe/Rome"
}
grid {
    price = 0.10 EUR/kWh
}
port three {
    count = 2
    power = 2 kW
}
class scooter {
    charge = 4 kW
}
vehicle one of scooter {
    arrival = 01:00
    stay    = 4 h
    energy  = 8 kWh
}
vehicle two of scooter {
    arrival = 01:00
    stay    = 4 h
    energy  = 8 kWh
}
minimize cost + 1 EUR/kWh * unmet
"""


def test_a_csv_file_has_ports_by_name_and_local_times_with_the_hour_that_comes_twice(tmp_path: Path) -> None:
    result = evdsl.compile(evdsl.loads(NIGHT)).run("highs")
    assert result.schedule is not None
    path = tmp_path / "night.csv"
    assert write(path, result.schedule, document(result)) is None
    rows = [line.split(",") for line in path.read_text().splitlines()[2:]]
    hours = ["01:00:00+02:00", "02:00:00+02:00", "02:00:00+01:00", "03:00:00+01:00"]
    mine = {name: [row for row in rows if row[:2] == ["port", name]] for name in ("one", "two")}
    assert {row[3] for name in mine for row in mine[name]} == {"three.1", "three.2"}
    for name in mine:
        assert [row[2] for row in mine[name]] == [f"2024-10-27T{hour}" for hour in hours]
        assert len({row[3] for row in mine[name]}) == 1
    assert {row[3] for row in rows if row[:2] == ["charge", "one"]} == {"2.0"}
    stored = read(path)
    assert isinstance(stored, xr.Dataset), stored
    assert_same(result.schedule, stored)


def test_a_json_file_has_the_name_of_a_port_beside_its_number(tmp_path: Path) -> None:
    result = evdsl.compile(evdsl.loads(NIGHT)).run("highs")
    assert result.schedule is not None
    path = tmp_path / "night.json"
    assert write(path, result.schedule, document(result)) is None
    stored = json.loads(path.read_text())["schedule"]
    rows = list(zip(stored["variable"], stored["value"], stored["port"], strict=True))
    ports = {(value, port) for variable, value, port in rows if variable == "port"}
    assert ports == {(0.0, "three.1"), (1.0, "three.2")}
    assert {port for variable, _, port in rows if variable != "port"} == {""}
