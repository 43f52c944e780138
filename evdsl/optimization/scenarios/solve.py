"""From cases to a verified plan: together where something couples them, else each by itself.

Cases are coupled by what they share, by an aversion to risk that later stages have to keep, and by what a
later stage may take of an earlier one (`allowing`), which is a share of the mean. Where nothing couples
them, the plan is that of each case by itself: a sum of functions of separate decisions is least where each
is, a later stage is held by a mean that is least only where each case has its own least, and an aversion to
risk rises with each of them. That is the same optimum for a small part of the time
(docs/design/scenarios.md).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from evdsl.language.decisions import decisions, sizes, spoken_of
from evdsl.language.devices.scenarios import share_of
from evdsl.language.spec import Spec
from evdsl.model.bounds import magnitude
from evdsl.model.composition import Composition, Period, compose
from evdsl.model.formulate import formulate
from evdsl.model.lower import Lowered, lower
from evdsl.model.point import Values, value_of
from evdsl.model.program import Program, weighted_sum
from evdsl.model.relaxation import NAME
from evdsl.model.shared import rewrites_left_out, shared_of
from evdsl.optimization.problem import compile_spec, size_of, with_schedule
from evdsl.optimization.relaxed import relaxed_first
from evdsl.optimization.result import Result, StageResult
from evdsl.optimization.scenarios.case import Case, cases_of, weights_of
from evdsl.optimization.scenarios.failure import reasons
from evdsl.optimization.scenarios.plan import ScenarioPlan
from evdsl.optimization.scenarios.risk import Risk, settled, with_risk, worth
from evdsl.optimization.stages import StagesEnd
from evdsl.schedule.settle import project_on_bounds
from evdsl.semantics.load import SpecError
from evdsl.solver.backend import Backend, Listener
from evdsl.solver.discovery import backend_of, refuse_unknown_options
from evdsl.solver.muted_backend import muted_backend
from evdsl.solver.solution import Deadline, Options, Status
from evdsl.verifier.scenarios import Claim, Sample, verify_scenarios


def scenarios(
    spec: Spec,
    backend: Backend | str = "auto",
    options: Options | None = None,
    listener: Listener | None = None,
    cases: Sequence[Case] | None = None,
) -> ScenarioPlan:
    """The plan that a spec with `scenarios` asks for, checked; `cases` where they are at hand.

    A time limit is that of all solves together. A run without a plan is a result too: its `status` says how
    it ended and its `diagnostics` why. Raises `ValueError` for a spec without `scenarios`, `SpecError` where
    data cannot be read, `LookupError` for an unknown solver.
    """
    if spec.only("scenarios") is None:
        raise ValueError("the spec has no `scenarios`")
    if cases is None:
        cases, found = cases_of(spec)
        if cases is None:
            raise SpecError(found)
    return solve_cases(cases, share_of(spec), Risk.of(spec), backend, options, listener)


def solve_cases(
    cases: Sequence[Case],
    share: Sequence[str] = (),
    risk: Risk | None = None,
    backend: Backend | str = "auto",
    options: Options | None = None,
    listener: Listener | None = None,
    together: bool | None = None,
) -> ScenarioPlan:
    """The plan for some cases; whatever their specs are, they have the same stages.

    `together` is the choice of a test: by default one model where something couples the cases.
    """
    weights_of(cases)
    spec = cases[0].spec
    solver = muted_backend(backend_of(backend))
    options = options or Options().seeded(spec.seed)
    refuse_unknown_options(solver, options)
    run = _Run(tuple(cases), tuple(share), risk, solver, options, listener)
    coupled = couples(spec, share, risk) if together is None else together
    plan = run.together() if coupled else run.apart()
    if plan.status.has_schedule:
        return plan
    return replace(plan, diagnostics=reasons(plan, run.solver, options))


def couples(spec: Spec, share: Sequence[str], risk: Risk | None) -> bool:
    """Whether anything couples the scenarios of a spec."""
    several = len(spec.stages) > 1
    allowing = any(stage.allowing for stage in spec.stages)
    return bool(share or decisions(spec) or allowing or (risk is not None and several))


def composed(spec: Spec, cases: Sequence[Case], solver: Backend, without: Sequence[str] = ()) -> Composition:
    """The model of a spec over some cases, in the form that a backend takes."""
    run = _Run(tuple(cases), share_of(spec), Risk.of(spec), solver, Options(), None)
    kept_out = (*without, *rewrites_left_out(run.share))
    return run.composition([formulate(case.spec, case.data) for case in cases], kept_out, False)


class _Run:
    """One run over some cases."""

    def __init__(
        self,
        cases: tuple[Case, ...],
        share: tuple[str, ...],
        risk: Risk | None,
        solver: Backend,
        options: Options,
        listener: Listener | None,
    ) -> None:
        self.cases, self.share, self.risk = cases, share, risk
        self.solver, self.options, self.listener = solver, options, listener
        self.spec, self.weights = cases[0].spec, weights_of(cases)

    def apart(self) -> ScenarioPlan:
        """Each case by itself."""
        deadline = Deadline.of(self.options)
        results: list[Result] = []
        for case in self.cases:
            problem = compile_spec(case.spec, case.data)
            results.append(problem.run(self.solver, deadline.within(self.options), self.listener))
            if not results[-1].status.has_schedule or results[-1].interrupted:
                break
        last = results[-1]
        if len(results) < len(self.cases) or not last.status.has_schedule:
            return self._without_plan(self.cases[len(results) - 1], last, False)
        size = {name: sum(result.size[name] for result in results) for name in last.size}
        seconds: dict[str, float] = {}
        for result in results:
            for name, spent in result.seconds.items():
                seconds[name] = seconds.get(name, 0.0) + spent
        attempts = tuple(attempt for result in results for attempt in result.attempts)
        plan = ScenarioPlan(
            self.spec,
            self.cases,
            self.share,
            self.risk,
            Status.worst_of(result.status for result in results),
            " and ".join(dict.fromkeys(result.backend for result in results)),
            (),
            (),
            None,
            size,
            seconds,
            False,
            last.message,
            interrupted=last.interrupted,
            attempts=attempts,
            choice=last.choice,
        )
        number = min(len(result.stages) for result in results)
        stages = tuple(self._mean_stage([result.stages[i] for result in results], i) for i in range(number))
        return self._verified(replace(plan, stages=stages, results=tuple(results)))

    def _without_plan(self, case: Case, ended: Result, couples: bool) -> ScenarioPlan:
        """The end of a run in which a case has no schedule even alone."""
        return ScenarioPlan(
            self.spec,
            self.cases,
            self.share,
            self.risk,
            # One that was broken off may have a schedule, and those behind it have none.
            Status.STOPPED if ended.status.has_schedule else ended.status,
            ended.backend,
            (),
            (),
            None,
            ended.size,
            ended.seconds,
            couples,
            f"scenario {case.name}: {ended.message}",
            interrupted=ended.interrupted,
            attempts=ended.attempts,
            choice=ended.choice,
            failed=case.name,
        )

    def _mean_stage(self, each: Sequence[StageResult], index: int) -> StageResult:
        stage, risk = each[0].stage, self.risk if index == 0 else None
        values, bounds = (
            np.array([getattr(one, side) for one in each], dtype=float) for side in ("value", "bound")
        )
        return StageResult(
            stage,
            Status.worst_of(one.status for one in each),
            worth(values, self.weights, risk, stage.sign),
            worth(bounds, self.weights, risk, stage.sign) if np.isfinite(bounds).all() else float("nan"),
            sum(one.seconds for one in each),
            size=float(self.weights @ [one.size for one in each]),
        )

    def together(self) -> ScenarioPlan:
        """All cases as one model."""
        started = time.perf_counter()
        for case in self.cases:
            if case.data.beyond_reach and not case.spec.on("partial_charging"):
                alone = compile_spec(case.spec, case.data).run(self.solver, self.options)
                return self._without_plan(case, alone, True)
        programs = [formulate(case.spec, case.data) for case in self.cases]
        kept_out = (*self.options.without, *rewrites_left_out(self.share))
        made: list[Composition] = []
        # Where a solution cannot be put back: once more, without the rewrite that it is lost in.
        for without in (kept_out, (*kept_out, "exclusive_to_nothing")):

            def lowered(relaxed: bool, without: Sequence[str] = without) -> Lowered:
                made[:] = [self.composition(programs, without, relaxed)]
                return made[0].lowered

            def settle(values: Values, _: Program) -> Values:
                return self._settled(values, made[0])

            _, end = relaxed_first(
                lowered, NAME not in without, self.solver, self.options, self.listener, (), settle
            )
            if end is not None:
                return self._plan(made[0], end, time.perf_counter() - started - end.seconds)
        raise AssertionError("a solution could not be put back although no rewrite was left to undo")

    def composition(self, programs: Sequence[Program], without: Sequence[str], relaxed: bool) -> Composition:
        lowered = [lower(program, self.solver.capabilities, without, relaxed) for program in programs]
        periods = [
            Period(case.name, case.weight, each) for case, each in zip(self.cases, lowered, strict=True)
        ]
        shared = [shared_of(period.program, self.share) for period in periods]
        found = compose(periods, shared)
        return found if self.risk is None else with_risk(found, self.risk)

    def _settled(self, values: Values, composition: Composition) -> Values:
        parts = [
            project_on_bounds(part, period.program)
            for part, period in zip(composition.split(values), composition.periods, strict=True)
        ]
        parts = [{**part, **self._one_size_for_all(parts)} for part in parts]
        tail = {} if self.risk is None else settled(composition, self.risk, parts)
        return {**composition.joined(parts), **tail}

    def _one_size_for_all(self, parts: Sequence[Values]) -> Values:
        """Limits that nothing speaks of, as large as the case asks for that uses most of them."""
        spoken = spoken_of(self.spec)
        names = [one.variable for one in sizes(self.spec) if one.name not in spoken]
        return {name: np.max([part[name] for part in parts], axis=0) for name in names if name in parts[0]}

    def _plan(self, composition: Composition, end: StagesEnd, built: float) -> ScenarioPlan:
        status, message = end.overall(len(self.spec.stages))
        plan = ScenarioPlan(
            self.spec,
            self.cases,
            self.share,
            self.risk,
            status,
            " and ".join(end.backends) or self.solver.name,
            end.results,
            (),
            None,
            size_of(end.posed),
            {"build": built, "solve": end.seconds},
            True,
            message,
            interrupted=end.last.interrupted,
            attempts=end.attempts,
            choice=end.choice,
        )
        if end.values is None or not status.has_schedule:
            return plan
        parts = composition.split(end.values)
        results = [
            self._result(plan, case, period, part)
            for case, period, part in zip(self.cases, composition.periods, parts, strict=True)
        ]
        spent = sum(result.seconds["verify"] for result in results)
        plan = replace(plan, results=tuple(results), seconds={**plan.seconds, "verify": spent})
        return self._verified(plan)

    def _result(self, plan: ScenarioPlan, case: Case, period: Period, values: Values) -> Result:
        """The schedule of a case: what follows of the plan once it is known."""
        program = period.program
        stages = []
        for reached in plan.stages:
            expression = weighted_sum(program, reached.stage)
            value = reached.stage.constant + value_of(expression, values, program.model)
            size = magnitude(expression, values, program)
            stages.append(StageResult(reached.stage, Status.FEASIBLE, value, float("nan"), 0.0, size=size))
        result = Result(
            case.spec,
            case.data,
            Status.FEASIBLE,
            plan.backend,
            tuple(stages),
            {},
            None,
            None,
            size_of(program),
            {},
        )
        return with_schedule(result, values, program, {})

    def _verified(self, plan: ScenarioPlan) -> ScenarioPlan:
        """The plan held against the independent check of what couples its scenarios."""
        wrong = next((n for n, result in enumerate(plan.results) if result.status is Status.ERROR), None)
        if wrong is not None:
            message = f"scenario {self.cases[wrong].name}: {plan.results[wrong].message}"
            return replace(plan, status=Status.ERROR, message=message, failed=self.cases[wrong].name)
        started = time.perf_counter()
        samples = [
            Sample(case.spec, case.data, result.schedule, result.verdict, case.weight, case.name)
            for case, result in zip(self.cases, plan.results, strict=True)
            if result.schedule is not None and result.verdict is not None
        ]
        risk = None if self.risk is None else (self.risk.level, self.risk.weight)
        verdict = verify_scenarios(
            samples,
            self.share if plan.couples else (),
            risk,
            [Claim(stage.value, stage.size) for stage in plan.stages],
            plan.couples,
        )
        spent = plan.seconds.get("verify", 0.0) + time.perf_counter() - started
        plan = replace(plan, verdict=verdict, seconds={**plan.seconds, "verify": spent})
        if verdict.ok:
            return plan
        message = f"{len(verdict.violations)} violations in the check of what scenarios share, the first: "
        return replace(plan, status=Status.ERROR, message=message + verdict.violations[0].message)
