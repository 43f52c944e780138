"""`evdsl verify SPEC RESULT`: an independent check of a stored schedule; no solver is loaded."""

from __future__ import annotations

import argparse
from dataclasses import replace

from evdsl.cli.arguments import spec_arguments
from evdsl.cli.exit import DONE, ERRORS
from evdsl.cli.shared import print_json, read_spec, say, status_of
from evdsl.diagnostics.diagnostic import Diagnostic, with_data
from evdsl.language.devices.scenarios import count_of
from evdsl.report.numbers import printable

SHOWN = 20


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    spec_arguments(command)
    command.add_argument("result", metavar="RESULT", help="a schedule stored by `evdsl solve --out`")
    command.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Prints each violation; exit 1 where there is one."""
    spec, found = read_spec(arguments)
    if spec is None:
        say(found)
        return status_of(found)
    from evdsl.data.load import load_data
    from evdsl.optimization.rounding import words
    from evdsl.schedule.dataset import additions, scenario_of
    from evdsl.schedule.storage import read
    from evdsl.verifier import verify

    schedule = read(arguments.result)
    if spec.only("scenarios") is not None and not isinstance(schedule, Diagnostic):
        scenario = scenario_of(schedule)
        if not 1 <= scenario <= count_of(spec):
            message = "the schedule does not say which scenario of the spec it is for"
            help = "store one with `evdsl solve SPEC --scenario 1 --out FILE`"
            say([*found, Diagnostic("E609", message, None, "", help)])
            return ERRORS
        spec = replace(spec, scenario=scenario)
    data, more = load_data(spec)
    problems = [*with_data(found, more), *([schedule] if isinstance(schedule, Diagnostic) else [])]
    if data is None or isinstance(schedule, Diagnostic):
        say(problems)
        return ERRORS
    verdict = verify(spec, schedule, data)
    if arguments.json:
        terms = words(spec, data, schedule, verdict) if verdict.terms else {}
        records = [violation.as_record() for violation in verdict.violations]
        added = additions(schedule)
        print_json({"ok": verdict.ok, "violations": records, "terms": terms, "not_checked": added})
        return DONE if verdict.ok else ERRORS
    say(problems)
    for violation in verdict.violations[:SHOWN]:
        print(f"violation[{violation.rule}]: {violation.message}")
    count = sum(verdict.counts.values())
    if count > SHOWN:
        print(f"... and {count - SHOWN} more")
    for name in additions(schedule):
        print(f"not checked: {printable(name, 100)}, added to the model through linopy")
    if spec.scenario:
        print(f"not checked: what other scenarios share with this one, which is scenario {spec.scenario}")
    print(f"{arguments.result}: " + ("accepted" if verdict.ok else f"{count} violation{'s' * (count != 1)}"))
    return DONE if verdict.ok else ERRORS
