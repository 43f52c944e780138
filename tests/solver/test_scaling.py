"""Scaling is exact and undone, and what cannot be scaled is named."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evdsl.model.matrix import read
from evdsl.solver.discovery import installed_backends
from evdsl.solver.scaling import scale_matrix, scaling_problem
from evdsl.solver.solution import Options
from evdsl.testing.conformance.case import program


def test_scaling_is_exact_and_undone() -> None:
    matrix = read(program([3e-9, 7e-9], [([3e-7, 5e-7], ">=", 1e-6), ([1e4, 1], "<=", 9e4)]))
    after = scale_matrix(matrix)
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
    for backend in installed_backends().values():
        solution = backend.solve(model, Options())
        assert solution.objective == pytest.approx(9.0)
        assert float(solution.values["x"]) == pytest.approx(5.0)
        if solution.duals:
            assert float(solution.duals["row"]) == pytest.approx(2.0)
