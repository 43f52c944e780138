"""`evdsl compare`: the optimum beside the rules that charge without a plan."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from evdsl.backend import find
from evdsl.cli import ERRORS, USAGE
from evdsl.commands.progress import Line
from evdsl.commands.shared import print_json, read_spec, say, status_of
from evdsl.diagnostic import Diagnostic, did_you_mean
from evdsl.solution import Options


def run(arguments: argparse.Namespace) -> int:
    """Solves, runs every rule, checks all of them and prints them beside each other."""
    from evdsl.policies import POLICIES, policy
    from evdsl.policies.rule import Policy

    names = arguments.rules.split(",") if arguments.rules else [known.name for known in POLICIES]
    chosen: list[Policy] = []
    for name in names:
        found_policy = policy(name.strip())
        if found_policy is None:
            known = [one.name for one in POLICIES]
            help = did_you_mean(name.strip(), known) or f"rules are {', '.join(known)}"
            print(f"error: there is no rule `{name.strip()}`\nhelp: {help}", file=sys.stderr)
            return USAGE
        chosen.append(found_policy)
    backend = find(arguments.backend)
    if isinstance(backend, Diagnostic):
        say([backend])
        return USAGE
    spec, found = read_spec(arguments)
    if spec is None:
        say(found)
        return status_of(found)
    from evdsl.data import load_data

    data, more = load_data(spec)
    say([*found, *more])
    if data is None:
        return ERRORS
    if spec.pareto is not None:
        print("error: a rule is compared with an objective, and the spec asks for a front", file=sys.stderr)
        print("help: write `minimize ...` instead of `pareto ...`", file=sys.stderr)
        return ERRORS
    cohort = spec.only("cohort")
    if cohort is not None:
        print(f"error: rules serve single vehicles, and `cohort {cohort.name}` has none", file=sys.stderr)
        print("help: write it as a `fleet`, or take it out to compare the rest", file=sys.stderr)
        return ERRORS
    from evdsl import compare, compare_report
    from evdsl.commands.solve import EXIT
    from evdsl.outcome import explained
    from evdsl.problem import compile_spec

    listener = None if arguments.json else Line()
    options = Options(
        arguments.time_limit,
        arguments.gap,
        arguments.threads,
        spec.seed % 2**31,
        dict(arguments.solver_option),
    )
    result = compile_spec(spec, data).run(backend, options, listener)
    if listener is not None:
        listener.clear()
    result = replace(result, diagnostics=tuple(explained(result, backend, options)))
    say(result.diagnostics)
    if not result.status.has_schedule:
        return EXIT[result.status]
    comparison = compare.compare(result, chosen)
    if arguments.json:
        print_json(compare_report.document(comparison))
    else:
        sys.stdout.write(compare_report.text(comparison))
    return EXIT[result.status]
