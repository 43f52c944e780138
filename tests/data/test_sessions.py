"""Sessions from files: what stands for what, and files whose mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from data.lots import BY_TIME, COLUMNS, HEAD, OBJECTIVE, block, loaded, only, row
from numpy.testing import assert_allclose

from evdsl.data.data import Data
from evdsl.diagnostics.diagnostic import Diagnostic, render


def sessions(
    folder: Path, *rows: str, columns: str = BY_TIME, extra: str = ""
) -> tuple[Data | None, list[Diagnostic]]:
    (folder / "s.csv").write_text("\n".join([",".join(COLUMNS), *rows]) + "\n")
    text = f'{HEAD}{extra}sessions log of car = csv("s.csv", {columns})\n{OBJECTIVE}'
    return loaded(text, folder)


def test_a_column_stands_for_each_setting(tmp_path: Path) -> None:
    columns = (
        'arrival="arr", stay=column("stay", unit="h"), soc_target=80 %, soc_arrival=column("soc", unit="%")'
    )
    data, found = sessions(tmp_path, row(), row(stay="2.5", soc="45"), columns=columns)
    assert data is not None, render(found)
    assert data.vehicles.departure.tolist() == [16.0, 10.5]
    assert_allclose(data.vehicles.initial, [15.6, 23.4])
    assert data.vehicles.name == ("log.1", "log.2")


def test_a_column_is_calculated_with(tmp_path: Path) -> None:
    columns = (
        'arrival=column("arr") + 30 min, departure="dep", energy=min(column("energy (kWh)") / 2, max_energy)'
    )
    data, found = sessions(tmp_path, row(), row(energy="500"), columns=columns)
    assert data is not None, render(found)
    assert data.vehicles.arrival.tolist() == [8.5, 8.5]
    assert data.vehicles.demand.tolist() == [10.0, 93.5]


def test_the_file_of_sessions_may_be_a_param(tmp_path: Path) -> None:
    (tmp_path / "june.csv").write_text("\n".join([",".join(COLUMNS), row()]) + "\n")
    text = f'{HEAD}param log = "july.csv"\nsessions s of car = csv(log, {BY_TIME})\n{OBJECTIVE}'
    data, found = loaded(text, tmp_path, set={"log": '"june.csv"'})
    assert data is not None, render(found)


def test_vehicles_are_named_by_their_id(tmp_path: Path) -> None:
    data, found = sessions(tmp_path, row(), row(id="b 2"), columns=f'{BY_TIME}, id="id"')
    assert data is not None, render(found)
    assert data.vehicles.name == ("a", "b 2")


def test_rows_are_chosen_by_day_and_the_choice_is_told(tmp_path: Path) -> None:
    rows = [row(arr=f"2024-03-{day} 08:00", dep=f"2024-03-{day} 12:00") for day in (11, 12, 12, 13)]
    data, found = sessions(tmp_path, *rows, columns=f"{BY_TIME}, arriving=2024-03-12 .. 2024-03-13")
    assert data is not None, render(found)
    assert len(data.vehicles) == 2
    assert data.remarks == ("2 of 4 rows of s.csv arrive in the range asked for",)


def test_rows_outside_the_horizon_are_left_out_with_a_warning(tmp_path: Path) -> None:
    rows = [row(arr=f"2024-03-{day} 08:00", dep=f"2024-03-{day} 12:00") for day in (11, 12, 13)]
    data, found = sessions(tmp_path, *rows)
    assert data is not None
    assert len(data.vehicles) == 1
    assert only(found).message == '2 of 3 rows of "s.csv" lie outside the horizon and are left out'
    assert only(found).code == "W101"


def test_a_row_that_does_not_count_may_be_wrong(tmp_path: Path) -> None:
    """One bad row of another day does not spoil this one."""
    bad = row(arr="2024-03-14 08:00", dep="2024-03-14 07:00", energy="?")
    data, found = sessions(tmp_path, row(), bad)
    assert data is not None, render(found)
    bad = row(arr="2024-03-14 08:00", dep="never", energy="?", id="")
    columns = f'{BY_TIME}, id="id", arriving=2024-03-12 .. 2024-03-13'
    data, found = sessions(tmp_path, row(), bad, columns=columns)
    assert data is not None, render(found)


def test_a_stay_beyond_the_horizon_is_cut(tmp_path: Path) -> None:
    data, found = sessions(tmp_path, row(), row(dep="2024-03-13 09:00"), row(arr="2024-03-11 20:00"))
    assert data is not None
    assert only(found).code == "W102"
    assert only(found).message == "2 of 3 stays of `log` reach beyond the horizon and are cut"
    assert data.vehicles.end.tolist() == [17.0, 24.0, 17.0]
    assert data.vehicles.begin.tolist() == [8.0, 8.0, 0.0]


@pytest.mark.parametrize(
    ("changes", "columns", "code", "message"),
    [
        (
            {"dep": "2024-03-12 07:00"},
            BY_TIME,
            "E406",
            'line 3 of "s.csv" leaves at 2024-03-12 07:00 and comes at 2024-03-12 08:00',
        ),
        (
            {"stay": "-3"},
            'arrival="arr", stay=column("stay", unit="h"), energy="energy (kWh)"',
            "E406",
            'line 3 of "s.csv" leaves at 2024-03-12 05:00 and comes at 2024-03-12 08:00',
        ),
        ({"energy": "-3"}, BY_TIME, "E308", '`energy` of line 3 of "s.csv" is -3 kWh, below 0'),
        (
            {"soc": "-1"},
            f'{BY_TIME}, priority="soc"',
            "E308",
            '`priority` of line 3 of "s.csv" is -1, below 0',
        ),
        (
            {"soc": "5"},
            'arrival="arr", departure="dep", soc_arrival=column("soc", unit="%"), soc_target=80 %',
            "E408",
            '`soc_arrival` of line 3 of "s.csv" is 5 %, below the minimum of `class car`',
        ),
        (
            {"soc": "95"},
            'arrival="arr", departure="dep", soc_arrival=20 %, soc_target=column("soc", unit="%")',
            "E408",
            '`soc_target` of line 3 of "s.csv" is 95 %, above the maximum of `class car`',
        ),
        (
            {"energy": "300"},
            BY_TIME,
            "W103",
            "1 of 2 vehicles of `log` asks for more than the stay can carry",
        ),
        (
            {"energy": "x"},
            BY_TIME,
            "E505",
            'line 3 of "s.csv" has "x" in the column "energy (kWh)", not a finite number',
        ),
        (
            {"energy": ""},
            BY_TIME,
            "E505",
            'line 3 of "s.csv" has an empty cell in the column "energy (kWh)", not a finite number',
        ),
        (
            {"energy": "nan"},
            BY_TIME,
            "E505",
            'line 3 of "s.csv" has "nan" in the column "energy (kWh)", not a finite number',
        ),
        (
            {"energy": "-inf"},
            BY_TIME,
            "E505",
            'line 3 of "s.csv" has "-inf" in the column "energy (kWh)", not a finite number',
        ),
        (
            {"energy": "1e300"},
            BY_TIME,
            "E505",
            'line 3 of "s.csv" has "1e300" in the column "energy (kWh)", not a number below 1e+15',
        ),
        (
            {"arr": "8 am"},
            BY_TIME,
            "E505",
            'line 3 of "s.csv" has "8 am" in the column "arr", not a date and time such as 2024-03-12 07:30',
        ),
        (
            {"dep": "0001-01-01 08:00"},
            BY_TIME,
            "E505",
            'line 3 of "s.csv" has "0001-01-01 08:00" in the column "dep", '
            "not a date and time such as 2024-03-12 07:30",
        ),
        ({}, f'{BY_TIME}, id="id"', "E207", 'line 3 of "s.csv" names "a", as does line 2 of "s.csv"'),
        ({"id": " "}, f'{BY_TIME}, id="id"', "E505", 'line 3 of "s.csv" has no `id`'),
    ],
)
def test_a_bad_row_is_named_by_its_line(
    changes: dict[str, str], columns: str, code: str, message: str, tmp_path: Path
) -> None:
    data, found = sessions(tmp_path, row(), row(**changes), columns=columns)
    assert (data is None) == code.startswith("E")
    assert (only(found).code, only(found).message) == (code, message)


def test_more_bad_rows_are_counted(tmp_path: Path) -> None:
    bad = row(dep="2024-03-12 07:00")
    _, found = sessions(tmp_path, row(), bad, bad, bad)
    assert only(found).message.endswith("comes at 2024-03-12 08:00; so do 2 more")
    columns = 'arrival="arr", departure="dep", soc_arrival=20 %, soc_target=column("soc", unit="%")'
    _, found = sessions(tmp_path, row(), row(soc="1"), row(soc="99"), columns=columns)
    assert only(found).message.startswith('`soc_target` of line 3 of "s.csv" (and 1 more) is 1 %')


def test_the_note_of_a_demand_beyond_reach_names_the_worst_line(tmp_path: Path) -> None:
    _, found = sessions(tmp_path, row(energy="60"), row(energy="90"), row())
    assert only(found).notes == ('line 3 of "s.csv" wants 90 kWh at the port and can take 41.6 kWh',)


def test_percentages_without_a_unit_are_recognised(tmp_path: Path) -> None:
    columns = 'arrival="arr", departure="dep", soc_arrival="soc", soc_target=80 %'
    for share, known in (("100", True), ("101", False)):
        _, found = sessions(tmp_path, row(soc=share), columns=columns)
        assert ("if its numbers are percentages" in only(found).help) is known
    _, found = sessions(tmp_path, row(), columns=columns)
    assert (
        only(found).message
        == '`soc_arrival` of line 2 of "s.csv" is 3000 %, above the maximum of `class car`'
    )
    assert only(found).help == 'write `soc_arrival=column("soc", unit="%")`, if its numbers are percentages'


@pytest.mark.parametrize(
    ("columns", "code", "message", "help"),
    [
        (
            'arrival="ar", departure="dep", energy="energy (kWh)"',
            "E504",
            '"s.csv" has no column "ar"',
            "did you mean `arr`?",
        ),
        (
            'arrival="arr", departure="dep", energy="soc"',
            "E303",
            '`sessions log` wants `energy` in kWh, and "soc" has no unit',
            'write `column("soc", unit="kWh")`',
        ),
        (
            'arrival="arr", departure="dep", energy=column("soc", unit="kWH")',
            "E302",
            "`kWH` is not a unit",
            'write `unit="kWh"`',
        ),
        (
            'arrival="arr", departure="dep"',
            "E208",
            "`sessions log` needs `energy` or `soc_target`",
            'add `energy="column"`, or `soc_target="column"` and `soc_arrival="column"`',
        ),
        (
            'arival="arr", departure="dep", energy="energy (kWh)"',
            "E202",
            "`sessions log` has no setting `arival`",
            "did you mean `arrival`?",
        ),
        ('"arr", departure="dep"', "E205", "the columns of sessions are named", 'write `arrival="column"`'),
        (
            f"{BY_TIME}, arriving=2024-03-13 .. 2024-03-12",
            "E308",
            "the range of arrivals is empty",
            "its second date is the first that is left out: `2019-07-24 .. 2019-07-25` is one day",
        ),
        (
            f"{BY_TIME}, arriving=2024-03-12",
            "E305",
            "`sessions log` wants `arriving` as a range of dates such as `2019-07-24 .. 2019-07-25`, "
            "and this is a date without a time",
            "write `arriving = 2019-07-24 .. 2019-07-25`",
        ),
        (
            f"{BY_TIME}, arriving=2024-03-20 .. 2024-03-21",
            "E509",
            'no row of "s.csv" arrives in the range asked for',
            "its arrivals go from 2024-03-12 08:00 to 2024-03-12 08:00",
        ),
    ],
)
def test_what_sessions_are_read_by_is_checked(
    columns: str, code: str, message: str, help: str, tmp_path: Path
) -> None:
    data, found = sessions(tmp_path, row(), columns=columns)
    assert data is None
    assert [(one.code, one.message, one.help) for one in found] == [(code, message, help)]


def test_rows_none_of_which_is_there_are_refused_with_their_dates(tmp_path: Path) -> None:
    rows = [row(arr=f"2023-01-{day} 08:00", dep=f"2023-01-{day} 12:00") for day in (10, 11)]
    data, found = sessions(tmp_path, *rows)
    assert data is None
    assert only(found).code == "E407"
    assert only(found).message == (
        'no row of "s.csv" is there between 2024-03-12 00:00 and 2024-03-13 00:00, the horizon'
    )
    assert only(found).help == ("its arrivals go from 2023-01-10 08:00 to 2023-01-11 08:00: move `start`")


def test_an_id_that_another_vehicle_has_is_refused(tmp_path: Path) -> None:
    van = block("vehicle", "a", {"arrival": "08:00", "stay": "8 h", "energy": "5 kWh"})
    data, found = sessions(tmp_path, row(), columns=f'{BY_TIME}, id="id"', extra=van)
    assert data is None
    assert (only(found).code, only(found).message) == (
        "E207",
        '"a" of `log` is also the name of a vehicle of `a`',
    )
