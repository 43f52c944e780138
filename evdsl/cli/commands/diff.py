"""`evdsl diff A B`: what differs between two specs in meaning; with `--solve`, what that does to every word.

Exit status, as that of `diff`: 0 nothing differs, 1 something does, 2 they could not be compared (a spec has
mistakes, or the command line has). A solver that ends with a bug is 5.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evdsl.cli.arguments import override_arguments, pair, solver_arguments
from evdsl.cli.exit import BUG
from evdsl.cli.shared import options_of, overrides_of, print_json, say
from evdsl.diagnostics.diagnostic import Diagnostic, by_cause, has_errors
from evdsl.diagnostics.source import Span
from evdsl.language.spec import Spec
from evdsl.semantics.checks.scenarios import not_built
from evdsl.semantics.diff.specs import Difference, compare
from evdsl.semantics.load import read

if TYPE_CHECKING:
    from evdsl.optimization.result import Result
    from evdsl.solver.backend import Backend
    from evdsl.solver.solution import Options

SAME, DIFFERENT, TROUBLE = range(3)


@dataclass(frozen=True, slots=True)
class _Row:
    """A word in both schedules, and how much more it is in the second."""

    name: str
    old: float | None
    new: float | None
    change: float | None
    unit: str


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    command.add_argument("first", metavar="A", help="a .evs file")
    command.add_argument("second", metavar="B", nargs="?", help="another; without it, A again")
    override_arguments(command)
    command.add_argument(
        "--set-b", metavar="NAME=VALUE", action="append", default=[], type=pair, help="set a param of B alone"
    )
    command.add_argument("--solve", action="store_true", help="solve both, and compare every word")
    solver_arguments(command)
    command.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Compares, and solves both where that is asked for."""
    paths = (arguments.first, arguments.second or arguments.first)
    overrides = overrides_of(arguments)
    own = replace(overrides, set={**(overrides.set or {}), **dict(arguments.set_b)})
    read_both = [read(path, each) for path, each in zip(paths, (overrides, own), strict=True)]
    found = list(dict.fromkeys(d for _, diagnostics in read_both for d in diagnostics))
    (first, _), (second, _) = read_both
    if first is None or second is None:
        return _trouble(found, arguments)
    many = [one for spec in (first, second) if (one := not_built(spec, "diff --solve")) is not None]
    if arguments.solve and many:
        return _trouble(list(dict.fromkeys([*found, *many])), arguments)
    results = _both_solved(first, second, arguments) if arguments.solve else []
    if isinstance(results, tuple):
        return _trouble([*found, *results], arguments)
    changes = compare(first, second)
    if arguments.json:
        print_json(_document(paths, changes, results))
    else:
        say([d for d in found if d.is_error])
        _tell(paths, changes, results)
    if any(result.status.value == "error" for result in results):
        return BUG
    return DIFFERENT if changes else SAME


def _trouble(found: list[Diagnostic], arguments: argparse.Namespace) -> int:
    if arguments.json:
        print_json({"status": "error", "diagnostics": [d.as_record() for d in by_cause(found)]})
    else:
        say(found)
    return TROUBLE


def _both_solved(
    first: Spec, second: Spec, arguments: argparse.Namespace
) -> list[Result] | tuple[Diagnostic, ...]:
    """Both results, or what keeps them from being had."""
    from evdsl.solver.discovery import find

    options = options_of(arguments)
    backend = find(arguments.backend)
    if isinstance(backend, Diagnostic):
        return (backend,)
    if options.extra and (wrong := backend.check_options(options)):
        return tuple(wrong)
    results: list[Result] = []
    for spec in (first, second):
        solved = _solved(spec, backend, options)
        if isinstance(solved, list):
            return tuple(solved)
        results.append(solved)
    return results


def _solved(spec: Spec, backend: Backend, options: Options) -> Result | list[Diagnostic]:
    from evdsl.data.load import load_data
    from evdsl.optimization.problem import compile_spec

    data, found = load_data(spec)
    if data is None or has_errors(found):
        return found
    result = compile_spec(spec, data).run(backend, options.seeded(spec.seed))
    if result.interrupted:  # half a difference says nothing
        raise KeyboardInterrupt
    return result


