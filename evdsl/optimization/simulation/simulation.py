"""A simulation from its question to its means: through the executor of a sweep, a job a run.

With the control a pilot comes first, which tells how much of it is to be taken off, and how many further
draws of it are worth their time. With an error the interval is looked at after each part of the runs, in
their order: where it ends does not depend on which run was done first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.optimization.simulation.dataset import dataset
from evdsl.optimization.simulation.estimators import Estimate, ratio_of
from evdsl.optimization.simulation.question import PILOT, Question
from evdsl.optimization.simulation.samples import Method, Samples, samples_of
from evdsl.optimization.sweep.job import CONTROL, Row
from evdsl.optimization.sweep.journal import Journal
from evdsl.optimization.sweep.plan import OPTIMUM
from evdsl.optimization.sweep.prepare import Prepared
from evdsl.optimization.sweep.run import Here, Listener, SweepResult, run_sweep

if TYPE_CHECKING:
    import xarray as xr

    from evdsl.optimization.sweep.cluster import Client

CHOSEN = "some runs do not count, and the further draws of the control have no such choice"
QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Simulation:
    """What the runs of a simulation came to: `done` of them out of those that were asked for.

    `rows` are those of the table, `samples` those that count. `why_plain` says why the control is not used
    where it was asked for; `further` is how many draws of it were made beside the runs. `met` is whether the
    error asked for is met. `kept` jobs were in the journal before, `foreign` in it are none of these.
    """

    prepared: Prepared
    question: Question
    rows: tuple[Row, ...]
    samples: Samples
    method: Method
    done: int
    kept: int = 0
    foreign: int = 0
    further: int = 0
    why_plain: str = ""
    met: bool | None = None
    interrupted: bool = False
    message: str = ""

    @property
    def policies(self) -> tuple[str, ...]:
        """Those that were asked for, the one that all others are held against first."""
        return self.prepared.plan.conditions.policies

    @property
    def runs(self) -> xr.Dataset:
        """The table over `scenario` and `policy`, with `units`; NaN where a run has no figure."""
        return dataset(self.prepared, self.rows)

    def mean(self, policy: str, column: str = "stage_1") -> Estimate | None:
        """The mean of a column of a policy with its interval; `None` where a run lacks it."""
        return self.method.mean(self.samples, policy, column)

    def difference(self, policy: str) -> tuple[Estimate, Estimate | None] | None:
        """What a policy is more than the first one, and as a share of it; `None` without runs."""
        if not self.samples.count:
            return None
        return self.method.difference(self.samples, policy, self.policies[0])

    def quantiles(self, policy: str) -> tuple[float, ...] | None:
        """The values of the first stage below which 5, 50 and 95 % of the runs lie; `None` without runs."""
        values = self.samples.values(policy)
        if values is None or not len(values):
            return None
        return tuple(float(value) for value in np.quantile(values, QUANTILES))

    def broken(self, policy: str) -> float | None:
        """The share of its runs that break the spec, of those that count; `None` without runs."""
        rows = self.samples.rows[policy]
        return sum(not row["verified"] for row in rows) / len(rows) if rows else None

    def unproven(self, policy: str) -> int:
        """In how many runs its schedule is an optimum that a limit of time broke off."""
        return sum(policy == OPTIMUM and not row.get("proven") for row in self.samples.rows[policy])


def run_simulation(
    prepared: Prepared,
    question: Question,
    where: Here | Client,
    journal: Journal | None = None,
    known: dict[str, list[Row]] | None = None,
    listener: Listener | None = None,
) -> Simulation:
    """Runs what is not known yet; Ctrl-C ends it with what is done."""
    policies = prepared.plan.conditions.policies
    pilot, kept, ratio, why = None, 0, 0, ""
    if question.variance == "control":
        plan = replace(prepared.plan, scenarios=question.pilot())
        swept = run_sweep(plan, where, journal, known, listener)
        if swept.interrupted or swept.message:
            whole = _Course(question, policies, 0, None).outcome(())
            return _told(prepared, question, whole, swept, known)
        kept = swept.kept
        pilot = samples_of(swept.rows, policies)
        ratio, why = _ratio(pilot, swept.rows, policies)
    course = _Course(question, policies, ratio, pilot if ratio else None)
    plan = replace(prepared.plan, scenarios=question.scenarios(ratio))
    enough = None if question.error is None else course.enough
    swept = run_sweep(plan, where, journal, known, listener, enough)
    found = _told(prepared, question, course.outcome(swept.rows), swept, known)
    return replace(
        found,
        kept=found.kept + kept,
        foreign=found.foreign - kept,
        met=course.met,
        why_plain=why or found.why_plain,
    )


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What the rows of some runs come to."""

    rows: tuple[Row, ...]
    samples: Samples
    method: Method
    further: int
    why_plain: str


