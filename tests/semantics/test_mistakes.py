"""Each mistake of a spec is told once: its code, its place, the reason, and what to type instead.

The mistakes of single lines are in the files of `mistakes`, one a section: the line that is changed, the
line that stands there instead, and all that is then said. `at` is what the message marks, with its line
where that is another one than the changed. The spec is that of `car_park.py`. Without a `+` the line is
taken out.
"""

from __future__ import annotations

import re

import pytest
from semantics.car_park import SOUND, Mistake, changed, mistakes, read, told


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


def typed(mistake: Mistake) -> str | None:
    """The spec after its user has typed what the help says; `None` where that is a sketch."""
    text = changed(mistake.old if mistake.new else f"{mistake.old}\n", mistake.new)
    found = told(read(text))[0]
    lines = text.split("\n")
    line = lines[found.line - 1]
    word = re.fullmatch(r"did you mean `(.*)`\?", found.help)
    setting = re.fullmatch(r"write `(\w+) = ([^`]*)`", found.help)
    value = re.fullmatch(r"write `(?:allowing )?([^`]*)`", found.help)
    added = re.fullmatch(r"add `(.*?)`(?: or .*| to .*)?", found.help)
    if (
        "..." in found.help
        or "NAME" in found.help
        or "CLASS" in found.help
        or "(a, b)" in found.help
        or "(mean, deviation)" in found.help
    ):
        return None
    if word is not None:
        quoted = f'"{word.group(1)}"' if found.marked.startswith('"') else word.group(1)
        bracketed = f"[{quoted}]" if found.marked.startswith("[") else quoted
        lines[found.line - 1] = line.replace(found.marked, bracketed, 1)
    elif setting is not None:
        near = range(found.line - 1, min(found.line + 3, len(lines)))
        at = next(i for i in near if re.match(rf" *{setting.group(1)} *=", lines[i]))
        lines[at] = f"    {setting.group(1)} = {setting.group(2)}"
    elif value is not None and found.marked:
        lines[found.line - 1] = line.replace(found.marked, value.group(1), 1)
    elif added is not None and line.endswith("{"):
        lines.insert(found.line, f"    {added.group(1)}")
    else:
        return None
    return "\n".join(lines)


@pytest.mark.parametrize("mistake", mistakes(), ids=lambda mistake: str(mistake.name).replace(" ", "_"))
def test_what_the_help_says_can_be_typed_as_it_stands(mistake: Mistake) -> None:
    text = typed(mistake)
    if text is not None:
        assert "error[" not in read(text), f"{mistake.help} in:\n{text}"


def test_most_helps_can_be_typed() -> None:
    assert sum(typed(mistake) is not None for mistake in mistakes()) > 75


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
