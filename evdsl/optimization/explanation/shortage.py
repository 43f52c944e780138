"""What is short in a conflict of demands: how much is asked for, when, by whom, and how much gets through.

The least energy S that goes missing under the statements of the conflict is the minimum of a linear program.
Its multipliers single out the vehicles V whose demands cost something and the steps W in which a limit does.
What V asks for, less what it could take outside W at full power, has to come in W; what the limit lets
through there is its energy in W. Where the difference of the two is S, that is the reason, and it is told
so; else only S is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray
from evdsl.language.devices.phases import voltage
from evdsl.language.spec import Spec
from evdsl.language.units import CURRENT
from evdsl.model.matrix import ModelMatrix
from evdsl.optimization.explanation.levers import DEMAND, SETTING, Lever, changed, value_of_setting
from evdsl.optimization.explanation.relaxation import change
from evdsl.optimization.explanation.variant import Session, Variant, VariantModel, feasibility

NOTICED = 1e-6


@dataclass(frozen=True, slots=True)
class Window:
    """Between `begin` and `end` (hours) a limit lets `through` kWh pass where `asked` have to.

    `phases` are those that it is short on, where it is one of single phases.
    """

    begin: float
    end: float
    asked: float
    through: float
    limit: Lever
    phases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shortage:
    """Of the `asked` kWh (at the ports) of all blocks in a conflict `missing` cannot be delivered.

    `vehicles` (positions) are those that compete for it, or, where nothing tells, some that go short.
    """

    asked: float
    missing: float
    vehicles: tuple[int, ...]
    window: Window | None


def at_port(data: Data) -> FloatArray:
    """What each kWh of a demand is at the port: losses come on top of what a battery asks for."""
    vehicles = data.vehicles
    return np.where(np.isnan(vehicles.demand), 1.0 / vehicles.charge_efficiency, 1.0)


def port_side(posed: VariantModel, blocks: frozenset[int] | None) -> ModelMatrix:
    """The model that makes small what is missing at the ports, of some blocks or of all vehicles."""
    matrix, vehicles = posed.matrix, posed.case.data.vehicles
    cost = np.zeros_like(matrix.cost)
    counted = np.ones(len(vehicles), dtype=bool) if blocks is None else np.isin(vehicles.owner, list(blocks))
    cost[posed.columns("unmet")] = np.where(counted, at_port(posed.case.data), 0.0)
    return replace(matrix, cost=cost)


def shortage(case: Variant, members: Sequence[Lever], asker: Session) -> Shortage | None:
    """What is short under the members of a conflict alone; `None` where no demand is among them."""
    blocks = frozenset(lever.device for lever in members if lever.sort == DEMAND)
    if not blocks:
        return None
    posed = feasibility(replace(case, free=case.free | blocks), asker.backend)
    matrix = port_side(posed, blocks)
    answer = asker.solve(matrix)
    if answer is None:
        return None
    vehicles = case.data.vehicles
    short = answer.point[posed.columns("unmet")]
    mine = np.isin(vehicles.owner, list(blocks))
    who = np.flatnonzero((short > NOTICED) & mine)
    window = None
    if answer.duals is not None:
        charged = matrix.rows.T @ answer.duals
        costly = np.abs(charged[posed.columns("unmet")]) > NOTICED
        who = np.flatnonzero(costly & mine & (vehicles.need[vehicles.first] > 0))
        reduced = matrix.cost - charged
        if not vehicles.travels[mine].any():  # what has to come when follows from the trips, too
            window = _window(posed, who, reduced, members, answer.value, asker)
    asked = float((vehicles.need * at_port(case.data))[mine].sum())
    return Shortage(asked, answer.value, tuple(int(v) for v in who), window)


def _window(
    posed: VariantModel,
    who: NDArray[np.intp],
    reduced: FloatArray,
    members: Sequence[Lever],
    missing: float,
    asker: Session,
) -> Window | None:
    """The steps in which one limit over time is what is short, if that accounts for all that is missing."""
    case, steps, step = posed.case, posed.case.spec.steps, posed.case.spec.step
    for lever in members:
        if lever.sort != SETTING or len(value_of_setting(lever, case)) != steps:
            continue
        other = feasibility(changed(lever, case, lever.relaxed_by), asker.backend)
        moved = change(posed.matrix, other.matrix, 1.0)
        tight = np.zeros(steps, dtype=bool)
        phases: dict[str, NDArray[np.bool_]] = {}
        for name, labels in posed.matrix.variables if moved is not None else ():
            at = posed.columns(name)
            if labels.shape == (steps,) and moved is not None:
                here = (moved.upper[at] != 0) & (reduced[at] < -NOTICED)
                tight |= here
                if lever.dimension == CURRENT and here.any():
                    phases[name.rpartition(".")[2]] = here
        if not tight.any():
            continue
        asked = _has_to_come(case.spec, case.data, posed, who, tight)
        through = float((value_of_setting(lever, case) * tight).sum()) * step
        if phases:
            each = value_of_setting(lever, case) * voltage(case.spec)
            through = float(sum((each * here).sum() for here in phases.values())) * step
        if abs(asked - through - missing) <= 1e-4 * max(missing, 1.0):
            first, last = np.flatnonzero(tight)[[0, -1]]
            return Window(float(first) * step, float(last + 1) * step, asked, through, lever, tuple(phases))
    return None


def _has_to_come(
    spec: Spec, data: Data, posed: VariantModel, who: NDArray[np.intp], tight: NDArray[np.bool_]
) -> float:
    """What these vehicles cannot take outside some steps, on the site's side of the ports; kWh."""
    slots, vehicles = posed.program.slot_index.slots, data.vehicles
    outside = ~tight[slots.step]
    power = slots.presence * np.where(np.isfinite(slots.charge), slots.charge, 0.0) * outside
    elsewhere = np.bincount(slots.vehicle, power * spec.step, minlength=len(vehicles))
    loss = np.ones(len(vehicles))
    loss[slots.vehicle] = slots.efficiency
    left = np.maximum(vehicles.need * at_port(data) - elsewhere, 0.0) / loss
    return float(left[who].sum())
