"""Times on the command line: the step that each lies in, and what to type where it is none, or several."""

from __future__ import annotations

import pytest

from evdsl.cli.moment import step_at
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Spec
from evdsl.semantics.load import loads


def station(start: str, horizon: str, zone: str = "Europe/Rome") -> Spec:
    return loads(
        f"station s {{\n    start = {start}\n    horizon = {horizon}\n    step = 15 min\n"
        f'    zone = "{zone}"\n}}\n'
        "grid {\n    price = 0.1 EUR/kWh\n}\nclass car {\n    charge = 5 kW\n}\n"
        "vehicle a of car {\n    arrival = 12:00\n    stay = 1 h\n    energy = 1 kWh\n}\nminimize cost\n"
    )


@pytest.mark.parametrize(
    ("text", "step"),
    [("12:00", 24), ("12:14", 24), ("12:15", 25), (" 6:00 ", 0), ("2024-03-12 12:00", 24)],
)
def test_a_time_is_the_step_that_it_lies_in(text: str, step: int) -> None:
    assert step_at(text, station("2024-03-12 06:00", "14 h")) == step


def test_a_time_after_midnight_is_that_of_the_next_day() -> None:
    assert step_at("01:00", station("2024-03-12 12:00", "24 h")) == 52


def test_an_hour_that_the_clocks_repeat_needs_its_offset() -> None:
    spec = station("2024-10-27", "25 h")
    found = step_at("02:30", spec)
    assert isinstance(found, Diagnostic)
    assert found.help == 'type `--at "2024-10-27 02:30+02:00"` or `--at "2024-10-27 02:30+01:00"`'
    assert [step_at(f"2024-10-27 02:30{offset}", spec) for offset in ("+02:00", "+01:00")] == [10, 14]
    assert step_at("03:00", spec) == 16


@pytest.mark.parametrize(
    ("text", "code", "help"),
    [
        ("half past six", "E104", 'type `--at "2024-03-13 06:00"`'),
        ("18.30", "E104", 'type `--at "2024-03-13 06:00"`'),
        ("24:30", "E104", 'type `--at "2024-03-13 06:00"`'),
        ("2024-03-13", "E104", 'type `--at "2024-03-13 06:00"`'),
        ("", "E104", 'type `--at "2024-03-13 06:00"`'),
        ("2024-03-20 10:00", "E407", 'type `--at "2024-03-13 06:00"`'),
        ("18:30", "E407", 'type `--at "2024-03-12 18:30"` or `--at "2024-03-13 18:30"`'),
        ("05:00", "step", ""),
    ],
)
def test_a_time_that_is_none_or_several_says_what_to_type(text: str, code: str, help: str) -> None:
    found = step_at(text, station("2024-03-12 06:00", "48 h"))
    if code == "step":
        assert isinstance(found, Diagnostic)
        assert "2 times" in found.message
        return
    assert isinstance(found, Diagnostic)
    assert (found.code, found.help) == (code, help)
    assert found.span is not None
    assert found.span.source.name == "--at"


def test_every_time_that_a_help_names_is_one() -> None:
    spec = station("2024-03-12 06:00", "60 h")
    found = step_at("18:30", spec)
    assert isinstance(found, Diagnostic)
    typed = [part.removeprefix('--at "').removesuffix('"') for part in found.help.split("`")[1::2]]
    assert [step_at(one, spec) for one in typed] == [50, 146]


def test_a_time_that_the_clocks_skip_is_said_to_be_skipped() -> None:
    found = step_at("2024-03-31 02:30", station("2024-03-31", "23 h"))
    assert isinstance(found, Diagnostic)
    assert (found.code, found.help) == ("E413", 'type `--at "2024-03-31 03:30"`')
