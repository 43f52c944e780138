"""The time of several solves together, and what they take from a spec's seed."""

from __future__ import annotations

import math
import time

from evdsl.solver.solution import A_MOMENT, Deadline, Options, Status


def test_what_is_left_is_given_to_the_next_solve() -> None:
    deadline = Deadline(10.0, time.perf_counter() - 4.0)
    assert 5.0 < deadline.left <= 6.0
    left = deadline.within(Options(time_limit=10.0, gap=0.5)).time_limit
    assert left is not None
    assert 5.0 < left <= 6.0
    assert deadline.within(Options(gap=0.5)).gap == 0.5


def test_a_deadline_that_is_over_leaves_a_moment_to_say_so() -> None:
    deadline = Deadline(1.0, time.perf_counter() - 4.0)
    assert deadline.left == 0.0
    assert deadline.within(Options(time_limit=1.0)).time_limit == A_MOMENT


def test_without_a_limit_there_is_no_end() -> None:
    options = Options()
    deadline = Deadline.of(options)
    assert deadline.left == math.inf
    assert deadline.within(options) is options


def test_a_seed_is_one_that_solvers_take() -> None:
    assert Options().seeded(7).seed == 7
    assert Options().seeded(2**31 + 5).seed == 5
    assert Options(gap=0.5).seeded(3).gap == 0.5


def test_several_schedules_together_claim_what_the_least_of_them_claims() -> None:
    assert Status.worst_of([Status.OPTIMAL, Status.WITHIN_GAP]) is Status.WITHIN_GAP
    assert Status.worst_of([Status.FEASIBLE, Status.OPTIMAL]) is Status.FEASIBLE
    assert Status.worst_of([Status.OPTIMAL]) is Status.OPTIMAL
