"""What a run without a schedule means, in the words of the spec.

No cause is assumed. Why a spec is infeasible is what `evdsl.optimization.explanation` finds in a few
seconds; what would bound an objective is tried; where the time was too short for it, that is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from evdsl.data.data import Data
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Span
from evdsl.language.spec import Spec, Stage, Switch
from evdsl.language.units import ENERGY
from evdsl.optimization.explanation.conflict import Conflict, Member, short_answer
from evdsl.optimization.explanation.levers import DEMAND, SETTING, whose_to_change
from evdsl.optimization.explanation.variant import Session, UndecidedError, Variant
from evdsl.optimization.explanation.wording import change_that_is_enough
from evdsl.optimization.problem import compile_spec
from evdsl.optimization.result import Result, attempt_lines
from evdsl.solver.backend import Backend
from evdsl.solver.choice import Choice
from evdsl.solver.solution import Options, Status

SEARCH = 5.0
"""Seconds that a run without a schedule may look for the reason."""
TOLD = 6
"""Statements of a conflict that a diagnostic names."""
PLENTY = 1e6
"""kW: a limit that is one in theory only."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What is to be said of a run, and where it is infeasible the conflict that was found."""

    diagnostics: tuple[Diagnostic, ...] = ()
    conflict: Conflict | None = None


def diagnose(result: Result, backend: Backend, options: Options) -> Failure:
    """What is to be said of a run that gave no schedule, or none that can be believed."""
    if result.interrupted and not result.status.has_schedule:
        return _failure("E605", "the solver was interrupted before it had a schedule")
    last = result.spec.stages[min(len(result.stages), len(result.spec.stages) - 1)]
    match result.status:
        case Status.INFEASIBLE:
            return _infeasible(result, backend, options)
        case Status.UNBOUNDED:
            message = f"nothing bounds `{last.sense} {last.text}`"
            return _failure("E602", message, last.span, _what_bounds(result, last, backend, options))
        case Status.STOPPED:
            message = f"the solver stopped without a schedule: {result.message}"
            return _failure("E605", message, last.span, more_time(options))
        case Status.ERROR:
            code = "E606" if result.verdict is None or result.verdict.ok else "E607"
            notes = tuple(attempt_lines(result.attempts, len(result.spec.stages)))
            help = _next_try(code, backend, options)
            return Failure((Diagnostic(code, result.message, None, "", help, notes),))
    return Failure()


def _next_try(code: str, backend: Backend, options: Options) -> str:
    """What is left to do where no solver that was asked has an answer, or its schedule is none."""
    if code == "E607" or not isinstance(backend, Choice):
        return "try the other solver with `--backend`"
    if options.extra:
        return "leave out `--solver-option`: solvers that do not know the option are not asked"
    return "leave out limits that limit nothing: solvers fail where the numbers of a model are far apart"


def more_time(options: Options) -> str:
    """What to do where a solver stopped without a schedule: a `--gap` ends no search that has none."""
    if options.time_limit is None:
        return "try the other solver with `--backend`, or a shorter `horizon`, or a longer `step`"
    return f"give it more time: `--time-limit {10 * options.time_limit:g}`, or leave that limit out"


def _failure(code: str, message: str, span: Span | None = None, help: str = "") -> Failure:
    return Failure((Diagnostic(code, message, span, "", help),))


