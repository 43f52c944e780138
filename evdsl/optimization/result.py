"""The end of a run: what each stage reached, and the schedule with its verdict."""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr

from evdsl.data.data import Data
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Spec, Stage
from evdsl.language.units import symbol
from evdsl.optimization.rounding import cleared
from evdsl.solver.solution import Status, relative_gap
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

    `seconds` are those of `build`, `solve` and `verify`.
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
