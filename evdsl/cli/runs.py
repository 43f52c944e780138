"""What commands of many runs have in common: a table with its journal, processes or a cluster, going on."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from evdsl.cli.arguments import LEAST, positive_count
from evdsl.cli.memory import free_memory
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Source, Span

if TYPE_CHECKING:
    from evdsl.optimization.sweep.cluster import Client
    from evdsl.optimization.sweep.job import Row
    from evdsl.optimization.sweep.journal import Journal
    from evdsl.optimization.sweep.run import Here

DEFAULTS = (("backend", "auto"), ("gap", 1e-6), ("threads", 0))


def run_arguments(command: argparse.ArgumentParser) -> None:
    """Where the rows are stored, and where the runs are made."""
    command.add_argument("--out", metavar="FILE", help="store the rows: .parquet or .csv")
    command.add_argument(
        "--resume", action="store_true", help="run only what the journal beside `--out` does not have"
    )
    command.add_argument("--plot", metavar="FILE", help="store a picture: .svg or .png")
    command.add_argument(
        "--jobs", metavar="N", type=positive_count, help="processes; without it one for each core"
    )
    command.add_argument("--dask", metavar="ADDRESS", help="run on a cluster, such as tcp://HOST:8786")


def wrong_files(arguments: argparse.Namespace, what: str) -> list[Diagnostic]:
    """What is wrong with the files that are to be written."""
    from evdsl.optimization.sweep.journal import journal_of
    from evdsl.report.sweep import files, picture

    wrong = []
    if arguments.plot:
        wrong.append(picture.check_ending(arguments.plot))
    if not arguments.out:
        if arguments.resume:
            help = f"name the table of the {what} that was ended: `--out FILE --resume`"
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


def opposed_to_a_cluster(arguments: argparse.Namespace) -> list[Diagnostic]:
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


def open_journal(
    arguments: argparse.Namespace,
) -> tuple[Journal | nullcontext[None], dict[str, list[Row]]] | Diagnostic:
    """The journal beside the table, and what is in it; none where no table is asked for."""
    if not arguments.out:
        return nullcontext(), {}
    from evdsl.optimization.sweep.journal import Journal, journal_of

    return Journal.open(journal_of(Path(arguments.out)))


@contextmanager
def executor(arguments: argparse.Namespace, count: int) -> Iterator[Here | Client | Diagnostic]:
    """Where `count` runs are made, or why a cluster cannot be used."""
    if arguments.dask is None:
        from evdsl.optimization.sweep.local import cores
        from evdsl.optimization.sweep.run import Here

        processes = min(arguments.jobs or cores(), count)
        free = free_memory()
        share = None if free is None else max(free // processes, LEAST)
        yield Here(processes, arguments.memory or share)
        return
    from evdsl.optimization.sweep.cluster import connect

    client = connect(arguments.dask, quiet=True)
    if isinstance(client, Diagnostic):
        yield client
        return
    with client:
        yield client


def resuming(
    command: str, arguments: argparse.Namespace, own: Sequence[str], usual: Sequence[tuple[str, object]]
) -> str:
    """The command that goes on with what was ended; `own` are its flags, with `usual` values left out."""
    words = ["evdsl", command] + ([arguments.spec] if arguments.spec is not None else [])
    for flag in ("set", "enable", "disable", "data"):
        for value in getattr(arguments, flag):
            words += [f"--{flag}", value if isinstance(value, str) else "=".join(value)]
    for flag in (*own, "out", "plot", "jobs", "dask", "time_limit"):
        value = getattr(arguments, flag)
        if value is not None and (flag, value) not in usual:
            words += [f"--{flag.replace('_', '-')}", f"{value:g}" if isinstance(value, float) else str(value)]
    for flag, default in DEFAULTS:
        if getattr(arguments, flag) != default:
            words += [f"--{flag}", str(getattr(arguments, flag))]
    if arguments.memory is not None:
        words += ["--memory", f"{-(-arguments.memory // 10**6)}MB"]
    words += [w for way in arguments.without for w in ("--without", way)]
    words += [w for name, value in arguments.solver_option for w in ("--solver-option", f"{name}={value}")]
    return shlex.join([*words, "--resume"])


def ended(arguments: argparse.Namespace, command: str) -> str:
    """What is said where Ctrl-C ended it."""
    if not arguments.out:
        return "interrupted; with `--out FILE` what is done is kept, and `--resume` goes on"
    return f"interrupted; to go on: {command}"


def status_of_rows(statuses: set[str]) -> int:
    """0 where any run has a schedule; else what ended them."""
    from evdsl.cli.exit import BUG, DONE, ERRORS, INFEASIBLE, STOPPED
    from evdsl.optimization.sweep.job import FAILED

    if statuses - FAILED:
        return DONE
    if statuses & {"bug", "error"}:
        return BUG
    if statuses & {"died", "out_of_memory", "stopped"}:
        return STOPPED
    return ERRORS if statuses == {"mistake"} else INFEASIBLE
