"""Running a solver beside its caller, so that Ctrl-C, a listener and a rival can stop it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")

TELL_EVERY = 1.0
"""Seconds between two calls of a listener."""


def watched(
    works: Sequence[Callable[[], T]],
    *,
    stop: Callable[[], None],
    known: Callable[[], tuple[float, float]],
    notify: Callable[[float, float], bool],
    settles: Callable[[T], bool] = lambda _: True,
) -> T:
    """The result of the first work that settles the matter, or else of the first that ended.

    Each work runs in a thread of its own: solvers release the interpreter, and one that runs in the main
    thread would keep it from seeing Ctrl-C. `stop` asks all of them to end; `known` gives the value and
    the bound for `notify`, and a False of that stops them too. A second Ctrl-C does not wait any longer.
    Returns when all works have ended; what a work raises is raised here.
    """
    results: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()

    def perform(work: Callable[[], T]) -> None:
        try:
            results.put((work(), None))
        except BaseException as error:
            results.put((None, error))

    for work in works:
        threading.Thread(target=perform, args=(work,), daemon=True).start()
    ended: list[tuple[T | None, BaseException | None]] = []
    winner: T | None = None
    stopped = False
    told = time.perf_counter()
    while len(ended) < len(works):
        wanted = stopped
        try:
            result, error = results.get(timeout=0.1)
            ended.append((result, error))
            if winner is None and error is None and result is not None and settles(result):
                winner, wanted = result, True
        except Empty:
            pass
        except KeyboardInterrupt:
            if stopped:
                raise
            wanted = True
        if not wanted and time.perf_counter() - told >= TELL_EVERY:
            told = time.perf_counter()
            wanted = not notify(*known())
        if wanted and not stopped:
            stopped = True
            stop()
    if winner is not None:
        return winner
    for result, _ in ended:
        if result is not None:
            return result
    raise next(error for _, error in ended if error is not None)