def _told(
    prepared: Prepared,
    question: Question,
    outcome: _Outcome,
    swept: SweepResult,
    known: Mapping[str, Sequence[Row]] | None,
) -> Simulation:
    return Simulation(
        prepared,
        question,
        outcome.rows,
        outcome.samples,
        outcome.method,
        done=len({row["scenario"] for row in outcome.rows}),
        kept=swept.kept,
        foreign=len(known or {}) - swept.kept,
        further=outcome.further,
        why_plain=outcome.why_plain,
        interrupted=swept.interrupted,
        message=swept.message,
    )


def _ratio(pilot: Samples, rows: Sequence[Row], policies: Sequence[str]) -> tuple[int, str]:
    """How many further draws of the control there are for each run, or why it is not used."""
    values = pilot.values(policies[0])
    if pilot.count < 2 or values is None:
        return 0, "fewer than two runs of the pilot have a value of every policy"
    if pilot.count < len(_drawn(rows)):
        return 0, CHOSEN
    if pilot.controls is None:
        return 0, f"the rule `{CONTROL}` has no value of the objective"
    if np.ptp(pilot.controls) == 0:
        return 0, f"the rule `{CONTROL}` is worth the same in every run of the pilot"
    seconds = sum(row.get("seconds") or 0.0 for row in rows) / pilot.count
    alone = float(np.mean([row["seconds_of_control"] for row in pilot.rows[policies[0]]]))
    return ratio_of(values, pilot.controls, seconds + alone, alone), ""


def _drawn(rows: Sequence[Row]) -> set[int]:
    """The scenarios in which the control has a value."""
    return {row["scenario"] for row in rows if row.get("control") is not None}


class _Course:
    """How far the runs are, in their order, and what is known by then."""

    def __init__(
        self, question: Question, policies: Sequence[str], ratio: int, pilot: Samples | None
    ) -> None:
        self.question = question
        self.policies = policies
        self.ratio = ratio
        self.pilot = pilot
        self.looks = list(question.looks())
        self.whole = 0
        self.runs = question.runs
        self.met: bool | None = None if question.error is None else False

    def enough(self, rows: Mapping[int, Sequence[Row]]) -> bool:
        """Whether all means are known well enough; looked at where all runs up to a look are done."""
        while self.whole in rows:
            self.whole += 1
        while self.looks and not self.met and self.whole >= self.looks[0] * (1 + self.ratio):
            self.runs = self.looks.pop(0)
            jobs = range(self.runs * (1 + self.ratio))
            self.met = self._is_met(self.outcome([row for number in jobs for row in rows[number]]))
        return bool(self.met)

    def _is_met(self, outcome: _Outcome) -> bool:
        assert self.question.error is not None, "it is looked at where one is asked for"
        for policy in self.policies:
            found = outcome.method.mean(outcome.samples, policy)
            if found is None or found.half is None or found.half > self.question.error * abs(found.mean):
                return False
        return True

    def outcome(self, rows: Sequence[Row]) -> _Outcome:
        """What these rows come to, of the runs up to where it was ended."""
        begin, asked = self.question.begin, self.question.runs
        runs = self.runs if self.met else asked
        mine = tuple(row for row in rows if row["scenario"] < begin + runs)
        alone = begin + asked + PILOT
        last = alone + runs * self.ratio
        further = [row.get("control") for row in rows if alone <= row["scenario"] < last]
        known = np.array([value for value in further if value is not None], dtype=float)
        samples = samples_of(mine, self.policies)
        why = self._why_plain(mine, samples, known) if self.ratio else ""
        variance = self.question.variance
        if variance == "control" and (why or not self.ratio):
            return _Outcome(mine, samples, Method("plain"), len(known), why)
        return _Outcome(mine, samples, Method(variance, known, self.pilot), len(known), why)

    def _why_plain(self, rows: Sequence[Row], samples: Samples, further: FloatArray) -> str:
        """Why the mean of the control over its further draws is not that of the runs that count."""
        if samples.controls is None:
            return f"the rule `{CONTROL}` has no value of the objective in some runs"
        if samples.count < len(_drawn(rows)):
            return CHOSEN
        if len(further) < 2 * samples.count or samples.count < 2:
            return "too few further draws of the control are done"
        return ""
