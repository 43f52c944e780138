"""From a spec to a verified schedule: the whole way, in the order in which it is gone."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import linopy
import xarray as xr

from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.display import html_of
from evdsl.language.objectives import WORDS
from evdsl.language.spec import Spec
from evdsl.language.units import symbol
from evdsl.model.formulate import formulate
from evdsl.model.labelled import aim_at
from evdsl.model.matrix import read
from evdsl.model.point import Values, value_of
from evdsl.model.program import Program
from evdsl.optimization.extension import (
    Extension,
    ExtensionError,
    ModelView,
    added_values,
    shortfall_of,
    terms_worth,
    with_added,
)
from evdsl.optimization.relaxed import solve_all_stages, solve_relaxed_first
from evdsl.optimization.result import Result, StageResult, stage_record
from evdsl.optimization.rounding import words
from evdsl.optimization.stages import StagesEnd, pose_stage
from evdsl.schedule.dataset import as_dataset
from evdsl.schedule.decisions import chosen_record
from evdsl.schedule.flows import extract_flows
from evdsl.semantics.load import SpecError
from evdsl.solver.backend import Backend, Listener
from evdsl.solver.discovery import backend_of, refuse_unknown_options
from evdsl.solver.muted_backend import muted_backend
from evdsl.solver.solution import Options, Status
from evdsl.verifier import verify
from evdsl.version import VERSION


@dataclass(frozen=True, slots=True)
class Problem:
    """A compiled spec; `program` is what it says, before any rewrite for a solver.

    It is the same after a run as before, so that it can be solved again. `build_seconds` went into it.
    """

    spec: Spec
    data: Data
    program: Program
    build_seconds: float = 0.0
    _views: dict[int, ModelView] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The models that were handed out, by the number of their stage."""

    def _repr_html_(self) -> str | None:
        """As a notebook shows it."""
        return html_of(self)

    @property
    def model(self) -> linopy.Model:
        """The spec as a linopy model, labelled, with the objective of its first stage.

        What is added to it through linopy (rows, variables, tighter bounds, terms of the objective) holds in
        every later solve; see `evdsl.optimization.extension`.
        """
        if 1 not in self._views:
            self._views[1] = ModelView.of(self.spec, self.data)
        return self._views[1].model

    def stage(
        self, number: int, backend: Backend | str = "auto", options: Options | None = None
    ) -> linopy.Model:
        """The model of a stage, counted from 1, with the earlier ones solved and held by rows `stage.1`, ...

        It is made anew with each call, and is there to be looked at and solved: what is to hold in later
        solves is added to `model`, and a run after an addition here is refused. Raises `IndexError` for a
        number that the spec does not have, `RuntimeError` where an earlier stage has no schedule.
        """
        if not 1 <= number <= len(self.program.stages):
            raise IndexError(f"the spec has {len(self.program.stages)} stages, and none of number {number}")
        if number == 1:
            return self.model
        result = self.run(backend, options)
        if len(result.stages) < number - 1:
            raise RuntimeError(f"{result.status.value}: {result.message}")
        _ = self.model
        view = self._views[1]
        lowered = view.extended(view.extension())
        posed = pose_stage(lowered.program, number - 1, result.stages[: number - 1])
        aim_at(posed.model, posed, posed.stages[number - 1])
        self._views[number] = ModelView(lowered, posed.model, read(posed.model))
        return posed.model

    def _extension(self) -> Extension | None:
        """What was added to `model`; `None` where nothing was. Raises `ExtensionError`."""
        for number, view in self._views.items():
            if number > 1 and view.is_changed():
                raise ExtensionError(
                    f"the model of stage {number} was changed, which no solve of the problem looks at; "
                    "add to `problem.model` instead"
                )
        extension = self._views[1].extension() if 1 in self._views else None
        return extension or None

    def run(
        self,
        backend: Backend | str = "auto",
        options: Options | None = None,
        listener: Listener | None = None,
        without: Sequence[str] = (),
        levels: Sequence[StageResult] = (),
    ) -> Result:
        """Solves every stage, puts the schedule together and checks it.

        `without` names rewrites to leave out; `levels` are kept before any stage, as if they had been
        reached: how a front is cut. A schedule that fails the check is kept in the result, but its status is
        `ERROR`. Raises `LookupError` for an unknown solver, `ValueError` for an option that it does not know,
        and `ExtensionError` where the model that was handed out says what no solve can keep.
        """
        extension = self._extension()
        if self._impossible():
            return _without_solver(self, backend if isinstance(backend, str) else backend.name)
        solver = muted_backend(backend_of(backend))
        options = options or Options().seeded(self.spec.seed)
        refuse_unknown_options(solver, options)
        # Where a solution cannot be put back: once more, without the rewrite that it is lost in.
        for left_out in ((*without, *options.without), (*without, *options.without, "exclusive_to_nothing")):
            started = time.perf_counter()
            if extension is None:
                lowered, end = solve_relaxed_first(self.program, solver, options, listener, left_out, levels)
            else:
                lowered = self._views[1].extended(extension)
                end = solve_all_stages(lowered, solver, options, listener, levels)
            if end is not None:
                built = self.build_seconds + time.perf_counter() - started - end.seconds
                return self._result(solver.name, lowered.program, end, built, extension)
        raise AssertionError("a solution could not be put back although no rewrite was left to undo")

    def _result(
        self, backend: str, program: Program, end: StagesEnd, built: float, extension: Extension | None
    ) -> Result:
        """What the stages came to, with the schedule of the last one and its check."""
        status, message = end.overall(len(program.stages))
        seconds = {"build": built, "solve": end.seconds}
        result = Result(
            self.spec,
            self.data,
            status,
            " and ".join(end.backends) or backend,
            end.results,
            {},
            None,
            None,
            size_of(end.posed),
            seconds,
            message,
            interrupted=end.last.interrupted,
            extended_by=extension.names if extension is not None else (),
            attempts=end.attempts,
            choice=end.choice,
        )
        if end.values is None or not status.has_schedule:
            return result
        if extension is None:
            return with_schedule(result, end.values, program, {})
        model = self._views[1].model
        claims = {
            "extended_by": list(extension.names),
            "added_terms": terms_worth(extension, model, end.values),
        }
        found = with_schedule(result, end.values, program, claims)
        assert found.schedule is not None
        schedule = with_added(found.schedule, added_values(extension, model, end.values))
        missed = shortfall_of(self._views[1], extension, end.values)
        if missed and found.status.has_schedule:
            return replace(found, schedule=schedule, status=Status.ERROR, message=missed)
        return replace(found, schedule=schedule)

    def _impossible(self) -> bool:
        """Whether a demand that must be met is beyond reach whatever else is decided."""
        return bool(self.data.beyond_reach) and not self.spec.on("partial_charging")

    def solve(self, backend: Backend | str = "auto", options: Options | None = None) -> xr.Dataset:
        """The schedule alone. Raises `RuntimeError` where there is none that passes the check."""
        result = self.run(backend, options)
        if result.schedule is None or not result.status.has_schedule:
            raise RuntimeError(f"{result.status.value}: {result.message}")
        return result.schedule


