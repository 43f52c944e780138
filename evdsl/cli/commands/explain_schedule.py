"""`evdsl explain SPEC` with `--vehicle`, `--at` or `--plan`: what one asks of the schedule of a spec."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from evdsl.cli.exit import DONE, ERRORS, USAGE
from evdsl.cli.moment import step_at
from evdsl.cli.progress import SolveProgress
from evdsl.cli.shared import data_of, options_of, print_json, read_spec, refuse, say, solver_of, status_of
from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean
from evdsl.diagnostics.source import Source, Span
from evdsl.language.spec import Spec

if TYPE_CHECKING:
    from evdsl.data.data import Data

NAMED = 3
"""Vehicles that a help names."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    command.add_argument(
        "--vehicle", metavar="NAME", help="of a spec: why a vehicle charges when it does, and gets no more"
    )
    command.add_argument(
        "--at", metavar="TIME", help='of a spec: what happens then: 18:30, or "2024-03-12 18:30"'
    )
    command.add_argument(
        "--plan",
        metavar="FILE",
        help="of a spec: why not this plan: a stored schedule, or what `evdsl plan` wrote",
    )


def is_asked(arguments: argparse.Namespace) -> bool:
    """Whether it is the schedule that is asked about, and not the lines of the spec."""
    return any(given is not None for given in (arguments.vehicle, arguments.at, arguments.plan))


def run(arguments: argparse.Namespace) -> int:
    """Solves the spec and answers; where there is no schedule, it is explained why."""
    from evdsl.cli.commands import explain_spec

    options = options_of(arguments)
    backend = solver_of(arguments, options)
    if isinstance(backend, list):
        return refuse(backend, arguments, USAGE)
    spec, found = read_spec(arguments)
    if spec is None:
        return refuse(found, arguments, status_of(found))
    problem = _refusal(spec, arguments)
    if problem is not None:
        return refuse([problem], arguments, USAGE)
    data = data_of(spec, found, arguments)
    if data is None:
        return ERRORS
    from evdsl.optimization.explanation.variant import Session
    from evdsl.optimization.inquiry.moment import moment_facts
    from evdsl.optimization.inquiry.trial import Trial
    from evdsl.optimization.inquiry.vehicle import vehicle_facts
    from evdsl.optimization.problem import compile_spec
    from evdsl.report.inquiry.answers import Answer, document, text
    from evdsl.report.plan.rival import facts_of, read_rival

    step = step_at(arguments.at, spec) if arguments.at is not None else 0
    vehicle = vehicle_of(arguments.vehicle, spec, data) if arguments.vehicle is not None else 0
    plan = read_rival(Path(arguments.plan), spec, data) if arguments.plan is not None else None
    wrong = [given for given in (vehicle, step) if isinstance(given, Diagnostic)]
    wrong += plan if isinstance(plan, list) else []
    if isinstance(step, Diagnostic) or isinstance(vehicle, Diagnostic) or isinstance(plan, list):
        return refuse(wrong, arguments, USAGE)
    line = None if arguments.json else SolveProgress()
    tell = line.begin if line is not None else lambda _: None
    seeded = options.seeded(spec.seed)
    asker = Session(backend, seeded)
    tell("solving the spec")
    result = compile_spec(spec, data).run(backend, seeded)
    if result.interrupted:
        raise KeyboardInterrupt
    if result.schedule is None or not result.status.has_schedule:
        if line is not None:
            line.clear()
        return explain_spec.answer(spec, data, backend, arguments)
    # What was chosen is asked about as the limit that it is.
    result = result.as_chosen
    trial = Trial(result, asker, arguments.exact)
    asked = None if arguments.quick else trial
    answers: list[Answer] = []
    if arguments.vehicle is not None:
        answers.append(Answer("vehicle", arguments.vehicle, vehicle_facts(result, vehicle, asked, tell)))
    if arguments.at is not None:
        answers.append(Answer("at", arguments.at, moment_facts(result, step, asked, tell)))
    if plan is not None:
        answers.append(Answer("plan", arguments.plan, facts_of(plan, result)))
    if line is not None:
        line.clear()
    if arguments.json:
        print_json(document(result, answers, asked))
    else:
        say(result.diagnostics)
        print(text(result, answers, asked), end="")
    return DONE


def _refusal(spec: Spec, arguments: argparse.Namespace) -> Diagnostic | None:
    if spec.pareto is not None:
        message = "one schedule is asked about, and the spec asks for a front, which is many"
        return Diagnostic("E402", message, spec.pareto.span, "", "write `minimize ...` for `pareto ...`")
    if arguments.stage is not None:
        message = "`--stage` says in which stage lines are priced, and here a schedule is asked about"
        return Diagnostic("E402", message, None, "", "leave `--stage` out")
    return None


def vehicle_of(text: str, spec: Spec, data: Data) -> int | Diagnostic:
    """The first stay of the vehicle that has a name, or of which a stay has it."""
    vehicles = data.vehicles
    if text in vehicles.name:
        return int(vehicles.first[vehicles.name.index(text)])
    source = Source("--vehicle", text)
    span = Span(source, 0, max(len(text), 1))
    device = next((device for device in spec.devices if device.name == text), None)
    if device is None or not text:
        names = [name for name, first in zip(vehicles.name, vehicles.is_first, strict=True) if first]
        blocks = [one.name for one in spec.devices if one.kind in ("fleet", "sessions", "vehicle")]
        help = did_you_mean(text, [*names, *blocks])
        if not help and names:
            help = f"type `--vehicle {names[0]}`, or another name of `evdsl solve --json`"
        return Diagnostic("E203", f"no vehicle is named `{text}`", span, "", help or _nobody(spec))
    mine = [
        vehicles.name[at]
        for at in range(len(vehicles))
        if vehicles.is_first[at] and spec.devices[int(vehicles.owner[at])] is device
    ]
    if len(mine) == 1:
        return vehicles.name.index(mine[0])
    if not mine:
        help = _nobody(spec) if not len(vehicles) else f"type `--vehicle {vehicles.name[0]}`"
        return Diagnostic("E203", f"`{device.kind} {text}` is no vehicle", span, "", help)
    shown = ", ".join(f"`--vehicle {name}`" for name in mine[:NAMED])
    more = f", and so on to `{mine[-1]}`" if len(mine) > NAMED else ""
    message = f"`{text}` is {len(mine)} vehicles, and one is asked about"
    return Diagnostic("E203", message, span, "", f"type {shown}{more}")


def _nobody(spec: Spec) -> str:
    if spec.of_kind("cohort"):
        return "vehicles of a cohort have no names; `--at` tells how many of them charge"
    return "no vehicle comes; `--at` tells what happens at a time"
