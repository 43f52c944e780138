"""`evdsl explain SPEC` with `--vehicle`, `--at` and `--plan`: what is printed, and every mistake at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from optimization.two_hours import TWO_HOURS
from worlds import FEATURES, said

FLEET = TWO_HOURS.replace(
    "vehicle one of car {\n    arrival = 00:00\n    departure = 02:00\n",
    "fleet cars of car {\n    count = 3\n    arrival = 00:00\n    stay = 2 h\n",
)


@pytest.fixture
def site(tmp_path: Path) -> str:
    path = tmp_path / "site.evs"
    path.write_text(TWO_HOURS)
    return str(path)


def test_a_vehicle_and_a_time_are_told_from_one_solve(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "explain", site, "--vehicle", "one", "--at", "00:30")
    assert status == 0
    told = " ".join(out.split())
    assert "It asks for 10.00 kWh at the port. It gets all of it." in told
    assert "From 00:00 to 01:00 the site imports 10.0 kW." in told
    dear = "Taking 1 kWh more from 01:00 to 02:00 at 0.30 EUR/kWh, and as much less at another time,"
    assert f"{dear} would cost 0.20 EUR." in told


def test_quick_solves_nothing_again(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "explain", site, "--vehicle", "one", "--quick")
    assert status == 0
    assert "would cost" not in out
    assert "nothing was solved again (--quick)" in out


def test_facts_are_a_document(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = said(capsys, "explain", site, "--vehicle", "one", "--at", "00:30", "--json")
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert [answer["about"] for answer in document["answers"]] == ["vehicle", "at"]
    (move,) = [fact for fact in document["answers"][0]["facts"] if fact["kind"] == "move"]
    assert move["tested"]
    assert move["values"]["worse"] == {"value": pytest.approx(0.2), "unit": "EUR"}


def test_every_mistake_is_told_at_once(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = said(
        capsys, "explain", site, "--vehicle", "oen", "--at", "25:00", "--plan", "no_such.csv"
    )
    assert status == 2
    for part in ("did you mean `one`?", "no clock shows 25:00", "`no_such.csv` does not exist"):
        assert part in err


def test_a_block_of_several_vehicles_says_what_to_type(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "fleet.evs"
    path.write_text(FLEET)
    status, _, err = said(capsys, "explain", str(path), "--vehicle", "cars")
    assert status == 2
    assert "`cars` is 3 vehicles, and one is asked about" in err
    assert "type `--vehicle cars.1`, `--vehicle cars.2`, `--vehicle cars.3`" in err
    assert said(capsys, "explain", str(path), "--vehicle", "cars.3", "--quick")[0] == 0


def test_a_cohort_has_no_vehicles_with_names(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = said(capsys, "explain", str(FEATURES / "cohort.evs"), "--vehicle", "taxi")
    assert status == 2
    assert "vehicles of a cohort have no names; `--at` tells how many of them charge" in err


def test_without_a_spec_there_is_nothing_to_ask_about(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = said(capsys, "explain", "--vehicle", "one")
    assert status == 2
    assert "no spec is given" in err


def test_a_front_is_no_one_schedule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "front.evs"
    path.write_text(TWO_HOURS.replace("minimize cost", "pareto energy_cost, peak points 3"))
    status, _, err = said(capsys, "explain", str(path), "--at", "00:30")
    assert status == 2
    assert "asks for a front" in err


def test_a_stage_is_no_question_about_a_schedule(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = said(capsys, "explain", site, "--at", "00:30", "--stage", "1")
    assert status == 2
    assert "leave `--stage` out" in err


def test_of_an_infeasible_spec_it_is_told_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "short.evs"
    path.write_text(TWO_HOURS.replace("energy = 10 kWh", "energy = 30 kWh"))
    status, out, _ = said(capsys, "explain", str(path), "--vehicle", "one")
    assert status == 3
    assert "cannot hold" in out


@pytest.mark.parametrize("ending", [".csv", ".nc", ".json", ".parquet"])
def test_a_stored_schedule_is_a_plan(
    ending: str, site: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other, plan = tmp_path / "other.evs", str(tmp_path / f"plan{ending}")
    other.write_text(TWO_HOURS.replace("0.30", "0.01"))
    assert said(capsys, "solve", str(other), "--out", plan)[0] == 0
    status, out, _ = said(capsys, "explain", site, "--plan", plan)
    told = " ".join(out.split())
    assert status == 0
    assert "The plan breaks nothing of the spec." in told
    assert "it reaches 3.00 EUR where the schedule reaches 1.00 EUR: 2.00 EUR worse." in told
    assert "from 01:00 to 02:00, where it takes 10.00 kWh more and pays 3.00 EUR more" in told


def test_a_hostile_name_moves_no_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "\x1b[31m<script>"
    (tmp_path / "who.csv").write_text(
        f'id,arrival,departure,energy (kWh)\n"{hostile}",2024-03-12 00:00,2024-03-12 02:00,5\n'
    )
    begin, _, rest = TWO_HOURS.partition("vehicle one of car {")
    sessions = 'sessions cars of car = csv("who.csv", id="id", arrival="arrival", departure="departure", '
    path = tmp_path / "site.evs"
    path.write_text(f'{begin}{sessions}energy="energy (kWh)")\n{rest.partition("}")[2].lstrip()}')
    status, out, err = said(capsys, "explain", str(path), "--at", "00:30", "--vehicle", hostile)
    assert status == 0, err
    assert "<script>" in out
    assert "\x1b" not in out
