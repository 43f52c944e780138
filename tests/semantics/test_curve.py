"""What a `taper` may be, and that each help about one leads to one that is right."""

from __future__ import annotations

import random
import re

import pytest
from semantics.typist import typed

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Source
from evdsl.language.devices.taper import is_concave, lowered
from evdsl.semantics.resolve import resolve


def site(taper: str, *, car: str = " battery = 100 kWh", vehicle: str = " soc_arrival = 40 %\n") -> str:
    return (
        "station s {\n start = 2024-03-12\n horizon = 1 h\n step = 30 min\n}\n"
        f"class car {{\n{car}\n charge = 200 kW\n taper = {taper}\n}}\n"
        f"vehicle a of car {{\n arrival = 00:00\n stay = 1 h\n{vehicle} energy = 20 kWh\n}}\nminimize unmet\n"
    )


def findings(text: str) -> list[Diagnostic]:
    return resolve(Source("s.evs", text), None)[1]


SOUND = "{ 0 %: 150 kW, 50 %: 150 kW, 80 %: 80 kW, 100 %: 8 kW }"


@pytest.mark.parametrize(
    "text",
    [
        site(SOUND),
        site("{ 0 %: 20 kW, 30 %: 90 kW, 100 %: 0 kW }"),
        site("{ 0 %: 50 kW, 100 %: 50 kW }"),
        # A data sheet says more than a class is kept to.
        site(SOUND, car=" battery = 100 kWh\n soc = 10 % .. 90 %"),
        site("{ 10 %: 150 kW, 90 %: 8 kW }", car=" battery = 100 kWh\n soc = 10 % .. 90 %"),
    ],
)
def test_a_concave_curve_over_all_that_is_allowed_is_taken(text: str) -> None:
    assert findings(text) == []


NOT_CONCAVE = (
    "`taper` of `class car` is not concave: it rises more, or falls less, after an entry than before it"
)


@pytest.mark.parametrize(
    ("text", "code", "message", "help"),
    [
        (
            site("{ 0 %: 150 kW, 50 %: 150 kW, 80 %: 60 kW, 100 %: 8 kW }"),
            "E308",
            NOT_CONCAVE,
            "write `taper = { 0 %: 150 kW, 50 %: 138 kW, 80 %: 60 kW, 100 %: 8 kW }`, which is, "
            "and lies nowhere above it",
        ),
        (
            # From right to left the first would be below zero.
            site("{ 0 %: 10 kW, 50 %: 20 kW, 100 %: 100 kW }"),
            "E308",
            NOT_CONCAVE,
            "write `taper = { 0 %: 10 kW, 50 %: 20 kW, 100 %: 30 kW }`, which is, and lies nowhere above it",
        ),
        (
            site("{ 10 %: 150 kW, 80 %: 80 kW }"),
            "E308",
            "`taper` of `class car` goes from 10 % to 80 %, and 0 % to 100 % are allowed",
            "write `taper = { 0 %: 150 kW, 10 %: 150 kW, 80 %: 80 kW, 100 %: 60 kW }`",
        ),
        (
            site("{ 0 %: 10 kW, 120 %: 20 kW }"),
            "E308",
            "`taper` of `class car` has an entry at 120 %: a state of charge lies from 0 % to 100 %",
            "write `taper = { 0 %: 10 kW, 100 %: 10 kW }`",
        ),
        (
            site("{ 50 %: 10 kW }"),
            "E308",
            "`taper` of `class car` goes from 50 % to 50 %, and 0 % to 100 % are allowed",
            "write `taper = { 0 %: 10 kW, 50 %: 10 kW, 100 %: 10 kW }`",
        ),
        (
            site("{ 0 %: 10 kW, 100 %: -1 kW }"),
            "E308",
            "`taper` of `class car` is -1 kW at 100 %, below 0",
            f"write `taper = {SOUND}`",
        ),
        (
            site("50 kW"),
            "E305",
            "8 kW }`, and this is a power, 50 kW",
            f"write `taper = {SOUND}`",
        ),
        (
            site(SOUND, vehicle=""),
            "E405",
            "the `taper` of `class car` needs the `soc_arrival` of `vehicle a`",
            "add `soc_arrival = 40 %`, or leave `taper` out",
        ),
        (
            site(SOUND, car="", vehicle=""),
            "E412",
            "`class car` has a `taper` and no `battery` that it is of",
            "add `battery = 60 kWh`, or leave `taper` out",
        ),
        (
            site("{ 00:00: 150 kW, 08:00: 80 kW }"),
            "E305",
            "`class car` wants `taper` as a table such as `{ 0 %: 150 kW",
            "give each entry of the table a state of charge such as `50 %`",
        ),
        (
            site("{ 0 %: 10 kWh, 100 %: 8 kWh }"),
            "E301",
            "",
            "",
        ),
        (
            site("{ 50 %: 10 kW, 0 %: 8 kW }"),
            "E305",
            "the states of charge of a table go upwards",
            "order the entries, one for each of them",
        ),
    ],
)
def test_a_curve_that_is_none_is_told_with_one_that_is(text: str, code: str, message: str, help: str) -> None:
    (found,) = findings(text)
    assert found.code == code
    assert message in found.message
    assert help in found.help
    if found.help.startswith("write `taper"):
        (mended,) = typed(found)
        assert findings(mended) == []


def test_a_cohort_has_no_state_of_charge_for_a_curve() -> None:
    text = site(SOUND) + "cohort taxis of car {\n classes = 2\n arrivals = 1 vehicles/h\n}\n"
    (found,) = [each for each in findings(text) if each.code == "E405"]
    assert found.message == "the `taper` of `class car` needs states of charge, and `cohort taxis` has none"


def test_the_lower_curve_is_concave_below_and_reads_as_concave_again() -> None:
    draw = random.Random(3)
    for _ in range(300):
        keys = [0.0, *sorted(draw.sample(range(1, 100), draw.randint(0, 5))), 100.0]
        curve = [(key / 100, draw.choice([0.0, 3.7, 11.0, draw.uniform(0.0, 300.0)])) for key in keys]
        lower = lowered(curve)
        assert [x for x, _ in lower] == [x for x, _ in curve]
        assert all(0.0 <= below <= above for (_, below), (_, above) in zip(lower, curve, strict=True))
        assert is_concave(lower)
        assert lower == tuple(curve) or not is_concave(curve)


def test_a_lower_curve_that_is_typed_is_taken() -> None:
    draw = random.Random(5)
    for _ in range(40):
        powers = [draw.uniform(0.0, 300.0) for _ in range(4)]
        entries = ", ".join(
            f"{key} %: {power:.6f} kW" for key, power in zip((0, 33, 71, 100), powers, strict=True)
        )
        for found in findings(site(f"{{ {entries} }}")):
            help = re.search(r"`taper = (.*)`", found.help)
            assert help is not None, found.help
            assert findings(site(help.group(1))) == []
