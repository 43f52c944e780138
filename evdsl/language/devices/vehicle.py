"""`vehicle NAME of CLASS`: one vehicle, given; and the physics of every vehicle of a spec.

For vehicle v in step t of length Δ (hours), on a port of group g, with presence[v,t] in 0..1:

    0 <= charge[v,t]    <= presence[v,t] · min(class charge, port power)           kW at the port
    0 <= discharge[v,t] <= presence[v,t] · min(class discharge, port discharge)     `v2g` on, else 0
    energy[v,t+1] = energy[v,t] + Δ (η_c charge[v,t] - discharge[v,t] / η_d)       kWh in the battery
    soc_min · battery <= energy[v,t] <= soc_max · battery
    energy at departure + unmet[v] >= soc_target · battery                          unmet[v] >= 0

With `energy` demands, what is delivered is counted at the port, less what is given back:

    Σ_t Δ (charge[v,t] - discharge[v,t]) + unmet[v] >= energy

and with equality, so never more than the demand, where the class has no battery or `up_to = target`. A
state of charge is then never above max(soc_target, soc_arrival) at departure. A vehicle with a battery that
asks for `energy` and names no `soc_arrival` is taken to come at the class's minimum: nothing can be drawn
from it that was not charged here.

Where a vehicle cannot discharge its energy only rises, so the bound at departure implies the bounds
before it: one row replaces a state for each step (proof: charge >= 0 makes energy monotone). With trips
(`evdsl.language.devices.trip`) this holds of each stay, which has a row of its own; what a later stay begins
with is decided (`evdsl.language.stays`), and all of a vehicle together lack at most what it needs:

    Σ_k unmet[k] <= need[v]        a row where it can discharge; else it follows, as unmet is made small
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evdsl.language import stays
from evdsl.language.builder import Builder, Linear
from evdsl.language.combinatorial import Complementarity
from evdsl.language.declaration import VEHICLE, Kind, Setting, Shape
from evdsl.language.units import ENERGY, NUMBER, TIME

if TYPE_CHECKING:
    from evdsl.diagnostics.source import Span

VISIT = (
    Setting("arrival", Shape.CLOCK, "when it comes", required=True, example="07:30"),
    Setting("departure", Shape.CLOCK, "when it leaves", example="17:00"),
    Setting("stay", Shape.RANDOM, "how long it stays", TIME, above=True, minimum=0.0, example="8 h"),
    Setting(
        "energy", Shape.RANDOM, "the energy asked for, at the port", ENERGY, minimum=0.0, example="20 kWh"
    ),
    Setting(
        "soc_arrival",
        Shape.RANDOM,
        "the state of charge on arrival",
        NUMBER,
        minimum=0.0,
        maximum=1.0,
        example="40 %",
    ),
    Setting(
        "soc_target",
        Shape.RANDOM,
        "the state of charge asked for at departure",
        NUMBER,
        minimum=0.0,
        maximum=1.0,
        example="80 %",
    ),
    Setting(
        "priority",
        Shape.RANDOM,
        "how much its dissatisfaction weighs",
        NUMBER,
        default="1",
        minimum=0.0,
        example="2",
    ),
)
DAYS = Setting(
    "days",
    Shape.DAYS,
    "the days on which it comes, by its clock times; without it, the first day of the horizon alone",
    example="mon .. fri",
)
DEMANDS = (("departure", "stay"), ("energy", "soc_target"))


def build(builder: Builder) -> None:
    """The decisions and rows of all vehicles."""
    spec, seats = builder.spec, builder.slot_index
    vehicles = builder.data.vehicles
    if not len(vehicles):
        return
    owner = spec.devices[int(vehicles.owner[0])].header
    slots = seats.slots
    stays.decide(builder, owner)
    if len(slots):
        builder.variable("charge", "slot", len(slots), owner, upper=slots.presence * slots.charge)
        _site_power(builder)
    if len(slots.outward):
        cap = slots.presence[slots.outward] * slots.discharge[slots.outward]
        builder.variable("discharge", "out_slot", len(slots.outward), owner, upper=cap)
        _site_power_given(builder)
        _states(builder)
        _exclusive(builder)
    _demands(builder)


def _site_power(builder: Builder) -> None:
    """What the ports take from the site: losses of a port lie between the site and it."""
    slots = builder.slot_index.slots
    charge = builder.scale(builder.need("charge"), 1.0 / slots.efficiency)
    for feeder, steps in builder.slot_index.steps_by_feeder.items():
        builder.consume(builder.group_sum(charge, steps, "time", builder.spec.steps), "charge", feeder)


def _site_power_given(builder: Builder) -> None:
    slots = builder.slot_index.slots
    given = builder.scale(builder.need("discharge"), -slots.efficiency[slots.outward])
    for feeder, steps in builder.slot_index.steps_by_feeder.items():
        out = steps[slots.outward]
        builder.consume(builder.group_sum(given, out, "time", builder.spec.steps), "discharge", feeder)


def _states(builder: Builder) -> None:
    """Battery states at the end of each visit, for the vehicles that can discharge."""
    data, seats = builder.data, builder.slot_index
    vehicles, slots, states = data.vehicles, seats.slots, seats.states
    owner = builder.spec.devices[int(vehicles.owner[0])].header
    who = states.vehicle
    energy = builder.variable(
        "energy", "state", len(states), owner, lower=vehicles.low[who], upper=vehicles.high[who]
    )
    step = builder.spec.step
    inward = builder.scale(builder.need("charge"), step * vehicles.charge_efficiency[slots.vehicle])
    gained = builder.group_sum(inward, states.of_slot, "state", len(states))
    outward = builder.scale(
        builder.need("discharge"), -step / vehicles.discharge_efficiency[slots.vehicle[slots.outward]]
    )
    lost = builder.group_sum(outward, states.of_slot[slots.outward], "state", len(states))
    before = builder.group_sum(
        builder.take(energy, states.previous, "state"), states.following, "state", len(states)
    )
    change = energy - before - gained - lost
    # What a stay after a trip begins with is decided.
    begins = (states.initial != states.initial).nonzero()[0]
    known = states.initial.copy()
    known[begins] = vehicles.low[who[begins]]
    start = stays.decided_start(builder, who[begins], "begins") if len(begins) else None
    if start is not None:
        change = change - builder.group_sum(start, begins, "state", len(states))
    builder.rows("vehicle.energy", change, "==", known, owner)


def _exclusive(builder: Builder) -> None:
    """`exclusive`: at each visit a vehicle charges or discharges, not both."""
    if not builder.spec.on("exclusive"):
        return
    seats = builder.slot_index
    slots = seats.slots
    cap = slots.presence * slots.charge
    out_cap = (slots.presence * slots.discharge)[slots.outward]
    builder.demand(
        Complementarity(
            name="vehicle.exclusive",
            subject="vehicle",
            dimension="out_slot",
            first="charge",
            second="discharge",
            first_cap=cap[slots.outward],
            second_cap=out_cap,
            owner=builder.toggle_place("exclusive"),
            first_at=slots.outward,
            gate=seats.gate,
            gate_at=seats.gate_of_slot[slots.outward],
        )
    )


def _demands(builder: Builder) -> None:
    """Delivered energy, states at departure, and what is missing."""
    data, seats = builder.data, builder.slot_index
    vehicles = data.vehicles
    place = builder.spec.devices[int(vehicles.owner[0])].header
    size = len(vehicles)
    limit = float("inf") if builder.spec.on("partial_charging") else 0.0
    most = stays.most_unmet(vehicles).clip(0.0, limit)
    unmet = builder.variable("unmet", "vehicle", size, place, upper=most)
    has_battery = vehicles.battery == vehicles.battery
    asks_energy = vehicles.demand == vehicles.demand
    limited = data.chosen(builder.spec, "up_to", "target")
    closed = asks_energy & (~has_battery | limited)
    start = stays.known_start(vehicles)
    missing, room = vehicles.target - start, vehicles.high - start
    goes_on = vehicles.following >= 0
    for name, kind, relation, right, mine in (
        ("vehicle.demand", "port", "==", vehicles.demand, closed),
        ("vehicle.demand_or_more", "port", ">=", vehicles.demand, asks_energy & ~closed),
        ("vehicle.target", "battery", ">=", missing, ~asks_energy & ~goes_on),
        ("vehicle.trip", "trip", "==", missing, goes_on),
        ("vehicle.up_to", "most", "<=", missing.clip(0.0), ~asks_energy & limited & seats.has_slot),
        ("vehicle.full", "room", "<=", room, has_battery & seats.has_slot & ~seats.has_states),
    ):
        who = mine.nonzero()[0]
        if len(who):
            dimension = name.split(".")[1]
            left = net_energy(builder, who, kind != "port", dimension)
            if kind in ("port", "battery", "trip"):
                missed = builder.take(unmet, who, dimension)
                left = missed if left is None else left + missed
                bought = stays.bought(builder, who, dimension)
                left = left if bought is None else left + bought
            if left is None:
                continue
            begins = None if kind == "port" else stays.decided_start(builder, who, dimension)
            left = left if begins is None else left + begins
            if kind == "trip":
                left = left - stays.decided_start(builder, vehicles.following[who], dimension)
            builder.rows(name, left, relation, right[who], place)
    stays.exclude(builder, place)
    _need(builder, unmet, place)


def _need(builder: Builder, unmet: Linear, place: Span) -> None:
    """What the stays of a vehicle that can discharge lack together is at most what it needs."""
    vehicles, has_states = builder.data.vehicles, builder.slot_index.has_states
    able = vehicles.first[has_states & vehicles.travels] if len(vehicles) else vehicles.first
    chosen = vehicles.need != vehicles.need
    chosen[able] = True
    if not chosen.any():
        return
    number = chosen.cumsum() - 1
    group = number[vehicles.first]
    group[~chosen[vehicles.first]] = -1
    who = chosen.nonzero()[0]
    lacked = builder.group_sum(unmet, group, "need", len(who))
    builder.rows("vehicle.need", lacked, "<=", vehicles.need[who], place)


def net_energy(builder: Builder, who: Any, inside: bool, dimension: str) -> Linear | None:
    """Net energy of these vehicles over their stays, at the port or inside the battery; kWh."""
    charge, discharge = builder.get("charge"), builder.get("discharge")
    if charge is None:
        return None
    vehicles, slots, step = builder.data.vehicles, builder.slot_index.slots, builder.spec.step
    number = vehicles.owner * 0 - 1
    number[who] = range(len(who))
    gain = step * (vehicles.charge_efficiency[slots.vehicle] if inside else 1.0)
    taken = builder.group_sum(builder.scale(charge, gain), number[slots.vehicle], dimension, len(who))
    if discharge is None:
        return taken
    out = slots.vehicle[slots.outward]
    loss = step / (vehicles.discharge_efficiency[out] if inside else 1.0)
    return taken - builder.group_sum(builder.scale(discharge, loss), number[out], dimension, len(who))


KIND = Kind(
    keyword="vehicle",
    doc="one vehicle, given",
    of="class",
    family=VEHICLE,
    either=DEMANDS,
    settings=(*VISIT, DAYS),
    build=build,
)
