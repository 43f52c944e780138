"""Series from files, and what is said of bad ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from data.lots import HEAD, OBJECTIVE, fleet, hours, loaded, only, priced
from numpy.testing import assert_allclose

from evdsl.data.data import Data
from evdsl.diagnostics.diagnostic import Diagnostic, render


def series(
    folder: Path, content: str | bytes, arguments: str = 'unit="EUR/kWh"', name: str = "p.csv"
) -> tuple[Data | None, list[Diagnostic]]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    text = priced(name, arguments)
    return loaded(text, folder)


def test_a_sound_file_is_read(tmp_path: Path) -> None:
    for content in (
        hours(),
        "\ufeff" + hours(),
        hours().replace("\n", "\r\n"),
        hours().replace("\n", "\n\n"),
    ):
        data, found = series(tmp_path, content)
        assert data is not None, render(found)
        assert_allclose(data.series["grid", "price"], 0.1)


@pytest.mark.parametrize(
    ("content", "arguments", "code", "message", "help"),
    [
        ("", 'unit="EUR/kWh"', "E503", '"p.csv" is empty', "a CSV file has a header and rows below it"),
        (
            "time,price\n",
            'unit="EUR/kWh"',
            "E503",
            '"p.csv" has a header and no rows',
            "a CSV file has a header and rows below it",
        ),
        (
            hours(h5="", h6=""),
            'unit="EUR/kWh"',
            "E506",
            '"p.csv" has nothing from 2024-03-12 05:00 to 2024-03-12 07:00, between lines 6 and 7',
            "fill the hole in the file",
        ),
        (
            hours(h5="", h9=""),
            'unit="EUR/kWh"',
            "E506",
            '"p.csv" has nothing from 2024-03-12 05:00 to 2024-03-12 06:00, between lines 6 and 7; '
            "and 1 more hole",
            "fill the hole in the file",
        ),
        (
            hours() + "2024-03-12 07:00,0.2\n",
            'unit="EUR/kWh"',
            "E507",
            'lines 9 and 26 of "p.csv" are both for 2024-03-12 07:00',
            "keep one row for each time",
        ),
        (
            hours(20),
            'unit="EUR/kWh"',
            "E508",
            '"p.csv" goes from 2024-03-12 00:00 to 2024-03-12 20:00, '
            "and the horizon from 2024-03-12 00:00 to 2024-03-13 00:00",
            "take a file that covers it, or write `horizon = 20 h`",
        ),
        (
            hours(40, 2),
            'unit="EUR/kWh"',
            "E508",
            '"p.csv" goes from 2024-03-12 02:00 to 2024-03-13 18:00, '
            "and the horizon from 2024-03-12 00:00 to 2024-03-13 00:00",
            "take a file that covers it, or write `start = 2024-03-12 02:00` and `horizon = 22 h`",
        ),
        (
            hours(1),
            'unit="EUR/kWh"',
            "E508",
            '"p.csv" has one time only, 2024-03-12 00:00',
            "a series has a row for each interval; if its rows stand only where the value changes, "
            'write `method="changes", until=2024-03-13 00:00`',
        ),
        (
            hours(h3="dear"),
            'unit="EUR/kWh"',
            "E505",
            'line 5 of "p.csv" has "dear" in the column "price", not a finite number',
            "mend the cell: without its row the series has a hole",
        ),
        (
            hours(h3='" "'),
            'unit="EUR/kWh"',
            "E505",
            'line 5 of "p.csv" has an empty cell in the column "price", not a finite number',
            "mend the cell: without its row the series has a hole",
        ),
        (
            hours(h3="inf"),
            'unit="EUR/kWh"',
            "E505",
            'line 5 of "p.csv" has "inf" in the column "price", not a finite number',
            "mend the cell: without its row the series has a hole",
        ),
        (
            hours(h3='"0,15"'),
            'unit="EUR/kWh"',
            "E505",
            'line 5 of "p.csv" has "0,15" in the column "price", not a finite number',
            "decimals have a point: 0.15",
        ),
        (
            hours(h3="0,15"),
            'unit="EUR/kWh"',
            "E505",
            'line 5 of "p.csv" has 3 cells, and its header has 2',
            "give every row the cells of the header; numbers have points, not commas",
        ),
        (
            hours(h3="1_000"),
            'unit="EUR/kWh"',
            "E505",
            'line 5 of "p.csv" has "1_000" in the column "price", not a finite number',
            "mend the cell: without its row the series has a hole",
        ),
        (
            hours().replace("2024-03-12 03:00", "yesterday"),
            'unit="EUR/kWh"',
            "E505",
            'line 5 of "p.csv" has "yesterday" in the column "time", '
            "not a date and time such as 2024-03-12 07:30",
            "mend the cell: without its row the series has a hole",
        ),
        (
            hours().replace(",", ";"),
            'unit="EUR/kWh"',
            "E503",
            '"p.csv" has `;` between its cells, and commas are expected',
            'write `dialect="eu"`, or save it with commas between its cells and points in its numbers',
        ),
        (
            hours().replace(",", "\t"),
            'unit="EUR/kWh"',
            "E503",
            '"p.csv" has tabulators between its cells, and commas are expected',
            'write `dialect="eu"`, or save it with commas between its cells and points in its numbers',
        ),
        (
            'time,price\n2024-03-12 00:00,"1\n',
            'unit="EUR/kWh"',
            "E503",
            '"p.csv" is not a CSV file: unexpected end of data (line 2)',
            "save it with commas between its cells",
        ),
        (
            hours(),
            'column="prise", unit="EUR/kWh"',
            "E504",
            '"p.csv" has no column "prise"',
            "did you mean `price`?",
        ),
        (
            hours(),
            'column="kWh", unit="EUR/kWh"',
            "E504",
            '"p.csv" has no column "kWh"',
            "its columns are time, price",
        ),
        (
            hours(),
            'time="tme", unit="EUR/kWh"',
            "E504",
            '"p.csv" has no column "tme"',
            "did you mean `time`?",
        ),
        (
            "time,a,b\n2024-03-12 00:00,1,2\n",
            'unit="EUR/kWh"',
            "E504",
            '"p.csv" has 2 columns beside its times, and one is meant',
            'name it: `column="..."`, one of a, b',
        ),
        (
            "time,a,a\n2024-03-12 00:00,1,2\n",
            'column="a", unit="EUR/kWh"',
            "E504",
            '"p.csv" has 2 columns "a"',
            "give each column a name of its own",
        ),
        (
            "a,b\n1,2\n",
            'unit="EUR/kWh"',
            "E504",
            '"p.csv" has no column of dates and times',
            'its columns are a, b; name one with `time="..."`, of times such as 2024-03-12 07:30',
        ),
        (
            b"\xff\xfe\x00",
            'unit="EUR/kWh"',
            "E503",
            '"p.csv" is not a text in UTF-8 (byte 0 is not)',
            "save it as UTF-8; archives are not opened",
        ),
        (
            b"\x1f\x8b\x08\x00\xff\x01\x02",
            'unit="EUR/kWh"',
            "E503",
            '"p.csv" is not a text in UTF-8 (byte 1 is not)',
            "save it as UTF-8; archives are not opened",
        ),
        (
            b"time,price\n2024-03-12 00:00,1\n2024-03-12\0 01:00,1\n",
            'unit="EUR/kWh"',
            "E503",
            '"p.csv" is not a text: it has a NUL on line 3',
            "save it as text in UTF-8",
        ),
        (
            hours(),
            'column="price"',
            "E303",
            '`grid` wants `price` in EUR/kWh, and csv("p.csv", column="price") has no unit',
            'give the unit of the column: `csv("p.csv", ..., unit="EUR/kWh")`',
        ),
        (hours(), 'unit="EUR/kwh"', "E302", "`kwh` is not a unit", 'write `unit="EUR/kWh"`'),
        (
            hours(),
            'method="cubic", unit="EUR/kWh"',
            "E205",
            'there is no method "cubic"',
            'methods are "hold", "linear" and "changes"',
        ),
        (
            hours(),
            'unit="EUR/kWh", until=2024-03-13',
            "E205",
            '`until` ends the last row of `method="changes"`, and the method is "hold"',
            'write `method="changes"`, or leave `until` out',
        ),
        (
            hours(),
            'unit="EUR/kWh", method="changes", until=6 h',
            "E305",
            "`until` is a date, and 6 h is none",
            "write `until=2024-03-13`",
        ),
        (
            hours(20),
            'unit="EUR/kWh", method="changes"',
            "E508",
            '"p.csv" goes from 2024-03-12 00:00 to 2024-03-12 19:00, '
            "and the horizon from 2024-03-12 00:00 to 2024-03-13 00:00",
            "write `until=2024-03-13 00:00` if its last row holds as long, or take a file that covers it",
        ),
        (
            hours(20),
            'unit="EUR/kWh", method="changes", until=23:00',
            "E508",
            '"p.csv" goes from 2024-03-12 00:00 to 2024-03-12 23:00, '
            "and the horizon from 2024-03-12 00:00 to 2024-03-13 00:00",
            "write `until=2024-03-13 00:00` if its last row holds as long, or take a file that covers it",
        ),
        (
            hours(40, 2),
            'unit="EUR/kWh", method="changes"',
            "E508",
            '"p.csv" goes from 2024-03-12 02:00 to 2024-03-13 17:00, '
            "and the horizon from 2024-03-12 00:00 to 2024-03-13 00:00",
            "take a file that covers it, or write `start = 2024-03-12 02:00` and `horizon = 22 h`",
        ),
        (
            hours(20),
            'unit="EUR/kWh", method="changes", until=2024-03-12 19:00',
            "E308",
            '`until` is 2024-03-12 19:00, and the last row of "p.csv" is for 2024-03-12 19:00',
            "give a time after the last row",
        ),
        (
            hours(30),
            'unit="EUR/kWh", method="changes", until=2024-03-13',
            "E308",
            '`until` is 2024-03-13 00:00, and the last row of "p.csv" is for 2024-03-13 05:00',
            "leave `until` out",
        ),
        (
            hours(3) + "2024-03-12 06:00,0.2\n",
            'unit="EUR/kWh"',
            "E508",
            '"p.csv" goes from 2024-03-12 00:00 to 2024-03-12 07:00, '
            "and the horizon from 2024-03-12 00:00 to 2024-03-13 00:00",
            "take a file that covers it, or write `horizon = 7 h`; if its rows stand only where the value "
            'changes, write `method="changes", until=2024-03-13 00:00`',
        ),
        (
            "time,price\n2024-03-12 00:00,1\n2024-03-12 10:00,2\n2024-03-12 13:00,3\n2024-03-13,4\n",
            'unit="EUR/kWh"',
            "E506",
            '"p.csv" has nothing from 2024-03-12 03:00 to 2024-03-12 10:00, between lines 2 and 3; '
            "and 1 more hole",
            "fill the hole in the file; if its rows stand only where the value changes, "
            'write `method="changes"`',
        ),
        (
            hours(),
            'method=linear, unit="EUR/kWh"',
            "E305",
            "`method` is a text in quotes, and linear is a name",
            'write `method="linear"`',
        ),
    ],
)
def test_a_bad_file_is_told_with_its_lines_or_dates(
    content: str | bytes, arguments: str, code: str, message: str, help: str, tmp_path: Path
) -> None:
    data, found = series(tmp_path, content, arguments)
    assert data is None
    assert [(one.code, one.message, one.help) for one in found] == [(code, message, help)]
    assert found[0].span is not None
    assert found[0].span.line == 14


def test_what_lies_outside_the_horizon_may_be_wrong(tmp_path: Path) -> None:
    content = hours(30, h26="?") + "2024-03-13 07:00,1\n2024-03-13 09:00,1\n2024-03-13 09:00,1\n"
    data, found = series(tmp_path, content)
    assert data is not None, render(found)


def test_a_negative_limit_in_a_file_is_told_with_its_time(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(hours(h3="-4"))
    text = f'{HEAD}grid {{\n    import_limit = csv("p.csv", unit="kW")\n}}\n{fleet()}{OBJECTIVE}'
    data, found = loaded(text, tmp_path)
    assert data is None
    assert only(found).message == "`import_limit` is -4 kW at 2024-03-12 03:00, below 0"
