"""The command line. Each command is a module, imported when it is asked for."""

from __future__ import annotations

import argparse
import errno
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from evdsl.cli.exit import BUG, DONE, INTERRUPTED, USAGE
from evdsl.version import VERSION

COMMANDS = (
    ("solve", "find the best schedule and check it"),
    ("check", "report every mistake, without solving"),
    ("verify", "check a stored schedule independently"),
    ("show", "the model: sizes, rows by name, what was simplified"),
    ("export", "write the model: .mps, .lp or .nc"),
    ("diff", "what differs between two specs in meaning, and in result"),
    ("compare", "the optimum beside rules that charge without a plan"),
    ("plan", "who charges where, when, at which power, and what it costs and earns"),
    ("report", "one page without scripts: what was asked, what came out, figures, the plan"),
    ("sweep", "many settings and seeds, the optimum beside the rules, as one table"),
    ("simulate", "every policy on many random draws: means, intervals, differences"),
    ("price", "what fairness, CO2 or V2G costs the rest"),
    ("fuzz", "random specs, or variations of one, against every invariant"),
    ("fmt", "write specs in canonical form"),
    ("new", "begin a spec"),
    ("explain", "a word, a diagnostic, what the lines of a spec cost, or why its schedule is so"),
)
"""Every command, a module of `evdsl.cli.commands` each, with what `--help` says of it."""


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


class _CommandParser(argparse.ArgumentParser):
    """The arguments of one command, which its module declares when the command is asked for."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """See `argparse`; called for the command that the line names, and for no other."""
        import_module(f"evdsl.cli.commands.{self.prog.split()[-1]}").add_arguments(self)
        return super().parse_known_args(args, namespace)


def parser() -> argparse.ArgumentParser:
    """The arguments of every command."""

    top = argparse.ArgumentParser(
        prog="evdsl", description="EV charging stations as specs, compiled to optimisation models."
    )
    top.add_argument("--version", action="version", version=f"evdsl {VERSION}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=_CommandParser)
    for name, help in COMMANDS:
        commands.add_parser(name, help=help).set_defaults(command=name)
    return top


if __name__ == "__main__":
    sys.exit(main())
