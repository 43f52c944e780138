"""A schedule put to the test: what its objective loses where something about it has to be otherwise.

The spec is solved again with further rows (a vehicle takes so much more in some steps, in all as much as
before), with bounds (it gives nothing back), or with other data (a limit is larger in a step). Everything
else, what other vehicles get included, is decided anew; so what is told is the least that the change costs.
Of each stage it is asked in turn, while the earlier ones keep their values: the first one that changes says
what the change costs.

Who holds a port stays as it is where it can, as for the prices of lines
(`evdsl.optimization.explanation.prices`); where it cannot, or `exact` asks for it, all is decided anew, and
a value is then known to the solver's gap. Compared are always two solves of the same kind: one with what the
schedule does, one with the change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from scipy.sparse import csr_array, hstack, vstack

from evdsl.language.arrays import BoolArray, FloatArray, IntArray
from evdsl.language.spec import Spec
from evdsl.language.units import symbol
from evdsl.model.matrix import ModelMatrix
from evdsl.optimization.explanation.variant import (
    Optimum,
    Session,
    UndecidedError,
    Variant,
    VariantModel,
    fix_integers,
    stage_model,
)
from evdsl.optimization.inquiry.fact import Quantity, Value
from evdsl.optimization.lexicographic import is_lexicographic
from evdsl.optimization.result import Result
from evdsl.optimization.shortfall.flow import flow_of
from evdsl.solver.solution import Status

WORTH = 1e-6
"""Of the objective: a change by less is a solver's rounding."""
KEPT = 1e-6
"""kW by which others may take more or less and do what they did."""
LOST = 1e-3
"""kWh: who gets less by less than this has lost nothing."""
Row: TypeAlias = tuple[IntArray, FloatArray, float, float]
"""Columns, what stands at them, and the two sides."""


@dataclass(frozen=True, slots=True)
class NetEnergy:
    """Stays that take between `least` and `most` kWh together, less what they give, in some steps."""

    stays: tuple[int, ...]
    steps: BoolArray
    least: float = -np.inf
    most: float = np.inf


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of the schedule beside the spec.

    `giving_nothing` are stays that may not discharge; where some are `alone`, all other vehicles take and
    give what they do in the schedule.
    """

    energies: tuple[NetEnergy, ...] = ()
    giving_nothing: tuple[int, ...] = ()
    alone: tuple[int, ...] = ()
    series: Mapping[tuple[str, str], FloatArray] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a demand does to the first stage (a position) that it changes: worse by `amount`, in its unit.

    Below zero it is better; `None` where no schedule meets the demand without making that stage worse than
    it may be, or none at all (`stage` -1). `anew` where it was decided anew who holds a port.
    """

    stage: int
    amount: float | None
    anew: bool = False


def as_values(change: Change, spec: Spec) -> dict[str, Value]:
    """A change as values of a fact: `worse` by how much, in which stage."""
    if change.amount is None and change.stage < 0:
        return {"worse": None, "objective": None, "ports_anew": change.anew}
    stage = spec.stages[change.stage]
    unit = symbol(stage.dimension, spec.currency)
    worse = None if change.amount is None else Quantity(change.amount, unit)
    return {"worse": worse, "objective": f"{stage.sense} {stage.text}", "ports_anew": change.anew}


@dataclass(frozen=True, slots=True)
class _Answer:
    posed: VariantModel
    matrix: ModelMatrix
    optimum: Optimum

    @property
    def value(self) -> float:
        return self.optimum.value + self.posed.offset


