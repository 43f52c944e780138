"""`evdsl fuzz [SPEC]`: random specs, or variations of one, held against every invariant of the language."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from evdsl.cli import DONE, ERRORS
from evdsl.commands.shared import overrides_of, read_spec, say, status_of

if TYPE_CHECKING:
    from evdsl.fuzzing.campaign import Coverage, Failure

INTERRUPTED = 130


def run(arguments: argparse.Namespace) -> int:
    """Runs a campaign; a failure is written to disk, and makes the exit status 1."""
    first = None
    path = Path(arguments.spec) if arguments.spec else None
    if path is not None:
        spec, found = read_spec(arguments)
        if spec is None:
            say(found)
            return status_of(found)
    from evdsl.fuzzing.campaign import EACH, Plan, campaign
    from evdsl.fuzzing.nodes import read_file
    from evdsl.fuzzing.specs import specs
    from evdsl.fuzzing.variations import variations

    files = specs()
    if path is not None:
        assert spec is not None
        first = read_file(path.read_text(encoding="utf-8-sig"))
        files = variations(first, spec)
    plan = Plan(
        overrides=overrides_of(arguments),
        path=path,
        limit=arguments.time_limit,
        relations=None if arguments.examples == 1 else EACH,
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
        print(f"interrupted\n{summary(progress.last)}" if progress.last else "interrupted")
        return INTERRUPTED
    progress.clear()
    print(summary(coverage))
    if failure is None:
        return DONE
    print(_written(failure, arguments))
    return ERRORS


class _Progress:
    """How far a campaign is, on standard error: in one line of a terminal, or every ten seconds in a log."""

    def __init__(self, asked: int) -> None:
        self.asked = asked
        self.last: Coverage | None = None
        self.told = time.monotonic()
        self.shown = False

    def __call__(self, coverage: Coverage) -> None:
        """Tells it, if the last time was long enough ago."""
        self.last = coverage
        terminal = sys.stderr.isatty()
        if time.monotonic() - self.told < (0.2 if terminal else 10.0):
            return
        self.told = time.monotonic()
        line = f"{coverage.examples} of {self.asked} specs, {coverage.solves} solves, "
        line += f"{coverage.seconds:.0f} s"
        if terminal:
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
            self.shown = True
        else:
            print(line, file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Takes the line away."""
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def summary(coverage: Coverage) -> str:
    """What a campaign met, what it never met, and how many claims it held specs against."""
    from evdsl.constraints import TOGGLES
    from evdsl.devices import KINDS
    from evdsl.lower import REWRITES
    from evdsl.objectives import WORDS

    taken = coverage.examples - coverage.refused
    feasible = sum(n for status, n in coverage.statuses.items() if status in ("optimal", "within_gap"))
    others = [f"{n} {status}" for status, n in sorted(coverage.statuses.items()) if status != "optimal"]
    lines = [
        f"{coverage.examples} specs in {coverage.seconds:.0f} s, {coverage.solves} solves: "
        f"{taken} taken, {feasible} feasible" + "".join(f", {other}" for other in others),
        f"{coverage.refused} refused, each with a place and a reason",
    ]
    if coverage.stopped:
        lines.append(f"{coverage.stopped} claims left open: a solve stopped at its limit of time or memory")
    flips = [f"{toggle.name} {'off' if toggle.default else 'on'}" for toggle in TOGGLES]
    for what, met, known in (
        ("devices", coverage.blocks, [k.keyword for k in KINDS if not k.from_data] + ["require"]),
        ("toggles", coverage.toggles, flips),
        ("words", coverage.words, [word.name for word in WORDS]),
        ("rewrites", coverage.rewrites, [rewrite.name for rewrite in REWRITES]),
        ("claims", coverage.checked, list(coverage.checked)),
    ):
        lines.append(f"{what:<9} {_counts(met, known)}")
    return "\n".join(lines)


def _counts(met: Counter[str], known: Iterable[str]) -> str:
    return ", ".join(f"{name} {met[name]}" for name in dict.fromkeys([*known, *sorted(met)]))


def _written(failure: Failure, arguments: argparse.Namespace) -> str:
    """Writes the failure beside the spec that files are named relative to, and says how to see it again."""
    folder = Path(arguments.spec).parent if arguments.spec else Path()
    path = _free(folder / f"fuzz_{failure.invariant.name}.evs")
    again = ["evdsl", "fuzz", str(path), "--examples", "1"]
    for name in ("enable", "disable", "data"):
        again += [part for value in getattr(arguments, name) for part in (f"--{name}", value)]
    again += [part for pair in arguments.set for part in ("--set", "=".join(pair))]
    found = ["evdsl", "fuzz", *([arguments.spec] if arguments.spec else [])]
    found += ["--examples", str(arguments.examples), "--seed", str(arguments.seed or 0)]
    said = re.sub(r"\s+", " ", failure.message)
    head = [f"{failure.invariant.name}: {said}", f"see it again: {' '.join(again)}"]
    head.append(f"found by: {' '.join(found)}")
    path.write_text("".join(f"# {line}\n" for line in head) + failure.text, encoding="utf-8")
    lines = [f"failed: {failure.invariant.claim}", f"  {said}", f"written to {path}", head[1]]
    return "\n".join(lines)


def _free(path: Path) -> Path:
    """The path, or one with a number behind it where there is such a file."""
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_stem(f"{path.stem}_{number}")
    return found
