"""Values of variables put on their bounds, the rest recomputed from the powers.

A solver's point is right within its tolerance. Powers are clipped to the bounds that they have by
presence, class and port; energies, unmet demands, the balance of the site and the largest and smallest
values are then computed from the powers, so that the schedule is one story; so is what a `require` or a stage
adds to the model, as the largest of some values.
"""

from __future__ import annotations

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.decisions import Decision, sizes, spoken_of
from evdsl.language.declaration import DEVICE
from evdsl.language.devices import kind
from evdsl.language.devices.cohort import dissatisfactions, initial, leaving_shares, power_of, weighs_states
from evdsl.language.devices.feeder import upwards
from evdsl.language.devices.generation import profile_of
from evdsl.language.devices.storage import kept, least_power, rated_by, ratings, start_range
from evdsl.language.spec import Device
from evdsl.model.point import Values, net_power
from evdsl.model.program import Program
from evdsl.schedule.energy import (
    bought_energy,
    by_visit,
    delivered_energy,
    energy_on_arrival,
    missing_energy,
    shares_of,
)

NOISE = 1e-9
"""Below this a power (kW), or a count of vehicles, is a solver's rounding of zero."""


def project_on_bounds(values: Values, program: Program) -> Values:
    """The same point with powers on their bounds and everything else computed from them."""
    slots = program.slot_index.slots
    found = dict(values)
    if "charge" in found:
        cap = slots.presence * slots.charge
        found["charge"] = _clipped(found["charge"], cap)
    if "discharge" in found:
        cap = (slots.presence * slots.discharge)[slots.outward]
        found["discharge"] = _clipped(found["discharge"], cap)
    _onto_levels(found, program)
    for name in [program.slot_index.gate] if program.slot_index.gate else []:
        found[name] = np.round(found[name])
        _ungated_to_zero(found, program)
        if f"{name}.begin" in found:
            found[f"{name}.begin"] = _first_held(found[name], program)
    found = _settled_devices(found, program)
    found["import"], export = _balanced(found, program)
    if "export" in found:
        found["export"] = export
    if "unmet" in found:
        port, gained = delivered_energy(*by_visit(found, program), program.data)
        found["unmet"] = missing_energy(port, gained, program.data)
        found |= _stays_settled(found, gained, program)
    if "peak" in found:
        found["peak"] = np.array(found["import"].max(initial=0.0))
    if "export_peak" in found:
        found["export_peak"] = np.array(found["export"].max(initial=0.0))
    found |= _no_larger_than_used(found, program)
    found |= _metered(found, program)
    found |= _called(found, program)
    shares = shares_of(found, program)
    if "fairness" in found:
        found["fairness"] = np.array(shares.min(initial=1.0))
    if "fairness_gap" in found:
        found["fairness_gap.worst"] = np.array(shares.min(initial=1.0))
        found["fairness_gap"] = np.array(np.ptp(shares))
    for follows in program.consequences:
        if follows.name in found:
            found[follows.name] = follows.worth(found, program.model)
    return found


def _stays_settled(found: Values, gained: FloatArray, program: Program) -> Values:
    """What stays after a trip begin with, and what is bought on the road."""
    values: dict[str, FloatArray] = {}
    vehicles = program.data.vehicles
    if "spare" in found:
        later = ~vehicles.is_first
        values["spare"] = (energy_on_arrival(gained, program.data) - vehicles.low)[later]
    if "fairness_gap.over" in found:
        mine = (vehicles.need[vehicles.first] > 0) & vehicles.travels
        last = mine & (vehicles.following < 0) & ~vehicles.buys
        left = energy_on_arrival(gained, program.data) + gained - vehicles.target
        values["fairness_gap.over"] = np.maximum(left[last], 0.0)
    if "elsewhere" in found:
        values["elsewhere"] = bought_energy(gained, program.data)
    return values


def _no_larger_than_used(found: Values, program: Program) -> Values:
    """Limits that nothing else speaks of, as large as what flows through them asks for: less costs no more.

    Any size between that and what the solver chose has the same value, and is the answer of one solver alone.
    """
    values: dict[str, FloatArray] = {}
    spoken = spoken_of(program.spec)
    for size in sizes(program.spec):
        flows = _through(size, found)
        if flows is not None and size.name not in spoken:
            used = max((float(np.abs(flow).max(initial=0.0)) for flow in flows), default=0.0)
            values[size.variable] = np.array(min(max(used, size.low), size.high))
    return values


def _through(size: Decision, found: Values) -> list[FloatArray] | None:
    """What flows through a limit that is chosen; `None` of a size that says more than the most of a power."""
    name, setting = size.device, size.setting
    match size.kind, setting:
        case "storage", ("power" | "charge" | "discharge"):
            ways = ("charge", "discharge") if setting == "power" else (setting,)
            return [found[f"{name}.{way}"] for way in ways]
        case "grid", ("import_limit" | "export_limit"):
            way = setting.removesuffix("_limit")
            return [found[way]] if way in found else []
        case "feeder", _:
            return [found[f"{name}.flow"]]
    return None