def _infeasible(result: Result, backend: Backend, options: Options) -> Failure:
    """Why, as far as it is found in `SEARCH` seconds."""
    spec = result.spec
    message, span = "no schedule meets everything that the spec asks", spec.source_span()
    asker = Session(backend, replace(options, time_limit=SEARCH))
    conflict, notes = None, []
    try:
        conflict = short_answer(Variant(spec, result.data), asker)
        help = "`evdsl explain SPEC` says more: what is short, and when"
    except (UndecidedError, KeyboardInterrupt) as stopped:
        timed = isinstance(stopped, UndecidedError) and stopped.status is Status.STOPPED
        why = f"was not found in {SEARCH:g} s" if timed else "was not found out"
        notes.append(f"which statements cannot hold together {why}")
        help = "`evdsl explain SPEC` says which lines cannot hold together, and what change of one is enough"
    else:
        if conflict is None:
            notes.append(
                "the statements of the spec can hold together: what cannot is beside what was reached "
                "before, or lies within the tolerance of the solver"
            )
            help = "try the other solver with `--backend`"
        elif not conflict.members:
            notes.append("no limit, demand or toggle of the spec that could be taken away explains it")
            help = "try the other solver with `--backend`"
        else:
            operators = sorted(conflict.members, key=lambda member: whose_to_change(member.lever))
            span = operators[0].lever.span
            count = len(conflict.members)
            message += f": {count} statements cannot hold together" if count > 1 else ": this cannot hold"
            notes += _members(conflict.members, spec)
            notes += _changes(operators, spec, result.data)
    most = _most_deliverable(result, backend, asker)
    if most is not None:
        asked = float(result.data.vehicles.need.sum())
        notes.append(f"at most {most:.6g} of the {asked:.6g} kWh asked for can be delivered")
    notes += [finding.message for finding in result.data.beyond_reach]
    return Failure((Diagnostic("E601", message, span, "", help, tuple(notes)),), conflict)


def _members(members: Sequence[Member], spec: Spec) -> list[str]:
    told = []
    for lever in (member.lever for member in members[:TOLD]):
        owner = f" of {lever.owner}" if lever.sort in (SETTING, DEMAND) else ""
        told.append(f"{_line(lever.span, spec)}: {lever.shown}{owner}")
    more = len(members) - TOLD
    return told + ([f"and {more} more"] if more > 0 else [])


def _changes(members: Sequence[Member], spec: Spec, data: Data) -> list[str]:
    """What change of one statement alone is enough, the operator's first."""
    enough = [member for member in members if member.relief is not None][:TOLD]
    if enough:
        told = "; or ".join(change_that_is_enough(member, spec, data) for member in enough)
        return [f"one of these changes is enough: {told}"]
    if all(member.tried for member in members):
        return ["no change of one of them alone is enough"]
    return ["the time was too short to find what change of one of them is enough"]


def _line(span: Span, spec: Spec) -> str:
    return f"line {span.line}" if span.source is spec.source else f"{span.source.name}:{span.line}"


def _most_deliverable(result: Result, backend: Backend, asker: Session) -> float | None:
    """The most of the energy asked for that any schedule delivers, kWh; `None` where it is not known."""
    spec, left = result.spec, asker.deadline.left
    if spec.on("partial_charging") or not left or not len(result.data.vehicles):
        return None
    least = Stage("minimize", {"unmet": 1.0}, 0.0, ENERGY, 0.0, "unmet", spec.source_span())
    relaxed = replace(spec, toggles={**spec.toggles, "partial_charging": Switch(True, None)}, stages=(least,))
    found = compile_spec(relaxed, result.data).run(backend, asker.deadline.within(asker.options))
    # A schedule that is not proven to be the best says only what can be delivered at least.
    if found.status not in (Status.OPTIMAL, Status.WITHIN_GAP):
        return None
    asked = float(result.data.vehicles.need.sum())
    return asked - found.terms["unmet"] if asked > 0 else None


def _what_bounds(result: Result, stage: Stage, backend: Backend, options: Options) -> str:
    """The limits of the grid that bound a stage, as a run with them shows; empty where none does."""
    spec = result.spec
    grid = spec.only("grid")
    if grid is None:
        return ""
    missing = [name for name in ("import_limit", "export_limit") if grid.get(name) is None]
    choices = [(name,) for name in missing] + ([tuple(missing)] if len(missing) > 1 else [])
    for names in choices:
        limits = {("grid", name): np.full(spec.steps, PLENTY) for name in names}
        data = replace(result.data, series={**result.data.series, **limits})
        asked = replace(options, time_limit=SEARCH / len(choices))
        tried = compile_spec(replace(spec, stages=(stage,)), data).run(backend, asked)
        if tried.status in (Status.OPTIMAL, Status.WITHIN_GAP, Status.FEASIBLE):
            return f"give the grid an {' and an '.join(f'`{name}`' for name in names)}"
    return "turn the sense of the objective, or ask for something that has an end"
