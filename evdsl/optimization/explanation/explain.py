"""`evdsl explain SPEC`: a spec is solved, and what came out is told as its lines.

Infeasible: the conflict (`evdsl.optimization.explanation.conflict`). Else what each line costs
(`evdsl.optimization.explanation.prices`) in one stage, while the earlier ones keep their values. A front
has no one objective to price a line in, which is said. A run that ended otherwise is told as `evdsl solve`
does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from evdsl.data.data import Data
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.display import html_of
from evdsl.language.spec import Spec
from evdsl.optimization.explanation.conflict import Conflict, find_conflict
from evdsl.optimization.explanation.prices import PriceOptions, Prices, find_prices
from evdsl.optimization.explanation.variant import Session, UndecidedError, Variant
from evdsl.optimization.failure import diagnose, more_time
from evdsl.optimization.problem import compile_spec
from evdsl.optimization.result import Result
from evdsl.solver.backend import Backend
from evdsl.solver.kept import kept
from evdsl.solver.solution import Attempt, Options, Status


@dataclass(frozen=True, slots=True)
class Explanation:
    """What there is to tell; without `conflict` and `prices`, the `problems` say why."""

    spec: Spec
    data: Data
    status: Status
    backend: str
    choice: str = ""
    attempts: tuple[Attempt, ...] = ()
    """The runs of each solve, of the spec and of its questions, that did not end with an answer at once."""
    conflict: Conflict | None = None
    prices: Prices | None = None
    problems: tuple[Diagnostic, ...] = ()

    def _repr_html_(self) -> str | None:
        """As a notebook shows it."""
        return html_of(self)


def explain(
    spec: Spec,
    data: Data,
    backend: Backend,
    options: Options,
    stage: int = 1,
    how: PriceOptions | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Explanation:
    """Why a spec is infeasible, or what each of its lines costs in a stage (counted from 1)."""
    asker = Session(kept(backend), options)
    solved = replace(spec, stages=spec.stages[:stage])
    tell("solving the spec")
    result = compile_spec(solved, data).run(backend, options)
    if result.interrupted:  # nothing is explained of what was broken off
        raise KeyboardInterrupt
    found = Explanation(spec, data, result.status, result.backend, result.choice)
    found = _told(found, result, asker, stage, how or PriceOptions(), tell)
    return replace(found, attempts=(*result.attempts, *asker.attempts))


def _told(
    found: Explanation,
    result: Result,
    asker: Session,
    stage: int,
    how: PriceOptions,
    tell: Callable[[str], None],
) -> Explanation:
    """The explanation of a run, with what was found by further questions."""
    spec = found.spec
    case = Variant(spec, found.data)
    try:
        if result.status is Status.INFEASIBLE:
            conflict = find_conflict(case, asker, tell)
            if conflict is not None:
                return replace(found, conflict=conflict)
        elif spec.pareto is not None and result.status.has_schedule:
            return replace(found, problems=(_of_a_front(spec),))
        elif len(result.stages) == stage and result.status.has_schedule:
            prices = find_prices(case, result.stages[: stage - 1], asker, how, tell)
            if prices is not None:
                return replace(found, prices=prices)
    except UndecidedError as stopped:
        status = stopped.status if stopped.status is not Status.UNBOUNDED else Status.ERROR
        problem = _undecided(status, stopped.message, found, asker.options)
        return replace(found, status=status, problems=(problem,))
    problems = diagnose(result, asker.backend, asker.options).diagnostics
    return replace(found, problems=problems or (_unfinished(result, asker.options),))


def _undecided(status: Status, message: str, found: Explanation, options: Options) -> Diagnostic:
    if status is Status.STOPPED:
        text = f"not every question about the spec could be answered: {message}"
        return Diagnostic("E605", text, found.spec.source_span(), "", more_time(options))
    return Diagnostic("E606", message, None, "", "try the other solver with `--backend`")


def _of_a_front(spec: Spec) -> Diagnostic:
    message = "a line has its price in an objective, and the spec asks for a front"
    help = "write `minimize ...` for `pareto ...`; `evdsl solve` tells the prices along a front"
    assert spec.pareto is not None, "asked before"
    return Diagnostic("E402", message, spec.pareto.span, "", help)


def _unfinished(result: Result, options: Options) -> Diagnostic:
    return Diagnostic("E605", f"the stage has no schedule: {result.message}", None, "", more_time(options))