def _metered(found: Values, program: Program) -> Values:
    """What demand charges bill of the powers that they meter."""
    values: dict[str, FloatArray] = {}
    for charge in program.spec.of_kind("demand_charge"):
        name, meter = charge.name, program.data.meters[charge.name]
        if f"{name}.billed" not in found:
            continue
        feeder = "".join(charge.names("feeder"))
        power = np.maximum(found[f"{feeder}.flow"], 0.0) if feeder else found["import"]
        values[f"{name}.billed"] = np.maximum(meter.largest(power) - meter.reached, 0.0)
        if f"{name}.inward" in found:
            values[f"{name}.inward"] = power
    return values


def _called(found: Values, program: Program) -> Values:
    """What is over and what is saved in calls, of the power that is drawn."""
    values: dict[str, FloatArray] = {}
    data = program.data
    for event in program.spec.of_kind("event"):
        flows = data.told_of_calls(event, drawn_at(found, event))
        for name in (f"{event.name}.over", f"{event.name}.saved"):
            if name in found:
                values[name] = flows[name][data.events[event.name].steps]
    return values


def drawn_at(found: Values, event: Device) -> FloatArray:
    """The power that counts for a call, kW, at a settled point."""
    feeder = "".join(event.names("feeder"))
    if feeder:
        return found[f"{feeder}.flow"]
    return np.asarray(found["import"] - found["export"] if "export" in found else found["import"])


def _clipped(power: FloatArray, cap: FloatArray) -> FloatArray:
    clipped = np.clip(power, 0.0, cap)
    return np.where(clipped < NOISE, 0.0, clipped)


def _ungated_to_zero(found: Values, program: Program) -> None:
    """No power without a port, where a solver's 1e-7 of a binary let a trickle through."""
    slots, gate_of_slot = program.slot_index.slots, program.slot_index.gate_of_slot
    closed = (gate_of_slot >= 0) & (found[program.slot_index.gate][gate_of_slot] < 0.5)
    found["charge"] = np.where(closed, 0.0, found["charge"])
    if "discharge" in found:
        found["discharge"] = np.where(closed[slots.outward], 0.0, found["discharge"])


def _first_held(holds: FloatArray, program: Program) -> FloatArray:
    """1 where a vehicle first holds a port, of the choices at steps."""
    choices, begins = program.slot_index.port_choices, np.zeros(len(holds))
    held = np.flatnonzero(holds > 0.5)
    held = held[np.lexsort((choices.begin[held], choices.vehicle[held]))]
    begins[held[np.unique(choices.vehicle[held], return_index=True)[1]]] = 1.0
    return begins


def _onto_levels(found: Values, program: Program) -> None:
    """Powers with levels on the level that their binaries chose, where a solver was 1e-7 beside it."""
    for flow, levels in program.slot_index.levels.items():
        if flow not in found:
            continue
        power = found[flow].copy()
        if len(levels.between):
            on = np.round(found[f"{flow}.on"])
            power[levels.between] = on * np.clip(power[levels.between], levels.least, levels.most)
        if len(levels.rated):
            amounts = levels.rate * np.round(found.get(f"{flow}.at", np.zeros(0)))
            power[levels.rated] = np.bincount(levels.choice, amounts, minlength=len(levels.rated))
        found[flow] = power


def _balanced(found: Values, program: Program) -> tuple[FloatArray, FloatArray]:
    net = net_power(found, program)
    if "export" not in found:
        return np.maximum(net, 0.0), np.zeros(len(net))
    both = 0.0 if program.spec.on("import_or_export") else np.minimum(found["import"], found["export"])
    both = np.where(np.asarray(both) < NOISE, 0.0, both)
    return np.maximum(net, 0.0) + both, np.maximum(-net, 0.0) + both


def _settled_devices(found: Values, program: Program) -> Values:
    """The same point with the flows of devices on their bounds, and states and sums computed from them.

    Powers of vehicles must be settled before: feeders carry them.
    """
    values = dict(found)
    model, spec = program.model, program.spec
    for size in sizes(spec):
        values[size.variable] = np.clip(values[size.variable], size.low, size.high)
    for device in spec.devices:
        for flow in ("power", "charge", "discharge"):
            name = f"{device.name}.{flow}"
            if _is_device(device.kind) and name in values:
                lower, upper = model.variables[name].lower.values, model.variables[name].upper.values
                lower, upper = _within_size(device, flow, lower, upper, values, program)
                power = np.clip(values[name], lower, upper)
                values[name] = np.where(np.abs(power) < NOISE, 0.0, power)
    for device in spec.of_kind("storage"):
        _storage_onto_levels(values, program, device)
        if f"{device.name}.surplus.second" in values:
            may = np.round(values[f"{device.name}.surplus.second"])
            values[f"{device.name}.charge"] = may * values[f"{device.name}.charge"]
        if device.decides("soc_initial"):
            values[f"{device.name}.energy_start"] = np.array(energy_at_start(values, device))
        values[f"{device.name}.energy"] = _states(values, program, device.name)
    values = _settled_cohorts(values, program)
    for feeder in upwards(spec.of_kind("feeder")):
        values[f"{feeder.name}.flow"] = net_power(values, program, feeder.name)
    return values


