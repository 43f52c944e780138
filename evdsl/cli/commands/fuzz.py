"""`evdsl fuzz [SPEC]`: random specs, or variations of one, held against every invariant of the language."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from evdsl.cli.arguments import (
    FUZZ_SECONDS,
    memory_argument,
    minutes,
    override_arguments,
    positive_count,
    seconds,
)
from evdsl.cli.exit import DONE, ERRORS, INTERRUPTED
from evdsl.cli.progress import StatusLine
from evdsl.cli.shared import overrides_of, print_json, refuse, status_of
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.files import read_text
from evdsl.diagnostics.source import MAXIMUM_BYTES, Source
from evdsl.semantics.checks.scenarios import not_built
from evdsl.semantics.resolve import Overrides, resolve

if TYPE_CHECKING:
    from evdsl.testing.campaigns import Coverage, Failure

SOUND = "station site {\n    start = 2024-03-12\n    horizon = 1 h\n}\nminimize peak\n"
"""What the command line is held against where there is no spec."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    command.add_argument("spec", metavar="SPEC", nargs="?", help="a .evs file that is varied")
    override_arguments(command, "the seed of the campaign (default: 0); draws keep the spec's")
    command.add_argument(
        "--examples", metavar="N", type=positive_count, default=200, help="how many specs (default: 200)"
    )
    command.add_argument("--minutes", metavar="M", type=minutes, help="end after so many minutes")
    limit = f"seconds for each solve (default: {FUZZ_SECONDS:g})"
    command.add_argument("--time-limit", metavar="S", type=seconds, default=FUZZ_SECONDS, help=limit)
    command.add_argument("--json", action="store_true", help="print one JSON document")
    memory_argument(command)
    command.set_defaults(tried=None)


def run(arguments: argparse.Namespace) -> int:
    """Runs a campaign; a failure is written to disk, and makes the exit status 1."""
    first = None
    # The seed is that of the campaign: every spec draws with its own.
    overrides = replace(overrides_of(arguments), seed=None)
    path = Path(arguments.spec) if arguments.spec else None
    text = read_text(path, str(path), MAXIMUM_BYTES, None) if path else SOUND
    if isinstance(text, Diagnostic):
        return refuse([text], arguments, status_of([text]))
    spec, found = resolve(Source(str(path or "spec"), text, path), overrides)
    if spec is None:
        refuse(found, arguments, ERRORS)
        failed = path is not None and _fails_as_text(text, path, overrides, arguments)
        return ERRORS if failed else status_of(found)
    problem = not_built(spec, "fuzz")
    if problem is not None:
        return refuse([*found, problem], arguments, ERRORS)
    from evdsl.testing.campaigns import EACH, Coverage, Files, Plan, campaign
    from evdsl.testing.generate.nodes import read_file
    from evdsl.testing.generate.specs import specs
    from evdsl.testing.generate.variations import variations

    _no_folder_here()
    files: Files = specs
    if path is not None:
        first = read_file(text)
        files = variations(first, spec)
    plan = Plan(
        overrides=overrides,
        path=path,
        limit=arguments.time_limit,
        relations=None if arguments.examples == 1 else EACH,
        before=_keeper(arguments),
    )
    progress = _Progress(arguments.examples)
    try:
        coverage, failure = campaign(
            files,
            arguments.examples,
            start=arguments.seed or 0,
            minutes=arguments.minutes,
            plan=plan,
            first=first,
            listener=progress,
        )
    except KeyboardInterrupt:
        progress.clear()
        if arguments.json:
            print_json(document("interrupted", progress.last or Coverage(), None, None))
        else:
            print(f"interrupted\n{summary(progress.last)}" if progress.last else "interrupted")
        return INTERRUPTED
    progress.clear()
    # Before anything is printed: the reader of a pipe may have gone.
    told, written = _written(failure, arguments) if failure is not None else ("", None)
    try:
        if arguments.json:
            print_json(document("ok" if failure is None else "failed", coverage, failure, written))
            sys.stdout.flush()
        else:
            print(f"{summary(coverage)}\n{told}".rstrip(), flush=True)
    except OSError:
        if failure is None:
            raise
        # What is left in the buffer must not raise at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(told, file=sys.stderr)
    return DONE if failure is None else ERRORS


def died(arguments: argparse.Namespace) -> None:
    """Writes the spec at which a campaign ended with its process, and says how to see it again."""
    from evdsl.testing.campaigns import Failure
    from evdsl.testing.properties.invariant import Invariant

    tried: IO[bytes] | None = arguments.tried
    if tried is None:
        return
    tried.seek(0)
    text = tried.read().decode(errors="replace")
    if text:
        claim = Invariant("lives", "no spec ends the process", lambda _: None)
        print(_written(Failure(claim, "the process ended", text, text), arguments)[0], file=sys.stderr)


def _fails_as_text(text: str, path: Path, overrides: Overrides, arguments: argparse.Namespace) -> bool:
    """Whether a refused spec breaks a claim about any text, which is then written as in a campaign."""
    from evdsl.testing.campaigns import Coverage, Plan, examine

    failure = examine(text, Plan(overrides=overrides, path=path), Coverage())
    if failure is not None:
        # Of JSON there is the document of what was refused already.
        print(_written(failure, arguments)[0], file=sys.stderr if arguments.json else sys.stdout)
    return failure is not None


def _keeper(arguments: argparse.Namespace) -> Callable[[str], object] | None:
    """Keeps what is tried for the process that waits, where there is one."""
    tried: IO[bytes] | None = arguments.tried
    if tried is None:
        return None

    def keep(text: str) -> None:
        tried.seek(0)
        tried.truncate()
        tried.write(text.encode())
        tried.flush()

    return keep


