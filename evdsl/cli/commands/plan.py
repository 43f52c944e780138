"""`evdsl plan SPEC`: who charges where, from when to when, at which power, and what it costs and earns."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from evdsl.cli.arguments import solver_arguments, spec_arguments
from evdsl.cli.exit import ERRORS, USAGE, exit_of
from evdsl.cli.progress import SolveProgress
from evdsl.cli.shared import (
    data_of,
    options_of,
    print_json,
    read_spec,
    refuse,
    say,
    solver_of,
    status_of,
)
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Spec


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    spec_arguments(command)
    solver_arguments(command)
    command.add_argument(
        "--by", choices=("vehicle", "port", "time"), default="vehicle", help="the order of the rows"
    )
    command.add_argument(
        "--out", metavar="FILE", help="store the plan: .csv, .xlsx, .json; its picture: .svg, .png"
    )
    command.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Solves, checks, and prints or stores the plan."""
    options = options_of(arguments)
    backend = solver_of(arguments, options)
    wrong = [*_file_problems(arguments), *(backend if isinstance(backend, list) else [])]
    if isinstance(backend, list) or wrong:
        return refuse(wrong, arguments, USAGE)
    spec, found = read_spec(arguments)
    if spec is None:
        return refuse(found, arguments, status_of(found))
    problem = refusal(spec)
    if problem is not None:
        return refuse([*found, problem], arguments, ERRORS)
    data = data_of(spec, found, arguments)
    if data is None:
        return ERRORS
    from evdsl.optimization.failure import diagnose
    from evdsl.optimization.problem import compile_spec
    from evdsl.report.plan import files, text
    from evdsl.report.plan.charges import plan_of
    from evdsl.report.plan.document import document

    listener = None if arguments.json else SolveProgress()
    result = compile_spec(spec, data).run(backend, options.seeded(spec.seed), listener)
    if listener is not None:
        listener.clear()
    result = replace(result, diagnostics=diagnose(result, backend, options.seeded(spec.seed)).diagnostics)
    if result.schedule is None or not result.status.has_schedule:
        return refuse(result.diagnostics, arguments, exit_of(result))
    plan = plan_of(result)
    problem = files.write(arguments.out, plan, arguments.by) if arguments.out else None
    if arguments.json:
        print_json(document(plan, arguments.by))
    else:
        say(result.diagnostics)
        sys.stdout.write(text.text(plan, arguments.by))
        if arguments.out and problem is None:
            print(f"\nwritten to {arguments.out}")
    if problem is not None:
        say([problem])
        return USAGE
    return exit_of(result)


def refusal(spec: Spec) -> Diagnostic | None:
    """E402 for a front, which is many plans."""
    if spec.pareto is None:
        return None
    message = "a plan is that of one objective, and the spec asks for a front"
    return Diagnostic("E402", message, spec.pareto.span, "", "write `minimize ...` for `pareto ...`")


def _file_problems(arguments: argparse.Namespace) -> list[Diagnostic]:
    if not arguments.out:
        return []
    from evdsl.report.plan.files import check_ending

    problem = check_ending(arguments.out)
    return [problem] if problem is not None else []
