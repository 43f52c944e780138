"""`evdsl simulate`: everything random is drawn again in each run, and policies are held against each other.

Runs go the way of those of a sweep: a process for each core or a cluster, a journal beside the table, and
`--resume` where it was ended.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from evdsl.cli.arguments import error_share, positive_count, solver_arguments, spec_arguments
from evdsl.cli.exit import INTERRUPTED, STOPPED, USAGE
from evdsl.cli.lists import chosen_of, names_of
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
from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean
from evdsl.diagnostics.source import Source, Span

if TYPE_CHECKING:
    from evdsl.optimization.simulation.question import Question
    from evdsl.optimization.simulation.simulation import Simulation
    from evdsl.optimization.sweep.job import Row
    from evdsl.optimization.sweep.journal import Journal
    from evdsl.optimization.sweep.plan import Conditions
    from evdsl.optimization.sweep.prepare import Prepared

RUNS = 100
OWN = ("seed", "runs", "policies", "variance", "error")
USUAL = (("runs", RUNS), ("policies", "optimum"), ("variance", "plain"))
NOT_BUILT = {
    "replan": "re-planning while a day goes on",
    "stratified": "stratified draws",
    "importance": "draws by importance",
}
"""What the command knows by name, and does not do."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    spec_arguments(command)
    command.add_argument(
        "--runs", metavar="N", type=positive_count, default=RUNS, help=f"draws of everything random ({RUNS})"
    )
    command.add_argument(
        "--policies",
        metavar="NAMES",
        default="optimum",
        help="optimum (default), uncontrolled, fifs, edf, llf, round_robin; with commas, against the first",
    )
    command.add_argument(
        "--variance", metavar="WAY", default="plain", help="plain (default), antithetic or control"
    )
    command.add_argument(
        "--error",
        metavar="SHARE",
        type=error_share,
        help="such as 0.5%%: end where each mean is known so well, looked at from 100 runs on",
    )
    run_arguments(command)
    solver_arguments(command)
    command.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Checks everything that was typed, runs what is missing, stores the rows and prints their means."""
    question, conditions, wrong = _request(arguments)
    wrong += wrong_files(arguments, "simulation") + opposed_to_a_cluster(arguments)
    from evdsl.optimization.simulation.prepare import prepare_simulation

    folders = tuple(Path(each) for each in arguments.data)
    settings = dict(arguments.set)
    prepared, found = prepare_simulation(arguments.spec, settings, arguments.seed, conditions, folders)
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
        result = _simulated(prepared, question, arguments, stored, known)
    if isinstance(result, Diagnostic):
        return refuse([result], arguments, USAGE)
    return _report(result, found, arguments)


def _request(arguments: argparse.Namespace) -> tuple[Question, Conditions, list[Diagnostic]]:
    """What is asked, with every mistake in it."""
    from evdsl.optimization.policies import POLICIES
    from evdsl.optimization.simulation.estimators import VARIANCES
    from evdsl.optimization.simulation.question import Question, most_runs
    from evdsl.optimization.sweep.plan import OPTIMUM, Conditions

    options = options_of(arguments)
    backend = solver_of(arguments, options)
    wrong = list(backend) if isinstance(backend, list) else []
    known = [OPTIMUM, *(one.name for one in POLICIES)]
    refused = _not_built("--policies", arguments.policies, "policy")
    listed = [*known, *(place.text for place in refused)]
    policies, more = chosen_of("--policies", arguments.policies, listed, "policy")
    wrong += [*refused.values(), *more]
    refused = _not_built("--variance", arguments.variance, "way")
    place = Span(Source("--variance", arguments.variance), 0, len(arguments.variance))
    if not refused and arguments.variance not in VARIANCES:
        help = did_you_mean(arguments.variance, VARIANCES) or f"there are {', '.join(VARIANCES)}"
        wrong.append(Diagnostic("E203", f"there is no way `{arguments.variance}`", place, "", help))
    wrong += refused.values()
    typed = str(arguments.runs)
    runs = Span(Source("--runs", typed), 0, len(typed))
    if arguments.variance == "antithetic" and arguments.runs % 2:
        message = f"antithetic runs come in pairs, and {arguments.runs} is odd"
        help = f"write `--runs {arguments.runs + 1}`"
        wrong.append(Diagnostic("E308", message, runs, "", help))
    most = most_runs(arguments.variance)
    if arguments.runs > most:
        message = f"the simulation has {arguments.runs:,} runs, and {most:,} are run at most"
        wrong.append(
            Diagnostic("E003", message, runs, "", "take fewer; four times as many halve an interval")
        )
    # The same whatever runs beside: an answer is not to depend on the number of cores.
    options = replace(options, threads=options.threads or 1)
    conditions = Conditions(
        tuple(policies) or (OPTIMUM,),
        arguments.backend,
        options,
        tuple(arguments.enable),
        tuple(arguments.disable),
        simulated=True,
        control=arguments.variance == "control",
    )
    return Question(arguments.runs, arguments.variance, arguments.error), conditions, wrong


def _not_built(option: str, text: str, what: str) -> dict[Span, Diagnostic]:
    """E206 for each name that stands for something that this version does not do, by its place."""
    named, _ = names_of(option, text, what)
    found = {}
    for name, place in named:
        thing = "a stored plan" if name.endswith(".nc") else NOT_BUILT.get(name)
        if thing is not None:
            message = f"`{name}`, {thing}, is not built in this version"
            found[place] = Diagnostic("E206", message, place, "", "leave it out")
    return found


def _simulated(
    prepared: Prepared,
    question: Question,
    arguments: argparse.Namespace,
    journal: Journal | None,
    known: dict[str, list[Row]],
) -> Simulation | Diagnostic:
    """Runs what is missing, here or on a cluster, with a line that says how far it is."""
    from evdsl.optimization.simulation.simulation import run_simulation

    line = None if arguments.json else SweepProgress()
    try:
        with executor(arguments, question.runs) as where:
            if isinstance(where, Diagnostic):
                return where
            return run_simulation(prepared, question, where, journal, known, line)
    finally:
        if line is not None:
            line.clear()


def _report(result: Simulation, found: list[Diagnostic], arguments: argparse.Namespace) -> int:
    """Stores the table and the picture, prints the means, and says how to go on where it was ended."""
    from evdsl.optimization.sweep.journal import journal_of
    from evdsl.report.simulation import picture, text
    from evdsl.report.sweep import files

    go_on = resuming("simulate", arguments, OWN, USUAL)
    said: list[Diagnostic] = []
    wrong: list[Diagnostic | None] = []
    if arguments.out and result.rows:
        wrong.append(files.write(Path(arguments.out), result.prepared, result.rows))
    if arguments.plot and result.rows:
        wrong.append(picture.write(Path(arguments.plot), result))
    if result.message:
        help = f"to go on: `{go_on}`" if arguments.out else "store a table with `--out`"
        said.append(Diagnostic("E603", result.message, None, "", help))
    problems = [one for one in wrong if one is not None]
    if arguments.json:
        print_json(text.document(result, [*found, *said, *problems]))
    else:
        sys.stdout.write(text.text(result))
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
