"""`evdsl sweep`: every combination of settings and seeds, the optimum beside the rules, as one table.

What is done is in a journal beside the table at once, so that a sweep that was killed is taken up again by
the same command with `--resume`.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from evdsl.cli.arguments import LEAST, folder, positive_count, solver_arguments
from evdsl.cli.exit import BUG, DONE, ERRORS, INFEASIBLE, INTERRUPTED, STOPPED, USAGE
from evdsl.cli.lists import chosen_of, names_of, seeds_of, values_of
from evdsl.cli.memory import free_memory
from evdsl.cli.progress import SweepProgress
from evdsl.cli.shared import options_of, print_json, refuse, say, solver_of, status_of
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Source, Span

if TYPE_CHECKING:
    from evdsl.optimization.sweep.job import Row
    from evdsl.optimization.sweep.journal import Journal
    from evdsl.optimization.sweep.plan import Conditions
    from evdsl.optimization.sweep.prepare import Prepared
    from evdsl.optimization.sweep.run import SweepResult


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
    command.add_argument("--out", metavar="FILE", help="store the rows: .parquet or .csv")
    command.add_argument(
        "--resume", action="store_true", help="run only what the journal beside `--out` does not have"
    )
    command.add_argument("--plot", metavar="FILE", help="store a picture: .svg or .png")
    command.add_argument(
        "--jobs", metavar="N", type=positive_count, help="processes; without it one for each core"
    )
    command.add_argument("--dask", metavar="ADDRESS", help="run on a cluster, such as tcp://HOST:8786")
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
    wrong += _files(arguments) + _opposed(arguments)
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
    journal: Journal | None = None
    known: dict[str, list[Row]] = {}
    if arguments.out:
        from evdsl.optimization.sweep.journal import Journal, journal_of

        opened = Journal.open(journal_of(Path(arguments.out)))
        if isinstance(opened, Diagnostic):
            return refuse([opened], arguments, USAGE)
        journal, known = opened
    with journal or nullcontext():
        result = _swept(prepared, arguments, journal, known)
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


def _files(arguments: argparse.Namespace) -> list[Diagnostic]:
    """What is wrong with the files that are to be written."""
    from evdsl.optimization.sweep.journal import journal_of
    from evdsl.report.sweep import files, picture

    wrong = []
    if arguments.plot:
        wrong.append(picture.check_ending(arguments.plot))
    if not arguments.out:
        if arguments.resume:
            help = "name the table of the sweep that was ended: `--out FILE --resume`"
            message = "`--resume` goes on with a table, and none is named"
            wrong.append(Diagnostic("E609", message, None, "", help))
        return [one for one in wrong if one is not None]
    out = Path(arguments.out)
    problem = files.check_ending(out)
    wrong.append(problem)
    journal = journal_of(out)
    place = Span(Source("--out", arguments.out), 0, len(arguments.out))
    if problem is None and not arguments.resume and (out.exists() or journal.exists()):
        there = out if out.exists() else journal
        help = "add `--resume` to run only what it lacks, or name another file"
        wrong.append(Diagnostic("E609", f"`{there}` is there already", place, "", help))
    elif problem is None and out.exists() and not journal.exists():
        message = f"`{out}` is there, and not its journal `{journal}`, which says what was run"
        wrong.append(Diagnostic("E609", message, place, "", "name another file"))
    return [one for one in wrong if one is not None]


def _opposed(arguments: argparse.Namespace) -> list[Diagnostic]:
    """Arguments of this machine beside a cluster."""
    if arguments.dask is None:
        return []
    given = [name for name in ("jobs", "memory") if getattr(arguments, name) is not None]
    place = Span(Source("--dask", arguments.dask), 0, len(arguments.dask))
    return [
        Diagnostic(
            "E101",
            f"`--{name}` is for runs on this machine, and `--dask` has them on its workers",
            place,
            "",
            f"leave out `--{name}`",
        )
        for name in given
    ]


def _swept(
    prepared: Prepared,
    arguments: argparse.Namespace,
    journal: Journal | None,
    known: dict[str, list[Row]],
) -> SweepResult | Diagnostic:
    """Runs what is missing, here or on a cluster, with a line that says how far it is."""
    from evdsl.optimization.sweep.local import cores
    from evdsl.optimization.sweep.run import Here, run_sweep

    line = None if arguments.json else SweepProgress()
    try:
        if arguments.dask is None:
            processes = min(arguments.jobs or cores(), prepared.plan.count)
            free = free_memory()
            share = None if free is None else max(free // processes, LEAST)
            return run_sweep(prepared.plan, Here(processes, arguments.memory or share), journal, known, line)
        from evdsl.optimization.sweep.cluster import connect

        client = connect(arguments.dask, quiet=True)
        if isinstance(client, Diagnostic):
            return client
        with client:
            return run_sweep(prepared.plan, client, journal, known, line)
    finally:
        if line is not None:
            line.clear()


def _report(
    prepared: Prepared, result: SweepResult, found: list[Diagnostic], arguments: argparse.Namespace
) -> int:
    """Stores the table and the picture, prints the means, and says how to go on where it was ended."""
    from evdsl.optimization.sweep.journal import journal_of
    from evdsl.report.sweep import files, picture, text

    said: list[Diagnostic] = []
    wrong: list[Diagnostic | None] = []
    if arguments.out and result.rows:
        wrong.append(files.write(Path(arguments.out), prepared, result.rows))
    if arguments.plot and result.rows:
        wrong.append(picture.write(Path(arguments.plot), prepared, result.rows))
    if result.message:
        help = f"to go on: `{_resuming(arguments)}`" if arguments.out else "store a table with `--out`"
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
            print(_ended(arguments), file=sys.stderr)
    if problems:
        return USAGE
    if result.interrupted:
        return INTERRUPTED
    return STOPPED if result.message else _status(result)


def _ended(arguments: argparse.Namespace) -> str:
    if not arguments.out:
        return "interrupted; with `--out FILE` what is done is kept, and `--resume` goes on"
    return f"interrupted; to go on: {_resuming(arguments)}"


def _resuming(arguments: argparse.Namespace) -> str:
    """The command that goes on with a sweep that was ended."""
    words = ["evdsl", "sweep"] + ([arguments.spec] if arguments.spec is not None else [])
    for flag in ("set", "enable", "disable", "data"):
        words += [word for value in getattr(arguments, flag) for word in (f"--{flag}", value)]
    for flag in ("specs", "seeds", "policies", "out", "plot", "jobs", "dask", "time_limit"):
        value = getattr(arguments, flag)
        if value is not None and (flag, value) != ("policies", "optimum"):
            words += [f"--{flag.replace('_', '-')}", f"{value:g}" if isinstance(value, float) else str(value)]
    for flag, default in (("backend", "auto"), ("gap", 1e-6), ("threads", 0)):
        if getattr(arguments, flag) != default:
            words += [f"--{flag}", str(getattr(arguments, flag))]
    if arguments.memory is not None:
        words += ["--memory", f"{-(-arguments.memory // 10**6)}MB"]
    words += [w for name, value in arguments.solver_option for w in ("--solver-option", f"{name}={value}")]
    return shlex.join([*words, "--resume"])


def _status(result: SweepResult) -> int:
    """0 where any run has a schedule; else what ended them."""
    from evdsl.optimization.sweep.job import FAILED

    statuses = {row["status"] for row in result.rows}
    if statuses - FAILED:
        return DONE
    if statuses & {"bug", "error"}:
        return BUG
    if statuses & {"died", "out_of_memory", "stopped"}:
        return STOPPED
    return ERRORS if statuses == {"mistake"} else INFEASIBLE
