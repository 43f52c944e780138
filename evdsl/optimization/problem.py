"""From a spec to a verified schedule: the whole way, in the order in which it is gone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import linopy
import xarray as xr

from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.objectives import WORDS
from evdsl.language.spec import Spec
from evdsl.language.units import symbol
from evdsl.model.formulate import formulate
from evdsl.model.lower import lower
from evdsl.model.point import Values, value_of
from evdsl.model.program import Program
from evdsl.optimization.lexicographic import Rounds, in_rounds
from evdsl.optimization.result import Result, StageResult, stage_record
from evdsl.optimization.stages import as_it_stands, at_best, solve_stage, stage_result
from evdsl.schedule.dataset import as_dataset
from evdsl.schedule.flows import extracted
from evdsl.schedule.settle import settled
from evdsl.solver.audit import solved
from evdsl.solver.backend import Backend, Listener
from evdsl.solver.discovery import find
from evdsl.solver.muted_backend import muted_backend
from evdsl.solver.solution import Options, Solution, Status
from evdsl.verifier import verify
from evdsl.version import VERSION


@dataclass(slots=True)
class Problem:
    """A compiled spec: `model` is the linopy model of what it says, before any rewrite for a solver."""

    spec: Spec
    data: Data
    program: Program
    seconds: dict[str, float] = field(default_factory=dict)
    solved: bool = False
    held: tuple[StageResult, ...] = ()
    """Levels that a schedule keeps before any stage: how a front is cut."""

    @property
    def model(self) -> linopy.Model:
        """The model as formulated; after a solve, as the solver's capabilities had it extended."""
        return self.program.model

    def run(
        self,
        backend: Backend | str = "auto",
        options: Options | None = None,
        listener: Listener | None = None,
        without: Sequence[str] = (),
    ) -> Result:
        """Solves every stage, puts the schedule together and checks it.

        A schedule that fails the check is kept in the result, but its status is `ERROR`.
        """
        if self._impossible():
            return _without_solver(self, backend if isinstance(backend, str) else backend.name)
        solver = find(backend) if isinstance(backend, str) else backend
        if isinstance(solver, Diagnostic):
            raise LookupError(f"{solver.message}; {solver.help}")
        options = options or Options(seed=self.spec.seed % 2**31)
        solver = muted_backend(solver)
        result = self._once(solver, options, listener, without)
        if result is None:
            result = self._once(solver, options, listener, (*without, "exclusive_to_nothing"))
        assert result is not None, "a solution could not be put back although no rewrite was left to undo"
        return result

    def _once(
        self, solver: Backend, options: Options, listener: Listener | None, without: Sequence[str]
    ) -> Result | None:
        """One run. Lowering extends a model, so a second run begins with a new one."""
        if self.solved:
            started = time.perf_counter()
            self.program = formulate(self.spec, self.data)
            self.seconds["build"] = time.perf_counter() - started
        self.solved = True
        return _solved(self, solver, options, listener, without)

    def _impossible(self) -> bool:
        """Whether a demand that must be met is beyond reach whatever else is decided."""
        beyond = any(diagnostic.code == "W103" for diagnostic in self.data.diagnostics)
        return beyond and not self.spec.on("partial_charging")

    def solve(self, backend: Backend | str = "auto", options: Options | None = None) -> xr.Dataset:
        """The schedule alone. Raises `RuntimeError` where there is none that passes the check."""
        result = self.run(backend, options)
        if result.schedule is None or not result.status.has_schedule:
            raise RuntimeError(f"{result.status.value}: {result.message}")
        return result.schedule


def compile_spec(spec: Spec, data: Data | None = None) -> Problem:
    """The model of a spec. Raises `SpecError` where its data cannot be read."""
    started = time.perf_counter()
    if data is None:
        data, found = load_data(spec)
        if data is None:
            from evdsl.semantics.load import SpecError

            raise SpecError(found)
    return Problem(spec, data, formulate(spec, data), {"build": time.perf_counter() - started})


