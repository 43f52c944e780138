"""`evdsl report SPEC -o report.html`: what was asked and what came out, as one page that needs no network."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from evdsl.cli.arguments import positive_count, solver_arguments, spec_arguments
from evdsl.cli.commands.compare import refusal as refused_comparison
from evdsl.cli.exit import ERRORS, USAGE, exit_of
from evdsl.cli.progress import SolveProgress
from evdsl.cli.shared import data_of, options_of, read_spec, refuse, say, solver_of, status_of
from evdsl.diagnostics.diagnostic import Diagnostic

if TYPE_CHECKING:
    from evdsl.data.data import Data
    from evdsl.language.spec import Spec
    from evdsl.optimization.front import Front
    from evdsl.optimization.result import Result
    from evdsl.report.page.report import Report
    from evdsl.solver.backend import Backend
    from evdsl.solver.solution import Options

ENDINGS = (".html", ".htm")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    spec_arguments(command)
    solver_arguments(command)
    command.add_argument("-o", "--out", metavar="FILE", required=True, help="the page: .html")
    command.add_argument("--figures", metavar="DIR", help="also store each figure there: .svg, .png and .csv")
    command.add_argument(
        "--sensitivity", action="store_true", help="also what a unit of each line costs, as `evdsl explain`"
    )
    command.add_argument(
        "--point", metavar="N", type=positive_count, help="of a front: the point whose plan is told"
    )


def run(arguments: argparse.Namespace) -> int:
    """Solves, runs the rules, draws, and stores the page."""
    options = options_of(arguments)
    backend = solver_of(arguments, options)
    wrong = [*_file_problems(arguments), *(backend if isinstance(backend, list) else [])]
    if isinstance(backend, list) or wrong:
        return refuse(wrong, arguments, USAGE)
    spec, found = read_spec(arguments)
    if spec is None:
        return refuse(found, arguments, status_of(found))
    problem = _wrong_point(spec, arguments.point)
    if problem is not None:
        return refuse([problem], arguments, USAGE)
    data = data_of(spec, found, arguments)
    if data is None:
        return ERRORS
    line = SolveProgress()
    made = _made(spec, data, backend, options.seeded(spec.seed), arguments, line)
    line.clear()
    if isinstance(made, int):
        return made
    from evdsl.report.page.report import html

    result = made.plan.result
    say(result.diagnostics)
    line.begin("drawing the page")
    text = html(made)
    line.clear()
    problem = _stored(text, arguments)
    if problem is None and arguments.figures:
        problem = _figures(Path(arguments.figures), made)
    if problem is not None:
        say([problem])
        return USAGE
    _tell(made, arguments)
    return exit_of(result)


def _stored(text: str, arguments: argparse.Namespace) -> Diagnostic | None:
    from evdsl.diagnostics.files import store

    return store(Path(arguments.out), lambda to: to.write_text(text, encoding="utf-8"))


def _tell(made: Report, arguments: argparse.Namespace) -> None:
    from evdsl.report.numbers import plural
    from evdsl.report.run.summary import headline, site_line

    result, count = made.plan.result, len(made.gallery.figures)
    print(
        f"{headline(result)[0]}\n{site_line(result)}\n\nwritten to {arguments.out}, {plural(count, 'figure')}"
    )
    if arguments.figures:
        print(f"figures written to {arguments.figures}")


def _made(
    spec: Spec,
    data: Data,
    backend: Backend,
    options: Options,
    arguments: argparse.Namespace,
    line: SolveProgress,
) -> Report | int:
    """What the report tells, or the exit status where there is nothing to tell."""
    from evdsl.optimization.comparison import compare
    from evdsl.optimization.explanation.explain import explain
    from evdsl.optimization.explanation.prices import PriceOptions
    from evdsl.optimization.policies import POLICIES
    from evdsl.report.figures.gallery import gallery
    from evdsl.report.page.report import Report
    from evdsl.report.plan.charges import plan_of

    solved = _solved(spec, data, backend, options, arguments, line)
    if isinstance(solved, int):
        return solved
    result, front, point = solved
    why_not = refused_comparison(spec)
    comparison = None if why_not is not None else compare(result, POLICIES)
    explanation = None
    if arguments.sensitivity:
        explanation = explain(spec, data, backend, options, 1, PriceOptions(), line.begin)
    return Report(
        plan_of(result),
        gallery(result, comparison, front=front),
        _command(arguments),
        comparison,
        "" if why_not is None else f"Not compared: {why_not.message}.",
        explanation,
        front,
        point,
    )


def _solved(
    spec: Spec,
    data: Data,
    backend: Backend,
    options: Options,
    arguments: argparse.Namespace,
    line: SolveProgress,
) -> tuple[Result, Front | None, int] | int:
    """The run that is told, with the front that it is a point of; or the exit status."""
    from evdsl.optimization.failure import diagnose
    from evdsl.optimization.front import front as solve_front
    from evdsl.optimization.problem import compile_spec

    if spec.pareto is not None:
        front = solve_front(spec, backend, options=options, listener=line, told=line.point, data=data)
        if front.points:
            # The middle is neither end, where one of the two expressions is all that counts.
            point = min(arguments.point or (len(front.points) + 1) // 2, len(front.points))
            return front.points[point - 1].result, front, point
        if front.failed is None:
            line.clear()
            return refuse((), arguments, exit_of(front))
        return _without_schedule(front.failed, exit_of(front), backend, options, arguments, line)
    result = compile_spec(spec, data).run(backend, options, line)
    if result.schedule is None or not result.status.has_schedule:
        return _without_schedule(result, exit_of(result), backend, options, arguments, line)
    line.clear()
    return replace(result, diagnostics=diagnose(result, backend, options).diagnostics), None, 0


def _without_schedule(
    result: Result,
    status: int,
    backend: Backend,
    options: Options,
    arguments: argparse.Namespace,
    line: SolveProgress,
) -> int:
    """Says why there is none; of an infeasible spec there is a page of that too."""
    from evdsl.optimization.explanation.explain import explain
    from evdsl.optimization.failure import diagnose
    from evdsl.report.page.infeasible import Refusal, html
    from evdsl.solver.solution import Status

    line.clear()
    found = diagnose(result, backend, options).diagnostics
    if result.status is not Status.INFEASIBLE:
        return refuse(found, arguments, status)
    told = explain(result.spec, result.data, backend, options, tell=line.begin)
    line.clear()
    problem = _stored(html(Refusal(result, found, told, _command(arguments))), arguments)
    if problem is not None:
        return refuse([*found, problem], arguments, USAGE)
    say(found)
    print(f"{arguments.out} says why, with the text of the spec")
    return status


def _wrong_point(spec: Spec, point: int | None) -> Diagnostic | None:
    if point is None or (spec.pareto is not None and point <= spec.pareto.points):
        return None
    if spec.pareto is None:
        message = "`--point` names a point of a front, and the spec asks for none"
        return Diagnostic("E402", message, spec.stages[0].span, "", "leave out `--point`")
    message = f"the front has {spec.pareto.points} points at most, and none is number {point}"
    help = f"give `--point` from 1 to {spec.pareto.points}"
    return Diagnostic("E402", message, spec.pareto.span, "", help)


def _file_problems(arguments: argparse.Namespace) -> list[Diagnostic]:
    """What is wrong with the files that are to be written, and whether they can be drawn."""
    from evdsl.diagnostics.files import check_writable
    from evdsl.report.figures.files import check_library

    folder = Path(arguments.figures) if arguments.figures else None
    problems = [check_writable(Path(arguments.out), ENDINGS, "the report"), check_library()]
    if folder is not None and not folder.is_dir() and (folder.exists() or not folder.parent.is_dir()):
        what = "is no folder" if folder.exists() else f"cannot be made: `{folder.parent}` does not exist"
        problems.append(Diagnostic("E609", f"`{folder}` {what}", None, "", "name a folder"))
    return [one for one in problems if one is not None]


def _figures(folder: Path, made: Report) -> Diagnostic | None:
    """Stores each figure three times."""
    from evdsl.diagnostics.files import store
    from evdsl.report.figures import files

    folder.mkdir(exist_ok=True)
    for figure in made.gallery.figures:
        for ending in files.ENDINGS:
            problem = store(folder / f"{figure.name}{ending}", partial(files.write, figure))
            if problem is not None:
                return problem
    return None


def _command(arguments: argparse.Namespace) -> str:
    """The command that makes the same page, with everything that changes it."""
    words = ["evdsl", "report", arguments.spec]
    words += [word for name, value in arguments.set for word in ("--set", f"{name}={value}")]
    for flag in ("enable", "disable", "data"):
        words += [word for value in getattr(arguments, flag) for word in (f"--{flag}", value)]
    for flag, default in (("seed", None), ("point", None), ("backend", "auto"), ("time_limit", None)):
        value = getattr(arguments, flag)
        if value != default:
            words += [f"--{flag.replace('_', '-')}", f"{value:g}" if isinstance(value, float) else str(value)]
    words += ["--sensitivity"] if arguments.sensitivity else []
    return shlex.join([*words, "-o", arguments.out])
