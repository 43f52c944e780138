"""Limits: time, gaps and interruptions. A solver that stops early never calls what it has optimal."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np

from evdsl.solver.backend import Backend
from evdsl.solver.solution import Options, Progress, Status, relative_gap
from evdsl.testing.conformance.case import (
    Case,
    Check,
    close,
    expect,
    expect_end,
    expect_optimum,
    program,
)

if TYPE_CHECKING:
    import linopy

INTEGERS = ("integers",)
STOPPABLE = ("integers", "progress")


def _market_split(*, slack: bool) -> linopy.Model:
    """Six equations in 50 binaries, after Cornuejols and Dawande (1998): out of reach for branch and bound.

    With slack a point is easily found and its bound stays at zero; without, none is found at all.
    """
    rng = np.random.default_rng(3)
    sizes = rng.integers(0, 100, (6, 50)).astype(float)
    halves = np.floor(sizes.sum(axis=1) / 2)
    slacks = np.hstack([np.eye(6), -np.eye(6)]) if slack else np.zeros((6, 0))
    rows = [
        (list(row), "=", float(side)) for row, side in zip(np.hstack([sizes, slacks]), halves, strict=True)
    ]
    cost = [0.0] * 50 + [1.0] * slacks.shape[1]
    upper = [1.0] * 50 + [1e4] * slacks.shape[1]
    # Integer slacks are no restriction: everything else is whole.
    return program(cost, rows, upper=upper, integer=True)


def _cover() -> linopy.Model:
    rng = np.random.default_rng(11)
    rows = [(list((rng.random(80) < 0.1).astype(float)), ">=", 1.0) for _ in range(60)]
    return program(list(rng.integers(10, 40, 80).astype(float)), rows, binary=True)


def _large() -> linopy.Model:
    """A linear program that no solver finishes in no time."""
    rng = np.random.default_rng(5)
    rows = [(list(rng.uniform(1, 2, 60)), ">=", 100.0) for _ in range(40)]
    return program(list(rng.uniform(1, 2, 60)), rows)


def _no_time(backend: Backend, model: linopy.Model) -> None:
    started = time.perf_counter()
    solution = backend.solve(model, Options(time_limit=1e-3))
    expect_end(solution, Status.STOPPED, Status.FEASIBLE)
    expect(time.perf_counter() - started < 20, "a limit of a millisecond took more than 20 s")


def _no_time_linear(backend: Backend, model: linopy.Model) -> None:
    solution = backend.solve(model, Options(time_limit=1e-9))
    if solution.status is not Status.OPTIMAL:
        expect_end(solution, Status.STOPPED, Status.FEASIBLE)


def _short(backend: Backend, model: linopy.Model) -> None:
    started = time.perf_counter()
    solution = backend.solve(model, Options(time_limit=1.0))
    expect_end(solution, Status.STOPPED)
    expect(time.perf_counter() - started < 20, "a limit of a second took more than 20 s")


def _short_with_point(backend: Backend, model: linopy.Model) -> None:
    solution = backend.solve(model, Options(time_limit=1.5))
    expect_end(solution, Status.FEASIBLE)
    expect(solution.bound <= solution.objective, "the bound lies above a minimum")
    expect(close(solution.gap, relative_gap(solution.objective, solution.bound)), "the gap is another")
    expect(solution.gap > 1e-6, f"a gap of {solution.gap} is called feasible only")


def _gap_is_kept(gap: float) -> Check:
    def check(backend: Backend, model: linopy.Model) -> None:
        solution = backend.solve(model, Options(gap=gap))
        wanted = Status.OPTIMAL if solution.gap <= 1e-6 else Status.WITHIN_GAP
        expect_end(solution, wanted)
        expect(solution.gap <= gap * (1 + 1e-9), f"the gap is {solution.gap}, not {gap}")
        expect(solution.bound <= solution.objective, "the bound lies above a minimum")
        best = backend.solve(model, Options())
        expect_end(best, Status.OPTIMAL)
        expect(solution.bound <= best.objective * (1 + 1e-6), "the bound lies above the optimum")
        expect(solution.objective >= best.objective * (1 - 1e-6), "the value lies below the optimum")

    return check


def _maximum_is_bounded_from_above(backend: Backend, model: linopy.Model) -> None:
    model.add_objective(-1 * model.objective.expression, sense="max", overwrite=True)
    solution = backend.solve(model, Options(gap=0.3))
    expect_end(solution, Status.OPTIMAL, Status.WITHIN_GAP)
    expect(solution.bound >= solution.objective, "the bound lies below a maximum")
    expect(solution.gap <= 0.3, f"the gap is {solution.gap}, not 0.3")


def _listener_is_told(backend: Backend, model: linopy.Model) -> None:
    told: list[Progress] = []
    solution = backend.solve(model, Options(time_limit=2.5), told.append)
    expect_end(solution, Status.FEASIBLE)
    expect(told, "nobody told the listener in 2.5 s")
    seconds = [progress.seconds for progress in told]
    expect(seconds == sorted(seconds), "the seconds of the progress go back")
    for progress in told:
        known = not (math.isnan(progress.value) or math.isnan(progress.bound))
        expect(not known or progress.bound <= progress.value, "the bound passed the value on the way")
        expect(not math.isinf(progress.value), "an unknown value is infinite, not nan")


def _listener_interrupts(backend: Backend, model: linopy.Model) -> None:
    def listener(_: Progress) -> None:
        raise KeyboardInterrupt

    started = time.perf_counter()
    solution = backend.solve(model, Options(time_limit=60.0), listener)
    expect_end(solution, Status.FEASIBLE, Status.STOPPED)
    expect(time.perf_counter() - started < 20, "an interruption took more than 20 s")


def _listener_fails(backend: Backend, model: linopy.Model) -> None:
    def listener(_: Progress) -> None:
        raise ZeroDivisionError("a mistake of the listener")

    try:
        backend.solve(model, Options(time_limit=20.0), listener)
    except ZeroDivisionError:
        return
    expect(False, "a mistake of the listener was lost")


def _nobody_listens(backend: Backend, model: linopy.Model) -> None:
    expect_optimum(backend.solve(model, Options(), None), 7.0)


CASES: tuple[Case, ...] = (
    Case("no time gives no optimum", lambda: _market_split(slack=True), _no_time, INTEGERS),
    Case("no time for a linear program is no error", _large, _no_time_linear),
    Case("a time limit without a point is stopped", lambda: _market_split(slack=False), _short, INTEGERS),
    Case(
        "a time limit with a point is feasible",
        lambda: _market_split(slack=True),
        _short_with_point,
        INTEGERS,
    ),
    Case("a gap of a fifth is kept and reported", _cover, _gap_is_kept(0.2), INTEGERS),
    Case("a gap of a hundredth is kept and reported", _cover, _gap_is_kept(0.01), INTEGERS),
    Case("the bound of a maximum lies above it", _cover, _maximum_is_bounded_from_above, INTEGERS),
    Case("a listener is told", lambda: _market_split(slack=True), _listener_is_told, STOPPABLE),
    Case("a listener may interrupt", lambda: _market_split(slack=True), _listener_interrupts, STOPPABLE),
    Case("a mistake of a listener is raised", lambda: _market_split(slack=True), _listener_fails, STOPPABLE),
    Case("nobody need listen", lambda: program([1, 1], [([1, 1], ">=", 7)]), _nobody_listens),
)