def _within_size(
    device: Device, flow: str, lower: FloatArray, upper: FloatArray, values: Values, program: Program
) -> tuple[FloatArray, FloatArray]:
    """The least and the most of a flow of a device whose size is chosen, as the size was chosen."""
    if device.kind == "storage":
        setting = rated_by(device)[flow == "discharge"]
        return lower, np.minimum(upper, values[device.size(setting)]) if device.decides(setting) else upper
    if not device.decides("peak"):
        return lower, upper
    most = values[device.size("peak")] * profile_of(program.data, device)
    return most if not program.spec.on("curtailment") else lower, most


def _storage_onto_levels(values: dict[str, FloatArray], program: Program, device: Device) -> None:
    """Flows with a least power on what their binaries chose."""
    least = least_power(program.spec, device)
    for way, most in zip(("charge", "discharge"), ratings(device), strict=True):
        name = f"{device.name}.{way}"
        if f"{name}_on" in values:
            # Where the size is chosen, the flow is within it already.
            values[name] = np.round(values[f"{name}_on"]) * np.clip(values[name], min(least, most), most)


def _is_device(keyword: str) -> bool:
    """Whether blocks of a kind are devices of the site."""
    declared = kind(keyword)
    return declared is not None and declared.family == DEVICE


def energy_at_start(values: Values, device: Device) -> float:
    """What a storage begins with, as it is chosen or given, kWh."""
    chosen = device.decides("capacity")
    capacity = float(values[device.size("capacity")]) if chosen else device.number("capacity")
    if not device.decides("soc_initial"):
        return device.number("soc_initial") * capacity
    low, high = (share * capacity for share in start_range(device))
    return float(np.clip(values[f"{device.name}.energy_start"], low, high))


def _states(values: Values, program: Program, name: str) -> FloatArray:
    """The energy of a storage at the end of each step, kWh."""
    device, step = program.spec.named("storage", name), program.spec.step
    inward, outward = device.charge_efficiency, device.discharge_efficiency
    change = step * (inward * values[f"{name}.charge"] - values[f"{name}.discharge"] / outward)
    energy, share = energy_at_start(values, device), kept(device, step)
    if share == 1.0:
        return np.asarray(energy + np.cumsum(change))
    return np.array([energy := share * energy + more for more in change.tolist()])


def _settled_cohorts(values: Values, program: Program) -> Values:
    """The same point with 0 <= charging <= count, and counts computed from it that are nowhere negative."""
    found = dict(values)
    for device in program.spec.of_kind("cohort"):
        charging, counts = course_of(device, found[f"{device.name}.charging"], program)
        found[f"{device.name}.charging"] = charging[1:].reshape(-1)
        found[f"{device.name}.count"] = counts[1:, 1:].reshape(-1)
        found[f"{device.name}.waiting"] = counts[1:, :-1].sum(axis=0)
        if weighs_states(device):
            counted = np.array(dissatisfactions(device)) @ counts[:, :-1]
            found[f"{device.name}.counted"] = np.asarray(counted)
        found[f"{device.name}.taken"] = power_of(program.spec, device) * charging.sum(axis=0)
    return found


def course_of(device: Device, given: FloatArray, program: Program) -> tuple[FloatArray, FloatArray]:
    """Who charges in each step, and who is there at each edge of one; rows are the states from full to empty.

    Where a solver was 1e-7 beside, fewer charge: those from above are counted first, since they fill the
    places of those who charge.
    """
    arrivals = program.data.cohorts[device.name]
    stays = 1.0 - leaving_shares(program.data, device, program.spec.steps)
    states, steps = arrivals.shape
    charging, counts = np.zeros((states + 1, steps)), np.zeros((states, steps + 1))
    counts[:, 0] = initial(device)
    charging[1:states] = np.asarray(given, dtype=float).reshape(states - 1, steps)
    for step in range(steps):
        there = counts[:, step]
        after = stays[:, step] * there + arrivals[:, step]
        for state in range(states - 1, 0, -1):
            room = after[state] + charging[state + 1, step]
            most = max(min(float(there[state]), float(room)), 0.0)
            amount = min(max(float(charging[state, step]), 0.0), most)
            charging[state, step] = amount if amount >= NOISE else 0.0
        counts[:, step + 1] = np.maximum(after + charging[1:, step] - charging[:states, step], 0.0)
    return charging[:states], counts
