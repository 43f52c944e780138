"""What several commands do: read a spec with its overrides, and say what was found."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from evdsl.cli.exit import DONE, ERRORS, STOPPED, USAGE
from evdsl.diagnostics.diagnostic import Diagnostic, by_cause, has_errors, render, with_data
from evdsl.language.spec import Spec
from evdsl.semantics.checks.scenarios import not_built
from evdsl.semantics.load import read
from evdsl.semantics.resolve import Overrides

if TYPE_CHECKING:
    from evdsl.data.data import Data
    from evdsl.solver.backend import Backend
    from evdsl.solver.solution import Options


OF_SCENARIOS = ("solve", "show", "export", "verify")
"""Commands that know what to do with a spec that has `scenarios`, of those that read one."""


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
    """The spec that a command was given, with every finding; none where it asks for more than one schedule,
    and the command is about one."""
    spec, found = read(arguments.spec, overrides_of(arguments))
    if spec is None or arguments.command in OF_SCENARIOS:
        return spec, found
    problem = not_built(spec, arguments.command)
    return (spec, found) if problem is None else (None, [*found, problem])


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


def refuse(found: Sequence[Diagnostic], arguments: argparse.Namespace, status: int) -> int:
    """Says findings as the command line asked for it, and gives the status back."""
    if getattr(arguments, "json", False):
        print_json({"status": "error", "diagnostics": [problem.as_record() for problem in by_cause(found)]})
    else:
        say(found)
    return status


def data_of(spec: Spec, found: Sequence[Diagnostic], arguments: argparse.Namespace) -> Data | None:
    """The data of a spec whose findings are said with those of the data; nothing where there are errors."""
    from evdsl.data.load import load_data

    data, more = load_data(spec)
    if data is None:
        refuse(with_data(found, more), arguments, ERRORS)
    elif not getattr(arguments, "json", False):
        say(with_data(found, more))
    return data


def out_of_memory(why: str, arguments: argparse.Namespace) -> int:
    """Says that the memory was too small (E608); 4, as at any limit."""
    help = "take longer steps, a shorter horizon or fewer vehicles, or give more with `--memory`"
    return refuse([Diagnostic("E608", why, None, "", help)], arguments, STOPPED)


def options_of(arguments: argparse.Namespace) -> Options:
    """What the command line asks of the solver."""
    from evdsl.solver.solution import Options

    return Options(
        arguments.time_limit,
        arguments.gap,
        arguments.threads,
        extra=dict(arguments.solver_option),
        without=tuple(arguments.without),
    )


def solver_of(arguments: argparse.Namespace, options: Options) -> Backend | list[Diagnostic]:
    """The solver that was asked for, or what is wrong with it or with its options."""
    from evdsl.solver.discovery import find

    backend = find(arguments.backend)
    if isinstance(backend, Diagnostic):
        return [backend]
    return backend.check_options(options) or backend


def status_of(diagnostics: Sequence[Diagnostic]) -> int:
    """The exit status that findings call for; a mistake on the command line is wrong usage."""
    if not has_errors(diagnostics):
        return DONE
    errors = [d for d in diagnostics if d.is_error]
    typed = all(d.span is not None and d.span.source.name.startswith("--") for d in errors)
    return USAGE if typed else ERRORS
