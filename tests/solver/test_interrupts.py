"""What is found by an interrupt is kept, and the watch beside a solver ends what it must."""

from __future__ import annotations

import io
import json
import math
import os
import threading
from types import SimpleNamespace

import pytest
from solver.backends import BACKENDS
from worlds import run_python

from evdsl.solver.backend import Backend
from evdsl.solver.solution import Status
from evdsl.solver.supervise import run_supervised

INTERRUPTED = """\
import json, os, signal, sys, threading
from evdsl.solver.discovery import installed_backends
from evdsl.solver.solution import Options
from evdsl.testing import CASES

# A shell lets what it starts in the background ignore the signal.
signal.signal(signal.SIGINT, signal.default_int_handler)
model = next(case for case in CASES if case.name == "a listener may interrupt").build()
timer = threading.Timer(1.35, os.kill, (os.getpid(), signal.SIGINT))
timer.start()
solution = installed_backends()[sys.argv[1]].solve(model, Options(time_limit=30))
timer.join()
told = ("message", "interrupted", "seconds")
print(json.dumps({"status": solution.status.name} | {name: getattr(solution, name) for name in told}))
"""
"""A solve with a signal in it, which whoever runs the tests would not survive in its own process."""


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
@pytest.mark.parametrize("backend", BACKENDS)
def test_ctrl_c_keeps_what_is_found(backend: Backend) -> None:
    done = run_python(INTERRUPTED, backend.name)
    assert done.returncode == 0, done.stderr
    solution = SimpleNamespace(**json.loads(done.stdout))
    assert Status[solution.status] is Status.FEASIBLE
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
    won = run_supervised(
        slow, stop=stop.set, known=lambda: known, notify=lambda *_: True, rival=rival, after=0.2
    )
    assert (won, asked.getvalue()) == ("rival", "asked")
    quick = run_supervised(
        lambda: 1, stop=stop.set, known=lambda: known, notify=lambda *_: True, rival=lambda: 2
    )
    assert quick == 1
