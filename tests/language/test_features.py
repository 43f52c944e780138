"""One spec for each device, toggle and word, whose optimum is worked out by hand in its first lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from worlds import FEATURES

import evdsl
from evdsl.language.devices import KINDS
from evdsl.language.objectives import WORDS
from evdsl.language.toggles import TOGGLES
from evdsl.language.units import symbol

# The front has tests of its own, in optimization/test_front.py.
SPECS = sorted(path for path in FEATURES.glob("*.evs") if path.name != "pareto.evs")
OPTIMUM = re.compile(r"^# optimum: (-?[0-9.]+) ?(.*)$", re.MULTILINE)
WITHOUT = re.compile(r"^# without (\w+) (enabled|disabled): (-?[0-9.]+) ?(.*)$", re.MULTILINE)
ELSEWHERE = {
    "station": "every spec has one",
    "grid": "cost.evs",
    "class": "port.evs",
    "vehicle": "port.evs",
    "scenarios": "scenarios/bought_ahead.evs",
    "risk": "scenarios/averse.evs",
}
"""Kinds that every other spec here shows, and those of many schedules, in optimization/test_scenarios.py."""


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_optimum_is_the_one_worked_out_by_hand(path: Path, solver: str) -> None:
    stated = OPTIMUM.search(path.read_text())
    assert stated is not None, "the first lines say `# optimum: VALUE UNIT`"
    spec = evdsl.load(path)
    result = evdsl.compile(spec).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    stage = result.stages[0]
    assert stage.value == pytest.approx(float(stated[1]), abs=1e-6)
    assert stated[2] == symbol(stage.stage.dimension, spec.currency)


TOGGLED = [path for path in SPECS if WITHOUT.search(path.read_text())]


@pytest.mark.parametrize("path", TOGGLED, ids=lambda path: path.stem)
def test_the_toggle_makes_the_difference(path: Path, solver: str) -> None:
    stated = WITHOUT.search(path.read_text())
    assert stated is not None
    enabled = stated[2] == "enabled"
    spec = evdsl.load(path, enable=[] if enabled else [stated[1]], disable=[stated[1]] if enabled else [])
    result = evdsl.compile(spec).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.stages[0].value == pytest.approx(float(stated[3]), abs=1e-6)


def test_every_device_toggle_and_word_has_its_spec() -> None:
    names = {*(kind.keyword for kind in KINDS), *(t.name for t in TOGGLES), *(w.name for w in WORDS)}
    there = {path.stem for path in SPECS}
    assert names - there - set(ELSEWHERE) == set()


def test_every_toggle_is_seen_to_make_a_difference() -> None:
    seen = {match[1] for path in TOGGLED for match in WITHOUT.finditer(path.read_text())}
    assert {toggle.name for toggle in TOGGLES} == seen


@pytest.mark.parametrize(
    ("instead", "toggles", "optimum"),
    [
        ("    min_power = 1 kW\n", "uninterrupted", 1.40),
        ("", "uninterrupted", 5 * 0.10 + 0.05 * 0.50 + 4.95 * 0.10),
        ("    rates = [2 kW, 3 kW, 5 kW]\n", "uninterrupted, min_power", 5 * 0.10 + 2 * 0.50 + 3 * 0.10),
        ("    rates = [5 kW]\n", "min_power", 1.00),
    ],
)
def test_charging_that_may_not_pause_goes_on_with_the_least_power(
    instead: str, toggles: str, optimum: float, solver: str
) -> None:
    text = (FEATURES / "uninterrupted.evs").read_text().replace("    min_power = 1 kW\n", instead)
    spec = evdsl.loads(text.replace("enable uninterrupted", f"enable {toggles}"))
    result = evdsl.compile(spec).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.stages[0].value == pytest.approx(optimum, abs=1e-6)


STEP = re.compile(r"^    step( +)= 1 h$", re.MULTILINE)
FINER = {
    "by_state",
    "cohort",
    "delay",
    "departures",
    "min_power",
    "own_rates",
    "require",
    "sessions",
    "taper_trip",
}
"""Where shorter steps mean something else, or allow more; `sessions` reads a file."""


@pytest.mark.parametrize(
    "path",
    [path for path in SPECS if path.stem not in FINER and STEP.search(path.read_text())],
    ids=lambda path: path.stem,
)
def test_steps_of_half_the_length_change_nothing(path: Path) -> None:
    stated = OPTIMUM.search(path.read_text())
    assert stated is not None
    result = evdsl.compile(evdsl.loads(STEP.sub(r"    step\1= 30 min", path.read_text()))).run("highs")
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.stages[0].value == pytest.approx(float(stated[1]), abs=1e-6)
