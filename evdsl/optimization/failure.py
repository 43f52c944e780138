"""What a run without a schedule means, in the words of the spec."""

from __future__ import annotations

from dataclasses import replace

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Spec, Stage, Switch
from evdsl.language.units import ENERGY
from evdsl.optimization.problem import compile_spec
from evdsl.optimization.result import Result, attempt_lines
from evdsl.solver.backend import Backend
from evdsl.solver.choice import Choice
from evdsl.solver.solution import Options, Status


def diagnose(result: Result, backend: Backend, options: Options) -> list[Diagnostic]:
    """The diagnostic of a run that gave no schedule, or none that can be believed."""
    if result.interrupted and not result.status.has_schedule:
        return [Diagnostic("E605", "the solver was interrupted before it had a schedule")]
    last = result.spec.stages[min(len(result.stages), len(result.spec.stages) - 1)]
    match result.status:
        case Status.INFEASIBLE:
            return [_infeasible(result, backend, options)]
        case Status.UNBOUNDED:
            message = f"nothing bounds `{last.sense} {last.text}`"
            help = "give the grid an `import_limit` and an `export_limit`, or turn the sense of the objective"
            return [Diagnostic("E602", message, last.span, "", help)]
        case Status.STOPPED:
            message = f"the solver stopped without a schedule: {result.message}"
            return [
                Diagnostic(
                    "E605",
                    message,
                    last.span,
                    "",
                    "give it more time with `--time-limit`, or a larger `--gap`",
                )
            ]
        case Status.ERROR:
            code = "E606" if result.verdict is None or result.verdict.ok else "E607"
            notes = tuple(attempt_lines(result.attempts, len(result.spec.stages)))
            return [Diagnostic(code, result.message, None, "", _next_try(code, backend, options), notes)]
    return []


def _next_try(code: str, backend: Backend, options: Options) -> str:
    """What is left to do where no solver that was asked has an answer, or its schedule is none."""
    if code == "E607" or not isinstance(backend, Choice):
        return "try the other solver with `--backend`"
    if options.extra:
        return "leave out `--solver-option`: solvers that do not know the option are not asked"
    return "leave out limits that limit nothing: solvers fail where the numbers of a model are far apart"


def _infeasible(result: Result, backend: Backend, options: Options) -> Diagnostic:
    """Why, as far as it is cheap to know: how much could be delivered at best."""
    spec = result.spec
    span = spec.toggles["partial_charging"].span or spec.source_span()
    message = "no schedule meets every demand"
    if spec.on("partial_charging"):
        # Demands may be missed: it is something else that cannot hold.
        span = spec.requirements[0].span if len(spec.requirements) == 1 else spec.source_span()
        message = "no schedule meets everything that the spec asks, even where demands are missed"
    best = most_deliverable(result, backend, options)
    if best is None:
        help = "`evdsl explain SPEC` says which lines cannot hold together"
        return Diagnostic("E601", message, span, "", help)
    asked = float(result.data.vehicles.need.sum())
    note = f"at most {best:.6g} of the {asked:.6g} kWh asked for can be delivered"
    help = "`evdsl explain SPEC` says which lines cannot hold together, and what change of one is enough"
    early = tuple(finding.message for finding in result.data.beyond_reach)
    return Diagnostic("E601", message, span, "", help, (note, *early))


def most_deliverable(result: Result, backend: Backend, options: Options) -> float | None:
    """The most of the energy asked for that any schedule delivers, kWh."""
    spec = result.spec
    if spec.on("partial_charging"):
        return None
    relaxed = replace(
        spec, toggles={**spec.toggles, "partial_charging": Switch(True, None)}, stages=(_least_unmet(spec),)
    )
    found = compile_spec(relaxed, result.data).run(backend, options)
    if not found.status.has_schedule:
        return None
    return float(result.data.vehicles.need.sum()) - found.terms["unmet"]


def _least_unmet(spec: Spec) -> Stage:
    return Stage("minimize", {"unmet": 1.0}, 0.0, ENERGY, 0.0, "unmet", spec.source_span())
