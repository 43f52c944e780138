"""`evdsl fmt`: specs in canonical form, comments kept."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from evdsl.cli.exit import DONE, ERRORS
from evdsl.cli.shared import say
from evdsl.diagnostics.diagnostic import Diagnostic, has_errors
from evdsl.diagnostics.files import read_text
from evdsl.diagnostics.source import MAXIMUM_BYTES, Source
from evdsl.syntax.formatter import format
from evdsl.syntax.parser import parse


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    command.add_argument("specs", metavar="SPEC", nargs="+", help=".evs files")
    command.add_argument("--check", action="store_true", help="change nothing; exit 1 if a file would change")


def run(arguments: argparse.Namespace) -> int:
    """Rewrites each file that can be read; one that cannot is left as it is."""
    worst = DONE
    for name in arguments.specs:
        path = Path(name)
        text = read_text(path, name, MAXIMUM_BYTES, None)
        if isinstance(text, Diagnostic):
            say([text])
            worst = ERRORS
            continue
        file, found = parse(Source(name, text, path))
        if has_errors(found):
            say(found)
            worst = ERRORS
            continue
        formatted = format(file)
        if formatted == text:
            continue
        if arguments.check:
            print(f"{name} would change", file=sys.stderr)
            worst = ERRORS
        else:
            path.write_text(formatted, encoding="utf-8")
            print(f"{name} rewritten")
    return worst
