"""Findings of one cause are one finding with its count, in text and in the forms of programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from worlds import said

from evdsl.cli.main import main
from evdsl.diagnostics.diagnostic import by_cause, render
from evdsl.diagnostics.source import Source
from evdsl.semantics.resolve import resolve

SITE = "station s {\n    start = 2024-01-01\n    horizon = 24 h\n}\nclass car {\n    charge = 11 kW\n}\n"
ASKED = "    energy = 5 kWh\n}\n"


def vehicles(count: int, leaving: str = "departure = 07:00", of: str = "car") -> str:
    """A spec with that many vehicles, `v0` and so on, that come at 08:00."""
    blocks = (
        f"vehicle v{number} of {of} {{\n    arrival = 08:00\n    {leaving}\n{ASKED}"
        for number in range(count)
    )
    return f"{SITE}{''.join(blocks)}minimize unmet\n"


def told(text: str) -> str:
    return render(resolve(Source("many.evs", text))[1])


def test_one_mistake_of_many_vehicles_is_told_once_with_their_names() -> None:
    rendered = told(vehicles(232))
    assert rendered.count("error[E406") == 1
    assert "`vehicle v0` leaves at 2024-01-01 07:00" in rendered
    names = ", ".join(f"`vehicle v{number}`" for number in range(1, 9))
    assert f"note: and 231 more like it: {names}, ...\n" in rendered


def test_what_all_say_in_the_same_words_is_told_with_lines() -> None:
    rendered = told(vehicles(6, of="lorry"))
    assert rendered.count("error[E203") == 1
    assert "note: and 5 more like it: lines 13, 18, 23, 28, 33\n" in rendered


def test_names_of_blocks_need_no_numbers_to_be_one_cause() -> None:
    names = "bus taxi lorry tram cab".split()
    blocks = "".join(
        f"vehicle {name} of car {{\n    arrival = 08:00\n    departure = 07:00\n{ASKED}" for name in names
    )
    rendered = told(f"{SITE}{blocks}minimize unmet\n")
    assert rendered.count("error[E406") == 1
    assert (
        "note: and 4 more like it: `vehicle taxi`, `vehicle lorry`, `vehicle tram`, `vehicle cab`\n"
        in rendered
    )


def test_each_entry_of_a_table_is_one_cause() -> None:
    entries = ", ".join(f"{hour:02}:00: 0.{hour}" for hour in range(1, 24))
    rendered = told(f"{vehicles(0)}grid {{\n    price = {{ 00:00: 0.1 EUR/kWh, {entries} }}\n}}\n")
    assert rendered.count("error[E303") == 1
    assert "note: and 22 more like it" in rendered


def test_three_of_one_cause_are_all_told() -> None:
    assert told(vehicles(3)).count("error[E406") == 3
    assert told(vehicles(4)).count("error[E406") == 1


def test_different_mistakes_stay_apart_however_many() -> None:
    words = "kqa kqb kqc kqd kqe".split()
    rendered = told(vehicles(0) + "".join(f"let x{word} = 3 {word}\n" for word in words))
    assert rendered.count("error[E302") == 5


def test_one_finding_knows_the_others() -> None:
    (found,) = by_cause(resolve(Source("many.evs", vehicles(20)))[1])
    assert (found.count, len(found.alike)) == (20, 19)


def test_more_than_five_hundred_are_counted_too() -> None:
    (found,) = by_cause(resolve(Source("many.evs", vehicles(1000)))[1])
    assert found.count == 1000


@pytest.fixture
def _many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("many.evs").write_text(vehicles(232))


@pytest.mark.usefixtures("_many")
def test_json_has_the_count_and_the_places_of_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "many.evs", "--json"]) == 1
    (record,) = json.loads(capsys.readouterr().out)["files"][0]["diagnostics"]
    assert record["count"] == 232
    assert len(record["alike"]) == 231
    assert (record["line"], record["alike"][0]["line"]) == (10, 15)
    assert main(["solve", "many.evs", "--json"]) == 1
    (record,) = json.loads(capsys.readouterr().out)["diagnostics"]
    assert record["count"] == 232


@pytest.mark.usefixtures("_many")
def test_a_code_scanner_gets_one_result_with_its_count(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "many.evs", "--format", "sarif"])
    (result,) = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    assert result["occurrenceCount"] == 232
    assert len(result["relatedLocations"]) == 20
    main(["check", "many.evs", "--format", "github"])
    (line,) = capsys.readouterr().out.splitlines()
    assert "and 231 more like it" in line


@pytest.mark.usefixtures("_many")
def test_the_last_line_counts_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "check", "many.evs")[2].endswith("many.evs: 232 errors\n")
