"""The command line. Each command is a module, imported when it is asked for."""

from __future__ import annotations

import argparse
import errno
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from evdsl.cli.arguments import FUZZ_SECONDS, counted, folder, gap, minutes, pair, seconds, size, whole
from evdsl.cli.exit import BUG, DONE, INTERRUPTED, USAGE
from evdsl.version import VERSION


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command in this process and gives its exit status; `evdsl.cli.process` confines it."""
    return run(parser().parse_args(arguments))


def run(parsed: argparse.Namespace) -> int:
    """Runs the command that the arguments name; whatever it raises becomes an exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Names of files may hold bytes that are no text, and a terminal may know ASCII only.
            stream.reconfigure(errors="backslashreplace")
    if parsed.command is None:
        parser().print_help()
        return USAGE
    status = _status(parsed)
    # Not where the error is caught: what filled the memory lives as long as its traceback does.
    return _out_of_memory(parsed) if status is None else status


def _status(parsed: argparse.Namespace) -> int | None:
    """The exit status of a command, `None` where the memory ran out."""
    try:
        status = int(import_module(f"evdsl.cli.commands.{parsed.command}").run(parsed))
        sys.stdout.flush()  # a reader that has gone is noticed here, and not at exit
        return status
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has gone; what is left in the buffer must not raise at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        if error.errno == errno.ENOMEM:
            return None
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG):
            return _bug(error)
        print(f"error: the output cannot be written: {(error.strerror or '').lower()}", file=sys.stderr)
        return USAGE
    except MemoryError:
        return None
    except Exception as error:
        # A library that finds no memory for itself, or for a thread, says so in its own way.
        if "allocate memory" in str(error) or "start new thread" in str(error):
            return None
        return _bug(error)


def _out_of_memory(parsed: argparse.Namespace) -> int:
    from evdsl.cli.shared import out_of_memory

    return out_of_memory("this does not fit into the memory", parsed)


def _bug(error: Exception) -> int:
    if os.environ.get("EVDSL_DEBUG"):
        raise error
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where is not None else "?"
    print(f"bug: {type(error).__name__}: {error}\n  at {place}", file=sys.stderr)
    print("please report it with the spec; EVDSL_DEBUG=1 shows the traceback", file=sys.stderr)
    return BUG


def parser() -> argparse.ArgumentParser:
    """The arguments of every command."""

    top = argparse.ArgumentParser(
        prog="evdsl", description="EV charging stations as specs, compiled to optimisation models."
    )
    top.add_argument("--version", action="version", version=f"evdsl {VERSION}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    _solve(commands.add_parser("solve", help="find the best schedule and check it"))
    _check(commands.add_parser("check", help="report every mistake, without solving"))
    _verify(commands.add_parser("verify", help="check a stored schedule independently"))
    _show(commands.add_parser("show", help="the model: sizes, rows by name, what was simplified"))
    _export(commands.add_parser("export", help="write the model: .mps, .lp or .nc"))
    _diff(commands.add_parser("diff", help="what differs between two specs in meaning, and in result"))
    _compare(commands.add_parser("compare", help="the optimum beside rules that charge without a plan"))
    _price(commands.add_parser("price", help="what fairness, CO2 or V2G costs the rest"))
    _fuzz(commands.add_parser("fuzz", help="random specs, or variations of one, against every invariant"))
    _format(commands.add_parser("fmt", help="write specs in canonical form"))
    _new(commands.add_parser("new", help="begin a spec"))
    _explain(commands.add_parser("explain", help="a word, a diagnostic, or what the lines of a spec cost"))
    return top


def _spec_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("spec", metavar="SPEC", help="a .evs file")
    _override_arguments(command)


def _override_arguments(
    command: argparse.ArgumentParser, seed: str = "the seed of the draws, instead of the spec's"
) -> None:
    command.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[], type=pair, help="set a param"
    )
    command.add_argument("--enable", metavar="TOGGLE", action="append", default=[], help="switch a toggle on")
    command.add_argument(
        "--disable", metavar="TOGGLE", action="append", default=[], help="switch a toggle off"
    )
    command.add_argument("--seed", metavar="N", type=whole, help=seed)
    command.add_argument(
        "--data", metavar="DIR", action="append", default=[], type=folder, help="where data files are"
    )


def _solver_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--backend", metavar="NAME", default="auto", help="highs, scip or auto (default)")
    command.add_argument("--time-limit", metavar="S", type=seconds, help="seconds for all stages together")
    command.add_argument(
        "--gap", metavar="G", type=gap, default=1e-6, help="relative distance to the bound that will do"
    )
    command.add_argument(
        "--threads", metavar="N", type=whole, default=0, help="threads of the solver; 0: its choice"
    )
    _memory_argument(command)
    command.add_argument(
        "--solver-option",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        type=pair,
        help="an option by its solver's name",
    )


def _memory_argument(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--memory", metavar="SIZE", type=size, help="such as 2GB; default: nine tenths of what is free"
    )


def _solve(command: argparse.ArgumentParser) -> None:
    _spec_arguments(command)
    _solver_arguments(command)
    command.add_argument(
        "--out",
        metavar="FILE",
        help="store the schedule: .nc, .csv, .json or .parquet; of a front its table, or .svg or .png",
    )
    command.add_argument("--json", action="store_true", help="print one JSON document")
    command.add_argument("--quiet", action="store_true", help="print the status line only")