@dataclass(slots=True)
class Trial:
    """Puts the schedule of a result to the test; `over` once its time is, and nothing more is asked."""

    result: Result
    asker: Session
    exact: bool = False
    over: str = ""
    _models: dict[int, VariantModel] = field(default_factory=dict)

    @property
    def can_ask(self) -> bool:
        """Whether a stage is there to be asked: an order of schedules has no one value."""
        stages = self.result.spec.stages
        solved = len(self.result.stages) == len(stages) and self.result.schedule is not None
        proven = self.result.status in (Status.OPTIMAL, Status.WITHIN_GAP)
        return solved and proven and not self.over and not any(map(is_lexicographic, stages))

    @property
    def keeps_ports(self) -> bool:
        """Whether the ports were kept as they are in a model that was asked."""
        gates = (posed.program.slot_index.gate for posed in self._models.values())
        return not self.exact and any(gates)

    def change(self, before: Demand, after: Demand) -> Change | None:
        """What a demand costs against what the schedule does; `None` where it could not be asked."""
        if not self.can_ask:
            return None
        try:
            return self._change(before, after)[0]
        except UndecidedError as stopped:
            self.over = stopped.message
            return None

    def losers(
        self, before: Demand, after: Demand, delivered: FloatArray
    ) -> tuple[Change, dict[int, float]] | None:
        """The same, and by vehicle (its first stay) what others get less than `delivered`, kWh.

        Of the schedules that are the best under the demand it is one in which others lose least together.
        """
        if not self.can_ask:
            return None
        try:
            change, answer = self._change(before, after)
            return (change, {}) if answer is None else (change, self._lost(answer, delivered))
        except UndecidedError as stopped:
            self.over = stopped.message
            return None

    def _change(self, before: Demand, after: Demand) -> tuple[Change, _Answer | None]:
        last = len(self.result.spec.stages) - 1
        for stage in range(last + 1):
            anew = self.exact
            old, new = self._answer(stage, before, anew), self._answer(stage, after, anew)
            if (old is None or new is None) and not anew:
                anew = True
                old, new = self._answer(stage, before, anew), self._answer(stage, after, anew)
            if new is None or old is None:
                return Change(stage - 1, None, anew), None
            # Where nothing is discrete nothing was kept either.
            anew = anew and old.posed.matrix.is_discrete
            amount = new.value - old.value
            gap = 2.0 * self.asker.options.gap if new.matrix.is_discrete else 0.0
            if abs(amount) > (WORTH + gap) * max(abs(old.value), 1.0):
                return Change(stage, amount, anew), new
        return Change(last, 0.0, anew), new

    def _answer(self, stage: int, demand: Demand, anew: bool) -> _Answer | None:
        posed = self._posed(stage, demand)
        matrix = posed.matrix if anew else self._with_ports_kept(posed)
        matrix = _with_rows(matrix, [row for one in demand.energies for row in self._rows(posed, one)])
        if demand.giving_nothing and "discharge" in dict(matrix.variables):
            slots, at = posed.program.slot_index.slots, posed.columns("discharge")
            upper = matrix.upper.copy()
            mine = np.isin(slots.vehicle[slots.outward], demand.giving_nothing)
            upper[at] = np.where(mine, 0.0, upper[at])
            matrix = replace(matrix, upper=upper)
        if demand.alone:
            matrix = self._with_others_kept(posed, matrix, demand.alone)
        optimum = self.asker.solve(matrix)
        return None if optimum is None else _Answer(posed, matrix, optimum)

    def _posed(self, stage: int, demand: Demand) -> VariantModel:
        earlier = self.result.stages[:stage]
        if demand.series is not None:
            data = replace(self.result.data, series=demand.series)
            return stage_model(Variant(self.result.spec, data), self.asker.backend, earlier)
        if stage not in self._models:
            case = Variant(self.result.spec, self.result.data)
            self._models[stage] = stage_model(case, self.asker.backend, earlier)
        return self._models[stage]

    def _with_ports_kept(self, posed: VariantModel) -> ModelMatrix:
        """The arrays with the ports given as in the schedule; what else is decided in whole stays open."""
        gate = posed.program.slot_index.gate
        if not gate or gate not in dict(posed.matrix.variables):
            return posed.matrix
        at, held = posed.columns(gate), self._gates(posed)
        if at.stop - at.start != len(held):
            return posed.matrix
        lower, upper = posed.matrix.lower.copy(), posed.matrix.upper.copy()
        lower[at], upper[at] = held, held
        return replace(posed.matrix, lower=lower, upper=upper)

    def _with_others_kept(
        self, posed: VariantModel, matrix: ModelMatrix, alone: tuple[int, ...]
    ) -> ModelMatrix:
        """The arrays with what other vehicles take and give as it is in the schedule."""
        assert self.result.schedule is not None
        slots, flow = posed.program.slot_index.slots, flow_of(self.result.data, self.result.schedule)
        here = self._group_of_port(posed)[flow.port[slots.visit]] == slots.group
        others = ~np.isin(slots.vehicle, alone)
        lower, upper = matrix.lower.copy(), matrix.upper.copy()
        semicontinuous = matrix.semicontinuous.copy()
        for name, power, mine in (
            ("charge", flow.charge[slots.visit] * here, np.arange(len(slots))),
            ("discharge", flow.discharge[slots.visit] * here, slots.outward),
        ):
            if name not in dict(matrix.variables):
                continue
            columns, kept = posed.columns(name), others[mine]
            at = np.arange(columns.start, columns.stop)[kept]
            # Solvers keep rows to 1e-7: a flow that is not let off its last digits may leave none.
            lower[at] = np.maximum(power[mine][kept] - KEPT, 0.0)
            upper[at] = power[mine][kept] + KEPT
            semicontinuous[at] = False
        return replace(matrix, lower=lower, upper=upper, semicontinuous=semicontinuous)

    def _group_of_port(self, posed: VariantModel) -> IntArray:
        """The group of each port by its number, and last that of vehicles without one."""
        assert self.result.schedule is not None
        names = {str(name): at for at, name in enumerate(self.result.schedule["port_name"].values)}
        group = np.full(len(names) + 1, -1)
        for number, one in enumerate(posed.program.slot_index.groups):
            group[[names[name] for name in one.names]] = number
            if one.own:
                group[-1] = number
        return group

    def _gates(self, posed: VariantModel) -> FloatArray:
        """Of each choice of a port whether the schedule has made it, 1 or 0."""
        assert self.result.schedule is not None
        index = posed.program.slot_index
        slots, port = index.slots, flow_of(self.result.data, self.result.schedule).port
        group = self._group_of_port(posed)
        chosen = (index.gate_of_slot >= 0) & (group[port[slots.visit]] == slots.group)
        held = np.zeros(len(index.port_choices))
        held[index.gate_of_slot[chosen]] = 1.0
        return held

    def _rows(self, posed: VariantModel, asked: NetEnergy) -> list[Row]:
        """A row for each side: the model that is handed to a solver has rows of one side."""
        columns, energy = self._flows(posed)
        slots = posed.program.slot_index.slots
        where = np.concatenate([np.arange(len(slots)), slots.outward])[: len(columns)]
        mine = np.isin(slots.vehicle[where], asked.stays) & asked.steps[slots.step[where]]
        sides = ((asked.least, np.inf), (-np.inf, asked.most))
        return [(columns[mine], energy[mine], *side) for side in sides if np.isfinite(side).any()]

    def _flows(self, posed: VariantModel) -> tuple[IntArray, FloatArray]:
        """The columns of what slots take, and then of what they give, and the kWh that one of each is."""
        names, step = dict(posed.matrix.variables), self.result.spec.step
        parts = [
            (np.arange(at.start, at.stop), sign)
            for name, sign in (("charge", step), ("discharge", -step))
            if name in names
            for at in [posed.columns(name)]
        ]
        if not parts:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        return (
            np.concatenate([columns for columns, _ in parts]),
            np.concatenate([np.full(len(columns), sign) for columns, sign in parts]),
        )

    def _lost(self, answer: _Answer, delivered: FloatArray) -> dict[int, float]:
        """Beside the columns x, one loss for each vehicle: loss >= delivered - what it gets, made small."""
        posed, base = answer.posed, fix_integers(answer.matrix, answer.optimum.point)
        slots, vehicles = posed.program.slot_index.slots, self.result.data.vehicles
        columns, energy = self._flows(posed)
        where = np.concatenate([np.arange(len(slots)), slots.outward])[: len(columns)]
        whole = vehicles.first[slots.vehicle[where]]
        count, size = len(vehicles), len(base.cost)
        gets = csr_array((energy, (whole, columns)), shape=(count, size))
        slack = WORTH * max(abs(answer.optimum.value), 1.0)
        rows = vstack(
            [
                hstack([base.rows, csr_array((base.rows.shape[0], count))]),
                hstack([gets, csr_array(np.eye(count))]),
                hstack([csr_array(base.cost[None, :]), csr_array((1, count))]),
            ]
        ).tocsr()
        none = np.zeros(count, dtype=bool)
        wider = replace(
            base,
            cost=np.concatenate([np.zeros(size), np.ones(count)]),
            rows=csr_array(rows),
            row_lower=np.concatenate([base.row_lower, vehicles.of_whole(delivered), [-np.inf]]),
            row_upper=np.concatenate(
                [base.row_upper, np.full(count, np.inf), [answer.optimum.value + slack]]
            ),
            lower=np.concatenate([base.lower, np.zeros(count)]),
            upper=np.concatenate([base.upper, np.full(count, np.inf)]),
            integer=np.concatenate([base.integer, none]),
            semicontinuous=np.concatenate([base.semicontinuous, none]),
            variables=(*base.variables, ("lost", np.arange(count))),
            families=(*base.families, ("lost", np.arange(count + 1))),
            row_factor=np.ones(base.rows.shape[0] + count + 1),
        )
        found = self.asker.solve(wider)
        if found is None:
            return {}
        lost = found.point[size:]
        return {int(at): float(lost[at]) for at in np.flatnonzero(lost > LOST)}


def _with_rows(matrix: ModelMatrix, rows: Sequence[Row]) -> ModelMatrix:
    if not rows:
        return matrix
    count = len(rows)
    owner = np.concatenate([np.full(len(columns), at) for at, (columns, *_) in enumerate(rows)])
    columns = np.concatenate([columns for columns, *_ in rows])
    values = np.concatenate([energy for _, energy, *_ in rows])
    more = csr_array((values, (owner, columns)), shape=(count, len(matrix.cost)))
    least, most = (np.array([row[side] for row in rows]) for side in (2, 3))
    return replace(
        matrix,
        rows=csr_array(vstack([matrix.rows, more])),
        row_lower=np.concatenate([matrix.row_lower, least]),
        row_upper=np.concatenate([matrix.row_upper, most]),
        families=(*matrix.families, ("asked", np.arange(count))),
        row_factor=np.concatenate([matrix.row_factor, np.ones(count)]),
    )