def _no_folder_here() -> None:
    """Hypothesis keeps what it learns in a folder; that of the user is not the place."""
    from hypothesis.configuration import set_hypothesis_home_dir

    set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "evdsl-hypothesis")


class _Progress(StatusLine):
    """How far a campaign is, on standard error: in one line of a terminal, or every ten seconds in a log."""

    def __init__(self, asked: int) -> None:
        super().__init__()
        self.asked = asked
        self.last: Coverage | None = None
        self.told = time.monotonic()

    def __call__(self, coverage: Coverage) -> None:
        """Tells it, if the last time was long enough ago."""
        self.last = coverage
        pause = 0.2 if sys.stderr.isatty() else 10.0
        if not coverage.failing and time.monotonic() - self.told < pause:
            return
        self.told = time.monotonic()
        line = (
            f"{coverage.examples} of {self.asked} specs, {coverage.solves} solves, {coverage.seconds:.0f} s"
        )
        self.show(line + "; a claim fails, its spec is made small" * coverage.failing)


def summary(coverage: Coverage) -> str:
    """What a campaign met, what it never met, and how many claims it held specs against."""
    taken = coverage.examples - coverage.refused
    feasible = sum(n for status, n in coverage.statuses.items() if status in ("optimal", "within_gap"))
    others = [f"{n} {status}" for status, n in sorted(coverage.statuses.items()) if status != "optimal"]
    lines = [
        f"{coverage.examples} specs in {coverage.seconds:.0f} s, {coverage.solves} solves: "
        f"{taken} taken, {feasible} feasible" + "".join(f", {other}" for other in others),
        f"{coverage.refused} refused" + ", each with a place and a reason" * (not coverage.failing),
    ]
    if coverage.stopped:
        lines.append(f"{coverage.stopped} claims left open: a solve stopped at its limit of time or memory")
    for what, counts in counts_of(coverage).items():
        told = (
            _least(counts) if what == "settings" else ", ".join(f"{name} {n}" for name, n in counts.items())
        )
        lines.append(f"{what:<11} {told}")
    return "\n".join(lines)


def counts_of(coverage: Coverage) -> dict[str, dict[str, int]]:
    """How often each was met that could be, by what it is of: in specs that were taken, and by claims."""
    from evdsl.model.lower import REWRITES
    from evdsl.testing.generate.features import FEATURES, GROUPS, OF_SIZES

    found: dict[str, dict[str, int]] = {heading: {} for heading in GROUPS.values()}
    for feature in (*FEATURES, *OF_SIZES):
        found[GROUPS[feature.group]][feature.name] = coverage.met[feature]
    found["rewrites"] = {rewrite.name: coverage.rewrites[rewrite.name] for rewrite in REWRITES}
    found["claims"] = {name: coverage.checked[name] for name in coverage.tried}
    return found


def _least(counts: dict[str, int]) -> str:
    """Of many counts, how many there are, and the least of them."""
    least = sorted(counts, key=counts.__getitem__)[:5]
    met = sum(1 for n in counts.values() if n)
    return f"{met} of {len(counts)}, least often " + ", ".join(f"{name} {counts[name]}" for name in least)


def document(
    status: str, coverage: Coverage, failure: Failure | None, written: Path | None
) -> dict[str, object]:
    """The same as one JSON document, with the failure if there is one."""
    found: dict[str, object] = {
        "status": status,
        "specs": coverage.examples,
        "refused": coverage.refused,
        "statuses": dict(sorted(coverage.statuses.items())),
        "solves": coverage.solves,
        "left_open": coverage.stopped,
        "seconds": coverage.seconds,
        "met": counts_of(coverage),
    }
    if failure is not None:
        said = re.sub(r"\s+", " ", failure.message)
        found["failure"] = {
            "claim": failure.invariant.name,
            "message": said,
            "number": coverage.examples,
            "spec": failure.text,
            "path": None if written is None else str(written),
        }
    return found


def _written(failure: Failure, arguments: argparse.Namespace) -> tuple[str, Path | None]:
    """Writes the failure beside the spec that files are named relative to, and says how to see it again.

    With the place where it is, if it could be written.
    """
    folder = Path(arguments.spec).parent if arguments.spec else Path()
    path = _free(folder / f"fuzz_{failure.invariant.name}.evs")
    again = ["evdsl", "fuzz", str(path), "--examples", "1", *_given(arguments)]
    found = ["evdsl", "fuzz", *([arguments.spec] if arguments.spec else []), *_given(arguments)]
    found += ["--examples", str(arguments.examples), "--seed", str(arguments.seed or 0)]
    said = re.sub(r"\s+", " ", failure.message)
    head = [f"{failure.invariant.name}: {said}", f"see it again: {shlex.join(again)}"]
    head.append(f"found by: {shlex.join(found)}")
    text = "".join(f"# {line}\n" for line in head) + failure.text
    lines = [f"failed: {failure.invariant.claim}", f"  {said}"]
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or "").lower()
        return "\n".join([*lines, f"{path} cannot be written: {reason}; this is the spec:", text]), None
    return "\n".join([*lines, f"written to {path}", head[1]]), path


def _given(arguments: argparse.Namespace) -> list[str]:
    """What the command line said over the specs."""
    found = [part for pair in arguments.set for part in ("--set", "=".join(pair))]
    for name in ("enable", "disable", "data"):
        found += [part for value in getattr(arguments, name) for part in (f"--{name}", value)]
    if arguments.memory is not None:
        found += ["--memory", f"{arguments.memory / 1e6:g}MB"]
    if arguments.time_limit != FUZZ_SECONDS:
        found += ["--time-limit", f"{arguments.time_limit:g}"]
    return found


def _free(path: Path) -> Path:
    """The path, or one with a number behind it where there is such a file."""
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_stem(f"{path.stem}_{number}")
    return found