def compile_spec(spec: Spec, data: Data | None = None) -> Problem:
    """The model of a spec. Raises `SpecError` where its data cannot be read, or where it has `scenarios`."""
    started = time.perf_counter()
    refuse_many(spec)
    if data is None:
        data, found = load_data(spec)
        if data is None:
            raise SpecError(found)
    return Problem(spec, data, formulate(spec, data), time.perf_counter() - started)


def refuse_many(spec: Spec) -> None:
    """Raises `SpecError` for a spec that asks for a plan for many scenarios, where one schedule is wanted."""
    block = spec.only("scenarios")
    if block is None or spec.scenario:
        return
    message = "a spec with `scenarios` has a schedule for each of them, and is no single problem"
    help = "`evdsl.scenarios(spec)` makes the plan; or remove the block `scenarios`, and `risk` with it"
    raise SpecError([Diagnostic("E206", message, block.header, "", help)])


def _without_solver(problem: Problem, backend: str) -> Result:
    message = problem.data.beyond_reach[0].message
    seconds = {"build": problem.build_seconds, "solve": 0.0}
    size = size_of(problem.program)
    return Result(
        problem.spec, problem.data, Status.INFEASIBLE, backend, (), {}, None, None, size, seconds, message
    )


def size_of(program: Program) -> dict[str, int]:
    """How large a model is: decisions, those of them that are integers, rows."""
    model = program.model
    integers = sum(
        int((variable.labels >= 0).sum())
        for variable in (*model.variables.binaries.data.values(), *model.variables.integers.data.values())
    )
    return {"variables": int(model.nvars), "integers": integers, "rows": int(model.ncons)}


def with_schedule(result: Result, values: Values, program: Program, claims: dict[str, object]) -> Result:
    """A result with the schedule of a settled point and its claims, held against the independent check."""
    spec, data = result.spec, result.data
    flows = extract_flows(values, program)
    terms = {name: value_of(expression, values, program.model) for name, expression in program.words.items()}
    schedule = as_dataset(flows, data, {**_attributes(result, terms), **claims})
    picked = chosen_record(spec, schedule)
    if picked:
        schedule = schedule.assign_attrs(chosen=json.dumps(picked))
    started = time.perf_counter()
    verdict = verify(spec, schedule, data)
    seconds = {**result.seconds, "verify": time.perf_counter() - started}
    shown = words(spec, data, schedule, verdict)
    found = replace(result, schedule=schedule, verdict=verdict, terms=shown, seconds=seconds)
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
    units |= {term.name: symbol(term.value.dimension, spec.currency) for term in spec.terms}
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
        **({"scenario": spec.scenario} if spec.scenario else {}),
    }
