"""Sentences about a schedule: their numbers are those of its facts, and these those of its flows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from worlds import EVERYTHING, FEATURES, SPECS, TUTORIAL

from evdsl.optimization.explanation.variant import Session
from evdsl.optimization.inquiry.fact import Fact, Moment, Quantity, Value, moment_of, quantity_of, rows_of
from evdsl.optimization.inquiry.moment import moment_facts
from evdsl.optimization.inquiry.rival import rival_facts
from evdsl.optimization.inquiry.trial import Trial
from evdsl.optimization.inquiry.vehicle import vehicle_facts
from evdsl.optimization.problem import compile_spec
from evdsl.optimization.result import Result
from evdsl.report.inquiry.phrases import Phrases
from evdsl.report.inquiry.sentences import TEMPLATES, records, sentences
from evdsl.semantics.load import SpecError, load, loads
from evdsl.solver.discovery import find
from evdsl.solver.solution import Options
from evdsl.testing.generate.specs import texts

SOLVES = 10.0
"""Seconds for all solves about one schedule."""


def asked(result: Result, vehicles: int = 3, steps: int = 3) -> Iterator[Fact]:
    """The facts of some vehicles, of some steps, and of the schedule as its own rival."""
    backend = find("highs")
    assert not hasattr(backend, "code")
    trial = Trial(result, Session(backend, Options(time_limit=SOLVES)))  # type: ignore[arg-type]
    firsts = np.flatnonzero(result.data.vehicles.is_first)
    for at in firsts[:: max(len(firsts) // vehicles, 1)][:vehicles]:
        yield from vehicle_facts(result, int(at), trial)
    for step in range(0, result.spec.steps, max(result.spec.steps // steps, 1)):
        yield from moment_facts(result, step, trial)
    assert result.schedule is not None
    yield from rival_facts(result, result.schedule)


def numbers_of(value: Value) -> Iterator[float]:
    """Every number that a value holds, as it may stand in a sentence."""
    if isinstance(value, Quantity):
        scale = {"1": 100.0, "kg/kWh": 1000.0}.get(value.unit, 1.0)
        yield scale * value.value
    elif isinstance(value, bool | str | Moment) or value is None:
        return
    elif isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, tuple):
        yield from range(len(value) + 1)
        for one in value:
            yield from numbers_of(one)
    else:
        for one in value.values():
            yield from numbers_of(one)


QUOTED = re.compile(r"`[^`]*`|L[123]|CO2")
CLOCK = re.compile(r"(\d{1,2} [A-Z][a-z]{2} )?\d{1,2}:\d{2}")
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")


def check(fact: Fact, text: str) -> None:
    """Each number of a sentence is one of its fact, rounded as it is written."""
    assert "nan" not in text.replace("`", " ").split(), text
    assert "unknown" not in text, text
    assert not re.search(r"(?<![\w.])-0(\.0+)?(?![\d.])", text), text
    assert not re.search(r"(?<![\d.,])1 (?:vehicles|trips|ports|places|rules)\b", text), text
    said = text
    for name in ("reason", "message", "objective"):
        for value in strings(fact.values, name):
            said = said.replace(value, "")
    said = CLOCK.sub("", QUOTED.sub("", said))
    known = np.array(list(numbers_of(dict(fact.values))) or [0.0])
    for found in NUMBER.findall(said):
        number = float(found.replace(",", ""))
        places = len(found.partition(".")[2])
        near = np.abs(np.abs(known) - abs(number)) <= 0.5001 * 10.0**-places + 1e-3 * abs(number)
        assert near.any(), (found, text, fact)


def strings(value: object, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            if key == name and isinstance(one, str):
                yield one
            yield from strings(one, name)
    elif isinstance(value, tuple):
        for one in value:
            yield from strings(one, name)


def of_a_step(result: Result, fact: Fact) -> None:
    """What flows in a step, against the labelled schedule."""
    assert result.schedule is not None
    schedule, step = result.schedule, result.spec.step
    times = np.arange(result.spec.steps) * step
    if fact.kind == "step":
        at = int(np.searchsorted(times, moment_of(fact.values, "begin").hours + 1e-9, "right")) - 1
        assert quantity_of(fact.values, "import").value == float(schedule["import"][at])
        for row in rows_of(fact.values, "devices"):
            assert quantity_of(row, "power").value == float(schedule[str(row["name"])][at])


def of_a_vehicle(result: Result, at: int) -> None:
    """What a vehicle is said to take, pay and lack, against the labelled schedule."""
    assert result.schedule is not None
    names = result.data.vehicles.name
    mine = [other for other, first in enumerate(result.data.vehicles.first) if first == at]
    schedule, step = result.schedule.isel(vehicle=mine), result.spec.step
    charge = schedule["charge"].sum("vehicle").values
    facts = {fact.kind: fact for fact in vehicle_facts(result, at)}
    stay, charging = facts["stay"].values, facts["charging"].values
    assert stay["vehicle"] == names[at]
    assert quantity_of(stay, "delivered").value == pytest.approx(float(schedule["delivered"].sum()))
    assert quantity_of(stay, "missing").value == pytest.approx(float(schedule["unmet"].sum()), abs=1e-4)
    assert quantity_of(charging, "energy").value == pytest.approx(float(charge.sum()) * step)
    told = sum(quantity_of(run, "energy").value for run in rows_of(charging, "runs"))
    assert told == pytest.approx(float(charge.sum()) * step, abs=1e-3 * step * len(charge) + 1e-9)
    price = result.data.over_time("grid", "price")
    ranks = [fact.values for fact in vehicle_facts(result, at) if fact.kind == "rank"]
    for rank in ranks:
        if rank["of"] == "price":
            assert price is not None
            assert quantity_of(rank, "paid").value == pytest.approx(float(charge @ price / charge.sum()))
            there = ~np.isnan(schedule["energy"].max("vehicle").values)
            if there.any():
                assert quantity_of(rank, "there_most").value == pytest.approx(float(price[there].max()))


def whole(given: Path | str) -> Result:
    spec = loads(given) if isinstance(given, str) else load(given)
    return compile_spec(spec).run("highs", Options(time_limit=SOLVES))


@pytest.mark.parametrize(
    "path", [FEATURES / "v2g.evs", FEATURES / "cohort.evs", EVERYTHING], ids=lambda p: p.stem
)
def test_the_numbers_of_sentences_are_those_of_their_facts(path: Path) -> None:
    check_all(whole(path))


def check_all(result: Result) -> None:
    if result.schedule is None or not result.status.has_schedule or result.spec.pareto is not None:
        return
    for fact in asked(result):
        check(fact, TEMPLATES[fact.kind](fact, Phrases(result.spec, result.data)))
        of_a_step(result, fact)
    if result.schedule["charge"].dims == ("vehicle", "time"):
        for at in np.flatnonzero(result.data.vehicles.is_first)[:5]:
            of_a_vehicle(result, int(at))


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(FEATURES.glob("*.evs")), ids=lambda p: p.stem)
def test_every_feature_can_be_asked_about(path: Path) -> None:
    check_all(whole(path))


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [TUTORIAL / "2_car_park.evs", SPECS / "sites" / "phases.evs", SPECS / "sites" / "motorway.evs"]
)
def test_sites_can_be_asked_about(path: Path) -> None:
    check_all(whole(path))


@pytest.mark.slow
@given(text=texts())
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_random_specs_can_be_asked_about(text: str) -> None:
    try:
        check_all(whole(text))
    except SpecError:
        return


def test_what_is_told_contradicts_nothing() -> None:
    result = whole(EVERYTHING)
    for step in range(result.spec.steps):
        facts = moment_facts(result, step)
        full = {name for fact in facts if fact.kind == "full" for name in fact.values["limits"]}  # type: ignore[union-attr]
        free = {fact.values["limit"] for fact in facts if fact.kind == "room"}
        assert not full & free
        ranks = [fact.values for fact in facts if fact.kind == "day_rank"]
        for rank in ranks:
            counted = [rank[name] for name in ("lower", "equal", "higher")]
            assert sum(counted) == rank["steps"]  # type: ignore[arg-type]


def test_facts_are_plain_data_with_units_and_local_times() -> None:
    result = whole(FEATURES / "v2g.evs")
    found = json.loads(
        json.dumps(records(vehicle_facts(result, 0), result.spec, result.data), allow_nan=False)
    )
    charging = next(record for record in found if record["kind"] == "charging")
    assert charging["values"]["energy"] == {"value": pytest.approx(5.0), "unit": "kWh"}
    assert charging["values"]["runs"][0]["begin"] == "2024-03-12T00:00:00+00:00"
    assert [record["text"] for record in found] == list(
        sentences(vehicle_facts(result, 0), result.spec, result.data)
    )
