"""`evdsl price SPEC CHOICE...`: what a word or a toggle costs the others, from two verified schedules."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from evdsl.cli.arguments import solver_arguments, spec_arguments
from evdsl.cli.exit import DONE, ERRORS, USAGE, exit_of
from evdsl.cli.progress import SolveProgress
from evdsl.cli.shared import options_of, print_json, read_spec, refuse, say, solver_of, status_of

if TYPE_CHECKING:
    from evdsl.optimization.tradeoff import Price, Pricing


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    spec_arguments(command)
    command.add_argument(
        "choices",
        metavar="CHOICE",
        nargs="+",
        help="a word (fairness, co2, ...): at its best first; a toggle (v2g, ...): on against off",
    )
    solver_arguments(command)
    command.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Prices each choice in turn; nothing is solved where one of them cannot be."""
    options = options_of(arguments)
    backend = solver_of(arguments, options)
    if isinstance(backend, list):
        return refuse(backend, arguments, USAGE)
    spec, found = read_spec(arguments)
    if spec is None:
        return refuse(found, arguments, status_of(found))
    from evdsl.data.load import load_data
    from evdsl.optimization.tradeoff import Pricing, doubts, refusal

    impossible = [problem for choice in arguments.choices for problem in refusal(spec, choice)]
    if impossible:
        typed = all(problem.code == "E203" for problem in impossible)
        return refuse(impossible, arguments, USAGE if typed else ERRORS)
    found = [*found, *(doubt for choice in arguments.choices for doubt in doubts(spec, choice))]
    data, more = load_data(spec)
    if data is None:
        return refuse([*found, *more], arguments, ERRORS)
    if not arguments.json:
        say([*found, *more])
    line = None if arguments.json else SolveProgress()
    pricing = Pricing(spec, data, backend, options, line, line.begin if line is not None else lambda _: None)
    priced: list[Price] = []
    for choice in arguments.choices:
        price = pricing.price(choice)
        if line is not None:
            line.clear()
        if isinstance(price, list):
            return refuse(price, arguments, _status(pricing))
        priced.append(price)
        if not arguments.json:
            from evdsl.report import tradeoff as price_report

            print(("\n" if len(priced) > 1 else "") + price_report.text(price), end="")
    if arguments.json:
        from evdsl.report import tradeoff as price_report

        records = [price_report.document(price) for price in priced]
        diagnostics = [problem.as_record() for problem in (*found, *more)]
        print_json(
            {"spec": spec.name, "currency": spec.currency, "choices": records, "diagnostics": diagnostics}
        )
    return DONE


def _status(pricing: Pricing) -> int:
    """The exit status of a run without a schedule that counts."""
    return ERRORS if pricing.failed is None else exit_of(pricing.failed)
