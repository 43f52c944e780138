"""`evdsl export`: the model of a spec as a file for other tools; the objective is that of the first stage."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from evdsl.cli.arguments import spec_arguments
from evdsl.cli.exit import DONE, ERRORS, USAGE
from evdsl.cli.shared import data_of, read_spec, say, status_of
from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean
from evdsl.language.objectives import word
from evdsl.model.export import ENDINGS
from evdsl.solver.discovery import find

if TYPE_CHECKING:
    from evdsl.language.spec import Spec
    from evdsl.model.composition import Composition
    from evdsl.model.program import Program
    from evdsl.solver.backend import Backend


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    spec_arguments(command)
    command.add_argument("--to", metavar="FILE", required=True, help="the file: .mps, .lp or .nc (linopy)")
    command.add_argument(
        "--backend", metavar="NAME", default="auto", help="whose form of the model: highs, scip or auto"
    )
    command.add_argument(
        "--as-formulated", action="store_true", help="without simplifications: every rule as a row"
    )


def run(arguments: argparse.Namespace) -> int:
    """Writes the model as a backend would get it, or as formulated."""
    path = Path(arguments.to)
    backend = find(arguments.backend)
    wrong = [d for d in (_check(path), backend) if isinstance(d, Diagnostic)]
    if wrong or isinstance(backend, Diagnostic):
        say(wrong)
        return USAGE
    spec, found = read_spec(arguments)
    if spec is None:
        say(found)
        return status_of(found)
    if spec.only("scenarios") is not None:
        return _of_scenarios(spec, found, backend, arguments)
    data = data_of(spec, found, arguments)
    if data is None:
        return ERRORS
    from evdsl.model.export import write as exchange
    from evdsl.model.formulate import formulate
    from evdsl.model.lower import SIMPLIFICATIONS, lower

    without = SIMPLIFICATIONS if arguments.as_formulated else ()
    lowered = lower(formulate(spec, data), backend.capabilities, without)
    return _written(spec, exchange.with_first_objective(lowered.program), None, path)


def _of_scenarios(
    spec: Spec, found: list[Diagnostic], backend: Backend, arguments: argparse.Namespace
) -> int:
    """The model of all scenarios, as one; its objective is that of the plan, with its `risk`."""
    from evdsl.model.export import write as exchange
    from evdsl.model.lower import SIMPLIFICATIONS
    from evdsl.optimization.scenarios.case import cases_of
    from evdsl.optimization.scenarios.solve import composed

    cases, more = cases_of(spec)
    if cases is None:
        say([*found, *more])
        return ERRORS
    say([*found, *more])
    composition = composed(spec, cases, backend, SIMPLIFICATIONS if arguments.as_formulated else ())
    program = exchange.with_first_objective(composition.program)
    return _written(spec, program, composition, Path(arguments.to))


def _written(spec: Spec, program: Program, composition: Composition | None, path: Path) -> int:
    """Writes the model, and says what stands in the file and what does not."""
    from evdsl.model.export import write as exchange

    try:
        exchange.write(program, path, composition)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        say([Diagnostic("E609", f"`{path}` cannot be written: {reason}", None, "", "name another file")])
        return USAGE
    first, model = spec.stages[0], program.model
    size = f"{model.nvars:,} variables, {model.ncons:,} rows"
    print(f"written to {path}: {size}; {first.sense} {first.text}")
    if any(one.order for name in first.weights if (one := word(name)) is not None):
        print(
            f"left out: all but the first round of `{first.text}`; a file has one objective", file=sys.stderr
        )
    for stage in spec.stages[1:]:
        print(f"left out: then {stage.sense} {stage.text}; a file has one objective", file=sys.stderr)
    return DONE


def _check(path: Path) -> Diagnostic | None:
    """What is wrong with the name of the file, asked before anything is built."""
    if path.suffix.lower() not in ENDINGS:
        help = did_you_mean(path.suffix, ENDINGS) or f"name it with one of {', '.join(ENDINGS)}"
        message = f"`{path.name}` does not say in which format the model is written"
        return Diagnostic("E609", message, None, "", help)
    if not path.parent.is_dir():
        return Diagnostic("E609", f"the folder `{path.parent}` does not exist", None, "", "make it first")
    return None
