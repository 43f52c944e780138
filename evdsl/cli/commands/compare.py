"""`evdsl compare`: the optimum beside the rules that charge without a plan."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from evdsl.cli.arguments import solver_arguments, spec_arguments
from evdsl.cli.exit import ERRORS, USAGE
from evdsl.cli.progress import SolveProgress
from evdsl.cli.shared import options_of, print_json, read_spec, refuse, say, solver_of, status_of
from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean
from evdsl.diagnostics.source import Source, Span
from evdsl.language.spec import Spec

if TYPE_CHECKING:
    from evdsl.optimization.policies.rule import Policy


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    spec_arguments(command)
    solver_arguments(command)
    command.add_argument(
        "--rules", metavar="NAMES", help="uncontrolled, fifs, edf, llf, round_robin; with commas, default all"
    )
    command.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Solves, runs every rule, checks all of them and prints them beside each other."""
    options = options_of(arguments)
    backend = solver_of(arguments, options)
    chosen, wrong = _rules(arguments.rules)
    if isinstance(backend, list) or wrong:
        return refuse([*wrong, *(backend if isinstance(backend, list) else [])], arguments, USAGE)
    spec, found = read_spec(arguments)
    if spec is None:
        return refuse(found, arguments, status_of(found))
    from evdsl.data.load import load_data

    data, more = load_data(spec)
    problem = refusal(spec)
    if data is None or problem is not None:
        return refuse([*found, *more, *([problem] if problem else [])], arguments, ERRORS)
    if not arguments.json:
        say([*found, *more])
    from evdsl.cli.exit import exit_of
    from evdsl.optimization import comparison as compare
    from evdsl.optimization.failure import diagnose
    from evdsl.optimization.problem import compile_spec
    from evdsl.report import comparison as compare_report

    listener = None if arguments.json else SolveProgress()
    result = compile_spec(spec, data).run(backend, options.seeded(spec.seed), listener)
    if listener is not None:
        listener.clear()
    result = replace(result, diagnostics=diagnose(result, backend, options).diagnostics)
    if not result.status.has_schedule:
        return refuse(result.diagnostics, arguments, exit_of(result))
    comparison = compare.compare(result, chosen)
    if arguments.json:
        print_json(compare_report.document(comparison))
    else:
        say(result.diagnostics)
        sys.stdout.write(compare_report.text(comparison))
    return exit_of(result)


def _rules(given: str | None) -> tuple[Sequence[Policy], list[Diagnostic]]:
    """The rules that were named, all where none was, and what is wrong with the names."""
    from evdsl.optimization.policies import POLICIES, policy

    if not given:
        return POLICIES, []
    known = [one.name for one in POLICIES]
    chosen: list[Policy] = []
    wrong: list[Diagnostic] = []
    for name in (part.strip() for part in given.split(",")):
        found = policy(name)
        if found is not None:
            chosen.append(found)
            continue
        at = given.index(name)
        place = Span(Source("--rules", given), at, at + len(name))
        help = did_you_mean(name, known) or f"rules are {', '.join(known)}"
        wrong.append(Diagnostic("E203", f"there is no rule `{name}`", place, "", help))
    return chosen, wrong


def refusal(spec: Spec) -> Diagnostic | None:
    """Why no rule could be run on a spec, if it is so."""
    if spec.pareto is not None:
        message = "a rule is compared with an objective, and the spec asks for a front"
        return Diagnostic("E402", message, spec.pareto.span, "", "write `minimize ...` for `pareto ...`")
    return None
