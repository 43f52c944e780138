"""Each mistake of a spec is told once: its code, its place, the reason, and what to type instead.

The mistakes of single lines are in the files of `mistakes`, one a section: the line that is changed, the
line that stands there instead, and all that is then said. `at` is what the message marks, with its line
where that is another one than the changed. The spec is that of `car_park.py`. Without a `+` the line is
taken out.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from semantics.by_hand import BY_HAND, ELSEWHERE
from semantics.car_park import SOUND, Mistake, changed, mistakes, read, told
from semantics.typist import typed

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Source
from evdsl.semantics.resolve import resolve


def test_the_spec_that_the_mistakes_are_made_in_has_none() -> None:
    assert read(SOUND) == ""


@pytest.mark.parametrize("mistake", mistakes(), ids=lambda mistake: str(mistake.name).replace(" ", "_"))
def test_a_mistake_is_told_once_where_it_is_with_what_to_type_instead(mistake: Mistake) -> None:
    old = mistake.old if mistake.new else f"{mistake.old}\n"
    text = changed(old, mistake.new)
    found = told(read(text))
    assert [(one.head, one.marked, one.help) for one in found] == [
        (mistake.head, mistake.marked, mistake.help)
    ]
    start = text.count("\n", 0, SOUND.index(old)) + 1
    shown = text.split("\n")[found[0].line - 1]
    if mistake.where:
        assert shown.strip() == mistake.where
    else:
        assert start <= found[0].line <= start + mistake.new.count("\n")
        assert mistake.marked in shown


def found_in(text: str) -> list[Diagnostic]:
    return resolve(Source("lot.evs", text, Path("/nowhere/lot.evs")))[1]


def texts_of(mistake: Mistake) -> list[str]:
    """The spec after its user has typed what the help says, once for each choice that it offers."""
    (told_once,) = found_in(changed(mistake.old if mistake.new else f"{mistake.old}\n", mistake.new))
    return typed(told_once)


@pytest.mark.parametrize("mistake", mistakes(), ids=lambda mistake: str(mistake.name).replace(" ", "_"))
def test_what_the_help_says_leads_to_a_spec_that_is_right(mistake: Mistake) -> None:
    code = mistake.head.split("[")[1][:4]
    texts = [changed(mistake.old, BY_HAND[mistake.name])] if mistake.name in BY_HAND else texts_of(mistake)
    assert texts or mistake.name in ELSEWHERE, f"write what `{mistake.help}` leads to into by_hand.py"
    for text in texts:
        wrong = [(one.code, one.message) for one in found_in(text) if one.is_error or one.code == code]
        assert wrong == [], f"{mistake.help} in:\n{text}"


def test_most_helps_can_be_typed_and_only_the_others_are_mended_by_hand() -> None:
    names = {mistake.name for mistake in mistakes()}
    assert {*BY_HAND, *ELSEWHERE} <= names
    assert len(names) - len({*BY_HAND, *ELSEWHERE}) > 110


def test_mistakes_have_names_of_their_own() -> None:
    names = [mistake.name for mistake in mistakes()]
    assert len(names) > 150
    assert len(set(names)) == len(names)


def test_a_message_shows_the_line_its_block_and_the_mark() -> None:
    assert read(changed("power = 22 kW", "power = 22 kWh")) == (
        "error[E301 unit-mismatch]: `port ac` wants `power` in kW, and 22 kWh is an energy\n"
        "  --> lot.evs:17:13\n"
        "   |\n"
        "15 | port ac {\n"
        "..\n"
        "17 |     power = 22 kWh\n"
        "   |             ^^^^^^ energy\n"
        "   |\n"
        "help: write `22 kW`\n"
    )
