"""Vehicles need no binaries to keep from charging and discharging at once, where that never pays.

Applies where, for every stage (in the sense of making small),

1. prices and carbon are nowhere negative where they are weighed, and the weights of energy_cost, co2,
   demand_cost, peak, wear, discharged, unmet, dissatisfaction and delay are not negative, those of fairness
   and export_revenue not positive, with feed_in nowhere negative;
2. every vehicle that can discharge asks for a state of charge, not for energy at the port (whose
   demand would count energy that is only turned round);
3. nothing must run: no power enters the site but from the grid and from vehicles.

Claim: the model without the requirement has an optimal solution that satisfies it, so its optimum is
the same.

Proof. Take an optimal solution in which v charges c > 0 and discharges d > 0 at t. Let
b = Δ(η_c c - d/η_d). Replace (c, d) by (b/(Δη_c), 0) if b >= 0 and by (0, -b η_d/Δ) otherwise: every
battery state stays, c and d fall, and c - d does not rise since η_c η_d <= 1. Some power s >= 0 is now
too much at t; wear, discharged and delay did not rise. Remove s where import[t] > 0 by lowering
import[t]: by (1) no stage gets worse, no limit is broken. What is left meets import[t] = 0; then all
power at t comes from discharging (3). If exports may rise, raise them: by (1) no stage gets worse.
Otherwise lower those discharges by what is too much: the vehicles' states rise from t on, at t to no
more than they were before it. Where a state would pass its upper bound at t' > t, its vehicle charges
at some step between; lower that charge until it does not. States at departure do not fall, so unmet and
shares are no worse. Lowered charges leave power over at steps
later than t: repeat there. The steps grow, so after at most T rounds nothing is left over. Vehicles
that did not do both at t do not begin to: charges and discharges only fell. Repeat for every (v, t).

Undo: the first replacement, with import and export set by the balance. Where exports would pass
their limit (the chain above would be needed) the solution is not put back, and the program is solved with
binaries instead.
"""

from __future__ import annotations

import numpy as np

from evdsl.capabilities import Capabilities
from evdsl.lower.rewrite import Outcome, Rewrite
from evdsl.lower.weights import base_weights
from evdsl.program import Program, Values
from evdsl.requirement import Exclusive, Requirement

NOT_NEGATIVE = (
    "energy_cost",
    "co2",
    "demand_cost",
    "peak",
    "wear",
    "discharged",
    "unmet",
    "dissatisfaction",
    "delay",
)
NOT_POSITIVE = ("fairness", "export_revenue")
SERIES = {"energy_cost": "price", "co2": "carbon", "export_revenue": "feed_in"}
TOLERANCE = 1e-7


def accepts(requirement: Requirement, program: Program, _: Capabilities) -> bool:
    """Whether conditions 1 to 3 hold."""
    if not isinstance(requirement, Exclusive) or requirement.subject != "vehicle":
        return False
    vehicles, has_states = program.data.vehicles, program.seats.has_states
    if not np.isnan(vehicles.demand[has_states]).all():
        return False
    return all(_weights_allow(program, weights) for weights in base_weights(program.spec))


def _weights_allow(program: Program, weights: dict[str, float]) -> bool:
    for name, weight in weights.items():
        if name in SERIES and weight:
            series = program.data.over_time("grid", SERIES[name])
            if series is not None and (series < 0).any():
                return False
        if name in NOT_NEGATIVE and weight >= 0:
            continue
        if name in NOT_POSITIVE and weight <= 0:
            continue
        return False
    return True


def apply(requirement: Requirement, program: Program) -> Outcome:
    """Nothing is added; the undo nets out what a tie may have left."""
    assert isinstance(requirement, Exclusive)
    vehicles, slots, step = program.data.vehicles, program.seats.slots, program.spec.step
    first = np.asarray(requirement.first_at)
    inward = vehicles.charge_efficiency[slots.vehicle[first]]
    outward = vehicles.discharge_efficiency[slots.vehicle[first]]

    def undo(values: Values) -> Values | None:
        charge, discharge = values["charge"].copy(), values["discharge"].copy()
        both = (charge[first] > TOLERANCE) & (discharge > TOLERANCE)
        if not both.any():
            return values
        net = inward * charge[first] - discharge / outward
        charge[first] = np.where(both, np.maximum(net, 0.0) / inward, charge[first])
        discharge = np.where(both, np.maximum(-net, 0.0) * outward, discharge)
        return _rebalanced({**values, "charge": charge, "discharge": discharge}, values, program)

    count = len(first)
    return Outcome(f"{count} binaries left out: doing both never pays here (step {step:g} h)", undo)


def _rebalanced(values: Values, old: Values, program: Program) -> Values | None:
    """Import and export that balance the smaller flows, if the limits allow."""
    freed = _net(old, program) - _net(values, program)
    imported = np.asarray(values["import"]) - freed
    exported = np.asarray(values.get("export", np.zeros_like(imported))) + np.maximum(-imported, 0.0)
    imported = np.maximum(imported, 0.0)
    limit = program.model.variables["export"].upper.values if "export" in values else 0.0
    if (exported > limit + TOLERANCE).any():
        return None
    found = {**values, "import": imported}
    return {**found, "export": exported} if "export" in values else found


def _net(values: Values, program: Program) -> np.ndarray:
    slots, steps = program.seats.slots, program.spec.steps
    taken = np.bincount(slots.step, values["charge"] / slots.efficiency, minlength=steps)
    at = slots.outward
    given = np.bincount(slots.step[at], values["discharge"] * slots.efficiency[at], minlength=steps)
    return np.asarray(taken - given)


REWRITE = Rewrite("exclusive_to_nothing", accepts, apply)
