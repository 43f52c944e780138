"""Each mistake of a spec is told once: its code, its place, the reason, and what to type instead.

The mistakes of single lines are in `mistakes.txt`, beside the texts that they call forth. Here is the
spec that they are made in, and what is said of files, overrides, several mistakes at once, and of
every word of the language that this version does not build.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from evdsl.diagnostics.diagnostic import LIMIT, render
from evdsl.diagnostics.source import Source
from evdsl.semantics.load import SpecError, load, loads
from evdsl.semantics.overrides import Overrides
from evdsl.semantics.resolve import resolve

SOUND = """\
station lot {
    start   = 2024-03-12
    horizon = 24 h
    step    = 15 min
    zone    = "Europe/Rome"
}

param gamma = 0.40 EUR/kWh

grid {
    import_limit = 50 kW
    price        = { 00:00: 0.11 EUR/kWh, 07:00: 0.19 EUR/kWh }
}

port ac {
    count = 4
    power = 22 kW
}

class car {
    battery = 52 kWh
    charge  = 11 kW
    soc     = 10 % .. 90 %
}

fleet day of car {
    count       = 6
    arrival     = normal(08:15, 45 min)
    stay        = normal(8 h, 1 h)
    soc_arrival = uniform(20 %, 60 %)
    soc_target  = 80 %
}

vehicle van of car {
    arrival   = 07:30
    departure = 17:00
    energy    = 20 kWh
}

