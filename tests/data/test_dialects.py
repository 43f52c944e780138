"""Files as other programs write them: dates, numbers and separators, and what can be read in two ways."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from data.days import PLAIN, loaded, prices
from data.lots import HEAD, OBJECTIVE, only
from data.lots import loaded as read

from evdsl.language.timestamps import epoch, timestamp

NOON = datetime(2024, 3, 12, 12, 30)


@pytest.mark.parametrize(
    ("text", "dialect", "time"),
    [
        ("2024-03-12 12:30", "", NOON),
        ("2024-03-12T12:30:00", "", NOON),
        (" 2024-03-12 7:30 ", "", NOON.replace(hour=7)),
        ("2024-03-12 7:30Z", "", NOON.replace(hour=7, tzinfo=UTC)),
        ("12.03.2024 12:30", "", NOON),
        ("12.3.2024, 12:30:00", "", NOON),
        ("12.03.2024", "", NOON.replace(hour=0, minute=0)),
        ("12.03.2024 12:30 - 12.03.2024 13:30", "", NOON),
        ("2024-03-12 12:30 - 2024-03-12 12:00", "", None),
        ("2024-03-12 12:30 - 13:30", "", None),
        ("2024-03-12 12:30Z - 2024-03-12 12:45", "", None),
        ("12/03/2024 12:30", "", None),
        ("12/03/2024 12:30", "eu", NOON),
        ("03/12/2024 12:30", "us", NOON),
        ("03/12/2024 12:30 PM", "us", NOON),
        ("3/12/2024 12:30 am", "us", NOON.replace(hour=0)),
        ("3/12/2024 13:30 PM", "us", None),
        ("31/03/2024", "us", None),
        ("31.02.2024", "", None),
        ("soon", "eu", None),
        ("1710246600", "", None),
    ],
)
def test_a_time_is_read_in_the_one_way_that_it_has(text: str, dialect: str, time: datetime | None) -> None:
    assert timestamp(text, dialect) == time


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("1710246600", NOON.replace(tzinfo=UTC)),
        ("1710246600500", NOON.replace(tzinfo=UTC, microsecond=500_000)),
        ("2024031212", None),
        ("171024660", None),
        ("17102466001", None),
    ],
)
def test_seconds_and_milliseconds_since_1970_are_times_of_now(text: str, time: datetime | None) -> None:
    assert epoch(text) == time


def file(folder: Path, *rows: str) -> None:
    (folder / "p.csv").write_text("\n".join(rows) + "\n")


def price(arguments: str = "") -> str:
    return f'csv("p.csv", unit="EUR/kWh"{arguments})'


@pytest.mark.parametrize(
    ("rows", "arguments"),
    [
        (["time;price", "12.03.2024 00:00;0,25", "12.03.2024 12:00;1.234,5"], ', dialect="eu"'),
        (["time\tprice", "12/03/2024 0:00\t0,25", "12/03/2024 12:00\t1234,5"], ', dialect="eu"'),
        (["time;price", "2024-03-12 00:00;0.25", "2024-03-12 12:00;1234.5"], ', dialect="eu"'),
        (["time,price", "3/12/2024 12:00 AM,.25", '3/12/2024 12:00 PM,"1,234.5"'], ', dialect="us"'),
        (
            [
                "time,price",
                "12.03.2024 00:00 - 12.03.2024 12:00,0.25",
                "12.03.2024 12:00 - 13.03.2024 00:00,1234.5",
            ],
            "",
        ),
        (["time,price", "2024-03-12 0:00,0.25", "2024-03-12 12:00,1234.5"], ""),
        (["s,price", "1710198000,0.25", "1710241200,1234.5"], ', time="s"'),
        (["ms,price", "1710198000000,0.25", "1710241200000,1234.5"], ', time="ms"'),
        (
            ["day,at,price", "11.03.2024,2024-03-12 00:00,0.25", "11.03.2024,2024-03-12 12:00,1234.5"],
            ', column="price"',
        ),
    ],
)
def test_a_series_of_any_dialect_is_the_same_series(rows: list[str], arguments: str, tmp_path: Path) -> None:
    file(tmp_path, *rows)
    assert prices(tmp_path, price=price(arguments)).tolist() == [0.25] * 12 + [1234.5] * 12


@pytest.mark.parametrize(
    ("rows", "arguments", "code", "message", "help"),
    [
        (
            ["time,price", "03/12/2024 00:00,1", "03/12/2024 12:00,2"],
            "",
            "E504",
            '"p.csv" has no column of dates and times that can be read in one way only: '
            "03/12/2024 00:00 can be in two",
            'write `dialect="eu"` if it is 03 December, `dialect="us"` if it is 12 March',
        ),
        (
            ["time,price", "03/13/2024 00:00,1", "03/14/2024 00:00,2"],
            ', time="time"',
            "E505",
            'line 2 of "p.csv" has "03/13/2024 00:00" in the column "time", '
            "not a date and time such as 2024-03-12 07:30; 1 more cell of the column is wrong",
            'write `dialect="us"` if it is 13 March',
        ),
        (
            ["time;price", "12.03.2024 00:00;1.234", "12.03.2024 12:00;5.678"],
            ', dialect="eu"',
            "E505",
            'line 2 of "p.csv" has 1.234 in the column "price", which is 1234 or 1,234',
            "write its decimals with a comma, or leave out the points between thousands",
        ),
        (
            ["time;price", "12.03.2024 00:00;1,5", "12.03.2024 12:00;1.5"],
            ', dialect="eu"',
            "E505",
            'line 3 of "p.csv" has "1.5" in the column "price", not a finite number',
            "mend the cell: without its row the series has a hole",
        ),
        (
            ["time,price", "03/12/2024 00:00,1", '03/12/2024 12:00,"1,5"'],
            ', dialect="us"',
            "E505",
            'line 3 of "p.csv" has "1,5" in the column "price", not a finite number',
            "mend the cell: without its row the series has a hole",
        ),
        (
            ["time,price", "12.03.2024 00:00,1", "12.03.2024 12:00,1"],
            ', dialect="eu"',
            "E503",
            '"p.csv" has commas between its cells, and `;` or a tabulator is expected',
            "leave `dialect` out",
        ),
        (
            ["time;price", "12.03.2024 00:00;1;5", "12.03.2024 12:00;1"],
            ', dialect="eu"',
            "E505",
            'line 2 of "p.csv" has 3 cells, and its header has 2',
            "give every row the cells of the header",
        ),
        (
            ['"time";"price"', '"12.03.2024 00:00";"1,5"'],
            "",
            "E503",
            """"p.csv" is not a CSV file: ',' expected after '"' (line 1)""",
            'write `dialect="eu"`, or save it with commas between its cells and points in its numbers',
        ),
        (
            ["time,price", "2024-03-12,1"],
            ', dialect="de"',
            "E205",
            'there is no dialect "de"',
            'write `dialect="eu"` (12/03/2024 and 1.234,5) or `dialect="us"` (03/12/2024 and 1,234.5), '
            "or leave it out",
        ),
    ],
)
def test_what_can_be_read_in_two_ways_or_in_none_is_refused(
    rows: list[str], arguments: str, code: str, message: str, help: str, tmp_path: Path
) -> None:
    file(tmp_path, *rows)
    data, found = loaded(tmp_path, start=PLAIN, price=price(arguments))
    assert data is None
    problem = only(found)
    assert (problem.code, problem.message, problem.help) == (code, message, help)


SESSIONS = "came;left;asked (kWh)\n12.03.2024 8:00;12/03/2024 17:30;1.020,5\n"


def sessions(dialect: str, folder: Path) -> str:
    (folder / "s.csv").write_text(SESSIONS)
    columns = 'arrival="came", departure="left", energy="asked (kWh)"'
    return f'{HEAD}sessions log of car = csv("s.csv", dialect={dialect}, {columns})\n{OBJECTIVE}'


def test_sessions_are_read_in_a_dialect_too(tmp_path: Path) -> None:
    data, _ = read(sessions('"eu"', tmp_path), tmp_path)
    assert data is not None
    assert data.vehicles.arrival.tolist() == [8.0]
    assert data.vehicles.departure.tolist() == [17.5]
    assert data.vehicles.demand.tolist() == [1020.5]


@pytest.mark.parametrize("dialect", ['"de"', "3"])
def test_a_dialect_of_sessions_that_there_is_not_is_refused(dialect: str, tmp_path: Path) -> None:
    data, found = read(sessions(dialect, tmp_path), tmp_path)
    assert data is None
    assert [problem.message for problem in found if problem.code == "E205"] == [
        f"there is no dialect {dialect}"
    ]
