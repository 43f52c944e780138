"""The sentences beneath figures: each number counted anew by other code, and what no sentence may say."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from report.recount import recount
from worlds import EVERYTHING, SPECS

import evdsl
from evdsl.optimization.comparison import compare
from evdsl.optimization.policies import POLICIES
from evdsl.optimization.result import Result
from evdsl.report.figures import files
from evdsl.report.figures.figure import Sentence
from evdsl.report.figures.gallery import Gallery, gallery
from evdsl.report.figures.vega import vega_lite
from evdsl.testing import Plan, campaign, specs
from evdsl.testing.properties.invariant import IdleError, Invariant
from evdsl.testing.trial import Trial

NUMBER = re.compile(r"(?<![\w.:-])-?\d[\d,]*(?:\.\d+)?(?: %)?")
CLOCK = re.compile(r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|\d{1,2} [A-Z][a-z]{2}) )?(\d\d:\d\d)")
SITES = ["depot", "home", "phases", "motorway", "working_week", "goals"]


def shown(result: Result) -> tuple[Gallery, dict[str, list[dict[str, float]]]]:
    """The figures of a run beside the rules, and its numbers counted anew."""
    comparison = compare(result, POLICIES)
    allowed = [one for one in comparison.ruled if one.is_allowed] if comparison else []
    rule = next((one for one in allowed if one.policy.name == "fifs"), next(iter(allowed), None))
    return gallery(result, comparison), recount(result, comparison, rule)


def wrong(result: Result) -> Iterator[str]:
    """What is wrong with the sentences of a run."""
    drawn, counted = shown(result)
    told: dict[str, int] = {}
    for figure in drawn.figures:
        for sentence in figure.sentences:
            place = told[sentence.kind] = told.get(sentence.kind, -1) + 1
            where = f"{figure.name}, {sentence.kind}: {sentence.text}"
            yield from (f"{where} {what}" for what in _form(sentence))
            if sentence.kind == "no_rule_allowed":
                continue
            again = counted[sentence.kind][place]
            for name, value in sentence.values.items():
                if not math.isclose(value, again[name], rel_tol=1e-6, abs_tol=1e-5):
                    yield f"{where} {name} is {value}, and {again[name]} by another count"
            yield from (f"{where} {what}" for what in _numbers(sentence, result))
    yield from _contradictions(drawn)


def _form(sentence: Sentence) -> Iterator[str]:
    text = sentence.text
    begins_well = text[0].isupper() or text[0].isdigit() or text[0] == "`"
    # The names of rules are written as they are typed.
    if not text.endswith(".") or not (begins_well or text.startswith(tuple(one.name for one in POLICIES))):
        yield "is no sentence"
    for bad in ("nan", "inf ", "unknown", "-0.00 ", "-0 ", "  ", "None"):
        if bad in re.sub(r"`[^`]*`", "NAME", text):
            yield f"says `{bad}`"
    if re.search(r"(?<![\d.,])1 (?:vehicles|ports|schedules|rules)\b", text) and " of 1 " not in text:
        yield "says one of several"


def _numbers(sentence: Sentence, result: Result) -> Iterator[str]:
    """Whether each number of the words is one of those that they are made of, to the last digit shown."""
    text = re.sub(r"`[^`]*`", "NAME", sentence.text)
    text = re.sub(r"\bL[123]\b", "", text)
    for rule in POLICIES:
        text = text.replace(rule.name, "")
    zone = result.data.timeline.zone
    start = result.data.timeline.start_utc.replace(tzinfo=UTC)
    clocks = {
        (start + timedelta(seconds=round(value * 3600))).astimezone(zone).strftime("%H:%M")
        for name, value in sentence.values.items()
        if name == "at" or name.endswith(("begin", "end"))
    }
    for found in CLOCK.finditer(text):
        if found[1] not in clocks:
            yield f"tells {found[0]}, which no value is"
    text = CLOCK.sub("", text).replace("CO2", "")
    for token in NUMBER.findall(text):
        digits = token.removesuffix(" %").replace(",", "")
        places = len(digits.partition(".")[2])
        factor = 100.0 if token.endswith("%") else 1.0
        near = (abs(abs(value) * factor - abs(float(digits))) for value in sentence.values.values())
        # A share that is all but whole is told as 99.9 %, one that is all but nothing as below 0.1 %.
        if min(near, default=math.inf) > 0.5000001 * 10.0**-places and token not in ("99.9 %", "0.1 %"):
            yield f"tells {token}, which no value is: {dict(sentence.values)}"


def _contradictions(drawn: Gallery) -> Iterator[str]:
    kinds = {sentence.kind for figure in drawn.figures for sentence in figure.sentences}
    for one, other in (("at_limit", "never_reached"), ("all_served", "short")):
        if {one, other} <= kinds:
            yield f"{one} and {other} are both told"


def solved(path: Path) -> Result:
    return evdsl.compile(evdsl.load(path)).run("highs")


@pytest.mark.parametrize("name", SITES)
def test_each_number_beneath_a_site_is_counted_anew(name: str) -> None:
    assert list(wrong(solved(SPECS / "sites" / f"{name}.evs"))) == []


def test_each_number_beneath_a_cohort_is_counted_anew() -> None:
    assert list(wrong(solved(SPECS / "literature" / "c_cohorts" / "cohorts.evs"))) == []


def test_each_number_beneath_a_site_with_every_device_is_counted_anew() -> None:
    assert list(wrong(solved(EVERYTHING))) == []


def check(trial: Trial) -> str | None:
    result = trial.run()
    if result.schedule is None:
        raise IdleError
    comparison = compare(result, POLICIES)
    for figure in gallery(result, comparison).figures:
        for width in (files.WIDE, files.NARROW):
            json.dumps(vega_lite(figure, width), allow_nan=False)
        files.csv(figure)
    return next(wrong(result.as_chosen), None)


@pytest.mark.slow
def test_sentences_of_random_specs_are_true_and_well_formed() -> None:
    claim = Invariant("sentences", "each number is counted anew, and no sentence is badly made", check)
    coverage, failure = campaign(specs, 40, start=1, plan=Plan(invariants=(claim,), metamorphic=()))
    assert failure is None, f"{failure.message}\n{failure.text}"
    assert coverage.checked["sentences"] >= 12