def _price(command: argparse.ArgumentParser) -> None:
    _spec_arguments(command)
    command.add_argument(
        "choices",
        metavar="CHOICE",
        nargs="+",
        help="a word (fairness, co2, ...): at its best first; a toggle (v2g, ...): on against off",
    )
    _solver_arguments(command)
    command.add_argument("--json", action="store_true", help="print one JSON document")


def _compare(command: argparse.ArgumentParser) -> None:
    _spec_arguments(command)
    _solver_arguments(command)
    command.add_argument(
        "--rules", metavar="NAMES", help="uncontrolled, fifs, edf, llf, round_robin; with commas, default all"
    )
    command.add_argument("--json", action="store_true", help="print one JSON document")


def _check(command: argparse.ArgumentParser) -> None:
    command.add_argument("specs", metavar="SPEC", nargs="+", help=".evs files")
    _override_arguments(command)
    command.add_argument(
        "--format",
        choices=("text", "json", "github", "sarif"),
        default="text",
        help="for people (default); as one JSON document; as annotations of GitHub; as SARIF 2.1.0",
    )
    command.add_argument(
        "--json", action="store_const", const="json", dest="format", help="the same as `--format json`"
    )
    command.add_argument(
        "-v", "--verbose", action="store_true", help="also the defaults in force and the vehicles drawn"
    )


def _verify(command: argparse.ArgumentParser) -> None:
    _spec_arguments(command)
    command.add_argument("result", metavar="RESULT", help="a schedule stored by `evdsl solve --out`")
    command.add_argument("--json", action="store_true", help="print one JSON document")


def _show(command: argparse.ArgumentParser) -> None:
    _spec_arguments(command)
    command.add_argument(
        "--backend", metavar="NAME", default="auto", help="whose form of the model: highs, scip or auto"
    )
    command.add_argument(
        "row", metavar="ROW", nargs="?", help="a row or a variable, such as 'site.balance[08:15]'"
    )
    command.add_argument(
        "--limit", metavar="N", type=whole, default=20, help="how many rows are printed (default: 20)"
    )
    command.add_argument(
        "--math",
        nargs="?",
        const="unicode",
        choices=("unicode", "latex"),
        help="the model as formulas, for a terminal or in LaTeX",
    )


def _export(command: argparse.ArgumentParser) -> None:
    _spec_arguments(command)
    command.add_argument("--to", metavar="FILE", required=True, help="the file: .mps, .lp or .nc (linopy)")
    command.add_argument(
        "--backend", metavar="NAME", default="auto", help="whose form of the model: highs, scip or auto"
    )
    command.add_argument(
        "--as-formulated", action="store_true", help="without simplifications: every rule as a row"
    )


def _diff(command: argparse.ArgumentParser) -> None:
    command.add_argument("first", metavar="A", help="a .evs file")
    command.add_argument("second", metavar="B", nargs="?", help="another; without it, A again")
    _override_arguments(command)
    command.add_argument(
        "--set-b", metavar="NAME=VALUE", action="append", default=[], type=pair, help="set a param of B alone"
    )
    command.add_argument("--solve", action="store_true", help="solve both, and compare every word")
    _solver_arguments(command)
    command.add_argument("--json", action="store_true", help="print one JSON document")


def _fuzz(command: argparse.ArgumentParser) -> None:
    command.add_argument("spec", metavar="SPEC", nargs="?", help="a .evs file that is varied")
    _override_arguments(command, "the seed of the campaign (default: 0); draws keep the spec's")
    command.add_argument(
        "--examples", metavar="N", type=counted, default=200, help="how many specs (default: 200)"
    )
    command.add_argument("--minutes", metavar="M", type=minutes, help="end after so many minutes")
    limit = f"seconds for each solve (default: {FUZZ_SECONDS:g})"
    command.add_argument("--time-limit", metavar="S", type=seconds, default=FUZZ_SECONDS, help=limit)
    _memory_argument(command)
    command.set_defaults(tried=None)


def _format(command: argparse.ArgumentParser) -> None:
    command.add_argument("specs", metavar="SPEC", nargs="+", help=".evs files")
    command.add_argument("--check", action="store_true", help="change nothing; exit 1 if a file would change")


def _new(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "name", metavar="NAME", nargs="?", help="the name of the station; NAME.evs is written"
    )
    command.add_argument(
        "--from", metavar="START", dest="start", help="what to start from (default: car_park)"
    )
    command.add_argument("--list", action="store_true", help="list what can be started from")


def _explain(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "terms",
        metavar="SPEC|NAME",
        nargs="*",
        help="a .evs file; or a code (E301), block, setting (port.power), toggle, word or function",
    )
    _override_arguments(command)
    _solver_arguments(command)
    command.add_argument("--json", action="store_true", help="of a spec: print one JSON document")
    command.add_argument(
        "--stage", metavar="N", type=whole, default=1, help="of a spec: price its lines in this stage"
    )
    command.add_argument(
        "--exact", action="store_true", help="of a spec: decide every integer anew for each price"
    )
    command.add_argument(
        "--quick", action="store_true", help="of a spec: the solver's multipliers, without solving again"
    )


if __name__ == "__main__":
    sys.exit(main())
