"""`evdsl explain`: a word of the language, a diagnostic, or a spec.

A file is explained as a spec: why it is infeasible, or what each of its lines costs; or, where a vehicle, a
time or another plan is named, its schedule. Anything else is looked up in the reference, and without a term
its contents are printed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys

from evdsl.cli.arguments import override_arguments, solver_arguments, whole
from evdsl.cli.commands import explain_schedule
from evdsl.cli.exit import DONE, USAGE
from evdsl.cli.shared import in_color
from evdsl.language.reference.index import find, near, shelf_page, shelves
from evdsl.language.reference.page import Page, Paragraph, as_text

NARROWEST, WIDEST = 40, 100


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    command.add_argument(
        "terms",
        metavar="SPEC|NAME",
        nargs="*",
        help="a .evs file; or a code (E301), block, setting (port.power), toggle, word or function",
    )
    override_arguments(command)
    solver_arguments(command)
    command.add_argument("--json", action="store_true", help="of a spec: print one JSON document")
    command.add_argument(
        "--stage", metavar="N", type=whole, help="of a spec: price its lines in this stage; default: 1"
    )
    command.add_argument(
        "--exact", action="store_true", help="of a spec: decide every integer anew for each price"
    )
    command.add_argument(
        "--quick", action="store_true", help="of a spec: the solver's multipliers, without solving again"
    )
    explain_schedule.add_arguments(command)


def run(arguments: argparse.Namespace) -> int:
    """Prints the page of a term, or hands a spec on."""
    terms: list[str] = arguments.terms
    if len(terms) == 1 and (terms[0].endswith(".evs") or os.path.isfile(terms[0])):
        arguments.spec = terms[0]
        if explain_schedule.is_asked(arguments):
            return explain_schedule.run(arguments)
        from evdsl.cli.commands import explain_spec

        return int(explain_spec.run(arguments))
    if explain_schedule.is_asked(arguments):
        print("error: a vehicle, a time or a plan is one of a spec, and no spec is given", file=sys.stderr)
        print("help: name it first: `evdsl explain site.evs --vehicle NAME`", file=sys.stderr)
        return USAGE
    if not terms:
        about = "`evdsl explain NAME` prints one of these pages, `evdsl explain SPEC` speaks of a spec."
        _print([Page("The language", (Paragraph(about),)), *(shelf_page(shelf) for shelf in shelves())])
        return DONE
    unknown = [term for term in terms if not _known(term)]
    for term in unknown:
        print(f"error: nothing is named `{term}`, and no file either", file=sys.stderr)
        meant = near(term)
        help = f"did you mean `evdsl explain {meant}`?" if meant else "`evdsl explain` lists what there is"
        print(f"help: {help}", file=sys.stderr)
    if unknown:
        return USAGE
    _print([page for term in terms for page in _pages(term)])
    return DONE


def _known(term: str) -> bool:
    return any(find(term))


def _pages(term: str) -> list[Page]:
    found, others = find(term)
    if others and not found:
        about = f"Several blocks have it: {', '.join(f'`evdsl explain {name}`' for name in others)}."
        return [Page(f"`{term}`: a setting", (Paragraph(about),))]
    if others:
        about = f"It is also a setting: {', '.join(f'`evdsl explain {name}`' for name in others)}."
        last = found[-1]
        return [*found[:-1], Page(last.title, (*last.body, Paragraph(about)))]
    return found


def _print(pages: list[Page]) -> None:
    width = min(max(shutil.get_terminal_size((WIDEST, 24)).columns, NARROWEST), WIDEST)
    color = in_color(sys.stdout)
    print("\n\n".join(as_text(page, width, color=color).rstrip() for page in pages))
