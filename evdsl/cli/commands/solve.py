"""`evdsl solve`: the best schedule, checked independently, and what it means."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from evdsl.cli.arguments import positive_count, solver_arguments, spec_arguments
from evdsl.cli.exit import ERRORS, USAGE, exit_of
from evdsl.cli.progress import SolveProgress
from evdsl.cli.shared import (
    in_color,
    options_of,
    print_json,
    read_spec,
    refuse,
    say,
    solver_of,
    status_of,
)
from evdsl.diagnostics.diagnostic import Diagnostic, with_data
from evdsl.language.devices.scenarios import count_of

if TYPE_CHECKING:
    from evdsl.data.data import Data
    from evdsl.language.spec import Spec
    from evdsl.optimization.explanation.conflict import Conflict
    from evdsl.optimization.result import Result
    from evdsl.solver.backend import Backend
    from evdsl.solver.solution import Options


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    spec_arguments(command)
    solver_arguments(command)
    command.add_argument(
        "--out",
        metavar="FILE",
        help="store the schedule: .nc, .csv, .json or .parquet; of a front its table, or .svg or .png",
    )
    command.add_argument(
        "--scenario",
        metavar="N",
        type=positive_count,
        help="of a spec with `scenarios`: whose schedule is shown and stored (default: that in the middle)",
    )
    command.add_argument("--json", action="store_true", help="print one JSON document")
    command.add_argument("--quiet", action="store_true", help="print the status line only")
    command.add_argument(
        "-v", "--verbose", action="store_true", help="also why `--backend auto` took its solver"
    )


def run(arguments: argparse.Namespace) -> int:
    """Reads, solves, checks, reports and stores."""
    problem = _check_ending(arguments.out, None) if arguments.out else None
    options = options_of(arguments)
    backend = solver_of(arguments, options)
    if isinstance(backend, list) or problem is not None:
        wrong = backend if isinstance(backend, list) else []
        return refuse([problem, *wrong] if problem is not None else wrong, arguments, USAGE)
    started = time.perf_counter()
    spec, found = read_spec(arguments)
    parsed = time.perf_counter() - started
    if spec is None:
        return refuse(found, arguments, status_of(found))
    problem = _check_ending(arguments.out, spec) if arguments.out else None
    problem = problem or _check_scenario(arguments, spec)
    if problem is not None:
        return refuse([problem], arguments, USAGE)
    listener = SolveProgress() if not arguments.quiet and not arguments.json else None
    if spec.only("scenarios") is not None:
        return _solve_scenarios(arguments, spec, backend, options, listener, found, parsed)
    started = time.perf_counter()
    from evdsl.data.load import load_data

    data, more = load_data(spec)
    found = with_data(found, more)
    if data is None:
        return refuse(found, arguments, ERRORS)
    checked = time.perf_counter() - started
    if not arguments.json:
        say(found)
    if spec.pareto is not None:
        return _solve_front(arguments, spec, data, backend, options, listener, found, (parsed, checked))
    from evdsl.optimization.problem import compile_spec

    result = compile_spec(spec, data).run(backend, options.seeded(spec.seed), listener)
    if listener is not None:
        listener.clear()
    from evdsl.optimization.failure import diagnose
    from evdsl.solver.solution import Status

    if listener is not None and result.status is Status.INFEASIBLE:
        listener.begin("looking for what cannot hold together")
    failure = diagnose(result, backend, options.seeded(spec.seed))
    if listener is not None:
        listener.clear()
    result = replace(result, diagnostics=(*found, *failure.diagnostics))
    return _report(result, failure.conflict, arguments, parsed, checked)


def _solve_front(
    arguments: argparse.Namespace,
    spec: Spec,
    data: Data,
    backend: Backend,
    options: Options,
    line: SolveProgress | None,
    found: list[Diagnostic],
    seconds: tuple[float, float],
) -> int:
    """The points of a front, what one axis costs the other, a picture.

    `found` was said before, `seconds` went into parsing and checking.
    """
    from evdsl.optimization import front as pareto
    from evdsl.optimization.failure import diagnose
    from evdsl.report.front import text as pareto_report

    seeded = options.seeded(spec.seed)
    told = line.point if line is not None else None
    front = pareto.front(spec, backend, options=seeded, listener=line, told=told, data=data)
    if line is not None:
        line.clear()
    if front.failed is not None:
        found = [*found, *diagnose(front.failed, backend, seeded).diagnostics]
    problem = None
    if arguments.out and front.points:
        from evdsl.report.front.files import write

        problem = write(arguments.out, front)
    if arguments.json:
        print_json(pareto_report.document(front, found, *seconds))
    else:
        say([d for d in found if d.is_error])
        text = pareto_report.text(
            front, color=in_color(sys.stdout), parse_seconds=seconds[0], check_seconds=seconds[1]
        )
        print(text.split("\n", 1)[0] if arguments.quiet else text.rstrip())
        if arguments.out and front.points and problem is None:
            print(f"\nwritten to {arguments.out}")
    if problem is not None:
        say([problem])
        return USAGE
    return exit_of(front)


def _solve_scenarios(
    arguments: argparse.Namespace,
    spec: Spec,
    backend: Backend,
    options: Options,
    line: SolveProgress | None,
    found: list[Diagnostic],
    parsed: float,
) -> int:
    """The plan for all scenarios, and the schedule of one of them; `parsed` are the seconds of parsing."""
    started = time.perf_counter()
    from evdsl.optimization.scenarios.case import cases_of
    from evdsl.optimization.scenarios.solve import scenarios
    from evdsl.report.scenarios.document import document
    from evdsl.report.scenarios.text import text

    cases, more = cases_of(spec)
    found = with_data(found, more)
    if cases is None:
        return refuse(found, arguments, ERRORS)
    if not arguments.json:
        say(found)
    checked = time.perf_counter() - started
    plan = scenarios(spec, backend, options.seeded(spec.seed), line, cases)
    if line is not None:
        line.clear()
    shown = None if arguments.scenario is None else arguments.scenario - 1
    at = shown if shown is not None or not plan.results else plan.median
    written = _written(arguments.out, plan.results[at]) if arguments.out and at is not None else None
    if arguments.json:
        print_json(document(plan, found, shown, parsed, checked))
    else:
        say(plan.diagnostics)
        told = text(
            plan, shown=shown, color=in_color(sys.stdout), parse_seconds=parsed, check_seconds=checked
        )
        print(told.split("\n", 1)[0] if arguments.quiet else told.rstrip())
        if arguments.out and written is None and at is not None:
            which = f"the schedule of scenario {plan.cases[at].name} is written to {arguments.out}"
            print(f"\n{which}; to check it: {_verify_command(arguments)}")
    if isinstance(written, Diagnostic):
        say([written])
        return USAGE
    return exit_of(plan)


def _report(
    result: Result, conflict: Conflict | None, arguments: argparse.Namespace, parsed: float, checked: float
) -> int:
    from evdsl.report.run import text as report

    written = _written(arguments.out, result) if arguments.out else None
    if arguments.json:
        print_json(report.document(result, conflict=conflict, parse_seconds=parsed, check_seconds=checked))
    else:
        say([d for d in result.diagnostics if d.code.startswith("E")])
        text = report.text(
            result,
            color=in_color(sys.stdout),
            parse_seconds=parsed,
            check_seconds=checked,
            verbose=arguments.verbose,
        )
        print(text.split("\n", 1)[0] if arguments.quiet else text.rstrip())
        if arguments.out and written is None and result.schedule is not None:
            print(f"\nwritten to {arguments.out}; to check it: {_verify_command(arguments)}")
    if isinstance(written, Diagnostic):
        say([written])
        return USAGE
    return exit_of(result)


def _verify_command(arguments: argparse.Namespace) -> str:
    """The command that checks what was written, with everything that changed the spec."""
    words = ["evdsl", "verify", arguments.spec, arguments.out]
    words += [word for name, value in arguments.set for word in ("--set", f"{name}={value}")]
    for flag in ("enable", "disable", "data"):
        words += [word for value in getattr(arguments, flag) for word in (f"--{flag}", value)]
    words += ["--seed", str(arguments.seed)] if arguments.seed is not None else []
    return shlex.join(words)


def _check_scenario(arguments: argparse.Namespace, spec: Spec) -> Diagnostic | None:
    """Whether the scenario that is to be shown is one of those that the spec has."""
    if arguments.scenario is None:
        return None
    count = count_of(spec)
    if not count:
        message = "the spec has no `scenarios`, of which one could be shown"
        return Diagnostic("E203", message, None, "", "leave out `--scenario`")
    if arguments.scenario <= count:
        return None
    message = f"there is no scenario {arguments.scenario}: the spec has {count}"
    return Diagnostic("E203", message, None, "", f"name one from 1 to {count}")


def _check_ending(path: str, spec: Spec | None) -> Diagnostic | None:
    """Whether a file says what can be stored: a schedule, a front, or either while no spec is read."""
    from evdsl.report.front import files as pareto_files
    from evdsl.report.front import picture as pareto_picture
    from evdsl.schedule import storage as results

    if spec is not None and spec.pareto is None:
        return results.check_ending(path)
    if spec is not None or Path(path).suffix.lower() in pareto_picture.ENDINGS:
        return pareto_files.check_ending(path) if spec is not None else None
    return results.check_ending(path)


def _written(path: str, result: Result) -> Diagnostic | None:
    from evdsl.report.run.text import document
    from evdsl.schedule.storage import write

    if result.schedule is None:
        return None
    return write(path, result.schedule, document(result))
