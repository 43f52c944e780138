"""Powers by phase, where something is asked of single phases: `phase_limit` and `unbalance_limit`.

With share[i,φ] what of the power of i is on the phase φ (`evdsl.language.devices.phases`), for the connection
and for each feeder that has a limit, with all that hangs on it, directly or below:

    net[φ,t] = Σ_i share[i,φ] · (takes_i[t] - gives_i[t])                          kW at the site
    -phase_limit[t] · V <= net[φ,t] <= phase_limit[t] · V
    net[φ,t] - net[ψ,t] <= unbalance_limit[t] · V                                 of the connection, each φ, ψ

Shares add up to 1, so Σ_φ net[φ,t] = import[t] - export[t] follows from `site.balance` and needs no row.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.devices.phases import LABELS, PAIRS, counts_phases, spread_of, voltage
from evdsl.language.spec import Device
from evdsl.model.builder import ModelBuilder
from evdsl.model.linear import Linear
from evdsl.model.point import along_time
from evdsl.model.program import VEHICLES, Consequence

EVEN = (1.0 / len(LABELS),) * len(LABELS)


def build(builder: ModelBuilder) -> None:
    """The rows of the connection, then those of each feeder; nothing where nothing is asked of phases."""
    spec, volts = builder.spec, voltage(builder.spec)
    if not counts_phases(spec):
        return
    for node in (*spec.of_kind("grid"), *spec.of_kind("feeder")):
        name = "grid" if node.kind == "grid" else node.name
        limit = builder.data.over_time(name, "phase_limit")
        unbalance = builder.data.over_time(name, "unbalance_limit") if node.kind == "grid" else None
        if limit is None and unbalance is None:
            continue
        most = np.full(spec.steps, np.inf) if limit is None else limit * volts
        for phase in range(len(LABELS)):
            _net(builder, node, name, phase, most)
        if unbalance is not None:
            _unbalance(builder, node, unbalance * volts)


def _net(builder: ModelBuilder, node: Device, name: str, phase: int, most: FloatArray) -> None:
    """The variable of one phase, and the row that says what it carries."""
    variable, place = f"{name}.{LABELS[phase]}", node.place("phase_limit")
    net = builder.variable(variable, "time", builder.spec.steps, place, lower=-most, upper=most)
    decided, given = carried(builder, "" if node.kind == "grid" else node.name, phase)
    builder.rows(f"{variable}_balance", net - decided, "==", given, node.header)
    worth = replace(decided, constant=decided.constant + given)
    absolute = replace(worth, coefficient=np.abs(worth.coefficient), constant=np.abs(worth.constant))
    builder.consequences.append(
        Consequence(variable, partial(along_time, worth), partial(along_time, absolute))
    )


def _unbalance(builder: ModelBuilder, grid: Device, most: FloatArray) -> None:
    place = grid.place("unbalance_limit")
    for one, other in PAIRS:
        left = builder.need(f"grid.{LABELS[one]}") - builder.need(f"grid.{LABELS[other]}")
        builder.rows(f"grid.{LABELS[one]}_over_{LABELS[other]}", left, "<=", most, place)


def below(builder: ModelBuilder, feeder: str) -> frozenset[str]:
    """A feeder and those below it; of the connection all, and what hangs on none."""
    feeders = builder.spec.of_kind("feeder")
    if not feeder:
        return frozenset({"", *(one.name for one in feeders)})
    found = {feeder}
    for _ in feeders:  # as many as a path can have
        found |= {one.name for one in feeders if found.intersection(one.names("feeder"))}
    return frozenset(found)


def carried(builder: ModelBuilder, feeder: str, phase: int) -> tuple[Linear, FloatArray]:
    """What a phase carries into a feeder, or (empty) into the site: what is decided, and what is given."""
    spec, steps = builder.spec, builder.spec.steps
    inside = below(builder, feeder)
    devices = {device.name: device for device in spec.devices}
    nothing = builder.group_sum(builder.need("import"), np.full(steps, -1), "time", steps)
    decided, given = nothing + _of_vehicles(builder, inside, phase), np.zeros(steps)
    for power in builder.powers:
        if power.owner in VEHICLES or power.owner in builder.feeders or power.feeder not in inside:
            continue
        device = devices[power.owner]
        share = (EVEN if device.kind == "cohort" else spread_of(device))[phase]
        if not share:
            continue
        if power.decided:
            decided = decided + builder.scale(power.amount, share)
        else:
            given = given + power.amount * share
    return decided, given


def _of_vehicles(builder: ModelBuilder, inside: frozenset[str], phase: int) -> Linear:
    seats, slots, steps = builder.slot_index, builder.slot_index.slots, builder.spec.steps
    charge, discharge = builder.get("charge"), builder.get("discharge")
    if charge is None:
        return builder.zero()
    # The place of the phase among those of each group: a vehicle uses the first ones.
    place = np.array([(*group.phases, *range(3)).index(phase) for group in seats.groups])
    hangs = np.array([group.feeder in inside for group in seats.groups], dtype=np.bool_)
    mine = (place[slots.group] < slots.used) & hangs[slots.group]
    at = np.where(mine, slots.step, -1)
    total = builder.group_sum(builder.scale(charge, 1.0 / slots.efficiency / slots.used), at, "time", steps)
    if discharge is not None:
        out = slots.outward
        given = builder.scale(discharge, -slots.efficiency[out] / slots.used[out])
        total = total + builder.group_sum(given, at[out], "time", steps)
    return total
