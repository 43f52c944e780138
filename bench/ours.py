"""What a user of evdsl does: a spec in, a verified answer out, and what each part of the way takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import evdsl
from bench.answer import Answer, Manner
from bench.clock import Clock
from evdsl.data.load import load_data
from evdsl.optimization import problem as whole_way
from evdsl.optimization import relaxed

Toggles = Mapping[str, Sequence[str]]

PARTS = (
    (relaxed, "lower", "formulate"),
    (relaxed, "solve_stages", "solve"),
    (whole_way, "verify", "verify"),
)
"""The parts of `Problem.run` that are timed: module, name that they are called by, phase."""

TUTORIAL = Path(__file__).parent.parent / "specs" / "tutorial" / "1_one_car.evs"


def warm_up(word: str) -> None:
    """Goes the way once with the smallest spec, so that what is loaded when first used is not counted."""
    if word == "front":
        spec = evdsl.loads(TUTORIAL.read_text().replace("minimize cost", "pareto cost, peak points 3"))
        evdsl.front(spec)
    elif word in ("explain", "compare"):
        getattr(evdsl, word)(evdsl.load(TUTORIAL))
    evdsl.solve(evdsl.load(TUTORIAL))


def solve(path: Path, given: Mapping[str, Any], toggles: Toggles, manner: Manner) -> Answer:
    """The whole way, by phases."""
    clock = Clock()
    with clock.phase("load"):
        spec = evdsl.load(path, **given, **toggles)
    with clock.phase("data"):
        data, found = load_data(spec)
        if data is None:
            raise evdsl.SpecError(found)
    with clock.phase("formulate"):
        problem = evdsl.compile(spec, data)
    with timed_parts(clock):
        result = problem.run("auto", _options(spec, manner))
    if not result.stages:
        ended = (
            "limit" if result.status is evdsl.Status.STOPPED else f"{result.status.value}: {result.message}"
        )
        return Answer(ended, phases=clock.phases)
    stage, size = result.stages[0], result.size
    proven = result.status in (evdsl.Status.OPTIMAL, evdsl.Status.WITHIN_GAP)
    ended = "optimal" if proven else "limit" if result.status is evdsl.Status.FEASIBLE else result.message
    return Answer(
        ended, stage.value, stage.gap, size["variables"], size["rows"], size["integers"], clock.phases
    )


def front(path: Path, given: Mapping[str, Any], toggles: Toggles, manner: Manner) -> Answer:
    """A front of nine points."""
    spec = evdsl.load(path, **given, **toggles)
    found = evdsl.front(spec, points=9, options=_options(spec, manner))
    return Answer("optimal" if found.status is evdsl.Status.OPTIMAL else "limit")


def point(path: Path, given: Mapping[str, Any], toggles: Toggles, manner: Manner) -> Answer:
    """One solve of what a front is made of: its first axis alone."""
    before, _, pareto = path.read_text(encoding="utf-8").partition("\npareto ")
    with TemporaryDirectory(prefix="evdsl-bench-") as folder:
        alone = Path(folder) / "point.evs"
        alone.write_text(f"{before}\nminimize {pareto.partition(',')[0]}\n", encoding="utf-8")
        return solve(alone, given, toggles, manner)


def explain(path: Path, given: Mapping[str, Any], toggles: Toggles, manner: Manner) -> Answer:
    """What each line of a spec costs."""
    spec = evdsl.load(path, **given, **toggles)
    found = evdsl.explain(spec, options=_options(spec, manner))
    return Answer("optimal" if found.prices is not None else found.status.value)


def compare(path: Path, given: Mapping[str, Any], toggles: Toggles, manner: Manner) -> Answer:
    """The optimum beside every rule."""
    spec = evdsl.load(path, **given, **toggles)
    found = evdsl.compare(spec, options=_options(spec, manner))
    return Answer("optimal", found.optimum.stages[0].value)


def _options(spec: evdsl.Spec, manner: Manner) -> evdsl.Options:
    return evdsl.Options(time_limit=manner.seconds, gap=manner.gap).seeded(spec.seed)


@contextmanager
def timed_parts(clock: Clock) -> Any:
    """Counts the parts of a run, which is one call, to their phases."""

    def counted(part: Callable[..., Any], phase: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            with clock.phase(phase):
                return part(*arguments, **named)

        return call

    with ExitStack() as stack:
        for module, name, phase in PARTS:
            part = getattr(module, name)
            stack.enter_context(mock.patch.object(module, name, counted(part, phase)))
        yield
