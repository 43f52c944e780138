"""Backends do what the conformance suite asks, agree with each other, and are not believed blindly."""

from __future__ import annotations

import io
import math
import os
import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from evdsl.backends.highs import _run as run_highs

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.model.export.mps import write_mps
from evdsl.model.matrix import ModelMatrix, dual_bound, read
from evdsl.solver.backend import Backend, Capabilities, Listener
from evdsl.solver.certify import Answer, Claim, Request, judge
from evdsl.solver.discovery import installed
from evdsl.solver.redirect import silence, speech
from evdsl.solver.scaling import scaled, scaling_problem
from evdsl.solver.solution import Options, Progress, Solution, Status
from evdsl.solver.supervise import watched
from evdsl.testing import CASES, Case, conformance, outcome_of
from evdsl.testing.conformance.case import program

BACKENDS = [pytest.param(backend, id=name) for name, backend in installed().items()]
TAKES_ALL = Capabilities(integers=True, semicontinuous=True, duals=True, progress=True)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_backend_passes(backend: Backend, case: Case) -> None:
    outcome = outcome_of(backend, case)
    if outcome.result == "skipped":
        pytest.skip(outcome.reason)
    assert outcome.result == "passed", outcome.reason


def test_cases_have_names_of_their_own() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) >= 40


# Agreement of backends that share nothing but the contract.


def random_linear(seed: int, *, integer: bool) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    columns, rows = int(rng.integers(2, 10)), int(rng.integers(1, 8))
    sides = rng.integers(-20, 30, rows).astype(float)
    signs = rng.choice(["<=", ">=", "="], rows, p=[0.5, 0.4, 0.1])
    matrix = rng.integers(-9, 10, (rows, columns)) * (rng.random((rows, columns)) < 0.6)
    lower = np.where(rng.random(columns) < 0.2, -30.0 if integer else -math.inf, rng.integers(-5, 1, columns))
    upper = np.where(rng.random(columns) < 0.4, 40.0 if integer else math.inf, rng.integers(1, 12, columns))
    return {
        "cost": rng.integers(-9, 10, columns).astype(float).tolist(),
        "rows": [(matrix[i].astype(float).tolist(), str(signs[i]), float(sides[i])) for i in range(rows)],
        "lower": lower.tolist(),
        "upper": upper.tolist(),
        "maximize": bool(rng.integers(2)),
        "integer": integer,
    }


@pytest.mark.parametrize("integer", [False, True], ids=["linear", "integer"])
def test_backends_agree_on_random_programs(integer: bool) -> None:
    ends = set()
    for seed in range(30):
        asked = random_linear(seed, integer=integer)
        first, *others = [b.solve(program(**asked), Options()) for b in installed().values()]  # type: ignore[arg-type]  # the fields of a program
        ends.add(first.status)
        for other in others:
            assert other.status is first.status, f"seed {seed}: {first.message}, {other.message}"
            if first.status.has_schedule:
                assert other.objective == pytest.approx(first.objective, rel=1e-6, abs=1e-6), f"seed {seed}"
    assert Status.OPTIMAL in ends
    assert Status.INFEASIBLE in ends


# Options of the solvers.


@pytest.mark.parametrize(
    ("name", "extra", "said"),
    [
        ("highs", {"presolv": "on"}, "did you mean `presolve`?"),
        ("highs", {"presolve": "perhaps"}, "does not take `perhaps`"),
        ("highs", {"mip_max_nodes": "many"}, "takes a whole number, not `many`"),
        ("highs", {"mip_heuristic_effort": "nan"}, "takes a number, not `nan`"),
        ("highs", {"mip_heuristic_effort": "7"}, "does not take `7`"),
        ("highs", {"mip_detect_symmetry": "maybe"}, "takes true or false, not `maybe`"),
        ("highs", {"log_file": "/tmp/log"}, "printed or written"),
        ("highs", {"output_flag": "true"}, "printed or written"),
        ("highs", {"objective_bound": "3"}, "scaled"),
        ("highs", {"threads": "2"}, "give the threads of the solve"),
        ("scip", {"limits/node": "3"}, "did you mean `limits/nodes`?"),
        ("scip", {"limits/nodes": "many"}, "takes a whole number, not `many`"),
        ("scip", {"limits/restarts": "-4"}, "does not take `-4`"),
        ("scip", {"lp/pricing": "zz"}, "does not take `zz`"),
        ("scip", {"display/verblevel": "5"}, "printed or written"),
        ("scip", {"limits/dual": "5"}, "scaled"),
        ("scip", {"limits/time": "2"}, "give the time limit of the solve"),
    ],
)
def test_a_wrong_option_is_a_diagnostic(name: str, extra: dict[str, str], said: str) -> None:
    backend = installed()[name]
    (problem,) = backend.check_options(Options(extra=extra))
    assert problem.code == "E604"
    assert said in f"{problem.message} {problem.help}"


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("highs", {"presolve": "off", "mip_heuristic_effort": "0.1", "mip_detect_symmetry": "false"}),
        ("highs", {"solver": "ipm"}),
        ("scip", {"presolving/maxrounds": "0", "lp/pricing": "s", "separating/flowcover/freq": "-1"}),
    ],
)
@pytest.mark.parametrize("integer", [False, True])
def test_a_right_option_is_taken(name: str, extra: dict[str, str], integer: bool) -> None:
    backend, options = installed()[name], Options(extra=extra)
    assert backend.check_options(options) == []
    solution = backend.solve(program([1, 2], [([3, 2], ">=", 5)], upper=4, integer=integer), options)
    assert solution.status is Status.OPTIMAL
    assert solution.objective == pytest.approx(2.0 if integer else 5 / 3)


