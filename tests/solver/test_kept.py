"""A backend that remembers gives the values that it gives without a memory, whatever was asked before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from evdsl.backends.highs import BACKEND as HIGHS
from evdsl.backends.scip import BACKEND as SCIP
from worlds import ROOT

import evdsl
from evdsl.optimization.problem import compile_spec
from evdsl.solver.choice import Choice
from evdsl.solver.discovery import find
from evdsl.solver.kept import KeptBackend, kept
from evdsl.solver.muted_backend import MutedBackend
from evdsl.solver.solution import Options, Status
from evdsl.testing import conformance
from evdsl.testing.conformance.case import program


def walk(seed: int, steps: int) -> None:
    """A program of random structure whose costs, sides and entries change step by step, solved both ways."""
    random = np.random.default_rng(seed)
    backend = kept(HIGHS)
    columns, rows = int(random.integers(3, 9)), int(random.integers(2, 6))
    entries = random.integers(-3, 6, (rows, columns)) * (random.random((rows, columns)) < 0.7)
    entries[:, 0] = 1
    integer = bool(random.random() < 0.7)
    cost, sides = random.integers(-5, 9, columns).astype(float), random.integers(0, 12, rows).astype(float)
    for _ in range(steps):
        change = random.integers(0, 3)
        if change == 0:
            cost[random.integers(columns)] += random.normal()
        elif change == 1:
            sides[random.integers(rows)] += random.normal()
        else:
            row, column = random.integers(rows), random.integers(columns)
            if entries[row, column]:
                entries[row, column] = random.integers(1, 6)
        senses = ["<=" if row % 2 else ">=" for row in range(rows)]
        lines: Any = [(entries[row], senses[row], float(sides[row])) for row in range(rows)]
        model = program(cost, lines, upper=7.0, integer=integer)
        warm, cold = backend.solve(model, Options()), HIGHS.solve(model, Options())
        assert warm.status is cold.status
        if cold.status.has_schedule:
            assert warm.objective == pytest.approx(cold.objective, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_warm_equals_cold_on_a_walk(seed: int) -> None:
    walk(seed, 4)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8, 38))
def test_warm_equals_cold_on_many_walks(seed: int) -> None:
    walk(seed, 10)


@pytest.mark.slow
def test_a_param_that_moves_has_the_same_optimum_with_a_memory() -> None:
    backend = kept(find("auto"))  # type: ignore[arg-type]  # it is installed
    for gamma in ("0.40", "0.30", "0.35", "0.10", "0.60"):
        spec = evdsl.load(ROOT / "specs/tutorial/5_lingotto.evs", set={"gamma": f"{gamma} EUR/kWh"})
        warm, cold = compile_spec(spec).run(backend), compile_spec(spec).run(HIGHS)
        assert warm.status is cold.status is Status.OPTIMAL
        values = [stage.value for stage in cold.stages]
        assert [stage.value for stage in warm.stages] == pytest.approx(values, rel=1e-5)
        assert warm.verdict is not None
        assert warm.verdict.ok


def test_integers_that_stay_the_best_are_proven_without_a_search() -> None:
    searches: list[int] = []
    remembering = kept(HIGHS)
    assert isinstance(remembering, MutedBackend)
    inner = remembering.inner
    assert isinstance(inner, KeptBackend)
    usual = inner.cold

    def counted(*arguments: Any) -> Any:
        searches.append(1)
        return usual(*arguments)

    inner.cold = counted
    # The relaxation is not whole at 3.5, and proves nothing; with a side of 4 it is, and proves the optimum.
    for side, searched in ((3.5, 1), (4.0, 1), (4.0, 1)):
        model = program([1, 2], [([1, 1], ">=", side)], upper=9, integer=True)
        assert remembering.solve(model, Options()).objective == 4.0
        assert len(searches) == searched


def test_a_backend_without_a_memory_stays_as_it_is() -> None:
    assert kept(SCIP) is SCIP
    chosen = find("auto")
    assert isinstance(chosen, Choice)
    remembering = kept(chosen)
    assert isinstance(remembering, Choice)
    assert (remembering.name, remembering.others) == (chosen.name, chosen.others)
    assert remembering.first is not chosen.first


@pytest.mark.slow
def test_a_memory_obeys_the_contract_of_a_backend() -> None:
    assert [found for found in conformance(kept(HIGHS)) if found.result == "failed"] == []
