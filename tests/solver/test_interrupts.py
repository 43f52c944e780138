"""What is found by an interrupt is kept, and the watch beside a solver ends what it must."""

from __future__ import annotations

import io
import math
import os
import signal
import threading

import pytest
from solver.backends import BACKENDS

from evdsl.solver.backend import Backend
from evdsl.solver.solution import Options, Status
from evdsl.solver.supervise import watched
from evdsl.testing import CASES


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
@pytest.mark.parametrize("backend", BACKENDS)
def test_ctrl_c_keeps_what_is_found(backend: Backend) -> None:
    # A shell lets what it starts in the background ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    model = next(case for case in CASES if case.name == "a listener may interrupt").build()
    # Not at a whole second, at which a listener is told: a worker of pytest does not survive what is raised.
    timer = threading.Timer(1.35, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    solution = backend.solve(model, Options(time_limit=30))
    timer.join()
    signal.signal(signal.SIGINT, before)
    assert solution.status is Status.FEASIBLE
    assert "interrupted" in solution.message
    assert solution.interrupted
    assert solution.seconds < 20


def test_a_rival_joins_late_and_wins() -> None:
    stop, asked = threading.Event(), io.StringIO()

    def slow() -> str:
        stop.wait(20)
        return "slow"

    def rival() -> str:
        asked.write("asked")
        return "rival"

    known = (math.nan, math.nan)
    won = watched(slow, stop=stop.set, known=lambda: known, notify=lambda *_: True, rival=rival, after=0.2)
    assert (won, asked.getvalue()) == ("rival", "asked")
    quick = watched(lambda: 1, stop=stop.set, known=lambda: known, notify=lambda *_: True, rival=lambda: 2)
    assert quick == 1
