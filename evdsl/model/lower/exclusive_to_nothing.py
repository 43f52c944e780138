"""Batteries need no binaries to keep from charging and discharging at once, where that never pays.

Applies where, for every stage (in the sense of making small),

1. prices and carbon are nowhere negative where they are weighed, and the weights of energy_cost, co2,
   demand_cost, peak, wear, discharged, unmet, dissatisfaction, delay, waiting_time, elsewhere_cost and
   event_penalty are not negative, those of fairness, export_revenue, end_value and event_revenue not
   positive, with feed_in and every end_value nowhere negative (export_carbon never is); initial_cost may
   have any weight, and no other word is weighed (`revenue` would pay for energy that is turned round,
   `curtailed` asks for it). Where no vehicle can discharge, words of vehicles and cohorts alone, such as
   `revenue`, may have any weight. The terms of a stage (`max(peak, 6 kW)`) speak of words alone, each of
   which they rise or fall with as it might be weighed;
2. every vehicle that can discharge asks for a state of charge, not for energy at the port (whose
   demand would count energy that is only turned round), and may leave with more (no `up_to = target`: a state
   that is bounded at departure alone may be above it before, and then nothing that is charged can be less);
   for the same reason no storage has a most at the end (`soc_final` as a range) below that of its `soc`;
3. nothing must run: generation may be curtailed;
4. nothing else speaks of single flows: no feeder carries what discharges or generates, and there is no
   `require`, no limit of single phases, no toggle that sets levels of power or forbids pauses, and no storage
   with a `source` or a `sink` (less generation, and lower charges of vehicles, might then not carry what
   storages do);
5. no vehicle that can discharge makes a trip: what its later stays begin with follows from the earlier ones.

Claim: the model without the requirement has an optimal solution that satisfies it, so its optimum is
the same.

Proof. Take an optimal solution in which v, a vehicle or a storage, charges c > 0 and discharges d > 0
at t. Let b = Δ(η_c c - d/η_d). Replace (c, d) by (b/(Δη_c), 0) if b >= 0 and by (0, -b η_d/Δ)
otherwise: every battery state stays, c and d fall, and c - d does not rise since η_c η_d <= 1. Some
power s >= 0 is now too much at t; wear, discharged and delay did not rise, and who holds a port when, which
waiting_time is about, stays as it was throughout. Remove s where import[t] > 0
by lowering import[t]: by (1) no stage gets worse, no limit is broken. What is left meets import[t] = 0;
then all power at t comes from discharging and from generation. If exports may rise, raise them: by (1)
no stage gets worse. Otherwise use less generation (3), which no stage weighs, and lower the discharges
by what is still too much; consumption (of loads and cohorts, which is left as it is) is not negative,
so together they suffice: the states rise from t on, at t to no more than they were before it. Where a
state would pass its upper bound at t' > t, its battery charges at some step between (what leaks only makes
it less); lower that charge until it does not. States at departure, and of storages at the end, do not fall,
so unmet, shares and end_value are no worse; what storages begin with stays, chosen or given. Lowered charges
leave power over at steps later than t: repeat there. The steps grow, so after at most T rounds nothing is
left over. Vehicles that did not do both at t do not begin to: charges and discharges only fell. Repeat for
every (v, t).

Feeders: by (4) none carries what was changed, but for charges of a vehicle at a stay at which it cannot
discharge. Those were lowered, and the flow of a feeder that only takes lies between zero and what it was. So
no mean that a demand charge bills has risen, of a feeder or of the connection; nor what is drawn in a call
(`event`), of which less is no worse for its limit, its penalty and its reward.

Sizes: what is chosen of them is taken as it is, and is a constant above. So their weights may be any, and
what the optimal solution holds to a size, the changed one does.

Words of vehicles and cohorts: where no vehicle can discharge, the replacements are of storages, and what
changed are flows of storages, of the connection and of generation. These words depend on none of them.

Undo: the first replacement, with import, export and generation set by the balance. Where that does not
suffice (the chain above would be needed) the solution is not put back, and the program is solved with
binaries instead.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evdsl.language.combinatorial import Combinatorial, Complementarity
from evdsl.language.decisions import sizes
from evdsl.language.devices.phases import counts_phases
from evdsl.language.devices.storage import allowed, final, least_power
from evdsl.language.objectives import base_weights, word
from evdsl.language.spec import Device, Spec, Stage
from evdsl.model.capabilities import Capabilities
from evdsl.model.lower.rewrite import Rewrite, Rewritten
from evdsl.model.point import Values, net_power
from evdsl.model.program import Program
from evdsl.semantics.curvature import directions

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
    "elsewhere_cost",
    "waiting_time",
    "event_penalty",
)
UNTOUCHED = ("initial_cost",)
"""Words that depend on nothing that is changed here: what a storage begins with stays."""
NOT_POSITIVE = ("fairness", "export_revenue", "end_value", "event_revenue")
OF_DRIVERS = (
    "revenue",
    "unmet",
    "dissatisfaction",
    "delay",
    "waiting_time",
    "fairness",
    "fairness_gap",
    "lexfairness",
    "elsewhere_cost",
)
"""Words that depend on what vehicles and cohorts take, and on nothing else where no vehicle gives."""

SERIES = {"energy_cost": "price", "co2": "carbon", "export_revenue": "feed_in"}
TOLERANCE = 1e-7


def accepts(requirement: Combinatorial, program: Program, _: Capabilities) -> bool:
    """Whether conditions 1 to 5 hold."""
    if not isinstance(requirement, Complementarity) or requirement.subject not in ("vehicle", "storage"):
        return False
    spec = program.spec
    must_run = not spec.on("curtailment") and (spec.of_kind("solar") or spec.of_kind("wind"))
    if must_run or _gives_on_a_feeder(program) or spec.requirements or program.slot_index.levels:
        return False
    if counts_phases(spec):
        return False
    worths = [
        device.number("end_value", 0.0) for kind in ("class", "storage") for device in spec.of_kind(kind)
    ]
    if min(worths, default=0.0) < 0.0:
        return False
    vehicles, has_states = program.data.vehicles, program.slot_index.has_states
    limited = program.data.chosen(spec, "up_to", "target")
    if not all(_is_free(spec, device) for device in spec.of_kind("storage")):
        return False
    if not np.isnan(vehicles.demand[has_states]).all() or limited[has_states].any():
        return False
    if vehicles.travels[has_states].any():
        return False
    stages = program.spec.stages
    return all(_weights_allow(program, base_weights(s)) and _terms_allow(program, s) for s in stages)


def _terms_allow(program: Program, stage: Stage) -> bool:
    """Whether the terms of a stage rise, in the sense of making small, with words that may be weighed so."""
    untouched = {size.quantity for size in sizes(program.spec)}
    for name, sign in directions(stage):
        if name in untouched:
            continue
        declared = word(name)
        if declared is None or sign is None:
            return False
        parts = declared.parts or {name: 1.0}
        if not _weights_allow(program, {part: sign * share for part, share in parts.items()}):
            return False
    return True


def _is_free(spec: Spec, device: Device) -> bool:
    """Whether a storage has no levels, origin, end or most at the end of its own."""
    anywhere = device.choice("source") == device.choice("sink") == "any"
    return anywhere and least_power(spec, device) == 0.0 and final(device)[1] >= allowed(device)[1]


def _gives_on_a_feeder(program: Program) -> bool:
    """Whether a feeder carries what discharges or generates."""
    seats = program.slot_index
    devices = (device for kind in ("storage", "solar", "wind") for device in program.spec.of_kind(kind))
    return any(device.names("feeder") for device in devices) or any(
        feeder and (steps[seats.slots.outward] >= 0).any() for feeder, steps in seats.steps_by_feeder.items()
    )


def _weights_allow(program: Program, weights: dict[str, float]) -> bool:
    vehicles_give = bool(program.slot_index.has_states.any())
    for name, weight in weights.items():
        if name in OF_DRIVERS and not vehicles_give:
            continue
        if name in SERIES and weight:
            series = program.data.over_time("grid", SERIES[name])
            if series is not None and (series < 0).any():
                return False
        if name in UNTOUCHED or (name in NOT_NEGATIVE and weight >= 0):
            continue
        if name in NOT_POSITIVE and weight <= 0:
            continue
        return False
    return True


def apply(requirement: Combinatorial, program: Program) -> Rewritten:
    """Nothing is added; the undo nets out what a tie may have left."""
    assert isinstance(requirement, Complementarity)
    first, second, step = requirement.first, requirement.second, program.spec.step
    count = len(np.asarray(requirement.first_cap))
    at = np.arange(count) if requirement.first_at is None else np.asarray(requirement.first_at)
    inward, outward = _efficiencies(requirement, program)

    def undo(values: Values) -> Values | None:
        charge, discharge = values[first].copy(), values[second].copy()
        both = (charge[at] > TOLERANCE) & (discharge > TOLERANCE)
        if not both.any():
            return values
        net = inward * charge[at] - discharge / outward
        charge[at] = np.where(both, np.maximum(net, 0.0) / inward, charge[at])
        discharge = np.where(both, np.maximum(-net, 0.0) * outward, discharge)
        return _rebalanced({**values, first: charge, second: discharge}, values, program)

    return Rewritten(f"{count} binaries left out: doing both never pays here (step {step:g} h)", undo)


def _efficiencies(requirement: Complementarity, program: Program) -> tuple[Any, Any]:
    """Of charging and of discharging, at each of the labels."""
    if requirement.subject == "storage":
        name = requirement.name.removesuffix(".exclusive")
        device = program.spec.named("storage", name)
        return device.charge_efficiency, device.discharge_efficiency
    vehicles = program.data.vehicles
    who = program.slot_index.slots.vehicle[np.asarray(requirement.first_at)]
    return vehicles.charge_efficiency[who], vehicles.discharge_efficiency[who]


def _rebalanced(values: Values, old: Values, program: Program) -> Values | None:
    """Import and export that balance the smaller flows, if the limits allow."""
    found = dict(values)
    freed = net_power(old, program) - net_power(values, program)
    imported = np.asarray(values["import"]) - freed
    over = np.maximum(-imported, 0.0)
    found["import"] = np.maximum(imported, 0.0)
    if "export" in values:
        limit = program.model.variables["export"].upper.values
        limit = np.minimum(limit, values.get("grid.size.export_limit", np.inf))
        room = np.maximum(limit - values["export"], 0.0)
        found["export"] = values["export"] + np.minimum(over, room)
        over -= np.minimum(over, room)
    for device in (*program.spec.of_kind("solar"), *program.spec.of_kind("wind")):
        name = f"{device.name}.power"
        less = np.minimum(over, values[name])
        found[name] = values[name] - less
        over -= less
    return None if (over > TOLERANCE).any() else found


REWRITE = Rewrite("exclusive_to_nothing", accepts, apply)
