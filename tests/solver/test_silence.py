"""What a solver prints is lost, and what a listener prints is not."""

from __future__ import annotations

import os

import pytest
from solver.backends import BACKENDS

from evdsl.solver.backend import Backend
from evdsl.solver.redirect import muted, unmuted
from evdsl.solver.solution import Options, Progress
from evdsl.testing import CASES


def test_silence_nests_and_lets_a_listener_speak(capfd: pytest.CaptureFixture[str]) -> None:
    os.write(1, b"before ")
    with muted():
        os.write(1, b"lost")
        with muted(errors=True):
            os.write(1, b"lost")
            os.write(2, b"lost")
        os.write(1, b"lost")
        os.write(2, b"error ")
        with unmuted():
            os.write(1, b"inside ")
    os.write(1, b"after")
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("before inside after", "error ")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_listener_may_print(backend: Backend, capfd: pytest.CaptureFixture[str]) -> None:
    def listener(_: Progress) -> None:
        os.write(1, b"so far")
        raise KeyboardInterrupt

    model = next(case for case in CASES if case.name == "a listener may interrupt").build()
    backend.solve(model, Options(time_limit=20), listener)
    assert capfd.readouterr().out == "so far"