enable partial_charging
minimize cost + gamma * unmet
"""
NUMBERED = re.compile(r"^ *(\d+) \| ?(.*)$")


@dataclass(frozen=True)
class Told:
    """One rendered diagnostic: its first line, its place, what is marked there, and its help."""

    head: str
    line: int
    marked: str
    help: str


@dataclass(frozen=True)
class Mistake:
    """A section of `mistakes.txt`; `where` is the line of the mark, where it is not the changed one."""

    name: str
    old: str
    new: str
    head: str
    marked: str
    where: str
    help: str


def mistakes() -> list[Mistake]:
    found = []
    text = Path(__file__).with_name("mistakes.txt").read_text(encoding="utf-8")
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        lines = section.split("\n# ")[0].rstrip().split("\n")
        old = "\n".join(line[2:] for line in lines if line.startswith("- "))
        new = "\n".join(line[2:] for line in lines if line.startswith("+ "))
        head, at, help = lines[-3:]
        place = re.fullmatch(r"at `(.*?)`(?: in `(.*)`)?", at)
        assert place is not None, at
        where = place.group(2) or ""
        found.append(Mistake(lines[0], old, new, head, place.group(1), where, help.removeprefix("help: ")))
    return found


def read(text: str, overrides: Overrides | None = None, folder: Path | None = None) -> str:
    """All that is said of a text, as a person reads it."""
    return render(resolve(Source("lot.evs", text, (folder or Path("/nowhere")) / "lot.evs"), overrides)[1])


def told(rendered: str) -> list[Told]:
    """The diagnostics in a rendered text, taken apart."""
    found = []
    for one in filter(None, rendered.strip("\n").split("\n\n")):
        lines = one.split("\n")
        line, marked = 0, ""
        for shown, marks in pairwise(lines):
            numbered = NUMBERED.match(shown)
            if numbered and "^" in marks and not NUMBERED.match(marks):
                start = marks.index("^") - numbered.start(2)
                line, marked = int(numbered.group(1)), numbered.group(2)[start : start + marks.count("^")]
        help = "".join(text.removeprefix("help: ") for text in lines if text.startswith("help: "))
        found.append(Told(lines[0], line, marked, help))
    return found


def heads(text: str, overrides: Overrides | None = None, folder: Path | None = None) -> list[str]:
    return [one.head for one in told(read(text, overrides, folder))]


def changed(old: str, new: str) -> str:
    assert SOUND.count(old) == 1, f"{old!r} is not in the spec once"
    return SOUND.replace(old, new)


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


# Several mistakes


def test_all_mistakes_of_a_file_are_told_in_one_run_in_order() -> None:
    text = SOUND
    for old, new in [
        ("horizon = 24 h", "horizon = 24"),
        ("import_limit = 50 kW", "import_limit = 50 kWh"),
        ("power = 22 kW", "power = 22 kw"),
        ("soc     = 10 % .. 90 %", "soc     = 10 % .. 190 %"),
        ("stay        = normal(8 h, 1 h)", "stay        = normal(8 h, -1 h)"),
        ("energy    = 20 kWh", "energy    = 20 kWh +"),
        ("enable partial_charging", "enable partial_chargin"),
        ("cost + gamma", "cost + gama"),
    ]:
        text = text.replace(old, new)
    found = told(read(text))
    assert [re.sub(r"^error\[(\w+).*", r"\1", one.head) for one in found] == [
        "E303", "E301", "E302", "E308", "E308", "E101", "E204", "E203",
    ]  # fmt: skip
    assert [one.line for one in found] == sorted(one.line for one in found)


def test_at_most_fifty_are_shown_with_a_count_of_the_rest() -> None:
    text = SOUND + "".join(f"let x{number} = 3 kwh\n" for number in range(70))
    rendered = read(text)
    assert rendered.count("error[") == LIMIT
    assert rendered.endswith("... and 20 more; mend these first\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("param gamma = 0.40 EUR/kWh", "param gamma = 0.40 EUR/kWh +"),
        ("param gamma = 0.40 EUR/kWh", "param gamma = 0.40 EUR/kwh"),
        ("param gamma = 0.40 EUR/kWh", "param gamma = (0.40 EUR/kWh"),
        ("param gamma = 0.40 EUR/kWh", "param gamma = 0.40 § EUR/kWh"),
        ("param gamma = 0.40 EUR/kWh", "gamma = 0.40 EUR/kWh"),
        ("class car {", "clas car {"),
        ("class car {", "class {"),
        ("class car {", "class car of {"),
        ("port ac {", "port ac ac {"),
        ("station lot {", "station lot lot {"),
        ("grid {", "gird {"),
        ("    battery = 52 kWh\n", "    battery == 52 kWh\n"),
        ("    battery = 52 kWh\n", "    battery = 52 kW\n"),
        ("minimize cost", "minimise cost"),
        ("minimize cost", "minmize cost"),
        ("minimize cost + gamma * unmet", "minimize cost + gamma * unmet +\nthen minimize peak"),
        ("minimize cost + gamma * unmet", "minimize cost + gamma * (unmet\nthen minimize peak"),
        ("    start   = 2024-03-12\n", "    start   = 2024-13-12\n"),
        ("    start   = 2024-03-12\n", "    start     2024-03-12\n"),
        ("0.11 EUR/kWh, 07:00: 0.19 EUR/kWh", "0.11 USD/kWh, 07:00: 0.19 USD/kWh"),
    ],
)
def test_one_mistake_calls_forth_no_others(old: str, new: str) -> None:
    assert len(heads(changed(old, new))) == 1


def test_money_and_carbon_are_added_at_a_price() -> None:
    text = changed("import_limit = 50 kW", "carbon = 300 g/kWh").replace(
        "gamma * unmet", "gamma * unmet + co2"
    )
    (found,) = told(read(text))
    assert found.head == "error[E304 sum-mismatch]: EUR and kg cannot be added"
    assert found.help == "give co2 a price, such as `80 EUR/t * co2`"
    assert read(text.replace("+ co2", "+ 80 EUR/t * co2")) == ""


def test_the_words_of_an_objective_that_cannot_be_computed_still_need_their_settings() -> None:
    text = changed("cost + gamma * unmet", "cost + gama * unmet + co2")
    assert [one.head.split(": ")[1] for one in told(read(text))] == [
        "nothing is named `gama`",
        "`co2` needs the `carbon` of the `grid`",
    ]


def test_a_misspelled_block_is_gone_on_with_as_what_was_meant() -> None:
    text = (
        changed("port ac {", "prt ac {")
        .replace("22 kW", "22 kWh")
        .replace("52 kWh", "52 kWh\n    ports = [ac]")
    )
    assert [one.head for one in told(read(text))] == [
        "error[E201 unknown-block]: there is no block `prt`",
        "error[E301 unit-mismatch]: `port ac` wants `power` in kW, and 22 kWh is an energy",
    ]


@pytest.mark.parametrize(
    "broken",
    [
        "horizon = 24",
        "horizon = 1 week",
        "horizon = 24 h\n    start = 2024-13-12",
        "horizon = 24 h\n    rounding = up",
        "",
    ],
)
def test_a_station_that_cannot_be_read_hides_no_other_mistakes(broken: str) -> None:
    text = changed("horizon = 24 h", broken).replace("soc_target  = 80 %", "soc_target = 95 %")
    text = text.replace("energy    = 20 kWh", "energy = max_energy * 1 kW")
    codes = [re.sub(r"^error\[(\w+).*", r"\1", one.head) for one in told(read(text))]
    assert {"E408", "E301"} <= set(codes)
    assert "E407" not in codes


def test_a_number_or_a_date_that_is_none_has_no_value() -> None:
    """It is not taken for the one that stands for it, such as zero or the first day of some year."""
    for old, new, code in [
        ("battery = 52 kWh", "battery = 1e999 kWh", "E307"),
        ("start   = 2024-03-12", "start = 2024-02-31", "E104"),
        ("arrival   = 07:30", "arrival = 2024-02-31 07:30", "E104"),
        ("departure = 17:00", "departure = 17:60", "E104"),
        ("07:00: 0.19", "07:60: 0.19", "E104"),
    ]:
        (found,) = told(read(changed(old, new)))
        assert found.head.startswith(f"error[{code}")


PAIRS = 400


def test_of_two_mistakes_in_two_places_both_are_told_and_nothing_else() -> None:
    """400 of nearly 8,000 pairs; mistakes that are about the same thing are left out."""
    chance = random.Random(1)
    alone = [m for m in mistakes() if not m.where and m.name not in INTERTWINED]
    tried = 0
    while tried < PAIRS:
        first, second = chance.sample(alone, 2)
        begin, end = sorted((SOUND.index(first.old), SOUND.index(second.old)))
        if SOUND.count("\n", begin, end) < max(first.old.count("\n"), second.old.count("\n")) + 1:
            continue
        text = changed(first.old, first.new)
        if text.count(second.old) != 1:
            continue
        tried += 1
        found = [one.head for one in told(read(text.replace(second.old, second.new)))]
        expected = [first.head, second.head]
        assert sorted(map(_unnumbered, found)) == sorted(map(_unnumbered, expected)), (
            first.name,
            second.name,
        )


def _unnumbered(head: str) -> str:
    return re.sub(r"line \d+", "line N", head)


INTERTWINED = {
    # What a block should hold is not known where its kind is not.
    "an unknown block that nothing is near",
    # Of a block that has no name, or another's, more is said, in other words.
    "no name",
    "two vehicles of one name",
    "no class",
    # Whether a vehicle is there, and a horizon has steps, is not known where the clock cannot be read.
    "a departure on an earlier day",
    "an arrival after the horizon",
    "a stay before the horizon",
    "a horizon of half a step",
    "a thousand million steps",
    "a horizon of centuries",
    "a horizon of decades in few steps",
    # These need the bounds of the class.
    *(m.name for m in mistakes() if "error[E408" in m.head),
    # These need the value of the param.
    *(
        m.name
        for m in mistakes()
        if "error[E403" in m.head or "error[E404" in m.head or "error[E304" in m.head
    ),
    "weights beyond numbers",
    "two currencies",
}


def test_nothing_is_said_of_names_in_a_file_that_cannot_be_included() -> None:
    text = changed("param gamma = 0.40 EUR/kWh", 'include "prices.evs"')
    assert heads(text) == ['error[E501 file-missing]: "prices.evs" is not in `/nowhere`']


def test_nothing_is_said_of_names_in_a_file_whose_include_is_misspelled() -> None:
    text = changed("param gamma = 0.40 EUR/kWh", 'inclde "prices.evs"')
    (found,) = told(read(text))
    assert found.help == "did you mean `include`?"


def test_a_price_in_another_currency_is_told_once_however_many_there_are() -> None:
    prices = ", ".join(f"{hour:02}:00: 0.{hour + 10} USD/kWh" for hour in range(24))
    found = heads(changed("{ 00:00: 0.11 EUR/kWh, 07:00: 0.19 EUR/kWh }", f"{{ {prices} }}"))
    assert found == ["error[E306 two-currencies]: USD and EUR cannot both be the money of one spec"]


# Warnings


def test_a_demand_that_the_stay_of_a_given_vehicle_cannot_carry_is_a_warning_with_both_figures() -> None:
    rendered = read(changed("energy    = 20 kWh", "energy    = 120 kWh"))
    assert rendered == (
        "warning[W103 demand-out-of-reach]: `van` asks for more than the stay can carry\n"
        "  --> lot.evs:34:1\n"
        "   |\n"
        "34 | vehicle van of car {\n"
        "   | ^^^^^^^^^^^^^^^^^^\n"
        "   |\n"
        "note: `van` wants 120 kWh at the port and can take 41.6 kWh\n"
        "help: what is missing becomes `unmet`\n"
    )


def test_a_demand_beyond_the_power_of_the_port_is_a_warning_too() -> None:
    rendered = read(changed("power = 22 kW", "power = 1 kW"))
    assert "note: `van` wants 20 kWh at the port and can take 9.5 kWh" in rendered


@pytest.mark.parametrize(
    ("changes", "wants", "takes"),
    [
        # 80 % of 52 kWh are to go in, of which a quarter more has to come out of the port.
        ({"charge  = 11 kW": "charge  = 11 kW\n    efficiency = 80 %", "20 kWh": "120 kWh"}, 120, 52),
        # From 50 % to 90 % of 52 kWh, in an hour at 11 kW.
        (
            {
                "charge  = 11 kW": "charge  = 11 kW\n    efficiency = 80 %",
                "energy    = 20 kWh": "soc_arrival = 50 %\n    soc_target = 90 %",
                "departure = 17:00": "departure = 08:30",
            },
            26,
            11,
        ),
        # From 07:15 to 08:00, and from 07:30 to 08:00.
        ({"zone ": "rounding = floor\n    zone ", "07:30": "07:25", "17:00": "08:10"}, 20, 8.25),
        ({"zone ": "rounding = inward\n    zone ", "07:30": "07:25", "17:00": "08:10"}, 20, 5.5),
        ({"07:30": "07:25", "17:00": "08:10"}, 20, 8.25),
        # What lies behind the horizon counts for nothing.
        (
            {"07:30": "20:00", "departure = 17:00": "stay = 8 h", "52 kWh": "99 kWh", "20 kWh": "50 kWh"},
            50.0,
            44.0,
        ),
    ],
)
def test_what_a_given_vehicle_wants_and_can_take_by_hand(
    changes: dict[str, str], wants: float, takes: float
) -> None:
    text = SOUND
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    assert f"note: `van` wants {wants:g} kWh at the port and can take {takes:g} kWh\n" in read(text)


def test_a_demand_that_just_fits_into_the_stay_is_no_mistake() -> None:
    fits = changed("departure = 17:00", "departure = 08:30").replace("20 kWh", "11 kWh")
    assert read(fits) == ""
    assert "can take 11 kWh" in read(fits.replace("11 kWh", "11.01 kWh"))
    assert read(changed("energy    = 20 kWh", "energy    = 41.6 kWh")) == ""


STORAGE = "storage store {\n    capacity = 10 kWh\n    power = 5 kW\n    soc = 20 % .. 80 %\n"


@pytest.mark.parametrize(
    ("settings", "fact", "help"),
    [
        ("soc_initial = 10 %", "`soc_initial` of `storage store` is 10 %", "write `soc_initial = 20 %`"),
        ("soc_initial = 90 %", "`soc_initial` of `storage store` is 90 %", "write `soc_initial = 80 %`"),
        (
            "soc_initial = 20 %\n    soc_final = 85 %",
            "`soc_final` of `storage store` is 85 %",
            "write `soc_final = 80 %`",
        ),
        ("soc_initial = 20 %\n    soc_final = 80 %", "", ""),
        ("soc_initial = 80 %\n    soc_final = 20 %", "", ""),
    ],
)
def test_a_storage_begins_and_ends_within_its_states_of_charge(settings: str, fact: str, help: str) -> None:
    text = changed("vehicle van of car {", f"{STORAGE}    {settings}\n}}\nvehicle van of car {{")
    head = f"error[E408 soc-out-of-reach]: {fact}, and its `soc` is 20 % .. 80 %"
    assert [(one.head, one.help) for one in told(read(text))] == ([(head, help)] if fact else [])


def test_energy_is_worth_something_only_in_a_battery() -> None:
    text = changed("vehicle van of car {", "class bike {\n    end_value = 1 ct/kWh\n}\nvehicle van of car {")
    bikes = (
        "fleet bikes of bike {\n    count = 1\n    arrival = 08:00\n    stay = 1 h\n    energy = 1 kWh\n}\n"
    )
    (head,) = heads(text + bikes)
    told = "`class bike` has an `end_value`, and no `battery` for energy to be left in"
    assert head == f"error[E412 no-battery]: {told}"
    assert read(changed("battery = 52 kWh", "battery = 52 kWh\n    end_value = 1 ct/kWh")) == ""


@pytest.mark.parametrize(
    ("settings", "fact"),
    [
        ("min_power = 22 kW", ""),
        ("min_power = 5 kW\n    rates = [5 kW, 22 kW]", ""),
        ("min_power = 22.1 kW", "`min_power` of `port ac` is 22.1 kW, and its `power` 22 kW"),
        ("rates = [5 kW, 22.1 kW]", "a rate of `port ac` is 22.1 kW, above its `power` of 22 kW"),
        (
            "min_power = 5 kW\n    rates = [4.9 kW, 22 kW]",
            "a rate of `port ac` is 4.9 kW, below its `min_power` of 5 kW",
        ),
    ],
)
def test_a_port_gives_powers_between_its_least_and_its_most(settings: str, fact: str) -> None:
    text = changed("    power = 22 kW\n", f"    power = 22 kW\n    {settings}\n")
    text = text.replace("enable partial_charging", "enable partial_charging, min_power")
    assert [one.split(": ", 1)[1] for one in heads(text)] == ([fact] if fact else [])


def test_without_partial_charging_the_help_is_another() -> None:
    text = changed("energy    = 20 kWh", "energy    = 120 kWh").replace("enable partial", "disable partial")
    assert [one.help for one in told(read(text))] == [
        "write `enable partial_charging`, ask for less, or let it stay longer"
    ]


@pytest.mark.parametrize(
    ("old", "new", "head", "help"),
    [
        (
            "param gamma = 0.40 EUR/kWh",
            "param gamma = 0.40 EUR/kWh\nparam gama = 0.50 EUR/kWh",
            "warning[W105 unused]: nothing uses the param `gama`",
            "use it, or remove the line",
        ),
        (
            "vehicle van of car {",
            "class bus {\n    charge = 50 kW\n}\nvehicle van of car {",
            "warning[W105 unused]: no vehicle is of `class bus`",
            "write `fleet NAME of bus { ... }`, or remove the block",
        ),
        (
            "enable partial_charging",
            "enable v2g",
            "warning[W104 idle-toggle]: `v2g` has nothing to act on: no class has a `discharge` power",
            "remove it, or give it something to act on",
        ),
    ],
)
def test_what_has_no_effect_is_a_warning(old: str, new: str, head: str, help: str) -> None:
    assert [(one.head, one.help) for one in told(read(changed(old, new)))] == [(head, help)]


@pytest.mark.parametrize(
    ("objective", "instead"),
    [
        ("minimize cost", "minimize cost + 0.40 EUR/kWh * unmet"),
        ("maximize export_revenue", "maximize export_revenue - 0.40 EUR/kWh * unmet"),
        ("minimize peak", "minimize unmet`, and `then minimize peak"),
    ],
)
def test_an_objective_under_which_nobody_needs_to_be_charged_is_a_warning(
    objective: str, instead: str
) -> None:
    line, param = "minimize cost + gamma * unmet", "param gamma = 0.40 EUR/kWh\n"
    found = told(read(changed(line, objective).replace(param, "")))
    assert [(one.head, one.marked, one.help) for one in found] == [
        (
            "warning[W106 nothing-asks]: nothing asks for energy to be delivered: "
            "with partial_charging on, charging nobody will do",
            objective,
            f"write `disable partial_charging`, or `{instead}`",
        )
    ]
    mended = instead.replace("`, and `", "\n")
    assert read(changed(line, mended).replace(param, "")) == ""
    assert (
        read(
            changed(line, f"{objective}\ndisable partial_charging").replace(param, "").replace("enable", "#")
        )
        == ""
    )


def test_a_class_without_a_power_needs_a_port() -> None:
    text = changed("    charge  = 11 kW\n", "")
    assert read(text) == ""
    without = text.replace("port ac {\n    count = 4\n    power = 22 kW\n}\n", "")
    assert [(one.head, one.marked, one.help) for one in told(read(without))] == [
        (
            "error[E411 nothing-limits]: nothing limits the charging power of `class car`",
            "class car",
            "add `charge = 11 kW` to it, or a `port` with a `power`",
        )
    ]


def test_what_follows_from_an_error_is_no_warning() -> None:
    text = changed("enable partial_charging", "enable v2g").replace("charge  = 11 kW", "dischrge = 11 kW")
    assert heads(text) == ["error[E202 unknown-setting]: `class car` has no setting `dischrge`"]


# What this version does not build

PLANNED_BLOCKS = "event scenarios risk robust".split()
PLANNED_EXPRESSIONS = ['gaussian(mean=csv("mean.csv"), covariance=csv("cov.csv"))']


def refused(text: str) -> Told:
    """The one thing said of a text, which is that a part of the language is not built."""
    found = told(read(text))
    assert len(found) == 1, read(text)
    assert found[0].head.startswith("error[E206 not-built-yet]: "), found[0].head
    assert found[0].head.endswith("not built in this version")
    assert found[0].help
    return found[0]


@pytest.mark.parametrize("keyword", PLANNED_BLOCKS)
def test_a_block_of_a_later_version_is_refused_by_name(keyword: str) -> None:
    found = refused(f"{SOUND}{keyword} main {{\n    peak = 80 kW\n}}\n")
    assert found.marked == keyword
    assert f"`{keyword}` (" in found.head


@pytest.mark.parametrize("expression", PLANNED_EXPRESSIONS)
def test_an_expression_of_a_later_version_is_refused(expression: str) -> None:
    refused(f"{SOUND}then minimize {expression}\n")


BUILT = {
    "station": "start horizon step zone seed currency rounding",
    "grid": "import_limit export_limit price feed_in carbon demand_charge",
    "feeder": "limit feeder",
    "port": "count power discharge min_power rates efficiency feeder",
    "class": "battery charge discharge efficiency charge_efficiency discharge_efficiency soc wear ports "
    "tariff v2g_reward end_value",
    "fleet": "count arrival departure stay energy soc_arrival soc_target priority",
    "vehicle": "arrival departure stay energy soc_arrival soc_target priority",
    "sessions": "id arriving arrival departure stay energy soc_arrival soc_target priority",
    "solar": "peak profile power feeder",
    "wind": "peak profile power feeder",
    "storage": "capacity power efficiency soc soc_initial soc_final wear end_value feeder",
    "load": "power feeder",
    "cohort": "classes arrivals departures power dissatisfaction",
}
"""Section 4 of the language: each of these settings is taken."""
MORE = {"cohort": {"spread", "draw", "initial", "feeder"}}
"""What a kind takes beyond it."""


def test_every_setting_of_the_language_is_declared() -> None:
    from evdsl.language.devices import KINDS, PLANNED

    declared = {kind.keyword: {setting.name for setting in kind.settings} for kind in KINDS}
    assert declared == {name: set(text.split()) | MORE.get(name, set()) for name, text in BUILT.items()}
    assert list(PLANNED) == PLANNED_BLOCKS


def test_every_word_toggle_and_function_of_the_language_is_declared() -> None:
    from evdsl.language.names import FUNCTIONS
    from evdsl.language.objectives import WORDS
    from evdsl.language.toggles import TOGGLES

    words = "energy_cost export_revenue demand_cost wear cost co2 unmet dissatisfaction peak delay fairness"
    words += " discharged end_value revenue profit v2g_profit curtailed fairness_gap lexfairness"
    assert {word.name for word in WORDS} == set(words.split())
    toggles = "v2g partial_charging exclusive import_or_export hold_port min_power uninterrupted curtailment"
    assert {toggle.name for toggle in TOGGLES} == set(toggles.split())
    functions = "csv tariff column normal lognormal uniform beta poisson choice min max"
    assert set(FUNCTIONS) == set(functions.split())


# The command line over the file


@pytest.mark.parametrize(
    ("name", "value", "head", "help"),
    [
        (
            "gama",
            "1 EUR/kWh",
            "error[E203 unknown-name]: the spec has no param `gama`",
            "did you mean `gamma`?",
        ),
        ("x y", "1", "error[E203 unknown-name]: the spec has no param `x y`", "params are gamma"),
        (
            "gamma",
            "1",
            "error[E303 missing-unit]: `gamma` is a price of energy, and 1 has no unit",
            'write `--set gamma="1 EUR/kWh"`',
        ),
        (
            "gamma",
            "1 EUR",
            "error[E301 unit-mismatch]: `gamma` is a price of energy, and 1 EUR is an amount of money",
            'write `--set gamma="... EUR/kWh"`',
        ),
        (
            "gamma",
            '"dear"',
            'error[E305 wrong-shape]: `gamma` is a price of energy, and "dear" is none',
            'write `--set gamma="... EUR/kWh"`',
        ),
        ("gamma", "1 EUR/kwh", "error[E302 unknown-unit]: `kwh` is not a unit", "write `1 EUR/kWh`"),
        ("gamma", "gamma", "error[E210 circular]: `gamma` needs itself: gamma -> gamma", "break the circle"),
        ("gamma", "foo", "error[E203 unknown-name]: nothing is named `foo`", "define it: `param foo = ...`"),
        (
            "gamma",
            "1 EUR/kWh\nminimize peak",
            "error[E101 syntax]: one value is given to `gamma`",
            "call `--set` for each param",
        ),
    ],
)
def test_a_param_is_set_to_what_fits_it(name: str, value: str, head: str, help: str) -> None:
    rendered = read(SOUND, Overrides(set={name: value}))
    assert [(one.head, one.help) for one in told(rendered)] == [(head, help)]
    assert f"--> --set {name}:1:" in rendered


@pytest.mark.parametrize("value", ["1 EUR/kWh +", "{", "(", ")", "1 2", "=", "", '"', "\u20ac", "(" * 200])
def test_a_value_that_cannot_be_read_is_told_as_one_of_the_command_line(value: str) -> None:
    rendered = read(SOUND, Overrides(set={"gamma": value}))
    assert [re.sub(r":.*", "", line) for line in rendered.split("\n") if "-->" in line] == [
        " --> --set gamma"
    ]


def test_a_let_cannot_be_set() -> None:
    found = told(read(f"{SOUND}let total = 2 * cost\n", Overrides(set={"total": "3 EUR"})))
    assert found[0].head == "error[E203 unknown-name]: `total` is a `let`, and only a `param` can be set"
    assert found[0].help == "write `param total = ...` in the spec"


def test_a_param_that_could_not_be_read_may_be_set_all_the_same() -> None:
    text = changed("param gamma = 0.40 EUR/kWh", "param gamma = 0.40 EUR/kWh +")
    assert len(heads(text, Overrides(set={"gamma": "1 EUR/kWh"}))) == 1


@pytest.mark.parametrize(
    ("flag", "name", "head", "help"),
    [
        ("enable", "v2gg", "error[E204 unknown-toggle]: there is no toggle `v2gg`", "did you mean `v2g`?"),
        (
            "disable",
            "min_power",
            "warning[W104 idle-toggle]: `min_power` has nothing to act on: "
            "no port has `min_power` or `rates`",
            "remove it, or give it something to act on",
        ),
    ],
)
def test_a_toggle_of_the_command_line_is_one_of_the_language(
    flag: str, name: str, head: str, help: str
) -> None:
    overrides = Overrides(enable=[name]) if flag == "enable" else Overrides(disable=[name])
    rendered = read(SOUND, overrides)
    assert [(one.head, one.help) for one in told(rendered)] == [(head, help)]
    assert f"--> --{flag}:1:1" in rendered


@pytest.mark.parametrize(
    ("arrival", "departure", "codes"),
    [
        ("07:30", "07:30", ["E406"]),
        ("07:30", "07:29", ["E406"]),
        ("2024-03-12 23:45", "2024-03-13 07:00", []),
        ("2024-03-13 00:00", "2024-03-13 07:00", ["E407"]),
        ("2024-03-11 07:00", "2024-03-12 00:00", ["E407"]),
        ("2024-03-11 07:00", "2024-03-12 00:15", []),
    ],
)
def test_a_vehicle_is_there_for_some_of_the_horizon(arrival: str, departure: str, codes: list[str]) -> None:
    text = changed("= 07:30", f"= {arrival}").replace("= 17:00", f"= {departure}").replace("20 kWh", "1 kWh")
    assert [head.split("[")[1][:4] for head in heads(text)] == codes


@pytest.mark.parametrize(
    ("times", "codes"),
    [
        ("arrival = uniform(08:00, 08:30)\n    departure = uniform(08:30, 09:00)", []),
        ("arrival = uniform(08:00, 08:30)\n    departure = uniform(18:30, 19:00)", ["E410"]),
        ("arrival = normal(08:00, 5 min)\n    stay = choice([10 min, 30 min])", []),
        ("arrival = normal(08:00, 5 min)\n    stay = choice([10 min, 9 h])", ["E410"]),
        ("arrival = 08:00\n    departure = 09:00", []),
        ("arrival = 08:00\n    departure = 17:00", ["E410"]),
    ],
)
def test_how_large_a_fleet_may_be_depends_on_how_long_it_stays(times: str, codes: list[str]) -> None:
    text = changed("count       = 6", "count       = 900000")
    start, end = text.index("    arrival     = normal"), text.index("    soc_arrival = uniform")
    found = heads(f"{text[:start]}    {times}\n{text[end:]}")
    assert [head.split("[")[1][:4] for head in found if "W103" not in head] == codes


def test_what_only_follows_from_another_mistake_is_not_told() -> None:
    missing = "error[E209 missing-block]: the spec has no `station`"
    assert heads(SOUND.split("}\n", 1)[1]) == [missing]
    # A price that stands beside its block is not missing as well.
    price = "    price        = { 00:00: 0.11 EUR/kWh, 07:00: 0.19 EUR/kWh }\n"
    assert SOUND.count(price) == 1
    (head,) = heads(SOUND.replace(price, "") + price.strip() + "\n")
    assert head == "error[E101 syntax]: `price = ...` stands outside a block"
    # Without a horizon nothing is early or late.
    early = changed("horizon = 24 h", "horizon = 0 h").replace("arrival   = 07:30", "arrival   = 17:30")
    assert heads(early) == [
        "error[E308 out-of-range]: `horizon` of `station lot` is 0 h, and must lie above 0"
    ]


BARE = SOUND.split("port ac {")[0].replace("param gamma = 0.40 EUR/kWh\n", "")
PORT = "port ac {\n    power = 9 kW\n}\n"
GIVING_PORT = "port ac {\n    power = 9 kW\n    discharge = 9 kW\n}\n"
VISIT = "    arrival = 09:00\n    stay = 2 h\n    energy = 1 kWh\n"
CAR = f"class car {{\n    charge = 9 kW\n}}\nvehicle a of car {{\n{VISIT}}}\n"
GIVING_CAR = CAR.replace("charge = 9 kW", "charge = 9 kW\n    battery = 50 kWh\n    discharge = 9 kW")
SUN, WIND = "solar sun {\n    power = 5 kW\n}\n", "wind mill {\n    power = 5 kW\n}\n"
PACK = "storage pack {\n    capacity = 5 kWh\n    power = 5 kW\n}\n"
NO_DISCHARGE = "no class has a `discharge` power"
NO_EXPORT = "nothing on the site can export"
NO_WAY_OUT = "the grid has neither `export_limit` nor `feed_in`, so nothing is exported"


@pytest.mark.parametrize(
    ("toggles", "blocks", "out", "reason"),
    [
        ("v2g", CAR, "", NO_DISCHARGE),
        (
            "v2g",
            GIVING_CAR.replace("    battery = 50 kWh\n", ""),
            "",
            "no class that discharges has a `battery`",
        ),
        ("v2g", PORT + GIVING_CAR, "", "no port has a `discharge` power"),
        ("v2g", GIVING_PORT + GIVING_CAR, "", ""),
        ("v2g", PORT + GIVING_PORT.replace("ac", "dc") + GIVING_CAR, "", ""),
        ("v2g", GIVING_CAR, "", ""),
        ("exclusive", GIVING_CAR, "", "nothing can discharge"),
        ("exclusive, v2g", GIVING_CAR, "", ""),
        ("exclusive", PACK + CAR, "", ""),
        ("hold_port", CAR, "", "the spec has no `port` block: every vehicle has its own"),
        ("hold_port", PORT + CAR, "", ""),
        ("min_power", PORT + CAR, "", "no port has `min_power` or `rates`"),
        ("min_power", PORT.replace("}", "    min_power = 1 kW\n}") + CAR, "", ""),
        (
            "min_power",
            PORT + PORT.replace("ac", "dc").replace("}", "    rates = [1 kW, 9 kW]\n}") + CAR,
            "",
            "",
        ),
        ("curtailment", CAR, "", "the spec has no generation"),
        ("curtailment", SUN + CAR, "", ""),
        ("curtailment", WIND + CAR, "", ""),
        ("partial_charging", PACK, "", "the spec has no vehicles"),
        ("partial_charging", CAR, "", ""),
        ("uninterrupted", PACK, "", "the spec has no vehicles"),
        ("uninterrupted", CAR, "", ""),
        ("import_or_export", CAR, "export_limit = 5 kW", NO_EXPORT),
        ("import_or_export", GIVING_CAR, "export_limit = 5 kW", NO_EXPORT),
        ("import_or_export", SUN + CAR, "", NO_WAY_OUT),
        ("import_or_export, v2g", GIVING_CAR, "", NO_WAY_OUT),
        ("import_or_export", SUN + CAR, "export_limit = 5 kW", ""),
        ("import_or_export", PACK + CAR, "feed_in = 0.05 EUR/kWh", ""),
        ("import_or_export, v2g", GIVING_CAR, "feed_in = 0.05 EUR/kWh", ""),
    ],
)
def test_a_toggle_without_anything_to_act_on_is_told_with_the_reason(
    toggles: str, blocks: str, out: str, reason: str
) -> None:
    text = BARE.replace("    price        =", f"    {out}\n    price        =") + blocks
    told = heads(f"{text}enable {toggles}\nminimize cost\n")
    found = [one for one in told if "warning[W105" not in one and "warning[W106" not in one]
    name = toggles.split(",")[0]
    assert found == (
        [f"warning[W104 idle-toggle]: `{name}` has nothing to act on: {reason}"] if reason else []
    )


@pytest.mark.parametrize(
    ("blocks", "ending", "told"),
    [
        (CAR, "minimize cost", True),
        (CAR, "maximize export_revenue", True),
        (CAR, "minimize cost\nthen minimize peak", True),
        (CAR, "disable partial_charging\nminimize cost", False),
        (CAR, "minimize cost\nthen minimize unmet", False),
        (CAR, "maximize fairness", False),
        (CAR, "require all: unmet[v] <= 0 kWh for v in vehicles\nminimize cost", False),
        (CAR, "require some: delivered[v] >= 1 kWh for v in vehicles\nminimize cost", False),
        (CAR, "require calm: import[t] <= 9 kW for t in steps\nminimize cost", True),
        (PACK, "minimize cost", False),
    ],
)
def test_a_plan_that_charges_nobody_is_warned_of(blocks: str, ending: str, told: bool) -> None:
    text = BARE.replace("    price        =", "    feed_in = 0.05 EUR/kWh\n    price        =")
    found = heads(f"{text}{blocks}{ending}\n")
    assert not any("error" in one for one in found), found
    assert any(one.startswith("warning[W106") for one in found) == told


# Includes


def including(folder: Path, **files: str) -> list[Told]:
    """What is said of the spec with `include "a.evs"`, beside these files."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.evs"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (folder / "lot.evs").write_text(f'include "a.evs"\n{SOUND}')
    return told(read((folder / "lot.evs").read_text(), folder=folder))


