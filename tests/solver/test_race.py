"""Large linear programs on HiGHS: simplex within some steps, or else the interior point; no clock decides."""

from __future__ import annotations

import numpy as np
import pytest
from evdsl.backends import highs
from worlds import ROOT

import evdsl
from evdsl.optimization.problem import compile_spec
from evdsl.solver.solution import Options, Status
from evdsl.testing import conformance

SPECS = ["tutorial/3_sessions", "sites/working_week", "features/demand_charge", "features/v2g"]


@pytest.fixture
def algorithms(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The algorithms whose runs were begun, with every linear program taken for a large one."""
    begun: list[str] = []
    usual = highs._Task.__init__

    def noting(self: highs._Task, *arguments: object, **settings: object) -> None:
        begun.append(str(arguments[2]))
        usual(self, *arguments, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(highs._Task, "__init__", noting)
    monkeypatch.setattr(highs, "LARGE", 0)
    return begun


@pytest.mark.parametrize("share", [2, 0])
@pytest.mark.parametrize("path", SPECS)
def test_both_algorithms_come_to_the_same_optimum(
    path: str, share: int, algorithms: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = evdsl.load(ROOT / "specs" / f"{path}.evs")
    monkeypatch.setattr(highs, "LARGE", 10**9)
    usual = compile_spec(spec).run(highs.BACKEND)
    monkeypatch.setattr(highs, "LARGE", 0)
    monkeypatch.setattr(highs, "SHARE", share)
    raced = compile_spec(spec).run(highs.BACKEND)
    assert {"simplex", "ipm"} <= set(algorithms)
    assert raced.status is usual.status is Status.OPTIMAL
    assert [stage.value for stage in raced.stages] == pytest.approx([s.value for s in usual.stages], rel=1e-6)


def test_one_thread_runs_one_algorithm_after_the_other(
    algorithms: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = evdsl.load(ROOT / "specs/tutorial/1_one_car.evs")
    assert compile_spec(spec).run(highs.BACKEND, Options(threads=1)).status is Status.OPTIMAL
    assert algorithms == ["simplex"]
    monkeypatch.setattr(highs, "SHARE", 0)
    assert compile_spec(spec).run(highs.BACKEND, Options(threads=1)).status is Status.OPTIMAL
    assert algorithms == ["simplex", "simplex", "ipm"]


def test_the_same_schedule_comes_again(algorithms: list[str]) -> None:
    spec = evdsl.load(ROOT / "specs/tutorial/3_sessions.evs")
    first, again = (compile_spec(spec).solve(highs.BACKEND) for _ in range(2))
    np.testing.assert_array_equal(first["import"], again["import"])
    assert algorithms


@pytest.mark.slow
def test_the_race_obeys_the_contract_of_a_backend(algorithms: list[str]) -> None:
    assert [found for found in conformance(highs.BACKEND) if found.result == "failed"] == []
    assert "simplex" in algorithms
