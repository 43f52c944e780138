"""Programs that are networks: recognised, solved as flows, and their vertices proven."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from evdsl.backends.highs import BACKEND as HIGHS
from evdsl.backends.scip import BACKEND as SCIP
from scipy.sparse import csr_array
from worlds import ROOT

import evdsl
from evdsl.cli.arguments import LEFT_OUT
from evdsl.model.lower import REWRITES
from evdsl.model.matrix import ModelMatrix
from evdsl.model.relaxation import NAME
from evdsl.optimization.problem import compile_spec
from evdsl.solver.network import ortools_process, solve
from evdsl.solver.network.arcs import network_of
from evdsl.solver.network.circles import without_circles
from evdsl.solver.network.integers import IntegerNetwork, integers_of
from evdsl.solver.network.solve import NETWORK, solve_network
from evdsl.solver.run import Request, Termination
from evdsl.solver.solution import Options, Status
from evdsl.solver.weak_duality import dual_bound
from evdsl.testing import conformance
from evdsl.testing.conformance.case import program

needs_ortools = pytest.mark.skipif(not ortools_process.is_installed(), reason="OR-Tools is not installed")
REQUEST = Request(60.0, 1e-6, 0, 0, {}, lambda *_: True)
NETWORKS = ["features/energy_cost", "features/feeder", "features/solar", "features/revenue", "sites/jpl"]


def matrix_of(rows: Any, row_lower: Any, row_upper: Any, cost: Any, lower: Any, upper: Any) -> ModelMatrix:
    """A linear program from its arrays."""
    rows, cost = csr_array(np.asarray(rows, dtype=float)), np.asarray(cost, dtype=float)
    none = np.zeros(len(cost), dtype=bool)
    arrays = (np.asarray(array, dtype=float) for array in (row_lower, row_upper, lower, upper))
    return ModelMatrix(1.0, cost, rows, *arrays, none, none, (), (), np.ones(rows.shape[0]))


def random_network(seed: int) -> ModelMatrix:
    """Sources, a layer between and sinks with prices, every row and column scaled by a factor of its own.

    Some rows are equations, some have one side or two; some columns count from their upper bound.
    """
    random = np.random.default_rng(seed)
    sources, steps = int(random.integers(1, 7)), int(random.integers(1, 9))
    entries: list[dict[int, float]] = []
    bounds: list[tuple[float, float]] = []
    cost: list[float] = []

    def arc(tail: int | None, head: int | None, most: float, price: float) -> None:
        scale = float(random.choice([0.25, 1.0, 3.0, 1 / 12]))
        column = {node: sign / scale for node, sign in ((tail, 1.0), (head, -1.0)) if node is not None}
        entries.append(column)
        least = float(random.choice([0.0, 0.0, -0.5, 0.25])) if most > 0.5 else 0.0
        bounds.append((scale * least, scale * most))
        cost.append(price / scale)

    for source in range(sources):
        for step in range(steps):
            if random.random() < 0.7:
                arc(source, sources + step, float(random.choice([1.0, 2.0, 7.0])), 0.0)
        arc(source, None, math.inf if random.random() < 0.5 else 50.0, 3.0)
        arc(None, source, 20.0, 5.0)
    for step in range(steps):
        arc(sources + step, None, float(random.choice([2.0, 5.0])), float(random.choice([1.0, 2.0, -1.0])))
        arc(None, sources + step, 30.0, 4.0)
    count = sources + steps
    rows = np.zeros((count, len(entries)))
    for place, column in enumerate(entries):
        for node, entry in column.items():
            rows[node, place] = entry
    demand = np.concatenate([random.integers(0, 9, sources), np.zeros(steps)])
    open_above, open_below = random.random(count) < 0.2, random.random(count) < 0.2
    factor = random.choice([1.0, -1.0, 12.0, 0.3], count)
    least = np.where(open_below, -math.inf, demand)
    most = np.where(
        open_above & ~open_below, math.inf, np.where(random.random(count) < 0.2, demand + 1, demand)
    )
    sides = np.sort(np.stack([factor * least, factor * most]), axis=0)
    lower, upper = zip(*bounds, strict=True)
    return matrix_of(rows * factor[:, None], *sides, cost, lower, upper)


def best(matrix: ModelMatrix) -> float:
    """The optimum by HiGHS on the same arrays."""
    from evdsl.backends.highs import _run

    answer = _run(matrix, REQUEST)
    assert answer.termination is Termination.OPTIMAL
    assert answer.point is not None
    return float(matrix.cost @ answer.point)


def assert_solved_as_a_network(matrix: ModelMatrix) -> None:
    """The flow is feasible, as good as the optimum of HiGHS, proven by its own multipliers, and a vertex."""
    network = network_of(matrix)
    assert network is not None
    answer = solve_network(network, REQUEST)
    assert answer.termination is Termination.OPTIMAL, answer.message
    assert answer.point is not None
    assert answer.duals is not None
    value = float(matrix.cost @ answer.point)
    assert matrix.violation(answer.point) < 1e-9
    assert value == pytest.approx(best(matrix), rel=1e-9, abs=1e-9)
    assert dual_bound(matrix, answer.duals) == pytest.approx(value, rel=1e-9, abs=1e-9)
    between = (answer.point > matrix.lower + 1e-9) & (answer.point < matrix.upper - 1e-9)
    assert np.linalg.matrix_rank(matrix.rows.toarray()[:, between]) == int(between.sum())


@needs_ortools
@pytest.mark.parametrize("seed", range(6))
def test_a_random_network_is_solved_exactly_as_a_flow(seed: int) -> None:
    assert_solved_as_a_network(random_network(seed))


@needs_ortools
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6, 60))
def test_many_random_networks_are_solved_exactly_as_flows(seed: int) -> None:
    assert_solved_as_a_network(random_network(seed))


def test_rows_and_columns_may_have_any_scale() -> None:
    network = network_of(
        matrix_of([[2.0, 0.5, 0], [0, -3.0, 7]], [4, 0], [4, 0], [1, 1, 1], [0] * 3, [9] * 3)
    )
    assert network is not None
    np.testing.assert_allclose(np.abs(network.gain), [2.0, 0.5, 7 * 0.5 / 3])
    np.testing.assert_allclose(network.row_scale, [1.0, 0.5 / 3])


@pytest.mark.parametrize(
    "rows",
    [
        [[1.0, 1.0], [1.0, -1.0]],  # a sign that no factor of a row turns for both columns
        [[1.0, 1.0], [-1.0, -0.9]],  # a circle that loses a tenth
        [[1.0, 0], [-1.0, 1.0], [1.0, 0]],  # three entries
    ],
)
def test_what_is_no_network_is_not_taken_for_one(rows: list[list[float]]) -> None:
    count = len(rows)
    assert network_of(matrix_of(rows, [0] * count, [1] * count, [1, 1], [0, 0], [5, 5])) is None


def test_a_program_with_integers_or_a_column_without_a_bound_is_none() -> None:
    matrix = matrix_of([[1.0, 1.0]], [1], [1], [1, 2], [0, 0], [5, 5])
    assert network_of(matrix) is not None
    assert network_of(replace(matrix, integer=np.array([True, False]))) is None
    assert network_of(replace(matrix, lower=np.full(2, -math.inf), upper=np.full(2, math.inf))) is None
    assert (
        network_of(replace(matrix, row_lower=np.full(1, -math.inf), row_upper=np.full(1, math.inf))) is None
    )


def test_nothing_bounds_what_is_paid_for_without_a_limit() -> None:
    network = network_of(matrix_of([[1.0, -1.0]], [0], [0], [-1, 0], [0, 0], [math.inf, math.inf]))
    assert network is not None
    assert integers_of(network) is None


def test_circles_are_sent_round_until_a_bound_and_leave_every_balance() -> None:
    random = np.random.default_rng(5)
    ends = random.integers(0, 12, (2, 60))
    tail, head = ends[:, ends[0] != ends[1]]
    flow, count = random.integers(1, 9, len(tail)), 12
    capacity = flow + random.integers(1, 9, len(tail))
    asked = IntegerNetwork(
        tail, head, capacity, np.zeros_like(flow), np.zeros(count, int), np.arange(len(tail))
    )
    turned = without_circles(asked, flow)
    assert turned is not None
    assert (turned >= 0).all()
    assert (turned <= capacity).all()

    def balance(flow: Any) -> Any:
        return np.bincount(tail, flow, count) - np.bincount(head, flow, count)

    np.testing.assert_array_equal(balance(turned), balance(flow))
    free = np.flatnonzero((turned > 0) & (turned < capacity))
    incidence = np.zeros((count, len(free)))
    incidence[tail[free], np.arange(len(free))] += 1
    incidence[head[free], np.arange(len(free))] -= 1
    assert np.linalg.matrix_rank(incidence) == len(free)


def solved(path: str, *without: str) -> Any:
    """The result of a shipped spec on HiGHS."""
    spec = evdsl.load(ROOT / "specs" / f"{path}.evs", data=[ROOT.parent / "shared" / "data"])
    return compile_spec(spec).run(HIGHS, Options(without=without).seeded(spec.seed))


@needs_ortools
@pytest.mark.parametrize("path", NETWORKS)
def test_a_spec_that_is_a_network_has_the_same_optimum_as_a_flow(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if path == "sites/jpl" and not (ROOT.parent / "shared" / "data").is_dir():
        pytest.skip("the data folder is missing")
    usual = solved(path)
    monkeypatch.setattr(solve, "WORTHWHILE", 0)
    flow, left_out = solved(path), solved(path, NETWORK)
    assert "flow" in flow.message
    assert "flow" not in left_out.message
    assert flow.status is usual.status is Status.OPTIMAL
    assert flow.stages[0].value == pytest.approx(usual.stages[0].value, rel=1e-9, abs=1e-9)
    assert flow.verdict is not None
    assert flow.verdict.ok
    assert left_out.terms == usual.terms


def test_without_or_tools_the_usual_algorithm_solves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve, "WORTHWHILE", 0)
    monkeypatch.setattr(solve, "is_installed", lambda: False)
    assert "flow" not in solved("features/solar").message


def test_scip_is_not_given_flows_so_that_it_stays_a_second_opinion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve, "WORTHWHILE", 0)
    model = program([1, 2], [([1, 1], ">=", 3)], upper=2)
    assert "flow" not in SCIP.solve(model, Options()).message


FAULTS: dict[str, Callable[[Any], Any]] = {
    "no flow": lambda _: None,
    "nothing flows": np.zeros_like,
    "that of other arcs": lambda flow: flow[::-1].copy(),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_flow_that_is_wrong_is_never_believed(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve, "WORTHWHILE", 0)
    monkeypatch.setattr(solve, "is_installed", lambda: True)
    wrong = FAULTS[fault]
    monkeypatch.setattr(solve, "flows", lambda asked, *_: wrong(np.arange(len(asked.tail))))
    model = program([1, 2], [([1, 1], ">=", 3)], upper=2)
    solution = HIGHS.solve(model, Options())
    assert (solution.status, solution.objective) == (Status.OPTIMAL, 4.0)
    assert [attempt.manner for attempt in solution.attempts] == [NETWORK, "usual settings"]


@needs_ortools
def test_a_flow_that_is_not_wanted_any_more_is_stopped() -> None:
    network = network_of(random_network(3))
    assert network is not None
    asked = integers_of(network)
    assert ortools_process.flows(asked, 0.0, lambda: False) is None
    assert ortools_process.flows(asked, 60.0, lambda: True) is None


@needs_ortools
@pytest.mark.slow
def test_flows_obey_the_contract_of_a_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve, "WORTHWHILE", 0)
    assert [found for found in conformance(HIGHS) if found.result == "failed"] == []


def test_what_may_be_left_out_has_its_own_name() -> None:
    assert set(LEFT_OUT) - {NETWORK, NAME} < {rewrite.name for rewrite in REWRITES}
    assert {NETWORK, NAME} < set(LEFT_OUT)