def test_included_files_are_part_of_the_spec(tmp_path: Path) -> None:
    assert (
        including(tmp_path, a='include "sub/b.evs"\n', sub__b='include "c.evs"\n', sub__c="let x = 3\n") == []
    )


def test_a_mistake_in_an_included_file_is_told_there(tmp_path: Path) -> None:
    (tmp_path / "a.evs").write_text("\n\nlet x = 3 kwh\n")
    rendered = read(f'include "a.evs"\n{SOUND}', folder=tmp_path)
    assert "--> a.evs:3:9" in rendered


@pytest.mark.parametrize(
    ("files", "head", "marked"),
    [
        ({"a": 'include "a.evs"\n'}, "the file includes itself: lot.evs -> a.evs -> a.evs", '"a.evs"'),
        ({"a": 'include "lot.evs"\n'}, "the file includes itself: lot.evs -> a.evs -> lot.evs", '"lot.evs"'),
        (
            {"a": 'include "b.evs"\n', "b": 'include "a.evs"\n'},
            "the file includes itself: lot.evs -> a.evs -> b.evs -> a.evs",
            '"a.evs"',
        ),
    ],
)
def test_a_circle_of_includes_is_told_where_it_closes(
    files: dict[str, str], head: str, marked: str, tmp_path: Path
) -> None:
    found = including(tmp_path, **files)
    assert [(one.head, one.marked, one.help) for one in found] == [
        (f"error[E210 circular]: {head}", marked, "break the circle")
    ]


