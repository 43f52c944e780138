"""A proof, in exact fractions, that the optimum of a linear program is one: weak duality, with safe bounds.

The program that was solved is `minimize c x` where `L <= A x <= U` and `l <= x <= u`, its floats taken as the
fractions that they are. For any multipliers y of the rows, whoever found them, and d = c - A' y,

    c x  =  y' (A x) + d' x  >=  Σ_i min(y_i L_i, y_i U_i) + Σ_j min(d_j l_j, d_j u_j)

for every x that meets the program, since A x lies between L and U and x between l and u. The right side is
worked out without rounding from the multipliers that the solver gives, which need not be right: wrong ones
make the bound worse, never false. If it reaches the claimed value, that value is proven least, and nothing
was believed of the solver. A multiplier whose sign meets a side that is not there is taken as zero, which is
as good a choice as any.

Rounding leaves a d_j of 1e-17 where x_j has no bound on that side, which would make the bound minus
infinite. Such a column gets a bound that the others imply: by a row, x_j lies within what remains of its
sides when all other columns are as small or as large as they can be. A. Neumaier and O. Shcherbina, "Safe
bounds in linear and mixed-integer linear programming", Mathematical Programming 99 (2004), correct reduced
costs in this way. A column that nothing bounds, such as an import beside an export that have no limits, is
taken to lie within `FARTHEST`: what is proven then is that no solution within a million kW is better by more
than the tolerance.

Programs with integers are not proven here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.model.matrix import ModelMatrix, read
from evdsl.optimization.problem import compile_spec
from evdsl.solver.backend import Listener
from evdsl.solver.solution import Options, Solution, Status
from evdsl.testing.exact.reading import TOLERANCE, ZERO, fraction
from evdsl.testing.faults import ForwardingBackend
from evdsl.testing.properties.invariant import IdleError
from evdsl.testing.trial import Solver, StoppedError, Trial, backend_of, name_of

if TYPE_CHECKING:
    import linopy

FARTHEST = Fraction(10**6)
"""kW, kWh, vehicles: no column without a bound lies farther from zero."""

PASSES = 5
"""Times that bounds are passed on along the rows."""

End = Fraction | None
"""A bound; nothing where there is none."""


@dataclass(frozen=True, slots=True)
class ExactOptimum:
    """A program that was solved, as arrays, and what the solver said."""

    matrix: ModelMatrix
    solution: Solution

    @property
    def is_linear(self) -> bool:
        """Whether it is an optimum with multipliers of a program without integers."""
        optimal = self.solution.status is Status.OPTIMAL
        return optimal and bool(self.solution.duals) and not self.matrix.is_discrete


@dataclass(slots=True)
class Recorder(ForwardingBackend):
    """A backend that keeps what it is asked and what it answers; another one does the work."""

    solved: list[ExactOptimum] = field(default_factory=list)

    def solve(self, model: linopy.Model, options: Options, listener: Listener | None = None) -> Solution:
        """The answer of the other, kept with the model as it was."""
        solution = self.inner.solve(model, options, listener)
        self.solved.append(ExactOptimum(read(model), solution))
        return solution


def proven(trial: Trial) -> str | None:
    """The optimum of every linear program of a trial, in all its stages and rounds, is one."""
    held = False
    for solver in filter(_has_duals, trial.solvers):
        recorder = Recorder(backend_of(solver))
        result = compile_spec(trial.spec, trial.data).run(recorder, Options(time_limit=trial.limit))
        if result.interrupted:
            raise KeyboardInterrupt
        if result.status in (Status.STOPPED, Status.FEASIBLE):
            raise StoppedError(f"{name_of(solver)}: {result.message}")
        for number, solved in enumerate(recorder.solved):
            if not solved.is_linear:
                continue
            held = True
            claimed = Fraction(solved.solution.objective)
            first = result.stages[0]
            if number == 0 and first.shares is None:
                # The constant of a stage is no part of the model.
                claimed = Fraction(first.value) - (Fraction(first.bound) - Fraction(solved.solution.bound))
            wrong = short_of(solved, claimed)
            if wrong:
                return f"{name_of(solver)}, solve {number + 1}: {wrong}"
    if not held:
        raise IdleError
    return None


def _has_duals(solver: Solver) -> bool:
    return backend_of(solver).capabilities.duals


def short_of(solved: ExactOptimum, claimed: Fraction) -> str | None:
    """How the multipliers fail to prove a claimed value, or prove that it is beyond what can be reached."""
    matrix = solved.matrix
    value = int(matrix.sign) * claimed
    point = np.concatenate([solved.solution.values[name].ravel() for name, _ in matrix.variables])
    point = point[~np.isnan(point)]
    size = sum((abs(Fraction(c) * Fraction(x)) for c, x in zip(matrix.cost, point, strict=True)), ZERO)
    room = TOLERANCE * max(Fraction(1), size)
    bound = safe_bound(matrix, multipliers(solved))
    if bound < value - room:
        return f"{float(value):.9g} is claimed least, and the multipliers prove {float(bound):.9g}"
    if bound > value + room:
        return f"{float(value):.9g} is claimed, and nothing below {float(bound):.9g} can be"
    return None


def multipliers(solved: ExactOptimum) -> FloatArray:
    """The multipliers of the rows, in their order, of the program that is made small."""
    matrix, found = solved.matrix, []
    for name, labels in matrix.families:
        found.append(np.asarray(solved.solution.duals[name])[labels >= 0])
    return matrix.sign * np.concatenate([*found, np.zeros(0)]) / matrix.row_factor


def safe_bound(matrix: ModelMatrix, duals: FloatArray) -> Fraction:
    """What no solution is below, by these multipliers."""
    lower, upper = _columns(matrix)
    reduced = [Fraction(float(cost)) for cost in matrix.cost]
    total = ZERO
    for (columns, factors), low, high, dual in zip(_rows(matrix), *_sides(matrix), duals, strict=True):
        price = Fraction(float(dual))
        side = low if price > 0 else high
        if side is None:
            continue
        total += price * side
        for column, factor in zip(columns, factors, strict=True):
            reduced[column] -= price * factor
    implied: tuple[list[End], list[End]] | None = None
    for column, price in enumerate(reduced):
        if not price:
            continue
        end = (lower if price > 0 else upper)[column]
        if end is None:
            implied = implied or _implied(matrix, lower, upper)
            end = implied[0 if price > 0 else 1][column]
        farthest = -FARTHEST if price > 0 else FARTHEST
        total += price * (farthest if end is None else end)
    return total


Row = tuple[Sequence[int], Sequence[Fraction]]


def _rows(matrix: ModelMatrix) -> list[Row]:
    """The columns of each row, and their factors."""
    begin, columns, factors = matrix.rows.indptr, matrix.rows.indices, matrix.rows.data
    return [
        (columns[a:b].tolist(), [Fraction(float(factor)) for factor in factors[a:b]])
        for a, b in pairwise(begin.tolist())
    ]


def _sides(matrix: ModelMatrix) -> tuple[list[End], list[End]]:
    return _ends(matrix.row_lower), _ends(matrix.row_upper)


def _columns(matrix: ModelMatrix) -> tuple[list[End], list[End]]:
    return _ends(matrix.lower), _ends(matrix.upper)


def _ends(values: FloatArray) -> list[End]:
    return [fraction(float(value)) for value in values]


def _implied(matrix: ModelMatrix, lower: Sequence[End], upper: Sequence[End]) -> tuple[list[End], list[End]]:
    """Bounds of columns that have none, as rows and the bounds of the others imply them."""
    low, high = list(lower), list(upper)
    rows = [*zip(_rows(matrix), *_sides(matrix), strict=True)]
    for _ in range(PASSES):
        for row, least, most in rows:
            _pass_on(row, least, 1, low, high)
            _pass_on(row, most, -1, low, high)
    return low, high


def _pass_on(row: Row, side: End, sign: int, low: list[End], high: list[End]) -> None:
    """What `sign · row >= sign · side` says of its columns, where all others have an end."""
    if side is None:
        return
    columns, factors = row
    most = [
        None if (end := (high if sign * factor > 0 else low)[column]) is None else sign * factor * end
        for column, factor in zip(columns, factors, strict=True)
    ]
    endless = [at for at, each in enumerate(most) if each is None]
    if len(endless) > 1:
        return
    total = sum((each for each in most if each is not None), ZERO)
    for at, (column, factor) in enumerate(zip(columns, factors, strict=True)):
        if not factor or endless not in ([], [at]):
            continue
        others = total - (most[at] or ZERO)
        end = (sign * side - others) / (sign * factor)
        ends = low if sign * factor > 0 else high
        if ends[column] is None:
            ends[column] = end
