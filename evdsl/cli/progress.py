"""Where a long solve stands, in one line on standard error."""

from __future__ import annotations

import sys
import time

from evdsl.solver.solution import Progress

PATIENCE = 2.0
"""Seconds of solving after which a line of progress appears."""


class StatusLine:
    """One line of standard error, written over and over on a terminal; in a log, a line each."""

    def __init__(self) -> None:
        self.shown = False

    def show(self, line: str) -> None:
        """Says it in the place of what was said before."""
        if sys.stderr.isatty():
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
            self.shown = True
        else:
            print(line, file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Takes the line away."""
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self.shown = False


class SolveProgress(StatusLine):
    """What is solved, and for how long; in a log, every ten seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.started = time.monotonic()
        self.last = 0.0
        self.what = ""

    def point(self, number: int, asked: int) -> None:
        """Says which point of a front is begun."""
        self.begin(f"point {number} of {asked}")

    def begin(self, what: str) -> None:
        """Says what is solved next."""
        self.what = f"{what}, "
        self._tell([])

    def __call__(self, progress: Progress) -> None:
        """Says what the solver knows."""
        known = (("best", progress.value), ("bound", progress.bound))
        self._tell([f"{what} {value:.6g}" for what, value in known if abs(value) < 1e30])

    def _tell(self, known: list[str]) -> None:
        seconds = time.monotonic() - self.started
        pause = 0.5 if sys.stderr.isatty() else 10.0
        if seconds < PATIENCE or seconds - self.last < pause:
            return
        self.last = seconds
        self.show(", ".join([f"{self.what}solving for {seconds:.0f} s", *known]))


class SweepProgress(StatusLine):
    """How many runs of a sweep are done, how fast, how long the rest takes; in a log, every ten seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.started = time.monotonic()
        self.last = 0.0

    def __call__(self, done: int, kept: int, failed: int, asked: int) -> None:
        """Says it, where enough time has gone by; `done` were run now, `kept` were known before."""
        seconds = time.monotonic() - self.started
        pause = 0.5 if sys.stderr.isatty() else 10.0
        if seconds < PATIENCE or seconds - self.last < pause:
            return
        self.last = seconds
        rate, left = done / seconds, asked - kept - done
        parts = [f"{kept + done:,} of {asked:,} runs done", f"{failed:,} failed" if failed else ""]
        if done and left:
            parts += [f"{rate:.3g} a second", f"{_length(left / rate)} left"]
        self.show(", ".join(filter(None, parts)))


def _length(seconds: float) -> str:
    """A length of time in the unit that fits it."""
    if seconds < 99:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 99 * 60 else f"{seconds / 3600:.1f} h"