def test_a_file_is_included_once(tmp_path: Path) -> None:
    found = including(tmp_path, a='include "b.evs"\ninclude "b.evs"\n', b="let x = 3\n")
    assert [(one.head, one.line, one.help) for one in found] == [
        ('error[E211 bad-include]: "b.evs" is included twice', 2, "include it once")
    ]


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ("b.evs", 'error[E501 file-missing]: "b.evs" is not in `{}`'),
        ("../lot.evs", 'error[E502 file-outside]: "../lot.evs" leads out of `{}`'),
        ("/etc/passwd", 'error[E502 file-outside]: "/etc/passwd" is not a path relative to the spec'),
        ("https://evs.org/a.evs", 'error[E502 file-outside]: "https://evs.org/a.evs" is an address'),
        ("", "error[E502 file-outside]: the name of a file is empty"),
        (".", 'error[E503 file-unreadable]: "." is a folder, and no ordinary file'),
    ],
)
def test_an_include_stays_below_the_folder_of_the_spec(path: str, head: str, tmp_path: Path) -> None:
    found = including(tmp_path, a=f'include "{path}"\n')
    assert len(found) == 1
    assert found[0].head.startswith(head.format(tmp_path))
    assert found[0].help


def test_an_include_of_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.evs").write_bytes(b"\x1f\x8b\x08\x00\x00")
    found = told(read(f'include "a.evs"\n{SOUND}', folder=tmp_path))
    assert [one.head for one in found] == [
        'error[E001 unreadable-file]: "a.evs" is not a text in UTF-8 (byte 1 is not)'
    ]