def _solved(
    problem: Problem, backend: Backend, options: Options, listener: Listener | None, without: Sequence[str]
) -> Result | None:
    """All stages in order; `None` where a rewrite could not be undone and must be left out."""
    started = time.perf_counter()
    lowered = lower(problem.program, backend.capabilities, without)
    program = lowered.program
    seconds = {"build": problem.seconds.get("build", 0.0) + time.perf_counter() - started}
    started = time.perf_counter()
    results: list[StageResult] = []
    best: Values | None = None
    solution = Solution(Status.ERROR, message="no objective")

    def put_back(found: Solution) -> tuple[Solution, Values] | None:
        restored = lowered.undo(dict(found.values)) if found.status.has_schedule else {}
        if isinstance(restored, str):
            return None
        return found, settled(restored, program) if restored else {}

    def ask_again() -> tuple[Solution, Values] | None:
        return put_back(solved(backend, program.model, _remaining(options, started), listener))

    for index, stage in enumerate(program.stages):
        if best is not None and at_best(program, stage, best):
            rounds = 0 if in_rounds(stage) else None
            results.append(replace(as_it_stands(stage, best, program), rounds=rounds))
            continue
        left = _remaining(options, started)
        solution = solve_stage(program, [*problem.held, *results], index, backend, left, listener)
        if not solution.status.has_schedule:
            break
        answer = put_back(solution)
        if answer is None:
            return None
        best = answer[1]
        reached = stage_result(stage, solution, best, program)
        if in_rounds(stage):
            further = Rounds(program, stage, ask_again, solution, best)
            last = further.run()
            if last is None:
                return None
            solution, best = last, further.values
            reached = stage_result(stage, solution, best, program)
            reached = replace(reached, rounds=further.count, shares=further.shares)
        results.append(reached)
        if solution.interrupted:
            break
    seconds["solve"] = time.perf_counter() - started
    status, message = _overall(results, solution, len(program.stages))
    result = Result(
        problem.spec,
        problem.data,
        status,
        backend.name,
        tuple(results),
        {},
        None,
        None,
        _size(program),
        seconds,
        message,
        interrupted=solution.interrupted,
    )
    return _checked(result, best, program) if best is not None and status.has_schedule else result


def _without_solver(problem: Problem, backend: str) -> Result:
    message = next(d.message for d in problem.data.diagnostics if d.code == "W103")
    seconds = {"build": problem.seconds.get("build", 0.0), "solve": 0.0}
    size = _size(problem.program)
    return Result(
        problem.spec, problem.data, Status.INFEASIBLE, backend, (), {}, None, None, size, seconds, message
    )


def _remaining(options: Options, started: float) -> Options:
    """The time limit is that of all stages together."""
    if options.time_limit is None:
        return options
    return replace(options, time_limit=max(options.time_limit - (time.perf_counter() - started), 0.01))


def _overall(results: Sequence[StageResult], last: Solution, stages: int) -> tuple[Status, str]:
    """The worst of the stages; a later stage without a schedule leaves the earlier one's.

    One that nothing bounds leaves none: it is a mistake in the spec, whatever comes before it.
    """
    if not results or last.status is Status.UNBOUNDED:
        return last.status, last.message
    if len(results) < stages:
        return Status.FEASIBLE, f"stage {len(results) + 1} ended {last.status.value}: {last.message}"
    order = [Status.OPTIMAL, Status.WITHIN_GAP, Status.FEASIBLE]
    return max((result.status for result in results), key=order.index), last.message


def _size(program: Program) -> dict[str, int]:
    model = program.model
    integers = sum(
        int((variable.labels >= 0).sum())
        for variable in (*model.variables.binaries.data.values(), *model.variables.integers.data.values())
    )
    return {"variables": int(model.nvars), "integers": integers, "rows": int(model.ncons)}


def _checked(result: Result, values: Values, program: Program) -> Result:
    """The schedule with its claims, held against the independent check."""
    spec, data = result.spec, result.data
    flows = extracted(values, program)
    terms = {name: value_of(expression, values, program.model) for name, expression in program.words.items()}
    schedule = as_dataset(flows, data, _attributes(result, terms))
    started = time.perf_counter()
    verdict = verify(spec, schedule, data)
    seconds = {**result.seconds, "verify": time.perf_counter() - started}
    found = replace(result, schedule=schedule, verdict=verdict, terms=dict(verdict.terms), seconds=seconds)
    if verdict.ok:
        return found
    worst = verdict.violations[0]
    count = sum(verdict.counts.values())
    message = f"{count} violations in the independent check, the first: {worst.message}"
    return replace(found, status=Status.ERROR, message=message)


def _attributes(result: Result, terms: dict[str, float]) -> dict[str, object]:
    spec = result.spec
    first = result.stages[0]
    units = {word.name: symbol(word.dimension, spec.currency) for word in WORDS}
    return {
        "evdsl": VERSION,
        "spec": spec.name,
        "digest": result.data.digest,
        "zone": spec.zone,
        "step_hours": spec.step,
        "currency": spec.currency,
        "status": result.status.value,
        "backend": result.backend,
        "objective": first.value,
        "bound": first.bound,
        "gap": first.gap,
        "terms": {name: {"value": value, "unit": units[name]} for name, value in terms.items()},
        "stages": [stage_record(stage, spec) for stage in result.stages],
        "model": result.size,
    }
