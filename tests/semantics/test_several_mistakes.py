"""Several mistakes of a spec are told at once, each by itself."""

from __future__ import annotations

import random
import re

import pytest
from semantics.car_park import SOUND, changed, heads, mistakes, read, told

from evdsl.diagnostics.diagnostic import LIMIT


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
    text = SOUND + "".join(f"let {x}{y} = 3 k{x}{y}\n" for x in "qvwxyzj" for y in "abcdefghij")
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
    # Whether steps add up to an interval is not known where the clock of the station is not.
    "an interval that steps do not add up to",
    # What is odd is told of a spec without errors.
    "a penalty that nothing weighs",
    # Of a block that has no name, or another's, more is said, in other words.
    "no name",
    "two vehicles of one name",
    "no class",
    # Whether a vehicle is there, and a horizon has steps, is not known where the clock cannot be read.
    "a departure on an earlier day",
    "an arrival after the horizon",
    "a stay before the horizon",
    "days of which the horizon has none",
    "a call behind the horizon",
    "days that the horizon has not",
    "a trip on a day that the horizon has not",
    "a table by day that misses one",
    "a horizon of half a step",
    "a thousand million steps",
    "a horizon of centuries",
    "a horizon of decades in few steps",
    # How many are there is not known where the days of a fleet cannot be read.
    "a drawn count of more than can be planned",
    # These need the bounds of the class.
    *(m.name for m in mistakes() if "error[E408" in m.head),
    # These need the value of the param.
    *(
        m.name
        for m in mistakes()
        if "error[E403" in m.head or "error[E404" in m.head or "error[E304" in m.head
    ),
    # Whether phases change anything is not known where what limits them cannot be read.
    "phases that nothing asks for",
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
