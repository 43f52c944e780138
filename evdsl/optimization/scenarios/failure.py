"""What is to be said of a run over scenarios without a plan: which scenario is at fault, or that none is."""

from __future__ import annotations

from dataclasses import replace

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.optimization.failure import diagnose
from evdsl.optimization.problem import compile_spec
from evdsl.optimization.result import Result
from evdsl.optimization.scenarios.case import Case
from evdsl.optimization.scenarios.plan import ScenarioPlan
from evdsl.solver.backend import Backend
from evdsl.solver.solution import Options, Status


def reasons(plan: ScenarioPlan, solver: Backend, options: Options) -> tuple[Diagnostic, ...]:
    """Why there is no plan, in the words of the first scenario that has no schedule even alone."""
    if plan.status is not Status.INFEASIBLE:
        case = next((case for case in plan.cases if case.name == plan.failed), plan.cases[0])
        told = diagnose(_as_result(plan, case), solver, options).diagnostics
        return _of(case.name, told) if plan.failed and plan.results else told
    for case in plan.cases:
        if plan.failed and case.name != plan.failed:
            continue
        alone = compile_spec(case.spec, case.data).run(solver, options)
        if alone.status is Status.INFEASIBLE:
            return _of(case.name, diagnose(alone, solver, options).diagnostics)
        if not alone.status.has_schedule:
            break
    else:
        block = plan.spec.only("scenarios")
        place = plan.spec.source_span() if block is None else block.header
        message = "each scenario has a schedule of its own, and no plan that they share serves all of them"
        help = "share less, or leave more open: `partial_charging`, a wider range, a higher `import_limit`"
        return (Diagnostic("E601", message, place, "", help),)
    return diagnose(_as_result(plan, plan.cases[0]), solver, options).diagnostics


def _of(name: str, told: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    # `evdsl explain` is of one schedule, and does not know which scenario is meant.
    return tuple(
        replace(
            one,
            message=f"scenario {name}: {one.message}",
            help="ease one of the lines that cannot hold together"
            if "evdsl explain" in one.help
            else one.help,
        )
        for one in told
    )


def _as_result(plan: ScenarioPlan, case: Case) -> Result:
    """The end of the whole run, as a run of one scenario would tell it."""
    failed = next((r for r in plan.results if plan.failed and r.spec is case.spec), None)
    return Result(
        case.spec,
        case.data,
        plan.status,
        plan.backend,
        plan.stages,
        {},
        None,
        None if failed is None else failed.verdict,
        plan.size,
        plan.seconds,
        plan.message,
        interrupted=plan.interrupted,
        attempts=plan.attempts,
        choice=plan.choice,
    )
