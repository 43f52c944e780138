"""The end of a run: what each stage reached, and the schedule with its verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import xarray as xr

from evdsl.data.data import Data
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.arrays import FloatArray
from evdsl.language.decisions import decisions
from evdsl.language.display import html_of
from evdsl.language.spec import Spec, Stage
from evdsl.language.units import symbol
from evdsl.optimization.rounding import cleared
from evdsl.schedule.decisions import settled
from evdsl.solver.solution import Attempt, Status, relative_gap
from evdsl.verifier import Verdict


@dataclass(frozen=True, slots=True)
class StageResult:
    """What a stage reached when it was solved; `value`, `bound` in the stage's unit."""

    stage: Stage
    status: Status
    value: float
    bound: float
    seconds: float
    rounds: int | None = None
    """How many programs were solved for it, where it is an order of schedules."""
    size: float = 0.0
    """The sum of the absolute values of its terms: what its rounding is measured by, where they cancel."""
    shares: FloatArray | None = None
    """What such a stage reached: the share of each vehicle that needs something."""

    @property
    def gap(self) -> float:
        """Relative distance of value and bound; none where they differ by rounding."""
        if cleared(self.value - self.bound, self.size) == 0:
            return 0.0
        return relative_gap(self.value, self.bound)

    @property
    def known_value(self) -> float:
        """The value, or zero where it is rounding."""
        return cleared(self.value, self.size)


@dataclass(frozen=True, slots=True)
class Result:
    """The end of a run: a status, and a verified schedule where there is one.

    `seconds` are those of `build`, `solve` and `verify`. `backend` names whose answers the stages are, and
    `attempts` are the runs of each solve that did not end with an answer at once, the last one included;
    `choice` says why `auto` took the solver, and is empty where one was named or none was asked.
    """

    spec: Spec
    data: Data
    status: Status
    backend: str
    stages: tuple[StageResult, ...]
    terms: dict[str, float]
    schedule: xr.Dataset | None
    verdict: Verdict | None
    size: dict[str, int]
    seconds: dict[str, float]
    message: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    interrupted: bool = False
    extended_by: tuple[str, ...] = ()
    """What was added to the model through linopy, in words."""
    attempts: tuple[Attempt, ...] = ()
    choice: str = ""

    @property
    def as_chosen(self) -> Result:
        """The same with what was chosen as constants of the spec: what asks for a number reads this."""
        if not decisions(self.spec):
            return self
        spec, data = settled(self.spec, self.data, self.schedule)
        return replace(self, spec=spec, data=data)

    def _repr_html_(self) -> str | None:
        """As a notebook shows it."""
        return html_of(self)


def shown_record(result: StageResult, spec: Spec) -> dict[str, object]:
    """A stage as a report tells it: as stored, with what is rounding at zero."""
    bound = cleared(result.bound, result.size)
    return {**stage_record(result, spec), "value": result.known_value, "bound": bound}


def stage_record(result: StageResult, spec: Spec) -> dict[str, object]:
    """A stage as plain data."""
    stage = result.stage
    return {
        "sense": stage.sense,
        "expression": stage.text,
        "value": result.value,
        "bound": result.bound,
        "gap": result.gap,
        "unit": symbol(stage.dimension, spec.currency),
        "status": result.status.value,
        "allowing": stage.allowing,
        "weights": dict(stage.weights),
        "constant": stage.constant,
        "rounds": result.rounds,
    }


def attempt_record(attempt: Attempt) -> dict[str, object]:
    """A run of a solver as plain data."""
    return {
        "stage": attempt.stage,
        "backend": attempt.backend,
        "manner": attempt.manner,
        "message": attempt.message,
        "seconds": attempt.seconds,
    }


def attempt_lines(attempts: Iterable[Attempt], stages: int) -> list[str]:
    """The runs of solves that took several, in a line each; what happened alike in many is told once."""
    several = stages > 1
    counts: dict[str, int] = {}
    for attempt in attempts:
        stage = f"stage {attempt.stage}: " if several else ""
        line = f"{stage}{attempt.backend}, {attempt.manner}: {attempt.message}"
        counts[line] = counts.get(line, 0) + 1
    return [line if count == 1 else f"{line} ({count} times)" for line, count in counts.items()]
