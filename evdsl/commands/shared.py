"""What several commands do: read a spec with its overrides, and say what was found."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from evdsl.api import read
from evdsl.cli import DONE, ERRORS, USAGE
from evdsl.diagnostic import Diagnostic, has_errors, render
from evdsl.resolve import Overrides
from evdsl.spec import Spec


def overrides_of(arguments: argparse.Namespace) -> Overrides:
    """What the command line says over the file."""
    return Overrides(
        dict(arguments.set),
        tuple(arguments.enable),
        tuple(arguments.disable),
        arguments.seed,
        tuple(Path(folder) for folder in arguments.data),
    )


def read_spec(arguments: argparse.Namespace) -> tuple[Spec | None, list[Diagnostic]]:
    """The spec that a command was given, with every finding."""
    return read(arguments.spec, overrides_of(arguments))


def say(diagnostics: Sequence[Diagnostic], stream: TextIO | None = None) -> None:
    """Writes findings for a person, on standard error."""
    stream = sys.stderr if stream is None else stream
    if diagnostics:
        print(render(diagnostics, color=in_color(stream)), file=stream)


def in_color(stream: TextIO) -> bool:
    """Whether a stream is a terminal whose user wants colours (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_json(document: object) -> None:
    """One strict JSON document on standard output."""
    print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def status_of(diagnostics: Sequence[Diagnostic]) -> int:
    """The exit status that findings call for; a mistake on the command line is wrong usage."""
    if not has_errors(diagnostics):
        return DONE
    errors = [d for d in diagnostics if d.is_error]
    typed = all(d.span is not None and d.span.source.name.startswith("--") for d in errors)
    return USAGE if typed else ERRORS
