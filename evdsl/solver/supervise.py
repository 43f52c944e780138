"""Running a solver beside its caller, so that Ctrl-C, a listener and a rival can stop it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")

TELL_EVERY = 1.0
"""Seconds between two calls of a listener."""


def nothing_known() -> tuple[float, float]:
    """Of a run that tells neither its value nor its bound on the way."""
    return math.nan, math.nan


def run_supervised(
    work: Callable[[], T],
    *,
    stop: Callable[[], None],
    known: Callable[[], tuple[float, float]] = nothing_known,
    notify: Callable[[float, float], bool],
    interrupted: Callable[[], object] = lambda: None,
    rival: Callable[[], T] | None = None,
    after: float = 0.0,
    settles: Callable[[T], bool] = lambda _: True,
) -> T:
    """The result of a work, or of a rival that joins in after some seconds and settles the matter first.

    Each runs in a thread of its own: solvers release the interpreter, and one that runs in the main
    thread would keep it from seeing Ctrl-C. `stop` asks all of them to end; `known` gives the value and
    the bound for `notify`, and a False of that stops them too. A Ctrl-C stops them as well and is told to
    `interrupted`; a second one does not wait any longer.
    Returns when all have ended; what the work raises is raised here.
    """
    results: SimpleQueue[list[T] | BaseException] = SimpleQueue()

    def perform(task: Callable[[], T]) -> None:
        try:
            results.put([task()])
        except BaseException as error:
            results.put(error)

    def begin(task: Callable[[], T]) -> None:
        threading.Thread(target=perform, args=(task,), daemon=True).start()

    begin(work)
    running, stopped = 1, False
    ended: list[T] = []
    failure: BaseException | None = None
    winner: list[T] = []
    started = told = time.perf_counter()
    while running:
        wanted = stopped
        try:
            outcome = results.get(timeout=0.1)
            running -= 1
            if isinstance(outcome, BaseException):
                failure = failure or outcome
            else:
                ended += outcome
                if not winner and settles(outcome[0]):
                    winner, wanted = outcome, True
        except Empty:
            pass
        except KeyboardInterrupt:
            interrupted()
            if stopped:
                raise
            wanted = True
        now = time.perf_counter()
        if not wanted and running and now - told >= TELL_EVERY:
            told = now
            try:
                wanted = not notify(*known())
            except KeyboardInterrupt:  # it comes whenever it likes, and here a second after the start
                interrupted()
                wanted = True
        if rival is not None and not wanted and running and now - started >= after:
            begin(rival)
            running, rival = running + 1, None
        if wanted and not stopped:
            stopped = True
            stop()
    if winner or ended:
        return (winner or ended)[0]
    assert failure is not None
    raise failure
