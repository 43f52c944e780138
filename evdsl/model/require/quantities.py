"""The quantities of a requirement as decisions of the model.

Powers are those of `evdsl.model.slots`: one decision for each vehicle, step and group of ports. A state is
that at the end of a visit; at its begin a battery holds what it came with, or what the visit before left. For
vehicles that cannot discharge the model has no states, and they are added where a requirement asks
(`evdsl.model.states`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evdsl.data.sets import Axis, Part, is_single, returning, step_part, vehicle_parts
from evdsl.diagnostics.source import Span
from evdsl.language import stays
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.builder import Builder
from evdsl.language.devices import generation
from evdsl.language.objectives.revenue import driver_rates
from evdsl.language.objectives.wear import wear_rate
from evdsl.language.quantities import OF_DEVICES
from evdsl.language.sets import Place
from evdsl.language.spec import Device
from evdsl.language.values import Quantity
from evdsl.model.require import grid as affine
from evdsl.model.require.columns import DecisionColumns
from evdsl.model.require.grid import Affine
from evdsl.model.require.sizes import size
from evdsl.model.states import add_states

STATES = "own.energy"


def quantity(asked: Quantity, axes: Sequence[Axis], columns: DecisionColumns, owner: Span) -> Affine:
    """A quantity of vehicles, of the site, or of a device."""
    if asked.owner == "let":
        return _series(asked, axes, columns.builder, "let", asked.name)
    if asked.owner:
        return _of_device(asked, axes, columns)
    match asked.name:
        case "charge" | "discharge":
            return _flow(asked.name, 1.0, asked.places, axes, columns)
        case "delivered":
            step = columns.builder.spec.step
            charge = _flow("charge", step, asked.places, axes, columns)
            return charge.plus(_flow("discharge", -step, asked.places, axes, columns))
        case "revenue":
            paid, back = driver_rates(columns.builder)
            charge = _flow("charge", paid, asked.places, axes, columns)
            return charge.plus(_flow("discharge", -back, asked.places, axes, columns))
        case "wear":
            return _flow("discharge", wear_rate(columns.builder), asked.places, axes, columns)
        case "tariff" | "v2g_reward":
            return _of_class(asked, axes, columns.builder)
        case "energy" | "soc":
            return _energy(asked, axes, columns, owner)
        case "energy_departure" | "soc_departure":
            return _at_departure(asked, axes, columns, owner)
        case "unmet":
            return _unmet(asked.places[0], axes, columns)
        case "import" | "export":
            return _over_time(asked.name, asked.places[0], axes, columns)
        case "price" | "feed_in" | "carbon":
            return _series(asked, axes, columns.builder, "grid", asked.name)
    return _of_vehicles(asked, axes, columns.builder)


def _laid(
    parts: tuple[Part | None, Part | None], who: IntArray, when: IntArray, axes: Sequence[Axis]
) -> tuple[IntArray, IntArray, tuple[int, ...]]:
    """Cells of items of vehicles and steps, which of them are kept, and the shape that they lie in."""
    cell = np.zeros((len(axes), len(who)), dtype=np.int64)
    kept = np.ones(len(who), dtype=bool)
    over = [1] * len(axes)
    for part, index in zip(parts, (who, when), strict=True):
        if part is None:
            continue
        position = part.position[index]
        kept &= position >= 0
        if part.axis is not None:
            cell[part.axis] = position
            over[part.axis] = len(axes[part.axis])
    at = np.flatnonzero(kept)
    return cell[:, at], at, tuple(over)


def _gathered(cell: IntArray, values: FloatArray, over: tuple[int, ...]) -> FloatArray:
    """Sums of values by cell."""
    flat = np.ravel_multi_index(tuple(cell), over) if over else np.zeros(len(values), dtype=np.int64)
    return np.bincount(flat, values, minlength=int(np.prod(over))).astype(float).reshape(over)


def _through(ports: tuple[str, ...], builder: Builder, group: IntArray) -> np.ndarray:
    """Which groups of ports are of some blocks; such blocks have groups of their own."""
    if not ports:
        return np.ones(len(group), dtype=bool)
    groups = builder.slot_index.groups
    mine = [any(name.rsplit(".", 1)[0] in ports for name in found.names) for found in groups]
    return np.asarray(np.array(mine, dtype=bool)[group])


def _flow(
    name: str,
    weight: float | FloatArray,
    places: tuple[Place, ...],
    axes: Sequence[Axis],
    columns: DecisionColumns,
) -> Affine:
    """A power at the ports, each times a weight; over the whole stay where no step is in brackets."""
    builder = columns.builder
    spec, data, slots = builder.spec, builder.data, builder.slot_index.slots
    step, there = None, None
    if len(places) > 1:
        step, asked = step_part(places[1], axes, spec)
        there = _within(step, asked, axes)
    at = slots.outward if name == "discharge" else np.arange(len(slots))
    first = columns.of(name, len(at))
    weights = np.broadcast_to(weight, len(at))
    found = affine.number(0.0, len(axes)) if there is None else affine.constant(_zeros(axes), there)
    if first is None:
        return found
    for part in vehicle_parts(places[0], axes, spec, data):
        through = np.flatnonzero(_through(part.ports, builder, slots.group[at]))
        who, when = slots.vehicle[at][through], slots.step[at][through]
        cell, kept, over = _laid((part, step), who, when, axes)
        mine = through[kept]
        found = found.plus(affine.terms(cell, first + mine, weights[mine], over))
    return found


def _zeros(axes: Sequence[Axis]) -> FloatArray:
    return np.zeros((1,) * len(axes))


def _within(step: Part, asked: IntArray, axes: Sequence[Axis]) -> np.ndarray | None:
    """Where the step that is asked for lies in the horizon; `None` where that is everywhere."""
    if (asked >= 0).all():
        return None
    assert step.axis is not None
    shape = [1] * len(axes)
    shape[step.axis] = len(asked)
    return np.asarray((asked >= 0).reshape(shape))


def _along(step: Part, asked: IntArray, values: FloatArray, axes: Sequence[Axis]) -> FloatArray:
    """Values over the steps of the horizon at the steps that are asked for."""
    shape = [1] * len(axes)
    if step.axis is not None:
        shape[step.axis] = len(asked)
    return np.asarray(values[np.maximum(asked, 0)].reshape(shape), dtype=float)


def _over_time(
    name: str, place: Place, axes: Sequence[Axis], columns: DecisionColumns, weight: float = 1.0
) -> Affine:
    """Decisions of the site over time; none where the model has them not, as exports that are not allowed."""
    spec = columns.builder.spec
    step, asked = step_part(place, axes, spec)
    there = _within(step, asked, axes)
    base = affine.constant(_zeros(axes), there)
    first = columns.of(name, spec.steps)
    if first is None:
        return base
    number = np.arange(spec.steps)
    cell, kept, over = _laid((None, step), number, number, axes)
    return base.plus(affine.terms(cell, first + kept, np.full(len(kept), weight), over))


def _series(asked: Quantity, axes: Sequence[Axis], builder: Builder, block: str, setting: str) -> Affine:
    values = builder.data.over_time(block, setting)
    assert values is not None, "a series that is not given is refused"
    step, where = step_part(asked.places[0], axes, builder.spec)
    return affine.constant(_along(step, where, values, axes), _within(step, where, axes))


def _of_device(asked: Quantity, axes: Sequence[Axis], columns: DecisionColumns) -> Affine:
    """A power or a state of a device: decisions of the site over time, or the series of a load."""
    builder = columns.builder
    device = next(d for d in builder.spec.devices if d.name == asked.owner and d.kind in OF_DEVICES)
    if asked.name == "energy_end":
        return _left(f"{device.name}.energy", axes, columns)
    if OF_DEVICES[device.kind][asked.name].size:
        return size(device, asked.name, axes, columns)
    place = asked.places[0]
    match device.kind, asked.name:
        case "load", _:
            return _series(asked, axes, builder, device.name, "power")
        case _, "available":
            step, where = step_part(place, axes, builder.spec)
            if device.decides("peak"):
                return _sized(device, place, axes, columns)
            there = generation.available(builder.data, device)
            return affine.constant(_along(step, where, there, axes), _within(step, where, axes))
        case "cohort", "power":
            return _over_time(f"{device.name}.taken", place, axes, columns)
        case "feeder", _:
            return _over_time(f"{device.name}.flow", place, axes, columns)
        case "storage", "power":
            charge = _over_time(f"{device.name}.charge", place, axes, columns)
            return charge.plus(_over_time(f"{device.name}.discharge", place, axes, columns, -1.0))
        case "storage", ("energy" | "soc"):
            share = 1.0 / device.number("capacity") if asked.name == "soc" else 1.0
            return _stored(device, share, place, axes, columns)
    return _over_time(f"{device.name}.{asked.name}", place, axes, columns)


def _stored(
    device: Device, share: float, place: Place, axes: Sequence[Axis], columns: DecisionColumns
) -> Affine:
    """What a storage holds when a step begins: what it began with, or the state that the step before left."""
    spec, name = columns.builder.spec, device.name
    step, asked = step_part(place, axes, spec)
    begins = np.zeros(spec.steps)
    chosen = columns.of(f"{name}.energy_start", 1)
    first_share = share
    if chosen is None and device.decides("capacity"):
        chosen = columns.of(device.size("capacity"), 1)
        first_share = share * device.number("soc_initial")
    elif chosen is None:
        begins[0] = device.number("soc_initial") * device.number("capacity") * share
    found = affine.constant(_along(step, asked, begins, axes), _within(step, asked, axes))
    if chosen is not None and first_share:
        at = np.zeros(1, dtype=np.int64)
        cell, kept, over = _laid((None, step), at, at, axes)
        found = found.plus(affine.terms(cell, chosen + kept, np.full(len(kept), first_share), over))
    first = columns.of(f"{name}.energy", spec.steps)
    assert first is not None, "every storage has its states"
    later = np.arange(1, spec.steps)
    cell, kept, over = _laid((None, step), later, later, axes)
    return found.plus(affine.terms(cell, first + kept, np.full(len(kept), share), over))


def _sized(device: Device, place: Place, axes: Sequence[Axis], columns: DecisionColumns) -> Affine:
    """What a generator could give at steps, as its peak is chosen."""
    spec = columns.builder.spec
    step, asked = step_part(place, axes, spec)
    column = columns.of(device.size("peak"), 1)
    assert column is not None, "what is chosen is a decision of the model"
    number = np.arange(spec.steps)
    cell, kept, over = _laid((None, step), number, number, axes)
    profile = generation.profile_of(columns.builder.data, device)
    found = affine.constant(_zeros(axes), _within(step, asked, axes))
    return found.plus(affine.terms(cell, np.full(len(kept), column), profile[kept], over))


def _left(name: str, axes: Sequence[Axis], columns: DecisionColumns) -> Affine:
    """What a storage holds when the horizon ends: the state that the last step leaves."""
    steps = columns.builder.spec.steps
    first = columns.of(name, steps)
    assert first is not None, "every storage has its states"
    cell = np.zeros((len(axes), 1), dtype=np.int64)
    return affine.terms(cell, np.array([first + steps - 1]), np.ones(1), (1,) * len(axes))


def _unmet(place: Place, axes: Sequence[Axis], columns: DecisionColumns) -> Affine:
    builder = columns.builder
    size = len(builder.data.vehicles)
    first, found = columns.of("unmet", size), affine.number(0.0, len(axes))
    everyone = np.arange(size)
    for part in vehicle_parts(place, axes, builder.spec, builder.data):
        cell, kept, over = _laid((part, None), everyone, everyone, axes)
        if first is not None:
            found = found.plus(affine.terms(cell, first + kept, np.ones(len(kept)), over))
    return found


def _of_vehicles(asked: Quantity, axes: Sequence[Axis], builder: Builder) -> Affine:
    """Data of vehicles, added up over those of a group."""
    values = np.asarray(getattr(builder.data.vehicles, asked.name), dtype=float)
    first = np.flatnonzero(builder.data.vehicles.is_first)
    values = values[first]
    found = affine.number(0.0, len(axes))
    for part in vehicle_parts(asked.places[0], axes, builder.spec, builder.data):
        cell, kept, over = _laid((part, None), first, first, axes)
        found = found.plus(affine.constant(_gathered(cell, values[kept], over)))
    return found


def _of_class(asked: Quantity, axes: Sequence[Axis], builder: Builder) -> Affine:
    """A series of the classes, for single vehicles and steps."""
    data = builder.data
    by_vehicle = data.of_classes(builder.spec, asked.name)[data.vehicles.category]
    step, where = step_part(asked.places[1], axes, builder.spec)
    (part,) = vehicle_parts(asked.places[0], axes, builder.spec, data)
    everyone = np.arange(len(data.vehicles))
    cell, kept, over = _laid((part, None), everyone, everyone, axes)
    values = by_vehicle[kept][:, np.maximum(where, 0)]
    shape, at = list(over), [row[:, np.newaxis] for row in cell]
    if step.axis is not None:
        shape[step.axis] = len(where)
        at[step.axis] = np.arange(len(where))[np.newaxis, :]
    rates = np.zeros(shape)
    rates[tuple(at)] = values if axes else values[0, 0]
    return affine.constant(rates, _within(step, where, axes))


def _energy(asked: Quantity, axes: Sequence[Axis], columns: DecisionColumns, owner: Span) -> Affine:
    """What batteries hold when steps begin, or the share of it; of one vehicle only while it is there."""
    builder = columns.builder
    vehicles, visits = builder.data.vehicles, builder.data.visits
    step, _ = step_part(asked.places[1], axes, builder.spec)
    parts = vehicle_parts(asked.places[0], axes, builder.spec, builder.data)
    before = _state_before(columns, owner)
    size = vehicles.battery if asked.name == "soc" else np.ones(len(vehicles))
    found = affine.number(0.0, len(axes))
    known, decided = stays.known_start(vehicles), _decided_start(columns)
    shown = ~returning(builder.data)
    for part in parts:
        # Of a vehicle that leaves and is back in one step the energy is that with which the step begins.
        visit = np.flatnonzero(shown)
        cell, kept, over = _laid((part, step), visits.vehicle[visit], visits.step[visit], axes)
        kept = visit[kept]
        who = visits.vehicle[kept]
        share = 1.0 / size[who]
        first = before[kept] < 0
        held = _gathered(cell[:, first], known[who[first]] * share[first], over)
        there = None
        if is_single(asked.places[0], axes, parts, builder.data):
            there = _gathered(cell, np.ones(len(kept)), over) > 0
        found = found.plus(affine.constant(held, there))
        found = found.plus(affine.terms(cell[:, ~first], before[kept[~first]], share[~first], over))
        later = first & (decided[who] >= 0)
        found = found.plus(affine.terms(cell[:, later], decided[who[later]], share[later], over))
    return found


def _decided_start(columns: DecisionColumns) -> IntArray:
    """The column of what each stay begins with above the least allowed; -1 where that is no decision."""
    later = np.flatnonzero(~columns.builder.data.vehicles.is_first)
    found = np.full(len(columns.builder.data.vehicles), -1, dtype=np.int64)
    first = columns.of("spare", len(later))
    if first is not None:
        found[later] = first + np.arange(len(later))
    return found


def _at_departure(asked: Quantity, axes: Sequence[Axis], columns: DecisionColumns, owner: Span) -> Affine:
    """What batteries hold as their vehicles leave for good: the state at the end of their last visit.

    Of a stay without a visit it is what that stay began with.
    """
    builder = columns.builder
    vehicles, start = builder.data.vehicles, builder.data.visits.start
    after, decided = _state_after(columns, owner), _decided_start(columns)
    size = vehicles.battery if asked.name == "soc_departure" else np.ones(len(vehicles))
    known, stands = stays.known_start(vehicles), start[1:] > start[:-1]
    last = np.flatnonzero((vehicles.following < 0) & ~np.isnan(vehicles.battery))
    found = affine.number(0.0, len(axes))
    for part in vehicle_parts(asked.places[0], axes, builder.spec, builder.data):
        cell, kept, over = _laid((part, None), last, last, axes)
        who = last[kept]
        share = 1.0 / size[who]
        ends = stands[who]
        state = after[start[who[ends] + 1] - 1]
        found = found.plus(affine.terms(cell[:, ends], state, share[ends], over))
        found = found.plus(affine.constant(_gathered(cell[:, ~ends], (known[who] * share)[~ends], over)))
        later = ~ends & (decided[who] >= 0)
        found = found.plus(affine.terms(cell[:, later], decided[who[later]], share[later], over))
    return found


def _state_before(columns: DecisionColumns, owner: Span) -> IntArray:
    """The column of the state that each visit begins with; -1 at first visits, which begin as they came."""
    visits, at_end = columns.builder.data.visits, _state_after(columns, owner)
    before = np.full(len(visits), -1, dtype=np.int64)
    later = np.flatnonzero(visits.vehicle[1:] == visits.vehicle[:-1]) + 1
    before[later] = at_end[later - 1]
    return before


def _state_after(columns: DecisionColumns, owner: Span) -> IntArray:
    """The column of the state at the end of each visit; -1 without a battery."""
    builder = columns.builder
    visits, states = builder.data.visits, builder.slot_index.states
    at_end = np.full(len(visits), -1, dtype=np.int64)
    first = columns.of("energy", len(states))
    if first is not None:
        at_end[states.visit] = first + np.arange(len(states))
    rest = np.flatnonzero(at_end < 0)
    rest = rest[~np.isnan(builder.data.vehicles.battery[visits.vehicle[rest]])]
    if len(rest):
        known = columns.of(STATES, len(rest))
        at_end[rest] = np.arange(len(rest)) + (_added(columns, rest, owner) if known is None else known)
    return at_end


def _added(columns: DecisionColumns, rest: IntArray, owner: Span) -> int:
    """States for vehicles that the model has none for, as they can only charge."""
    energy = add_states(columns.builder, STATES, f"{STATES}.rises", "kept", rest, owner)
    return columns.add(STATES, energy, len(rest))