def _tell(paths: tuple[str, str], changes: list[Difference], results: list[Result]) -> None:
    print(f"{paths[0]} -> {paths[1]}: {_count(changes)}")
    subject = ""
    for change in changes:
        if change.what and change.subject != subject:
            print(f"  {change.subject}")
        subject = change.subject if change.what else ""
        print("\n".join(_lines(change)))
    if results:
        _tell_results(results)


def _count(changes: list[Difference]) -> str:
    if not changes:
        return "the same in meaning"
    return f"{len(changes)} difference{'s' * (len(changes) != 1)}"


def _lines(change: Difference) -> list[str]:
    place = _place(change)
    note = f"  ({change.note})" if change.note else ""
    if change.how == "renamed":
        return [f"  {change.old} is renamed to {change.new}{note}{place}"]
    if not change.what:
        sign = "+" if change.how == "added" else "-"
        return [f"  {sign} {change.subject}: {change.old or change.new}{place}"]
    if change.how in ("added", "removed"):
        sign = "+" if change.how == "added" else "-"
        return [f"    {sign} {change.what}: {change.old or change.new}{place}"]
    if len(change.old) + len(change.new) > 90:
        return [f"    {change.what}:{note}{place}", f"      - {change.old}", f"      + {change.new}"]
    return [f"    {change.what}: {change.old} -> {change.new}{note}{place}"]


def _place(change: Difference) -> str:
    span = change.second or change.first
    return f"  [{_spot(span)}]" if span is not None else ""


def _spot(span: Span) -> str:
    return span.source.name if span.source.name.startswith("--") else f"{span.source.name}:{span.line}"


def _rows(results: list[Result]) -> list[_Row]:
    """Each word of either, in the order of the language."""
    from evdsl.optimization.rounding import difference, worth_of_word
    from evdsl.report.facts import unit_of

    names = dict.fromkeys(name for result in results for name in result.terms)
    rows: list[_Row] = []
    for name in names:
        has = [result for result in results if name in result.terms]
        unit = unit_of(name, has[0].spec)
        old, new = (worth_of_word(name, result.terms, result.verdict) for result in results)
        change = None if old is None or new is None else difference(old, new)
        values = [None if worth is None else worth.value for worth in (old, new)]
        rows.append(_Row(name, values[0], values[1], change, unit))
    return rows


def _tell_results(results: list[Result]) -> None:
    from evdsl.optimization.result import attempt_lines
    from evdsl.report.numbers import decimals

    for side, result in zip("AB", results, strict=True):
        stages = "; ".join(f"{s.stage.sense} {s.stage.text} = {s.known_value:.6g}" for s in result.stages)
        told = stages or result.message
        print(f"{side}: {result.status.value}{': ' if told else ''}{told}")
        for line in attempt_lines(result.attempts, len(result.spec.stages)):
            print(f"   solver: {line}")
    rows = _rows(results)
    cells = [("", "A", "B", "difference", "")]
    for row in rows:
        old, new, told = (
            "-" if value is None else decimals(value, 2, 6) for value in (row.old, row.new, row.change)
        )
        cells.append((row.name, old, new, f"+{told}" if (row.change or 0.0) > 0 else told, row.unit))
    if not rows:
        return
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    for name, old_text, new_text, told, unit in cells:
        values = "  ".join(
            f"{text:>{w}}" for text, w in zip((old_text, new_text, told), widths[1:], strict=True)
        )
        print(f"  {name:<{widths[0]}}  {values}  {unit}".rstrip())


def _document(paths: tuple[str, str], changes: list[Difference], results: list[Result]) -> dict[str, object]:
    document: dict[str, object] = {
        "status": "different" if changes else "same",
        "a": paths[0],
        "b": paths[1],
        "changes": [
            {
                "how": change.how,
                "subject": change.subject,
                "what": change.what,
                "old": change.old,
                "new": change.new,
                "note": change.note,
                "line_a": change.first.line if change.first is not None else None,
                "line_b": change.second.line if change.second is not None else None,
            }
            for change in changes
        ],
    }
    if results:
        from evdsl.optimization.result import attempt_record

        document["solved"] = [
            {
                "status": result.status.value,
                "message": result.message,
                "backend": result.backend,
                "choice": result.choice or None,
                "attempts": [attempt_record(attempt) for attempt in result.attempts],
            }
            for result in results
        ]
        document["terms"] = {
            row.name: {"a": row.old, "b": row.new, "difference": row.change, "unit": row.unit}
            for row in _rows(results)
        }
    return document
