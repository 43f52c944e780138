"""A program as a sparse matrix, given to HiGHS: what the ways share that write the matrix themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

import highspy
import numpy as np
from scipy import sparse

from bench.answer import Answer, Manner
from bench.clock import Clock

Entries = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(slots=True)
class Program:
    """Columns and rows, added in blocks; minimized."""

    costs: list[np.ndarray] = field(default_factory=list)
    lower: list[np.ndarray] = field(default_factory=list)
    upper: list[np.ndarray] = field(default_factory=list)
    whole: list[np.ndarray] = field(default_factory=list)
    entries: list[Entries] = field(default_factory=list)
    row_lower: list[np.ndarray] = field(default_factory=list)
    row_upper: list[np.ndarray] = field(default_factory=list)
    columns: int = 0
    rows: int = 0

    def add_columns(
        self,
        size: int,
        cost: np.ndarray | float = 0.0,
        lower: np.ndarray | float = 0.0,
        upper: np.ndarray | float = np.inf,
        whole: bool = False,
    ) -> np.ndarray:
        """The numbers of new columns."""
        for store, value in ((self.costs, cost), (self.lower, lower), (self.upper, upper)):
            store.append(np.broadcast_to(np.asarray(value, float), size))
        self.whole.append(np.full(size, whole))
        self.columns += size
        return np.arange(self.columns - size, self.columns)

    def add_rows(
        self,
        size: int,
        lower: np.ndarray | float,
        upper: np.ndarray | float,
        *terms: tuple[np.ndarray, np.ndarray, np.ndarray | float],
    ) -> None:
        """Rows lower <= Σ coefficient * column <= upper; a term is rows, from 0, columns and coefficients."""
        self.row_lower.append(np.broadcast_to(np.asarray(lower, float), size))
        self.row_upper.append(np.broadcast_to(np.asarray(upper, float), size))
        for row, column, value in terms:
            self.entries.append(
                (self.rows + row, column, np.broadcast_to(np.asarray(value, float), len(row)))
            )
        self.rows += size

    def lp(self) -> highspy.HighsLp:
        """The program as HiGHS takes it."""
        row, column, value = (np.concatenate(parts) for parts in zip(*self.entries, strict=True))
        matrix = sparse.csc_matrix((value, (row, column)), shape=(self.rows, self.columns))
        found = highspy.HighsLp()
        found.num_col_, found.num_row_ = self.columns, self.rows
        found.col_cost_ = np.concatenate(self.costs)
        found.col_lower_, found.col_upper_ = np.concatenate(self.lower), np.concatenate(self.upper)
        found.row_lower_, found.row_upper_ = np.concatenate(self.row_lower), np.concatenate(self.row_upper)
        found.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        found.a_matrix_.start_, found.a_matrix_.index_ = matrix.indptr, matrix.indices
        found.a_matrix_.value_ = matrix.data
        if self.integers:
            kinds = np.array([highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger])
            found.integrality_ = kinds[np.concatenate(self.whole).astype(int)]
        return found

    @property
    def integers(self) -> int:
        """How many columns are whole numbers."""
        return int(sum(each.sum() for each in self.whole))


def solved(program: Program, manner: Manner, clock: Clock, sign: float = 1.0) -> Answer:
    """What HiGHS makes of it; `sign` is -1 where the objective was turned round."""
    with clock.phase("build"):
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("solver", manner.algorithm)
        solver.setOptionValue("presolve", "choose" if manner.presolve else "off")
        solver.setOptionValue("time_limit", manner.seconds)
        solver.setOptionValue("mip_rel_gap", manner.gap)
        solver.passModel(program.lp())
    with clock.phase("solve"):
        solver.run()
        info, status = solver.getInfo(), solver.getModelStatus()
        point = np.asarray(solver.getSolution().col_value)
    ended = {
        highspy.HighsModelStatus.kOptimal: "optimal",
        highspy.HighsModelStatus.kTimeLimit: "limit",
    }.get(status, solver.modelStatusToString(status))
    found = len(point) and np.isfinite(info.objective_function_value)
    is_mixed = program.integers > 0
    return Answer(
        ended,
        sign * info.objective_function_value if found and (ended == "optimal" or is_mixed) else None,
        info.mip_gap if is_mixed and found else None,
        program.columns,
        program.rows,
        program.integers,
        clock.phases,
    )
