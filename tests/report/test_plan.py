"""`evdsl plan`: who charges where and when, its files, and that its rows add up."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from worlds import SPECS, TUTORIAL, said

import evdsl
from evdsl.report.plan.charges import plan_of
from evdsl.report.plan.document import document
from evdsl.report.plan.text import text
from evdsl.report.spreadsheet import inert

SITES = [SPECS / "sites" / f"{name}.evs" for name in ("depot", "home", "motorway", "working_week")]
LINGOTTO = TUTORIAL / "5_lingotto.evs"
COHORT = SPECS / "literature" / "c_cohorts" / "cohorts.evs"

TWO = """
station two {
    start = 2024-03-12
    horizon = 4 h
    step = 1 h
    zone = "Europe/Rome"
}
grid {
    import_limit = 8 kW
    price = { 00:00: 0.30 EUR/kWh, 01:00: 0.10 EUR/kWh, 02:00: 0.20 EUR/kWh, 03:00: 0.40 EUR/kWh }
}
port ac {
    count = 1
    power = 8 kW
}
class car {
    tariff = 0.50 EUR/kWh
}
vehicle early of car {
    arrival = 00:00
    departure = 02:30
    energy = 10 kWh
}
vehicle late of car {
    arrival = 02:45
    departure = 04:00
    energy = 3 kWh
}
disable partial_charging
minimize cost
"""

HOSTILE = ('=HYPERLINK("http://evil","x")', "+1+1", "-1", "@SUM(A1)", "<script>")


def hostile_spec(folder: Path) -> Path:
    """A spec of vehicles whose names are formulas."""
    with (folder / "names.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["name", "arrival", "departure", "energy (kWh)"])
        writer.writerows([name, "2024-03-12 00:00", "2024-03-12 04:00", 2] for name in HOSTILE)
    path = folder / "hostile.evs"
    path.write_text(
        "station s {\n start = 2024-03-12\n horizon = 4 h\n step = 1 h\n}\n"
        "grid {\n price = 0.10 EUR/kWh\n}\nclass car {\n charge = 11 kW\n}\n"
        'sessions all of car = csv("names.csv", id="name", arrival="arrival", departure="departure", '
        'energy=column("energy (kWh)"))\nminimize cost + 1 EUR/kWh * unmet\n',
        encoding="utf-8",
    )
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def sheets_of(path: Path) -> dict[str, ElementTree.Element]:
    """The sheets of a workbook, as XML."""
    with zipfile.ZipFile(path) as book:
        names = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        return {name: ElementTree.fromstring(book.read(name)) for name in names}


def test_a_plan_says_who_charges_where_when_and_at_which_power() -> None:
    plan = plan_of(evdsl.solve(evdsl.loads(TWO)))
    told = [(c.name, c.port, c.begin, c.end, round(c.power, 6), round(c.energy, 6)) for c in plan.charges]
    # The hour of 0.10 is filled, then half an hour of 0.20 at what is left.
    assert told == [
        ("early", "ac.1", 1.0, 2.5, pytest.approx(10 / 1.5), 10.0),
        ("late", "ac.1", 2.75, 4.0, 2.4, 3.0),
    ]
    assert [charge.most for charge in plan.charges] == pytest.approx([8.0, 8.0])
    assert [charge.revenue for charge in plan.charges] == pytest.approx([5.0, 1.5])
    assert plan.charges[0].cost == pytest.approx(8 * 0.10 + 2 * 0.20)
    assert plan.charges[1].cost == pytest.approx(2 * 0.20 + 1 * 0.40)


def test_a_port_is_taken_for_whole_stays_and_charges_for_less() -> None:
    (port,) = plan_of(evdsl.solve(evdsl.loads(TWO))).ports
    assert (port.name, port.vehicles) == ("ac.1", 2)
    assert port.taken_hours == pytest.approx(2.5 + 1.25)
    assert port.charging_hours == pytest.approx(1.5 + 1.25)
    assert port.charged == pytest.approx(13.0)


@pytest.mark.parametrize("path", [*SITES, LINGOTTO], ids=lambda path: path.stem)
def test_the_rows_of_a_plan_add_up_to_its_vehicles_and_these_to_the_whole(path: Path) -> None:
    plan = plan_of(evdsl.solve(evdsl.load(path)))
    first = plan.result.data.vehicles.first
    for vehicle in plan.vehicles:
        mine = [charge for charge in plan.charges if first[charge.vehicle] == vehicle.vehicle]
        # What is left in a battery and what is charged on the road belong to no run.
        money = vehicle.money
        by_runs = money.energy_cost + money.wear - money.export_revenue
        assert sum(charge.energy for charge in mine) == pytest.approx(vehicle.delivered, abs=1e-4)
        assert sum(charge.cost for charge in mine) == pytest.approx(by_runs, abs=1e-4)
        assert sum(charge.co2 for charge in mine) == pytest.approx(money.co2, abs=1e-4)
    assert plan.account.cost == pytest.approx(plan.result.terms["cost"], abs=1e-4)


def test_runs_of_one_port_do_not_overlap() -> None:
    for path in SITES:
        charges = plan_of(evdsl.solve(evdsl.load(path))).charges
        by_port: dict[str, list[tuple[float, float]]] = {}
        for charge in charges:
            by_port.setdefault(charge.port, []).append((charge.begin, charge.end))
        for runs in by_port.values():
            ordered = sorted(runs)
            assert all(one[1] <= two[0] + 1e-9 for one, two in pairwise(ordered))


def test_a_cohort_is_planned_by_state_and_hour() -> None:
    result = evdsl.solve(evdsl.load(COHORT))
    plan = plan_of(result)
    assert result.schedule is not None
    assert {charge.state for charge in plan.cohort_charges} == set(range(1, 11))
    assert all(charge.end - charge.begin <= 1 + 1e-9 for charge in plan.cohort_charges)
    taken = float(result.schedule["cars"].values.sum()) * result.spec.step
    assert sum(charge.energy for charge in plan.cohort_charges) == pytest.approx(taken, rel=1e-4)
    assert sum(charge.cost for charge in plan.cohort_charges) == pytest.approx(result.terms["cost"], rel=1e-4)


def test_the_hours_of_a_night_of_autumn_are_planned_apart() -> None:
    night = COHORT.read_text(encoding="utf-8").replace("2024-03-12", "2024-10-27")
    night = re.sub(r"csv\(.*\)", "{ 00:00: 0.08 EUR/kWh, 07:00: 0.13 EUR/kWh }", night)
    record = document(plan_of(evdsl.solve(evdsl.loads(night))))
    cohorts = record["cohorts"]
    assert isinstance(cohorts, list)
    begins = {row["begin"] for row in cohorts if row["state"] == 10}
    assert {"2024-10-27T02:00:00+02:00", "2024-10-27T02:00:00+01:00"} <= begins


def test_the_command_prints_the_plan_in_the_order_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "two.evs"
    path.write_text(TWO, encoding="utf-8")
    status, out, _ = said(capsys, "plan", str(path), "--by", "port")
    assert status == 0
    assert "vehicle  port   from     to  mean kW  most kW    kWh   EUR  pays EUR" in out
    assert "early    ac.1  01:00  02:30     6.67     8.00  10.00  1.20      5.00" in out
    assert "2 runs of 2 vehicles, 13.00 kWh charged" in out
    assert "cost 2.00 EUR" in out
    assert "drivers pay 6.50 EUR" in out


def test_the_document_has_every_table_with_units(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "plan", str(SITES[0]), "--json")
    record = json.loads(out)
    assert status == 0
    assert record["verified"]
    assert len(record["vehicles"]) == 25
    assert record["units"]["charges"] == {"power": "kW", "most": "kW", "energy": "kWh", "cost": "EUR"}
    assert record["shares"][-1]["party"] == "demand charges"
    shares = sum(share["cost"] for share in record["shares"])
    runs = sum(charge["cost"] for charge in record["charges"]) + record["shares"][-1]["cost"]
    assert shares == pytest.approx(runs)
    assert datetime.fromisoformat(record["charges"][0]["begin"]).utcoffset() is not None


def test_a_csv_has_the_runs_and_no_formula(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "plan.csv"
    status, said_out, _ = said(capsys, "plan", str(hostile_spec(tmp_path)), "--out", str(out))
    assert status == 0
    assert f"written to {out}" in said_out
    rows = rows_of(out)
    assert {row["vehicle"] for row in rows} == {inert(name) for name in HOSTILE}
    assert not [row for row in rows if row["vehicle"].strip()[0] in "=+-@"]
    assert sum(float(row["energy (kWh)"]) for row in rows) == pytest.approx(2 * len(HOSTILE))


@pytest.mark.parametrize("name", [*HOSTILE[:-1], " =1+1", "\t=1+1", "\r=1+1"])
def test_a_text_that_looks_like_a_formula_is_inert(name: str) -> None:
    assert inert(name) == f"'{name}"


def test_a_workbook_has_a_sheet_a_table_and_no_formula(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "plan.xlsx"
    assert said(capsys, "plan", str(hostile_spec(tmp_path)), "--out", str(out))[0] == 0
    sheets = sheets_of(out)
    assert len(sheets) == 3  # charges, vehicles, shares: there are no ports
    tags = {element.tag.rpartition("}")[2] for sheet in sheets.values() for element in sheet.iter()}
    assert "f" not in tags
    assert "hyperlink" not in tags
    with zipfile.ZipFile(out) as book:
        texts = book.read("xl/sharedStrings.xml").decode("utf-8")
    assert "HYPERLINK(&quot;" in texts or 'HYPERLINK("' in texts


def test_a_front_and_an_unknown_ending_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = said(capsys, "plan", str(SPECS / "features" / "pareto.evs"))
    assert status == 1
    assert "E402" in err
    status, _, err = said(capsys, "plan", str(SITES[0]), "--out", str(tmp_path / "plan.doc"))
    assert status == 2
    assert "E609" in err


def test_an_infeasible_spec_has_no_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tight.evs"
    path.write_text(TWO.replace("energy = 10 kWh", "energy = 100 kWh"), encoding="utf-8")
    status, out, err = said(capsys, "plan", str(path))
    assert status == 3
    assert out == ""
    assert "E601" in err or "infeasible" in err


def test_a_narrow_terminal_is_told_what_it_has_no_room_for() -> None:
    plan = plan_of(evdsl.solve(evdsl.load(SITES[0])))
    lines = text(plan, width=60).splitlines()
    assert max(map(len, lines)) <= 60
    assert any(line.startswith("a wider terminal has columns for") for line in lines)
