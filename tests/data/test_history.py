"""Which past days a series is made of: whole ones of 24 hours, before the station starts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data.histories import HISTORY, price_of, spec_of, told, write
from numpy.testing import assert_allclose

from evdsl.data.provenance import files_of

TYPICAL = f"typical({HISTORY})"


def remark(folder: Path, price: str, **settings: str) -> str:
    """What `check -v` says of the price."""
    (line,) = files_of(spec_of(folder, price, **settings))
    return line


def test_the_days_from_the_start_on_are_not_known_to_a_plan(tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-03-10", 5, lambda day, _: 1000.0 * day.day)
    assert price_of(tmp_path, TYPICAL, start="2024-03-12").tolist() == [10.5] * 24
    assert "typical of 2 days from 2024-03-10 to 2024-03-11: column" in remark(tmp_path, TYPICAL)


def test_a_start_within_a_day_does_not_know_its_morning(tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-03-10", 5, lambda day, _: 1000.0 * day.day)
    evening = price_of(tmp_path, TYPICAL, start="2024-03-12 17:00", horizon="4 h", arrival="18:00")
    assert evening.tolist() == [10.5] * 4


def test_what_is_not_a_whole_day_is_left_out(tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-03-01", 4, lambda day, _: 1000.0 * day.day)
    lines = (tmp_path / "days.csv").read_text().splitlines()
    (tmp_path / "days.csv").write_text("\n".join([lines[0], *lines[10:-3]]))
    assert "2 days from 2024-03-02 to 2024-03-03" in remark(tmp_path, TYPICAL)


@pytest.mark.parametrize(
    ("days", "changed", "start"),
    [((28, 29, 30, 31, 1, 2, 3), 31, "2024-04-05"), ((24, 25, 26, 27, 28, 29, 30), 27, "2024-11-01")],
    ids=["short", "long"],
)
def test_a_day_on_which_the_clocks_change_is_left_out_and_told(
    days: tuple[int, ...], changed: int, start: str, tmp_path: Path
) -> None:
    """Such a file has an hour that there was not, or has one once that there was twice."""
    first = f"2024-{3 if changed == 31 else 10:02d}-{days[0]}"
    write(tmp_path / "days.csv", first, 7, lambda day, hour: day.day * 100.0 + hour)
    line = remark(tmp_path, TYPICAL, start=start)
    assert "typical of 6 days from " in line
    assert ", 1 on which the clocks change left out: " in line
    mean = np.mean([day * 100.0 for day in days if day != changed])
    assert_allclose(price_of(tmp_path, TYPICAL, start=start), (mean + np.arange(24)) / 1000)


def test_times_with_their_offset_are_put_on_the_clocks_of_the_station(tmp_path: Path) -> None:
    hours = [f"2024-03-{10 + (n - 1) // 24} {(n - 1) % 24:02d}:00+00:00" for n in range(1, 49)]
    rows = ["time,price", "2024-03-09 23:00+00:00,1000", *(f"{h},{n}" for n, h in enumerate(hours, 1))]
    (tmp_path / "days.csv").write_text("\n".join(rows))
    price = price_of(tmp_path, TYPICAL)
    # Midnight of Rome is 23:00 of UTC.
    assert_allclose(price[:2], [(1000 + 24) / 2000, (1 + 25) / 2000])


def test_a_file_that_goes_over_from_hours_to_quarters_is_read_as_it_is(tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-03-08", 2, lambda _, hour: 10.0 * hour)
    write(tmp_path / "more.csv", "2024-03-10", 2, lambda _, hour: 10.0 * hour + 30.0, step=0.25)
    more = (tmp_path / "more.csv").read_text().split("\n", 1)[1]
    (tmp_path / "days.csv").write_text((tmp_path / "days.csv").read_text() + more)
    price = price_of(tmp_path, TYPICAL, step="15 min")
    quarters = np.arange(96) / 4
    assert_allclose(price, (10.0 * np.floor(quarters) + 10.0 * quarters + 30.0) / 2000)


def test_the_steps_of_the_spec_take_the_mean_of_those_of_the_file(tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-03-10", 1, lambda _, hour: 10.0 * hour)
    assert_allclose(price_of(tmp_path, TYPICAL, step="2 h"), (np.arange(12) * 20.0 + 5.0) / 1000)


def test_rows_that_stand_where_the_value_changes_are_a_history_too(tmp_path: Path) -> None:
    (tmp_path / "days.csv").write_text("time,price\n2024-03-09 00:00,10\n2024-03-10 12:00,30\n")
    history = HISTORY.replace("unit=", 'method="changes", until=2024-03-12, unit=')
    price = price_of(tmp_path, f"typical({history})")
    assert_allclose(price, [0.05 / 3] * 12 + [0.07 / 3] * 12)


def test_days_choose_among_those_of_the_file(tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-02-26", 14, lambda day, _: 1000.0 * day.day)
    sundays = price_of(tmp_path, f"typical({HISTORY}, days=sun)")
    assert sundays.tolist() == [(3 + 10) / 2] * 24
    dated = price_of(tmp_path, f"typical({HISTORY}, days=[2024-03-01 .. 2024-03-02, 2024-03-06])")
    assert_allclose(dated, 3.0)


def test_a_hole_is_none_of_a_day_that_does_not_count(tmp_path: Path) -> None:
    """Of days more than a week apart; nearer ones are read as one."""
    write(tmp_path / "days.csv", "2024-02-01", 40, lambda day, _: 1000.0 * day.day)
    rows = (tmp_path / "days.csv").read_text().splitlines(keepends=True)
    (tmp_path / "days.csv").write_text("".join(row for row in rows if "2024-02-10 05" not in row))
    error = told(tmp_path, TYPICAL)
    assert error.startswith(
        'error[E506 series-gap]: "days.csv" has nothing from 2024-02-10 05:00 to 2024-02-10 06:00, '
    )
    assert "help: fill the hole in the file, or name days without it: `days`" in error
    dated = price_of(tmp_path, f"typical({HISTORY}, days=[2024-02-01, 2024-02-20 .. 2024-02-21])")
    assert_allclose(dated, 14.0)


@pytest.mark.parametrize(
    ("row", "code", "fact"),
    [
        ("2024-03-10 07:00,x", "E505", 'has "x" in the column "price"'),
        ("2024-03-10 06:00,1", "E507", "are both for 2024-03-10 06:00"),
    ],
)
def test_a_row_that_is_wrong_is_told_with_its_line(row: str, code: str, fact: str, tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-03-09", 2, lambda _, hour: hour)
    text = (tmp_path / "days.csv").read_text()
    (tmp_path / "days.csv").write_text(text.replace("2024-03-10 07:00,7.0", row))
    error = told(tmp_path, TYPICAL)
    assert error.startswith(f"error[{code} ")
    assert fact in error
    assert "line" in error.split("\n")[0]


@pytest.mark.parametrize(
    ("call", "settings", "message", "help"),
    [
        (
            TYPICAL,
            {"start": "2024-03-01"},
            '"days.csv" has no whole day before 2024-03-01, on which the station starts: it goes from '
            "2024-03-09 00:00 to 2024-03-11 00:00",
            "take a file of earlier days, or a later `start`",
        ),
        (
            f"typical({HISTORY}, days=2023-01-01 .. 2023-02-01)",
            {},
            '"days.csv" has none of these days before 2024-03-12: its days go from 2024-03-09 to 2024-03-10',
            "write `days=2024-03-09 .. 2024-03-10`, or some of them",
        ),
    ],
)
def test_a_history_without_days_is_refused_with_those_that_there_are(
    call: str, settings: dict[str, str], message: str, help: str, tmp_path: Path
) -> None:
    write(tmp_path / "days.csv", "2024-03-09", 2, lambda _, hour: hour)
    error = told(tmp_path, call, **settings)
    assert error.startswith(f"error[E509 no-rows]: {message}\n")
    assert f"help: {help}" in error


def test_the_day_of_a_change_of_the_clocks_alone_is_no_history(tmp_path: Path) -> None:
    write(tmp_path / "days.csv", "2024-03-31", 1, lambda _, hour: hour)
    error = told(tmp_path, TYPICAL, start="2024-04-02")
    assert '"days.csv" has no other day than 2024-03-31, on which the clocks change' in error


def test_a_file_that_is_changed_is_read_anew(tmp_path: Path) -> None:
    for value in (10.0, 20.0):
        write(tmp_path / "days.csv", "2024-03-10", 1, lambda _, hour, value=value: value + hour)
        assert price_of(tmp_path, TYPICAL)[0] == value / 1000


def test_a_file_of_more_clock_times_than_minutes_is_refused(tmp_path: Path) -> None:
    rows = [f"2024-03-10 {n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d},1" for n in range(0, 86400, 30)]
    (tmp_path / "days.csv").write_text("time,price\n" + "\n".join(rows))
    error = told(tmp_path, TYPICAL)
    assert error.startswith('error[E503 file-unreadable]: "days.csv" has values from 2,880 clock times on')
