"""`evdsl explain SPEC`: why a spec is infeasible, or what each of its lines costs."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from evdsl.cli.exit import DONE, ERRORS, USAGE, exit_of_status
from evdsl.cli.progress import SolveProgress
from evdsl.cli.shared import (
    data_of,
    options_of,
    print_json,
    read_spec,
    refuse,
    say,
    solver_of,
    status_of,
)
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Spec

if TYPE_CHECKING:
    from evdsl.data.data import Data
    from evdsl.solver.backend import Backend


def run(arguments: argparse.Namespace) -> int:
    """Reads and solves the spec, and tells what came out as its lines; exit 3 where it is infeasible."""
    options = options_of(arguments)
    backend = solver_of(arguments, options)
    if isinstance(backend, list):
        return refuse(backend, arguments, USAGE)
    spec, found = read_spec(arguments)
    if spec is None:
        return refuse(found, arguments, status_of(found))
    problem = _refusal(spec, 1 if arguments.stage is None else arguments.stage)
    if problem is not None:
        return refuse([problem], arguments, USAGE)
    data = data_of(spec, found, arguments)
    return ERRORS if data is None else answer(spec, data, backend, arguments)


def answer(spec: Spec, data: Data, backend: Backend, arguments: argparse.Namespace) -> int:
    """Solves a spec and tells what came out as its lines."""
    from evdsl.optimization.explanation.explain import explain
    from evdsl.optimization.explanation.prices import PriceOptions
    from evdsl.report import explanation as explain_words
    from evdsl.report import explanation_document as explain_record

    line = None if arguments.json else SolveProgress()
    tell = line.begin if line is not None else lambda _: None
    seeded = options_of(arguments).seeded(spec.seed)
    how = PriceOptions(arguments.exact, arguments.quick)
    told = explain(spec, data, backend, seeded, arguments.stage or 1, how, tell)
    if line is not None:
        line.clear()
    if arguments.json:
        print_json(explain_record.document(told))
    else:
        say(told.problems)
        print(explain_words.text(told), end="")
    if told.prices is not None:
        return DONE
    # A schedule without prices answers nothing: the problems say why.
    return ERRORS if told.status.has_schedule else exit_of_status(told.status)


def _refusal(spec: Spec, stage: int) -> Diagnostic | None:
    """What keeps a stage from being priced before anything is solved."""
    if not 1 <= stage <= len(spec.stages):
        count = len(spec.stages)
        message = f"the spec has {count} stage{'s' * (count != 1)}, and none is number {stage}"
        return Diagnostic("E402", message, spec.stages[-1].span, "", f"give `--stage` from 1 to {count}")
    return None
