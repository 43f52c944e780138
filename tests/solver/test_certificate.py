"""What a solver claims, and what is believed of it."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from evdsl.backends.highs import _run as run_highs

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.model.matrix import ModelMatrix, read
from evdsl.solver.backend import Capabilities, Listener
from evdsl.solver.certify import certify
from evdsl.solver.run import RawSolution, Request, Termination
from evdsl.solver.scaling import scale_matrix
from evdsl.solver.solution import Options, Solution, Status
from evdsl.solver.weak_duality import dual_bound
from evdsl.testing import CASES, conformance
from evdsl.testing.conformance.case import program

TAKES_ALL = Capabilities(integers=True, semicontinuous=True, duals=True, progress=True)


def verdict(
    *answers: RawSolution | Exception,
    integer: bool = False,
    gap: float = 1e-6,
    algorithms: Sequence[str] = (),
) -> tuple[Solution, int]:
    """The solution that is made of a solver's answers, the last one repeated, and how often it was asked.

    The model: `minimize x0 + 2 x1` where `x0 + x1 >= 3` and `x <= 2`; its optimum is 4 at (2, 1).
    """
    asked = []

    def run(_: ModelMatrix, request: Request) -> RawSolution:
        asked.append(request)
        answer = answers[min(len(asked), len(answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    model = program([1, 2], [([1, 1], ">=", 3)], upper=2, integer=integer)
    return certify(model, Options(gap=gap), None, run, TAKES_ALL, algorithms), len(asked)


UNIT = scale_matrix(read(program([1, 2], [([1, 1], ">=", 3)], upper=2))).cost_factor
GOOD = RawSolution(Termination.OPTIMAL, "found", np.array([2.0, 1.0]), 4 * UNIT, np.array([2 * UNIT]))


def test_a_right_answer_is_believed_at_once() -> None:
    solution, asked = verdict(GOOD)
    assert (solution.status, solution.objective, solution.bound, asked) == (Status.OPTIMAL, 4.0, 4.0, 1)


def test_a_point_that_violates_a_row_is_asked_for_again_carefully() -> None:
    wrong = RawSolution(Termination.OPTIMAL, "found", np.array([1.0, 1.0]), 3 * UNIT, np.array([0.0]))
    solution, asked = verdict(wrong, GOOD)
    assert (solution.status, solution.objective, asked) == (Status.OPTIMAL, 4.0, 2)
    solution, asked = verdict(wrong)
    assert (solution.status, asked) == (Status.ERROR, 2)
    assert "violates the model by" in solution.message


def test_who_knows_a_point_does_not_believe_at_once_that_there_is_none() -> None:
    nowhere = RawSolution(Termination.INFEASIBLE, "nowhere")
    assert verdict(nowhere, GOOD)[0].status is Status.INFEASIBLE
    answers = iter([nowhere, GOOD])
    model = program([1, 2], [([1, 1], ">=", 3)], upper=2)
    known = Options(has_point=True)
    solution = certify(model, known, None, lambda _, __: next(answers), TAKES_ALL)
    assert (solution.status, solution.objective) == (Status.OPTIMAL, 4.0)
    assert certify(model, known, None, lambda _, __: nowhere, TAKES_ALL).status is Status.INFEASIBLE


def test_where_neither_run_has_an_answer_the_other_algorithms_are_asked_in_turn() -> None:
    lost = RawSolution(Termination.FAILED, "it ended `Not Set`")
    solution, asked = verdict(lost, lost, lost, GOOD, algorithms=("barrier", "flow"))
    assert (solution.status, solution.objective, asked) == (Status.OPTIMAL, 4.0, 4)
    assert [(attempt.manner, attempt.message) for attempt in solution.attempts] == [
        ("usual settings", "it ended `Not Set`"),
        ("without presolve", "it ended `Not Set`"),
        ("barrier", "it ended `Not Set`"),
        ("flow", "found"),
    ]
    solution, asked = verdict(lost, algorithms=("barrier", "flow"))
    assert (solution.status, solution.message, asked) == (Status.ERROR, "it ended `Not Set`", 4)
    assert verdict(lost, GOOD, algorithms=("barrier",))[1] == 2


def test_another_algorithm_is_checked_as_the_first_one() -> None:
    lost, wrong = (
        RawSolution(Termination.FAILED, "lost"),
        RawSolution(Termination.OPTIMAL, "found", np.array([1.0, 1.0]), 3 * UNIT),
    )
    solution, asked = verdict(lost, lost, wrong, algorithms=("barrier",))
    assert (solution.status, asked) == (Status.ERROR, 3)
    assert "violates the model by" in solution.message
    dear = RawSolution(Termination.OPTIMAL, "found", np.array([1.0, 2.0]), math.nan, np.array([2 * UNIT]))
    solution, _ = verdict(lost, lost, dear, algorithms=("barrier",))
    assert (solution.status, solution.objective, solution.unproven) == (Status.FEASIBLE, 5.0, True)


def test_a_limit_of_any_run_is_the_end() -> None:
    lost, over = RawSolution(Termination.FAILED, "lost"), RawSolution(Termination.LIMIT, "the time is over")
    for given in ([over], [lost, over], [lost, lost, over]):
        solution, asked = verdict(*given, algorithms=("barrier", "flow"))
        assert (solution.status, asked, solution.is_answer) == (Status.STOPPED, len(given), True)


def test_nothing_is_solved_again_after_an_interrupt() -> None:
    asked = []

    def run(_: ModelMatrix, request: Request) -> RawSolution:
        asked.append(request)
        request.interrupted()
        return RawSolution(Termination.OPTIMAL, "found", np.array([1.0, 1.0]), 3 * UNIT, np.array([0.0]))

    solution = certify(program([1, 2], [([1, 1], ">=", 3)], upper=2), Options(), None, run, TAKES_ALL)
    assert (solution.status, solution.interrupted, len(asked)) == (Status.STOPPED, True, 1)
    assert solution.message.endswith(", and it was interrupted before a second run")


def test_a_wrong_optimum_of_a_linear_program_is_found_out_by_its_duals() -> None:
    dear = RawSolution(Termination.OPTIMAL, "found", np.array([1.0, 2.0]), math.nan, np.array([2 * UNIT]))
    solution, asked = verdict(dear)
    assert (solution.status, solution.objective, solution.bound, asked) == (Status.FEASIBLE, 5.0, 4.0, 2)
    solution, _ = verdict(dear, GOOD)
    assert solution.status is Status.OPTIMAL


def test_duals_without_a_side_prove_nothing() -> None:
    matrix = read(program([1, 2], [([1, 1], ">=", 3)], upper=[2, math.inf]))
    assert dual_bound(matrix, np.array([2.0])) == pytest.approx(4.0)
    assert dual_bound(matrix, np.array([1.5])) == pytest.approx(3.5)
    assert dual_bound(matrix, np.array([-1.0])) == -math.inf
    assert dual_bound(matrix, np.array([2.5])) == -math.inf


def test_a_point_that_holds_is_not_lost_to_a_second_run_that_fails() -> None:
    dear = RawSolution(Termination.OPTIMAL, "found", np.array([1.0, 2.0]), math.nan, np.array([2 * UNIT]))
    for worse in (
        RawSolution(Termination.LIMIT, "stopped"),
        RawSolution(Termination.FAILED, "broken"),
        RuntimeError("broken"),
    ):
        solution, asked = verdict(dear, worse)
        assert (solution.status, solution.objective, solution.bound, asked) == (Status.FEASIBLE, 5.0, 4.0, 2)


def test_a_bound_beyond_the_value_is_no_proof() -> None:
    proud = RawSolution(Termination.OPTIMAL, "found", np.array([2.0, 1.0]), 5 * UNIT)
    solution, asked = verdict(proud, integer=True)
    assert (solution.status, asked) == (Status.FEASIBLE, 2)
    assert math.isnan(solution.bound)


def test_an_open_gap_is_not_optimal_whatever_the_solver_says() -> None:
    loose = RawSolution(Termination.OPTIMAL, "found", np.array([2.0, 1.0]), 3.9 * UNIT)
    assert verdict(loose, integer=True)[0].status is Status.FEASIBLE
    solution, asked = verdict(loose, integer=True, gap=0.05)
    assert (solution.status, asked) == (Status.WITHIN_GAP, 1)
    assert solution.gap == pytest.approx(0.025)
    stopped = RawSolution(Termination.LIMIT, "stopped", np.array([2.0, 1.0]), 3.9 * UNIT)
    assert verdict(stopped, integer=True)[0].status is Status.FEASIBLE


def test_a_proof_at_a_limit_is_a_proof() -> None:
    done = RawSolution(Termination.LIMIT, "stopped", np.array([2.0, 1.0]), 4 * UNIT)
    assert verdict(done, integer=True)[0].status is Status.OPTIMAL


def test_a_fractional_point_is_not_an_integer_one() -> None:
    half = RawSolution(Termination.OPTIMAL, "found", np.array([1.5, 1.5]), 4 * UNIT)
    solution, _ = verdict(half, integer=True)
    assert solution.status in (Status.ERROR, Status.FEASIBLE)
    assert all(value == round(value) for value in solution.values.get("x", []))


def test_a_bound_beyond_the_value_by_rounding_is_told_as_the_value() -> None:
    near = RawSolution(Termination.OPTIMAL, "found", np.array([2.0, 1.0]), 4 * UNIT * (1 + 5e-7))
    solution, asked = verdict(near, integer=True)
    assert (solution.status, solution.objective, solution.bound, asked) == (Status.OPTIMAL, 4.0, 4.0, 1)


def test_integers_are_exact() -> None:
    near = RawSolution(Termination.OPTIMAL, "found", np.array([2 - 3e-7, 1 + 3e-7]), 4 * UNIT)
    solution, _ = verdict(near, integer=True)
    assert solution.status is Status.OPTIMAL
    assert solution.values["x"].tolist() == [2.0, 1.0]
    nothing = RawSolution(Termination.OPTIMAL, "found", np.array([2.0, 1.0, -1e-9]), 4 * UNIT)
    model = program([1, 2, 3], [([1, 1, 1], ">=", 3)], upper=2, integer=True)
    solution = certify(model, Options(), None, lambda *_: nothing, TAKES_ALL)
    assert not np.signbit(solution.values["x"]).any()


def _answering(model: Any, answers: list[RawSolution]) -> tuple[Solution, list[tuple[ModelMatrix, Request]]]:
    asked: list[tuple[ModelMatrix, Request]] = []

    def run(matrix: ModelMatrix, request: Request) -> RawSolution:
        asked.append((matrix, request))
        return answers[len(asked) - 1]

    return certify(model, Options(), None, run, TAKES_ALL), asked


def test_a_binary_that_lets_power_through_is_found_out() -> None:
    """Half a kilowatt through a row of 1e7 with a binary of 5e-8; rounding it to zero must not pass."""
    model = next(
        case for case in CASES if case.name == "a binary lets nothing through unless it is one"
    ).build()
    unit = scale_matrix(read(model)).cost_factor
    trap = RawSolution(Termination.OPTIMAL, "found", np.array([0.5, 5e-8]), 0.500005 * unit)
    right = RawSolution(Termination.OPTIMAL, "found", np.array([0.5, 1.0]), 100.5 * unit)
    solution, asked = _answering(model, [trap, RawSolution(Termination.INFEASIBLE, "nowhere"), right])
    assert (solution.status, solution.objective) == (Status.OPTIMAL, 100.5)
    assert [request.careful for _, request in asked] == [False, False, True]
    fixed = asked[1][0]
    assert not fixed.is_discrete
    assert (fixed.lower[1], fixed.upper[1]) == (0.0, 0.0)


def test_what_rounding_breaks_is_mended_with_the_integers_fixed() -> None:
    from evdsl.testing.conformance.case import empty

    model = empty()
    power = model.add_variables(0, 10, name="power")
    count = model.add_variables(0, 9, name="count", integer=True)
    model.add_constraints(power - 1e5 * count == -3e5 + 1, name="row")
    model.add_objective(1 * power)
    unit = scale_matrix(read(model)).cost_factor
    near = RawSolution(Termination.OPTIMAL, "found", np.array([4.0, 3 + 3e-5]), 1 * unit)
    solution, asked = _answering(
        model, [near, RawSolution(Termination.OPTIMAL, "found", np.array([1.0, 3.0]), 1 * unit)]
    )
    assert (solution.status, solution.objective, len(asked)) == (Status.OPTIMAL, 1.0, 2)
    assert float(solution.values["count"]) == 3.0


def test_a_point_at_a_limit_that_does_not_hold_is_none() -> None:
    solution, asked = verdict(RawSolution(Termination.LIMIT, "stopped", np.array([0.0, 0.0]), 1 * UNIT))
    assert (solution.status, asked) == (Status.STOPPED, 1)
    assert solution.values == {}


def test_neither_infeasible_nor_unbounded_is_believed_of_a_solver_that_does_not_know() -> None:
    unknown, nowhere = (
        RawSolution(Termination.NO_OPTIMUM, "neither"),
        RawSolution(Termination.INFEASIBLE, "nowhere"),
    )
    assert verdict(unknown, nowhere)[0].status is Status.INFEASIBLE
    assert verdict(unknown, GOOD)[0].status is Status.UNBOUNDED
    assert verdict(unknown, RawSolution(Termination.LIMIT, "stopped"))[0].status is Status.STOPPED
    assert verdict(unknown)[0].status is Status.ERROR


def test_an_exception_of_a_solver_is_a_status() -> None:
    solution, asked = verdict(RuntimeError("broken"))
    assert (solution.status, asked) == (Status.ERROR, 2)
    assert "broken" in solution.message
    assert verdict(RuntimeError("broken"), GOOD)[0].status is Status.OPTIMAL


def test_a_solver_that_gives_no_point_or_nonsense_has_failed() -> None:
    assert verdict(RawSolution(Termination.OPTIMAL, "found"))[0].status is Status.ERROR
    nonsense = RawSolution(Termination.OPTIMAL, "found", np.array([math.nan, 1.0]), 4 * UNIT)
    assert verdict(nonsense, integer=True)[0].status is Status.ERROR


class Trusting:
    """A backend that believes a solver with the weaknesses that solvers have had, whatever the version."""

    name = "trusting"
    capabilities = Capabilities(integers=True)

    def version(self) -> str:
        return "1"

    def check_options(self, options: Options) -> list[Diagnostic]:  # noqa: ARG002 -- the signature is the contract's
        return []

    def solve(self, model: Any, options: Options, listener: Listener | None = None) -> Solution:  # noqa: ARG002 -- the signature is the contract's
        os.write(1, b"Running a solver\n")
        matrix = read(model)
        if not len(matrix.cost):
            return Solution(Status.INFEASIBLE, message="not ok")
        rows, cost = matrix.rows.copy(), np.where(np.abs(matrix.cost) < 1e-8, 0.0, matrix.cost)
        rows.data = np.where(np.abs(rows.data) < 1e-8, 0.0, rows.data)
        limit = math.inf if options.time_limit is None else options.time_limit
        request = Request(limit, options.gap, options.threads, options.seed, {}, lambda *_: True)
        answer = run_highs(replace(matrix, rows=rows, cost=cost), request)
        model.status = "ok"
        if answer.point is None:
            return Solution(Status.INFEASIBLE, message="not ok")
        value = matrix.in_model_units(float(matrix.cost @ answer.point))
        return Solution(Status.OPTIMAL, value, value, matrix.values(answer.point))


def test_a_backend_that_believes_its_solver_fails_the_suite() -> None:
    """The suite would be worth little if trust passed it."""
    known = {
        "costs of 1e-09 choose as well as costs of one",
        "rows in units of 1e-10 hold as well as rows in units of one",
        "a coefficient that solvers would ignore is refused",
        "no time gives no optimum",
        "a ray makes the minimum unbounded",
        "a model solved twice gives the same and is not changed",
        "an unknown option is found before the solve, and ends it",
        "nothing is printed",
    }
    tried = [case for case in CASES if case.name in known]
    outcomes = conformance(Trusting(), tried)
    assert {outcome.case for outcome in outcomes if outcome.result == "failed"} == known, outcomes
