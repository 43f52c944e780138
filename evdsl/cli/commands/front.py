"""`evdsl solve` of a spec that asks for a front: its points, what one axis costs the other, a picture."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from evdsl.cli.exit import USAGE
from evdsl.cli.shared import in_color, print_json, say
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.solver.solution import Options

if TYPE_CHECKING:
    from evdsl.cli.progress import SolveProgress
    from evdsl.data.data import Data
    from evdsl.language.spec import Spec
    from evdsl.solver.backend import Backend


def run(
    arguments: argparse.Namespace,
    spec: Spec,
    data: Data,
    backend: Backend,
    options: Options,
    line: SolveProgress | None,
    found: list[Diagnostic],
    seconds: tuple[float, float],
) -> int:
    """Solves, reports and stores; `found` was said before, `seconds` went into parsing and checking."""
    from evdsl.cli.exit import exit_of
    from evdsl.optimization import front as pareto
    from evdsl.optimization.failure import diagnose
    from evdsl.report.front import text as pareto_report

    seeded = options.seeded(spec.seed)
    told = line.point if line is not None else None
    front = pareto.front(spec, backend, options=seeded, listener=line, told=told, data=data)
    if line is not None:
        line.clear()
    if front.failed is not None:
        found = [*found, *diagnose(front.failed, backend, seeded).diagnostics]
    problem = None
    if arguments.out and front.points:
        from evdsl.report.front.files import write

        problem = write(arguments.out, front)
    if arguments.json:
        print_json(pareto_report.document(front, found, *seconds))
    else:
        say([d for d in found if d.is_error])
        text = pareto_report.text(
            front, color=in_color(sys.stdout), parse_seconds=seconds[0], check_seconds=seconds[1]
        )
        print(text.split("\n", 1)[0] if arguments.quiet else text.rstrip())
        if arguments.out and front.points and problem is None:
            print(f"\nwritten to {arguments.out}")
    if problem is not None:
        say([problem])
        return USAGE
    return exit_of(front)