@pytest.mark.parametrize(
    ("name", "extra"), [("highs", {"mip_max_nodes": "0"}), ("scip", {"limits/nodes": "1"})]
)
def test_a_limit_of_the_search_is_no_optimum(name: str, extra: dict[str, str]) -> None:
    model = next(case for case in CASES if case.name == "a listener may interrupt").build()
    solution = installed()[name].solve(model, Options(extra=extra))
    assert solution.status in (Status.FEASIBLE, Status.STOPPED)
    assert "limit" in solution.message


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


# What a solver claims, and what is believed of it.


def verdict(*answers: Answer | Exception, integer: bool = False, gap: float = 1e-6) -> tuple[Solution, int]:
    """The solution that is made of a solver's answers, the last one repeated, and how often it was asked.

    The model: `minimize x0 + 2 x1` where `x0 + x1 >= 3` and `x <= 2`; its optimum is 4 at (2, 1).
    """
    asked = []

    def run(_: ModelMatrix, request: Request) -> Answer:
        asked.append(request)
        answer = answers[min(len(asked), len(answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    model = program([1, 2], [([1, 1], ">=", 3)], upper=2, integer=integer)
    return judge(model, Options(gap=gap), None, run, TAKES_ALL), len(asked)


UNIT = scaled(read(program([1, 2], [([1, 1], ">=", 3)], upper=2))).cost_factor
GOOD = Answer(Claim.OPTIMAL, "found", np.array([2.0, 1.0]), 4 * UNIT, np.array([2 * UNIT]))


def test_a_right_answer_is_believed_at_once() -> None:
    solution, asked = verdict(GOOD)
    assert (solution.status, solution.objective, solution.bound, asked) == (Status.OPTIMAL, 4.0, 4.0, 1)


def test_a_point_that_violates_a_row_is_asked_for_again_carefully() -> None:
    wrong = Answer(Claim.OPTIMAL, "found", np.array([1.0, 1.0]), 3 * UNIT, np.array([0.0]))
    solution, asked = verdict(wrong, GOOD)
    assert (solution.status, solution.objective, asked) == (Status.OPTIMAL, 4.0, 2)
    solution, asked = verdict(wrong)
    assert (solution.status, asked) == (Status.ERROR, 2)
    assert "violates the model by" in solution.message


def test_nothing_is_solved_again_after_an_interrupt() -> None:
    asked = []

    def run(_: ModelMatrix, request: Request) -> Answer:
        asked.append(request)
        request.interrupted()
        return Answer(Claim.OPTIMAL, "found", np.array([1.0, 1.0]), 3 * UNIT, np.array([0.0]))

    solution = judge(program([1, 2], [([1, 1], ">=", 3)], upper=2), Options(), None, run, TAKES_ALL)
    assert (solution.status, solution.interrupted, len(asked)) == (Status.STOPPED, True, 1)
    assert solution.message.endswith(", and it was interrupted before a second run")


def test_a_wrong_optimum_of_a_linear_program_is_found_out_by_its_duals() -> None:
    dear = Answer(Claim.OPTIMAL, "found", np.array([1.0, 2.0]), math.nan, np.array([2 * UNIT]))
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
    dear = Answer(Claim.OPTIMAL, "found", np.array([1.0, 2.0]), math.nan, np.array([2 * UNIT]))
    for worse in (Answer(Claim.LIMIT, "stopped"), Answer(Claim.FAILED, "broken"), RuntimeError("broken")):
        solution, asked = verdict(dear, worse)
        assert (solution.status, solution.objective, solution.bound, asked) == (Status.FEASIBLE, 5.0, 4.0, 2)


def test_a_bound_beyond_the_value_is_no_proof() -> None:
    proud = Answer(Claim.OPTIMAL, "found", np.array([2.0, 1.0]), 5 * UNIT)
    solution, asked = verdict(proud, integer=True)
    assert (solution.status, asked) == (Status.FEASIBLE, 2)
    assert math.isnan(solution.bound)


def test_an_open_gap_is_not_optimal_whatever_the_solver_says() -> None:
    loose = Answer(Claim.OPTIMAL, "found", np.array([2.0, 1.0]), 3.9 * UNIT)
    assert verdict(loose, integer=True)[0].status is Status.FEASIBLE
    solution, asked = verdict(loose, integer=True, gap=0.05)
    assert (solution.status, asked) == (Status.WITHIN_GAP, 1)
    assert solution.gap == pytest.approx(0.025)
    stopped = Answer(Claim.LIMIT, "stopped", np.array([2.0, 1.0]), 3.9 * UNIT)
    assert verdict(stopped, integer=True)[0].status is Status.FEASIBLE


def test_a_proof_at_a_limit_is_a_proof() -> None:
    done = Answer(Claim.LIMIT, "stopped", np.array([2.0, 1.0]), 4 * UNIT)
    assert verdict(done, integer=True)[0].status is Status.OPTIMAL


def test_a_fractional_point_is_not_an_integer_one() -> None:
    half = Answer(Claim.OPTIMAL, "found", np.array([1.5, 1.5]), 4 * UNIT)
    solution, _ = verdict(half, integer=True)
    assert solution.status in (Status.ERROR, Status.FEASIBLE)
    assert all(value == round(value) for value in solution.values.get("x", []))


def test_a_bound_beyond_the_value_by_rounding_is_told_as_the_value() -> None:
    near = Answer(Claim.OPTIMAL, "found", np.array([2.0, 1.0]), 4 * UNIT * (1 + 5e-7))
    solution, asked = verdict(near, integer=True)
    assert (solution.status, solution.objective, solution.bound, asked) == (Status.OPTIMAL, 4.0, 4.0, 1)


def test_integers_are_exact() -> None:
    near = Answer(Claim.OPTIMAL, "found", np.array([2 - 3e-7, 1 + 3e-7]), 4 * UNIT)
    solution, _ = verdict(near, integer=True)
    assert solution.status is Status.OPTIMAL
    assert solution.values["x"].tolist() == [2.0, 1.0]
    nothing = Answer(Claim.OPTIMAL, "found", np.array([2.0, 1.0, -1e-9]), 4 * UNIT)
    model = program([1, 2, 3], [([1, 1, 1], ">=", 3)], upper=2, integer=True)
    solution = judge(model, Options(), None, lambda *_: nothing, TAKES_ALL)
    assert not np.signbit(solution.values["x"]).any()


def _answering(model: Any, answers: list[Answer]) -> tuple[Solution, list[tuple[ModelMatrix, Request]]]:
    asked: list[tuple[ModelMatrix, Request]] = []

    def run(matrix: ModelMatrix, request: Request) -> Answer:
        asked.append((matrix, request))
        return answers[len(asked) - 1]

    return judge(model, Options(), None, run, TAKES_ALL), asked


def test_a_binary_that_lets_power_through_is_found_out() -> None:
    """Half a kilowatt through a row of 1e7 with a binary of 5e-8; rounding it to zero must not pass."""
    model = next(
        case for case in CASES if case.name == "a binary lets nothing through unless it is one"
    ).build()
    unit = scaled(read(model)).cost_factor
    trap = Answer(Claim.OPTIMAL, "found", np.array([0.5, 5e-8]), 0.500005 * unit)
    right = Answer(Claim.OPTIMAL, "found", np.array([0.5, 1.0]), 100.5 * unit)
    solution, asked = _answering(model, [trap, Answer(Claim.INFEASIBLE, "nowhere"), right])
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
    unit = scaled(read(model)).cost_factor
    near = Answer(Claim.OPTIMAL, "found", np.array([4.0, 3 + 3e-5]), 1 * unit)
    solution, asked = _answering(
        model, [near, Answer(Claim.OPTIMAL, "found", np.array([1.0, 3.0]), 1 * unit)]
    )
    assert (solution.status, solution.objective, len(asked)) == (Status.OPTIMAL, 1.0, 2)
    assert float(solution.values["count"]) == 3.0


def test_a_point_at_a_limit_that_does_not_hold_is_none() -> None:
    solution, asked = verdict(Answer(Claim.LIMIT, "stopped", np.array([0.0, 0.0]), 1 * UNIT))
    assert (solution.status, asked) == (Status.STOPPED, 1)
    assert solution.values == {}


def test_neither_infeasible_nor_unbounded_is_believed_of_a_solver_that_does_not_know() -> None:
    unknown, nowhere = Answer(Claim.NO_OPTIMUM, "neither"), Answer(Claim.INFEASIBLE, "nowhere")
    assert verdict(unknown, nowhere)[0].status is Status.INFEASIBLE
    assert verdict(unknown, GOOD)[0].status is Status.UNBOUNDED
    assert verdict(unknown, Answer(Claim.LIMIT, "stopped"))[0].status is Status.STOPPED
    assert verdict(unknown)[0].status is Status.ERROR


def test_an_exception_of_a_solver_is_a_status() -> None:
    solution, asked = verdict(RuntimeError("broken"))
    assert (solution.status, asked) == (Status.ERROR, 2)
    assert "broken" in solution.message
    assert verdict(RuntimeError("broken"), GOOD)[0].status is Status.OPTIMAL


def test_a_solver_that_gives_no_point_or_nonsense_has_failed() -> None:
    assert verdict(Answer(Claim.OPTIMAL, "found"))[0].status is Status.ERROR
    nonsense = Answer(Claim.OPTIMAL, "found", np.array([math.nan, 1.0]), 4 * UNIT)
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


# Scaling.


def test_scaling_is_exact_and_undone() -> None:
    matrix = read(program([3e-9, 7e-9], [([3e-7, 5e-7], ">=", 1e-6), ([1e4, 1], "<=", 9e4)]))
    after = scaled(matrix)
    assert np.array_equal(after.cost / after.cost_factor, matrix.cost)
    assert np.array_equal(after.row_lower / after.row_factor, matrix.row_lower)
    assert after.rows.toarray().max() == 1e4
    assert 0.5 <= after.rows.toarray()[0].max() <= 2
    assert after.in_model_units(after.cost_factor * 5.0) == 5.0
    assert math.log2(after.cost_factor) % 1 == 0


def test_a_scaling_problem_names_the_row() -> None:
    model = program([1, 1], [([1, 1], ">=", 1), ([1, 1e-11], ">=", 5)])
    problem = scaling_problem(model)
    assert problem is not None
    assert problem.name == "row.1"
    assert problem.message == "`row.1` has a coefficient of 1e-11 and `row.1` one of 1"
    assert scaling_problem(program([1, 1], [([1e-11, 1e-11], ">=", 5)])) is None


def test_values_of_a_model_that_linopy_scales_are_those_of_the_user() -> None:
    from evdsl.testing.conformance.case import empty

    model = empty()
    x = model.add_variables(0, 5, name="x", scaling=100.0)
    y = model.add_variables(0, 5, name="y")
    model.add_constraints(x + y >= 7, name="row", scaling=10.0)
    model.add_objective(x + 2 * y)
    model.objective.scaling = 4.0
    for backend in installed().values():
        solution = backend.solve(model, Options())
        assert solution.objective == pytest.approx(9.0)
        assert float(solution.values["x"]) == pytest.approx(5.0)
        if solution.duals:
            assert float(solution.duals["row"]) == pytest.approx(2.0)


# The file for SCIP, silence, and the watch.


def test_an_mps_file_holds_every_number_exactly(tmp_path: Path) -> None:
    import highspy

    rng = np.random.default_rng(0)
    rows = [
        (rng.standard_normal(5).tolist(), sign, float(rng.standard_normal())) for sign in ("<=", ">=", "=")
    ]
    lower, upper = [-math.inf, 0.0, -1 / 3, 2 / 7, -5.1], [math.inf, math.inf, -1e-7, 2 / 7, -0.1]
    matrix = read(program(rng.standard_normal(5).tolist(), rows, lower=lower, upper=upper))
    write_mps(matrix, tmp_path / "model.mps")
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy has no types there
    solver.setOptionValue("output_flag", False)
    solver.readModel(str(tmp_path / "model.mps"))
    lp = solver.getLp()
    assert np.array_equal(lp.col_cost_, matrix.cost)
    assert list(lp.col_lower_) == matrix.lower.tolist()
    assert list(lp.col_upper_) == matrix.upper.tolist()
    assert list(lp.row_lower_) == matrix.row_lower.tolist()
    assert list(lp.row_upper_) == matrix.row_upper.tolist()
    assert sorted(lp.a_matrix_.value_) == sorted(matrix.rows.data.tolist())


def test_silence_nests_and_lets_a_listener_speak(capfd: pytest.CaptureFixture[str]) -> None:
    os.write(1, b"before ")
    with silence():
        os.write(1, b"lost")
        with silence(errors=True):
            os.write(1, b"lost")
            os.write(2, b"lost")
        os.write(1, b"lost")
        os.write(2, b"error ")
        with speech():
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


def test_importing_a_backend_loads_no_solver() -> None:
    import subprocess
    import sys

    code = (
        "import sys, evdsl.backends.highs, evdsl.backends.scip\n"
        "loaded = {'highspy', 'pyscipopt', 'linopy', 'scipy', 'pandas', 'xarray'} & set(sys.modules)\n"
        "sys.exit(f'loaded {loaded}' if loaded else 0)"
    )
    command = [sys.executable, "-P", "-c", code]  # -P: the installed package, not the folder
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
