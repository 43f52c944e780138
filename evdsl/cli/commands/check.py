"""`evdsl check`: every mistake of specs and of the files that they read; no solver is loaded."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from evdsl.cli.arguments import override_arguments
from evdsl.cli.shared import overrides_of, print_json, say, status_of
from evdsl.diagnostics.diagnostic import Diagnostic, has_errors, summary, with_data
from evdsl.language.billing import may_churn
from evdsl.language.devices.scenarios import count_of
from evdsl.language.spec import Spec
from evdsl.language.values import SERIES, Column, Draw, MaximumEnergy, Operation
from evdsl.report.github import CheckedFile, as_github
from evdsl.semantics.load import read
from evdsl.version import VERSION

if TYPE_CHECKING:
    from evdsl.data.data import Data


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    command.add_argument("specs", metavar="SPEC", nargs="+", help=".evs files")
    override_arguments(command)
    command.add_argument(
        "--format",
        choices=("text", "json", "github", "sarif"),
        default="text",
        help="for people (default); as one JSON document; as annotations of GitHub; as SARIF 2.1.0",
    )
    command.add_argument(
        "--json", action="store_const", const="json", dest="format", help="the same as `--format json`"
    )
    command.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="also the defaults in force, what is taken from files and the vehicles drawn",
    )


def run(arguments: argparse.Namespace) -> int:
    """Checks each file; the exit status is the worst of them."""
    worst = 0
    several: list[CheckedFile] = []
    taken: list[list[str]] = []
    for path in arguments.specs:
        spec, found = read(path, overrides_of(arguments))
        remarks: list[str] = []
        if spec is not None and (arguments.verbose or needs_data(spec)):
            from evdsl.data.load import load_data

            data, more = load_data(replace(spec, scenario=1) if count_of(spec) else spec)
            found = with_data(found, more)
            if data is not None and arguments.verbose:
                from evdsl.data.provenance import currents_of, files_of

                remarks = [*data.remarks, *files_of(spec), *currents_of(spec), *_who_comes(spec, data)]
        worst = max(worst, status_of(found))
        several.append(CheckedFile(path, tuple(found)))
        taken.append(remarks)
        if arguments.format == "text":
            _tell(path, spec, found, remarks, arguments.verbose)
    _print_as(arguments.format, several, worst, taken if arguments.verbose else None)
    return worst


def _print_as(
    form: str, several: list[CheckedFile], status: int, taken: Sequence[Sequence[str]] | None
) -> None:
    """All findings at once, for a program; with `-v` what is taken from the files of each spec too."""
    if form == "json":
        records = [_record(checked) for checked in several]
        for record, remarks in zip(records, taken or (), strict=taken is not None):
            record["remarks"] = list(remarks)
        print_json({"files": records})
    elif form == "github":
        for line in as_github(several):
            print(line)
    elif form == "sarif":
        from evdsl.report.sarif import as_sarif

        print_json(as_sarif(several, VERSION, status))


def needs_data(spec: Spec) -> bool:
    """Whether the data may show what a spec alone does not.

    They do of what is drawn, read from a file or computed at each step, of many vehicles or stays in one
    block, of a requirement or a term of an objective, which may speak of batteries that are not there, of
    what drivers pay for energy that they also give back, and of calls that ask for more than there is. What
    else there is was checked without numpy, in the same words: `solve` says nothing that `check` does not.
    """
    if (
        spec.requirements
        or spec.terms
        or may_churn(spec)
        or any(
            device.kind in ("fleet", "sessions", "trip", "event") or "days" in device.given
            for device in spec.devices
        )
    ):
        return True
    values = [value for device in spec.devices for value in device.settings.values()]
    values += [value for _, value in spec.series]
    computed = (Operation, Draw, Column, MaximumEnergy, *SERIES)
    return any(isinstance(value, computed) for value in values)


def _record(checked: CheckedFile) -> dict[str, object]:
    return {
        "file": checked.path,
        "ok": not has_errors(checked.found),
        "diagnostics": [diagnostic.as_record() for diagnostic in checked.shown],
        "more": checked.more,
    }


def _who_comes(spec: Spec, data: Data) -> list[str]:
    """A line for each block of vehicles: how many, when, and what they ask for."""
    lines: list[str] = []
    vehicles = data.vehicles
    for owner in dict.fromkeys(int(owner) for owner in vehicles.owner):
        mine = vehicles.owner == owner
        begin, end, need = vehicles.arrival[mine], vehicles.departure[mine], vehicles.need[mine]
        first, last = (f"{data.timeline.local(float(t)):%Y-%m-%d %H:%M}" for t in (begin.min(), end.max()))
        number = int(vehicles.is_first[mine].sum())
        count = f"{number} vehicle{'s' if number != 1 else ''}"
        trips = int((vehicles.used[mine] >= 0).sum())
        count += f", {trips} trip{'s' if trips != 1 else ''}" if trips else ""
        device = spec.devices[owner]
        lines.append(
            f"{device.kind} {device.name}: {count} between {first} and {last}, need {need.sum():.4g} kWh"
        )
    return lines


def _tell(path: str, spec: Spec | None, found: list[Diagnostic], remarks: list[str], verbose: bool) -> None:
    say(found)
    print(f"{path}: {summary(found) or 'no mistakes'}", file=sys.stderr if has_errors(found) else sys.stdout)
    if spec is None or not verbose:
        return
    for remark in remarks:
        print(f"  {remark}")
    print(f"  {spec.steps} steps of {spec.step * 60:g} min from {spec.start:%Y-%m-%d %H:%M} in {spec.zone}")
    for name, switch in spec.toggles.items():
        print(f"  {name}: {'on' if switch.on else 'off'}{'' if switch.span else ' (default)'}")
    from evdsl.language.devices import declared_kind

    for device in spec.devices:
        declared = declared_kind(device.kind)
        for setting in declared.settings:
            if setting.default is not None and setting.name not in device.given:
                print(
                    f"  {device.kind} {device.name}: {setting.name} = {setting.default} (default)".replace(
                        " :", ":"
                    )
                )
