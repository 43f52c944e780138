"""`evdsl sweep`: every combination of settings and seeds, the optimum beside the rules, as one table.

What is done is in a journal beside the table at once, so that a sweep that was killed is taken up again by
the same command with `--resume`.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from evdsl.cli.arguments import folder, solver_arguments
from evdsl.cli.exit import INTERRUPTED, STOPPED, USAGE
from evdsl.cli.lists import chosen_of, names_of, seeds_of, values_of
from evdsl.cli.progress import SweepProgress
from evdsl.cli.runs import (
    ended,
    executor,
    open_journal,
    opposed_to_a_cluster,
    resuming,
    run_arguments,
    status_of_rows,
    wrong_files,
)
from evdsl.cli.shared import options_of, print_json, refuse, say, solver_of, status_of
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Source, Span

if TYPE_CHECKING:
    from evdsl.optimization.sweep.job import Row
    from evdsl.optimization.sweep.journal import Journal
    from evdsl.optimization.sweep.plan import Conditions
    from evdsl.optimization.sweep.prepare import Prepared
    from evdsl.optimization.sweep.run import SweepResult

OWN = ("specs", "seeds", "policies")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    command.add_argument("spec", metavar="SPEC", nargs="?", help="a .evs file")
    command.add_argument("--specs", metavar="FILES", help="more of them, with commas")
    command.add_argument(
        "--set",
        metavar="NAME=VALUES",
        action="append",
        default=[],
        help="values of a param, with commas; every combination is run",
    )
    command.add_argument(
        "--seeds", metavar="SEEDS", help="such as 1..100 or 1,5,9; without it the seed of the spec"
    )
    command.add_argument(
        "--policies",
        metavar="NAMES",
        default="optimum",
        help="optimum (default), uncontrolled, fifs, edf, llf, round_robin; with commas",
    )
    run_arguments(command)
    command.add_argument("--enable", metavar="TOGGLE", action="append", default=[], help="switch a toggle on")
    command.add_argument(
        "--disable", metavar="TOGGLE", action="append", default=[], help="switch a toggle off"
    )
    command.add_argument(
        "--data", metavar="DIR", action="append", default=[], type=folder, help="where data files are"
    )
    solver_arguments(command)
    command.add_argument("--json", action="store_true", help="print one JSON document")


@dataclass(frozen=True, slots=True)
class _Request:
    """What the command line asks for, as far as its lists could be read."""

    specs: tuple[str, ...]
    settings: tuple[tuple[str, tuple[str, ...]], ...]
    seeds: tuple[range, ...]
    conditions: Conditions


def run(arguments: argparse.Namespace) -> int:
    """Checks everything that was typed, runs what is missing, stores the rows and prints their means."""
    request, wrong = _request(arguments)
    wrong += wrong_files(arguments, "sweep") + opposed_to_a_cluster(arguments)
    too_many = _too_many(request, arguments)
    if too_many is not None:
        return refuse([*wrong, too_many], arguments, USAGE)
    from evdsl.optimization.sweep.prepare import prepare

    folders = tuple(Path(each) for each in arguments.data)
    prepared, found = prepare(request.specs, request.settings, request.seeds, request.conditions, folders)
    if wrong or prepared is None:
        errors = [one for one in found if one.is_error] if wrong else found
        return refuse([*wrong, *errors], arguments, USAGE if wrong else status_of(found))
    if not arguments.json:
        say(found)
    opened = open_journal(arguments)
    if isinstance(opened, Diagnostic):
        return refuse([opened], arguments, USAGE)
    journal, known = opened
    with journal as stored:
        result = _swept(prepared, arguments, stored, known)
    if isinstance(result, Diagnostic):
        return refuse([result], arguments, USAGE)
    return _report(prepared, result, found, arguments)


def _request(arguments: argparse.Namespace) -> tuple[_Request, list[Diagnostic]]:
    """The lists of the command line and the solver, with every mistake in them."""
    from evdsl.optimization.policies import POLICIES
    from evdsl.optimization.sweep.plan import OPTIMUM, Conditions

    options = options_of(arguments)
    backend = solver_of(arguments, options)
    wrong = list(backend) if isinstance(backend, list) else []
    settings, more = values_of(arguments.set)
    wrong += more
    seeds, more = seeds_of(arguments.seeds) if arguments.seeds is not None else ((), [])
    wrong += more
    known = [OPTIMUM, *(one.name for one in POLICIES)]
    policies, more = chosen_of("--policies", arguments.policies, known, "policy")
    wrong += more
    specs = [] if arguments.spec is None else [arguments.spec]
    if arguments.specs is not None:
        named, more = names_of("--specs", arguments.specs, "spec")
        wrong += more
        wrong += [_twice(name, place) for name, place in named if name in specs]
        specs += [name for name, _ in named if name not in specs]
    elif arguments.spec is None:
        wrong.append(Diagnostic("E001", "a spec is missing", None, "", "write `evdsl sweep SPEC`"))
    # The same whatever runs beside: an answer is not to depend on the number of cores.
    options = replace(options, threads=options.threads or 1)
    conditions = Conditions(
        tuple(policies), arguments.backend, options, tuple(arguments.enable), tuple(arguments.disable)
    )
    return _Request(tuple(specs), settings, seeds, conditions), wrong


def _twice(name: str, place: Span) -> Diagnostic:
    return Diagnostic("E207", f"the spec `{name}` is given twice", place, "", "leave out one of them")


def _too_many(request: _Request, arguments: argparse.Namespace) -> Diagnostic | None:
    """E003 for more runs than any journal is read for, before any of them is made."""
    from evdsl.optimization.sweep.plan import MAXIMUM_JOBS, count_of

    count = count_of(len(request.specs), request.settings, request.seeds)
    if count <= MAXIMUM_JOBS:
        return None
    option, text = ("--seeds", arguments.seeds) if request.seeds else ("--set", arguments.set[0])
    place = Span(Source(option, text), 0, len(text))
    message = f"the sweep has {count:,} runs, and {MAXIMUM_JOBS:,} are run at most"
    return Diagnostic("E003", message, place, "", "take fewer seeds or values, or several sweeps")


def _swept(
    prepared: Prepared,
    arguments: argparse.Namespace,
    journal: Journal | None,
    known: dict[str, list[Row]],
) -> SweepResult | Diagnostic:
    """Runs what is missing, here or on a cluster, with a line that says how far it is."""
    from evdsl.optimization.sweep.run import run_sweep

    line = None if arguments.json else SweepProgress()
    try:
        with executor(arguments, prepared.plan.count) as where:
            if isinstance(where, Diagnostic):
                return where
            return run_sweep(prepared.plan, where, journal, known, line)
    finally:
        if line is not None:
            line.clear()


def _report(
    prepared: Prepared, result: SweepResult, found: list[Diagnostic], arguments: argparse.Namespace
) -> int:
    """Stores the table and the picture, prints the means, and says how to go on where it was ended."""
    from evdsl.optimization.sweep.journal import journal_of
    from evdsl.report.sweep import files, picture, text

    go_on = resuming("sweep", arguments, OWN, (("policies", "optimum"),))
    said: list[Diagnostic] = []
    wrong: list[Diagnostic | None] = []
    if arguments.out and result.rows:
        wrong.append(files.write(Path(arguments.out), prepared, result.rows))
    if arguments.plot and result.rows:
        wrong.append(picture.write(Path(arguments.plot), prepared, result.rows))
    if result.message:
        help = f"to go on: `{go_on}`" if arguments.out else "store a table with `--out`"
        said.append(Diagnostic("E603", result.message, None, "", help))
    problems = [one for one in wrong if one is not None]
    if arguments.json:
        print_json(text.document(prepared, result, [*found, *said, *problems]))
    else:
        sys.stdout.write(text.text(prepared, result))
        if arguments.out and result.rows and wrong[0] is None:
            out = Path(arguments.out)
            print(f"\n{text.written_line(out, journal_of(out), result)}")
        say([*said, *problems])
        if result.interrupted:
            print(ended(arguments, go_on), file=sys.stderr)
    if problems:
        return USAGE
    if result.interrupted:
        return INTERRUPTED
    return STOPPED if result.message else status_of_rows({row["status"] for row in result.rows})
