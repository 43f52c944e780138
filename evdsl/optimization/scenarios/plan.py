"""One plan for many scenarios: what is shared, and the schedule of each, as values."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.arrays import FloatArray
from evdsl.language.devices.scenarios import is_antithetic
from evdsl.language.display import html_of
from evdsl.language.spec import Spec
from evdsl.optimization.result import Result, StageResult
from evdsl.optimization.scenarios.case import Case
from evdsl.optimization.scenarios.risk import Risk, tail_mean
from evdsl.solver.solution import Attempt, Status
from evdsl.verifier.scenarios import ScenariosVerdict


@dataclass(frozen=True, slots=True)
class ScenarioPlan:
    """The end of a run over scenarios: a status, and for each case a verified schedule where there is one.

    The value of the first of `stages` is that of the plan, with its `risk`; those of later ones are means.
    `results` are in the order of the `cases`, each with the schedule that follows once its scenario is known;
    a case of a plan that `couples` is no best schedule by itself, and has no bound. `failed` names the first
    case that has no schedule even alone, or none that passes the check, where that is known.
    """

    spec: Spec
    cases: tuple[Case, ...]
    share: tuple[str, ...]
    risk: Risk | None
    status: Status
    backend: str
    stages: tuple[StageResult, ...]
    results: tuple[Result, ...]
    verdict: ScenariosVerdict | None
    size: dict[str, int]
    seconds: dict[str, float]
    couples: bool
    message: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    interrupted: bool = False
    attempts: tuple[Attempt, ...] = ()
    choice: str = ""
    failed: str = ""

    def _repr_html_(self) -> str | None:
        """As a notebook shows it."""
        return html_of(self)

    @property
    def weights(self) -> FloatArray:
        """How much each case counts."""
        return np.array([case.weight for case in self.cases], dtype=float)

    def values(self, stage: int = 0) -> FloatArray:
        """What a stage, counted from 0, is worth in the schedule of each case."""
        return np.array([result.stages[stage].known_value for result in self.results], dtype=float)

    def mean(self, stage: int = 0) -> float:
        """The mean of these values."""
        return float(self.weights @ self.values(stage))

    @property
    def standard_error(self) -> float:
        """Of the mean of the first stage, as an estimate from this many draws, or pairs of opposites.

        NaN of scenarios that a file weighs: they are all that there are, and no draws.
        """
        values, weights = self.values(), self.weights
        if not np.allclose(weights, weights[0]):
            return float("nan")
        if is_antithetic(self.spec):
            values = values.reshape(-1, 2).mean(axis=1)
        return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")

    def tail(self, level: float) -> float:
        """The mean of the worst `1 - level` of the values of the first stage."""
        return tail_mean(self.values(), self.weights, level, self.stages[0].stage.sign)

    @property
    def median(self) -> int:
        """The position of the case whose value of the first stage lies in the middle, the lower of two."""
        order = np.argsort(self.values(), kind="stable")
        return int(order[(len(order) - 1) // 2])

    @property
    def terms(self) -> dict[str, float]:
        """The means of all words."""
        names = self.results[0].terms if self.results else {}
        return {name: float(self.weights @ [result.terms[name] for result in self.results]) for name in names}

    @property
    def units(self) -> dict[str, dict[str, object]]:
        """Each word as the schedules claim it, with its `unit`."""
        if not self.results or self.results[0].schedule is None:
            return {}
        said: dict[str, dict[str, object]] = json.loads(self.results[0].schedule.attrs.get("terms", "{}"))
        return said

    @property
    def chosen(self) -> dict[str, dict[str, object]]:
        """What was chosen of what ranges leave open, by name, where it is one for all cases."""
        if not self.results or self.results[0].schedule is None or not self.couples:
            return {}
        said: dict[str, dict[str, object]] = json.loads(self.results[0].schedule.attrs.get("chosen", "{}"))
        return said
