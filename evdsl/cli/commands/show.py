"""`evdsl show`: the model of a spec: sizes by family, each with its line, what was simplified and what not.

With the name of a row or a variable, such as `site.balance[08:15]`, what it says; with `--math`, all of it as
formulas.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from evdsl.cli.arguments import spec_arguments, whole
from evdsl.cli.exit import DONE, ERRORS, USAGE
from evdsl.cli.shared import data_of, in_color, read_spec, say, status_of
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Span
from evdsl.language.devices.scenarios import count_of, share_of
from evdsl.solver.discovery import find

if TYPE_CHECKING:
    from evdsl.model.lower import Lowered
    from evdsl.model.program import Program

UNWRAPPED = 1000


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    spec_arguments(command)
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


def run(arguments: argparse.Namespace) -> int:
    """Prints the variables and rows of the model as a backend would get it."""
    backend = find(arguments.backend)
    if isinstance(backend, Diagnostic):
        say([backend])
        return USAGE
    spec, found = read_spec(arguments)
    if spec is None:
        say(found)
        return status_of(found)
    count = count_of(spec)
    spec = replace(spec, scenario=1) if count else spec
    data = data_of(spec, found, arguments)
    if data is None:
        return ERRORS
    from evdsl.model.formulate import formulate
    from evdsl.model.lower import lower
    from evdsl.model.shared import rewrites_left_out
    from evdsl.report.run.summary import who_comes

    left_out = rewrites_left_out(share_of(spec))
    lowered = lower(formulate(spec, data), backend.capabilities, left_out)
    if arguments.row is not None:
        return _one(lowered.program, arguments)
    if arguments.math is not None:
        return _mathematics(lowered.program, notes_of(lowered), arguments.math)
    model, ledger = lowered.program.model, lowered.program.ledger
    families: list[tuple[str, str, int, str]] = []
    for name, variable in model.variables.items():
        kind = "binary" if variable.attrs["binary"] else "variable"
        families.append((kind, str(name), int((variable.labels >= 0).sum()), _place(ledger.get(str(name)))))
    for name, rows in model.constraints.items():
        families.append(("row", str(name), int((rows.labels >= 0).sum()), _place(ledger.get(str(name)))))
    notes = notes_of(lowered)
    if backend.capabilities.networks:
        notes |= _network(lowered)
    header = [
        f"{spec.name}: {who_comes(spec, data)}, {spec.steps} steps, {len(data.visits)} visits",
        *[f"{stage.sense} {stage.text}" for stage in spec.stages],
    ]
    if count:
        header[0] = f"{header[0]}; scenario 1 of {count}, `@2` and so on in the model of all"
    _print(header, families, notes)
    return DONE


def notes_of(lowered: Lowered) -> dict[str, list[str]]:
    """What became of each requirement that the formulation left open, by heading."""
    found: dict[str, list[str]] = {}
    for heading, binaries in (("simplified", False), ("decided with binaries", True)):
        notes = [f"{step.requirement}: {step.note}" for step in lowered.applied if step.binaries is binaries]
        if notes:
            found[heading] = notes
    return found


def _network(lowered: Lowered) -> dict[str, list[str]]:
    """Whether a large program is solved as a network, or would be."""
    from evdsl.model.matrix import read
    from evdsl.optimization.stages import pose_stage
    from evdsl.solver.network.arcs import network_of
    from evdsl.solver.network.ortools_process import is_installed
    from evdsl.solver.network.solve import NETWORK, WORTHWHILE
    from evdsl.solver.scaling import scale_matrix

    if lowered.program.model.nvars < WORTHWHILE:
        return {}
    network = network_of(scale_matrix(read(pose_stage(lowered.program, 0, ()).model)))
    if network is None:
        return {}
    size = f"{len(network.tail):,} arcs between {network.nodes:,} nodes"
    way = f"minimum-cost flow, unless `--without {NETWORK}`"
    missing = "would be with OR-Tools: pip install 'evdsl[network]'"
    return {"solved as a network": [f"{size}: {way if is_installed() else missing}"]}


def _one(program: Program, arguments: argparse.Namespace) -> int:
    from evdsl.model.labels import index_of
    from evdsl.report.rows import describe_rows
    from evdsl.report.rows import find as find_row

    index = index_of(program)
    found = find_row(index, arguments.row)
    if isinstance(found, Diagnostic):
        say([found])
        return USAGE
    print("\n".join(describe_rows(index, found, arguments.limit)))
    return DONE


def _mathematics(program: Program, notes: dict[str, list[str]], form: str) -> int:
    from evdsl.model.labels import index_of
    from evdsl.report.mathematics.latex import latex
    from evdsl.report.mathematics.page import page
    from evdsl.report.mathematics.unicode import unicode

    lines = page(index_of(program))
    if form == "latex":
        told = [f"% {heading}: {note}" for heading, found in notes.items() for note in found]
        print("\n".join([*latex(lines), *told]))
        return DONE
    print("\n".join(unicode(lines)))
    for heading, found in notes.items():
        print("\n".join(["", heading, *(f"    {note}" for note in found)]))
    return DONE


def _place(span: Span | None) -> str:
    return f"{span.source.name}:{span.line}" if span is not None else ""


def _print(header: list[str], families: list[tuple[str, str, int, str]], notes: dict[str, list[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    # A file or a pipe has no edge to wrap at, and a wrapped name cannot be found again.
    width = None if sys.stdout.isatty() else UNWRAPPED
    console = Console(no_color=not in_color(sys.stdout), highlight=False, width=width)
    for line in header:
        console.print(line, markup=False)
    table = Table(box=None, pad_edge=False)
    for title, side in (("", "left"), ("family", "left"), ("number", "right"), ("asked for at", "left")):
        table.add_column(title, justify=side)  # type: ignore[arg-type]  # one of rich's literals
    for kind, name, number, place in families:
        table.add_row(kind, name, f"{number:,}", place)
    console.print(table)
    for heading, found in notes.items():
        console.print(f"{heading}:")
        for note in found:
            console.print(f"  {note}", markup=False)
