"""A spec with something changed, as arrays, and what a solver says of them.

`evdsl explain` asks the same question of many specs that hardly differ. Each is formulated and lowered as
any spec is; the arrays of its model are then compared with others, fixed, extended and solved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import linopy
import numpy as np
import pandas as pd
import xarray as xr
from linopy.constraints import CSRConstraint, Grid  # type: ignore[attr-defined]  # what it is built on
from scipy.sparse import csr_array

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Spec, Stage
from evdsl.language.stays import most_unmet
from evdsl.language.units import ENERGY
from evdsl.model.formulate import formulate
from evdsl.model.linear import empty_model
from evdsl.model.lower import lower
from evdsl.model.matrix import Labelled, ModelMatrix, read
from evdsl.model.program import Program
from evdsl.optimization.result import StageResult
from evdsl.optimization.stages import pose_stage
from evdsl.solver.audit import solve
from evdsl.solver.backend import Backend
from evdsl.solver.solution import Attempt, Deadline, Options, Status

NOTHING = 1e-7
"""What a row without a term may miss its side by."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A spec with its data. Demands of the blocks `free` (positions in the spec) may go short."""

    spec: Spec
    data: Data
    free: frozenset[int] = frozenset()


class UndecidedError(Exception):
    """A solver gave neither a point nor a proof that there is none."""

    def __init__(self, status: Status, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """A minimum: its value, the point, and a multiplier for each row where the solver gives them."""

    value: float
    point: FloatArray
    duals: FloatArray | None


@dataclass(slots=True)
class Session:
    """Puts models to one solver until a time limit is over, and counts them."""

    backend: Backend
    options: Options
    solves: int = 0
    attempts: list[Attempt] = field(default_factory=list)
    """The runs of each solve that took more than one."""
    deadline: Deadline = field(init=False)

    def __post_init__(self) -> None:
        self.deadline = Deadline.of(self.options)

    def solve(self, matrix: ModelMatrix) -> Optimum | None:
        """The minimum of `cost @ x`; `None` where no point is feasible. Raises `UndecidedError`."""
        if _empty_row_fails(matrix):
            return None
        model = _as_model(matrix)
        solution = solve(self.backend, model, self._options())
        self.solves += 1
        if len(solution.attempts) > 1:
            self.attempts.extend(solution.attempts)
        if solution.interrupted:
            # Of the many questions only this one was broken off, and none is wanted any more.
            raise KeyboardInterrupt
        if solution.status is Status.INFEASIBLE:
            return None
        if solution.status not in (Status.OPTIMAL, Status.WITHIN_GAP):
            raise UndecidedError(solution.status, solution.message)
        point = np.zeros(len(matrix.cost))
        for name, mask in _kinds(matrix):
            if mask.any():
                point[mask] = solution.values[name]
        duals = None
        if "rows" in solution.duals:
            duals = np.nan_to_num(solution.duals["rows"])
        return Optimum(float(matrix.cost @ point), point, duals)

    def _options(self) -> Options:
        if not self.deadline.left:
            raise UndecidedError(Status.STOPPED, "the time limit is over")
        return self.deadline.within(self.options)


@dataclass(frozen=True, slots=True, eq=False)
class VariantModel:
    """The model of a case: the program after lowering, and its arrays."""

    case: Variant
    program: Program
    matrix: ModelMatrix
    offset: float = 0.0
    """What an objective adds to `cost @ x` that no decision changes."""

    def columns(self, name: str) -> slice:
        """Where the columns of a variable stand."""
        return _at(self.matrix.variables, name)

    def rows(self, name: str) -> slice:
        """Where the rows of a constraint stand."""
        return _at(self.matrix.families, name)


def feasibility(case: Variant, backend: Backend) -> VariantModel:
    """The model of a case without its objective; demands that may go short do."""
    least = Stage("minimize", {"unmet": 1.0}, 0.0, ENERGY, 0.0, "unmet", case.spec.source_span())
    aimless = replace(case.spec, stages=(least,))
    program = lower(formulate(aimless, case.data), backend.capabilities, _kept(case)).program
    matrix = read(program.model)
    return _free_demands(
        VariantModel(case, program, replace(matrix, sign=1.0, cost=np.zeros_like(matrix.cost)))
    )


def stage_model(case: Variant, backend: Backend, earlier: Sequence[StageResult]) -> VariantModel:
    """The model of a case with the objective of the stage that follows on the earlier ones."""
    program = lower(formulate(case.spec, case.data), backend.capabilities, _kept(case)).program
    stage = program.stages[len(earlier)]
    constant = sum(weight * float(program.words[name].constant[0]) for name, weight in stage.weights.items())
    matrix = read(pose_stage(program, len(earlier), earlier).model)
    return _free_demands(VariantModel(case, program, matrix, matrix.sign * constant))


def _kept(case: Variant) -> tuple[str, ...]:
    """Rewrites to leave out: that nothing is lacked on the road does not hold where demands may go short."""
    return ("en_route_to_nothing",) if case.free and case.data.vehicles.travels.any() else ()


def _free_demands(posed: VariantModel) -> VariantModel:
    case, matrix = posed.case, posed.matrix
    if not case.free or "unmet" not in dict(matrix.variables):
        return posed
    vehicles, at = case.data.vehicles, posed.columns("unmet")
    upper = matrix.upper.copy()
    free = np.isin(vehicles.owner, list(case.free))
    upper[at] = np.where(free, most_unmet(vehicles), upper[at])
    return replace(posed, matrix=replace(matrix, upper=upper))


def fix_integers(matrix: ModelMatrix, point: FloatArray) -> ModelMatrix:
    """The linear program that is left when every integer stays as it is at a point."""
    whole = matrix.integer
    value = np.round(point)
    off = matrix.semicontinuous & (np.abs(point) < np.maximum(matrix.lower, 1e-9) / 2)
    lower, upper = np.where(whole, value, matrix.lower), np.where(whole, value, matrix.upper)
    none = np.zeros_like(whole)
    return replace(
        matrix,
        lower=np.where(off, 0.0, lower),
        upper=np.where(off, 0.0, upper),
        integer=none,
        semicontinuous=none,
    )


def same_shape(first: ModelMatrix, second: ModelMatrix) -> bool:
    """Whether two models have the same columns and rows by name, so that they can be compared."""
    return (
        first.rows.shape == second.rows.shape
        and _sizes(first.variables) == _sizes(second.variables)
        and _sizes(first.families) == _sizes(second.families)
        and bool((first.integer == second.integer).all())
    )


def _sizes(labelled: Labelled) -> list[tuple[str, int]]:
    return [(name, int(np.count_nonzero(labels >= 0))) for name, labels in labelled]


def _at(labelled: Labelled, wanted: str) -> slice:
    start = 0
    for name, count in _sizes(labelled):
        if name == wanted:
            return slice(start, start + count)
        start += count
    raise LookupError(wanted)


def _kinds(matrix: ModelMatrix) -> list[tuple[str, np.ndarray]]:
    plain = ~(matrix.integer | matrix.semicontinuous)
    return [("continuous", plain), ("whole", matrix.integer), ("semicontinuous", matrix.semicontinuous)]


def _empty_row_fails(matrix: ModelMatrix) -> bool:
    """Whether a row without a term does not hold: solvers are not given such rows."""
    rows = matrix.rows.copy()
    rows.eliminate_zeros()
    empty = np.diff(rows.indptr) == 0
    return bool(((matrix.row_lower > NOTHING) & empty).any() or ((matrix.row_upper < -NOTHING) & empty).any())


def _as_model(matrix: ModelMatrix) -> linopy.Model:
    """The arrays as a linopy model, which is what a backend takes; always a minimum."""
    model = empty_model()
    label = np.zeros(len(matrix.cost), dtype=np.int64)
    goal: list[linopy.LinearExpression] = []
    for name, mask in _kinds(matrix):
        at = np.flatnonzero(mask)
        if not len(at):
            continue
        index = pd.RangeIndex(len(at), name=f"{name}_column")

        def along(values: FloatArray, at: np.ndarray = at, index: pd.RangeIndex = index) -> xr.DataArray:
            return xr.DataArray(values[at], coords=[index])

        variable = model.add_variables(
            lower=along(matrix.lower),
            upper=along(matrix.upper),
            coords=[index],
            name=name,
            integer=name == "whole",
            semi_continuous=name == "semicontinuous",
        )
        label[at] = variable.labels.values
        goal.append((variable * along(matrix.cost)).sum())
    count = matrix.rows.shape[0]
    if count:
        entries = matrix.rows.tocoo()
        columns = int(label.max(initial=0)) + 1
        rows = csr_array((entries.data, (entries.row, label[entries.col])), shape=(count, columns))
        has_upper = np.isfinite(matrix.row_upper)
        sense = np.where(matrix.row_lower == matrix.row_upper, "=", np.where(has_upper, "<=", ">="))
        side = np.where(has_upper, matrix.row_upper, matrix.row_lower)
        grid = Grid({"row": pd.RangeIndex(count, name="row")})
        constraint = CSRConstraint(rows, np.arange(count), side, sense, grid, model)
        model.add_constraints(constraint, name="rows", freeze=True)
    model.add_objective(sum(goal[1:], goal[0]), sense="min")
    return model
