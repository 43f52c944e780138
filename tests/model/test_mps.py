"""The file for SCIP holds every number exactly."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from evdsl.model.export.mps import write_mps
from evdsl.model.matrix import read
from evdsl.testing.conformance.case import program


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
