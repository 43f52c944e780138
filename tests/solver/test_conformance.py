"""Backends do what the conformance suite asks, and agree with each other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from solver.backends import BACKENDS

from evdsl.solver.backend import Backend
from evdsl.solver.discovery import installed_backends
from evdsl.solver.solution import Options, Status
from evdsl.testing import CASES, Case, outcome_of
from evdsl.testing.conformance.case import program


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


# Agreement of backends that share nothing but the contract


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


@pytest.mark.slow
@pytest.mark.parametrize("integer", [False, True], ids=["linear", "integer"])
def test_backends_agree_on_random_programs(integer: bool) -> None:
    ends = set()
    for seed in range(30):
        asked = random_linear(seed, integer=integer)
        first, *others = [b.solve(program(**asked), Options()) for b in installed_backends().values()]  # type: ignore[arg-type]  # the fields of a program
        ends.add(first.status)
        for other in others:
            assert other.status is first.status, f"seed {seed}: {first.message}, {other.message}"
            if first.status.has_schedule:
                assert other.objective == pytest.approx(first.objective, rel=1e-6, abs=1e-6), f"seed {seed}"
    assert Status.OPTIMAL in ends
    assert Status.INFEASIBLE in ends


# The file for SCIP, silence, and the watch


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