def test_a_link_of_an_include_that_leads_out_is_refused(tmp_path: Path) -> None:
    folder, outside = tmp_path / "site", tmp_path / "secret.evs"
    folder.mkdir()
    outside.write_text("let x = 3\n")
    (folder / "a.evs").symlink_to(outside)
    found = told(read(f'include "a.evs"\n{SOUND}', folder=folder))
    assert [one.head for one in found] == [f'error[E502 file-outside]: "a.evs" leads out of `{folder}`']


# From Python


def test_load_raises_one_exception_that_carries_the_diagnostics(tmp_path: Path) -> None:
    path = tmp_path / "lot.evs"
    path.write_text(changed("power = 22 kW", "power = 22 kWh").replace("horizon = 24 h", "horizon = 24"))
    with pytest.raises(SpecError) as caught:
        load(path)
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["E303", "E301"]
    assert "help: write `22 kW`" in str(caught.value)


def test_a_text_may_be_loaded_too() -> None:
    assert loads(SOUND).steps == 96
    with pytest.raises(SpecError, match="E401"):
        loads(SOUND.replace("minimize", "# minimize"))


def test_a_finding_as_a_record_says_the_same_as_its_text() -> None:
    (found,) = resolve(Source("lot.evs", changed("power = 22 kW", "power = 22 kWh")))[1]
    assert found.as_record() == {
        "code": "E301",
        "name": "unit-mismatch",
        "severity": "error",
        "message": "`port ac` wants `power` in kW, and 22 kWh is an energy",
        "label": "energy",
        "help": "write `22 kW`",
        "notes": [],
        "file": "lot.evs",
        "line": 17,
        "column": 13,
        "end_line": 17,
        "end_column": 19,
    }
