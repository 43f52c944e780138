"""The quantities of single vehicles and steps in a schedule, for `evdsl.verifier.requirements`.

charge[v,t], discharge[v,t]      as stored; 0 while v is away, and at other ports where some are named
energy[v,t], soc[v,t]            as stored, and over the battery; without a meaning while v is away
revenue[v]                       Σ_t Δ (tariff charge - (v2g_reward + β tariff) discharge)
wear[v]                          Σ_t Δ wear[v] discharge[v,t]
energy_cost[v], export_revenue[v]    shares of the connection, see `evdsl.verifier.shares`
delivered[v]                     Σ_t Δ (charge[v,t] - discharge[v,t])
energy[v, departure]             as stored of the last stay of v; soc over the battery
energy of a storage              as stored
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.sets import AsOne, AtTime, Bound, Place
from evdsl.language.spec import Spec
from evdsl.language.values import Quantity
from evdsl.verifier import shares
from evdsl.verifier.presence import PortTable, available_of
from evdsl.verifier.reading import StoredSchedule
from evdsl.verifier.sets import Some, StepRange, some_of, step_of, summed
from evdsl.verifier.trips import is_last, need_of, of_vehicles, vehicle_of


@dataclass(frozen=True, slots=True)
class Cells:
    """Values over a grid, the sums of the absolute values of their terms, and where they have a meaning."""

    value: FloatArray
    scale: FloatArray
    there: NDArray[np.bool_]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the cells that can differ."""
        return np.broadcast_shapes(self.value.shape, self.scale.shape, self.there.shape)

    @classmethod
    def number(cls, value: float, depth: int) -> Cells:
        """The same number everywhere, in a grid of that many axes."""
        shape = (1,) * depth
        return cls(np.full(shape, value), np.full(shape, abs(value)), np.ones(shape, dtype=bool))


@dataclass(frozen=True, slots=True)
class ScheduleReadings:
    """A schedule with its spec."""

    spec: Spec
    data: Data
    reading: StoredSchedule
    ports: PortTable


@dataclass(frozen=True, slots=True)
class _Steps:
    """The step of each position along `axis` (`None`: one for all), -1 outside the horizon."""

    number: IntArray
    axis: int | None


def over_cells(asked: Quantity, ranges: Sequence[StepRange], site: ScheduleReadings) -> Cells:
    """A quantity over the grid of some bound variables."""
    if asked.owner == "let":
        return _over_time(site.data.over_time("let", asked.name), asked.places[0], ranges, site)
    if asked.owner:
        return _of_device(asked, ranges, site)
    match asked.name:
        case "charge" | "discharge" | "energy" | "soc":
            return _over_both(asked, ranges, site)
        case "tariff" | "v2g_reward":
            return _of_class(asked, ranges, site)
        case "import":
            return _over_time(site.reading.imported, asked.places[0], ranges, site)
        case "export":
            return _over_time(site.reading.exported, asked.places[0], ranges, site)
        case "price" | "feed_in" | "carbon":
            return _over_time(site.data.over_time("grid", asked.name), asked.places[0], ranges, site)
    return _over_vehicles(asked, ranges, site)


def _of_device(asked: Quantity, ranges: Sequence[StepRange], site: ScheduleReadings) -> Cells:
    device = next(d for d in site.spec.devices if d.name == asked.owner and d.kind in DEVICES)
    if asked.name == "energy_end":
        return Cells.number(float(site.reading.devices[f"{device.name}.energy_end"]), len(ranges))
    if asked.name in SIZES and not asked.places:
        return Cells.number(device.number(SIZES[asked.name]), len(ranges))
    if asked.name in shares.PARTIES:
        whole = shares.of_device(asked.name, device, site.spec, site.data, site.reading, site.ports)
        return Cells.number(whole, len(ranges))
    if asked.name == "power":
        values = site.reading.devices[device.name]
    elif asked.name == "available":
        values = available_of(device, site.data)
    elif asked.name == "soc":
        values = site.reading.devices[f"{device.name}.energy"] / device.number("capacity")
    else:
        values = site.reading.devices[f"{device.name}.{asked.name}"]
    return _over_time(values, asked.places[0], ranges, site)


SIZES = {
    "capacity": "capacity",
    "peak": "peak",
    "limit": "limit",
    "power_rating": "power",
    "charge_rating": "charge",
    "discharge_rating": "discharge",
}
"""What is one number for the whole horizon, with the setting that it is."""
DEVICES = ("solar", "wind", "load", "cohort", "storage", "feeder")


def _axis(place: Place, ranges: Sequence[StepRange]) -> int | None:
    if isinstance(place, Bound):
        return max(at for at, found in enumerate(ranges) if found.variable == place.variable)
    return None


def _steps(place: Place, ranges: Sequence[StepRange], site: ScheduleReadings) -> _Steps:
    if isinstance(place, AtTime):
        return _Steps(np.array([step_of(place, site.spec)]), None)
    assert isinstance(place, Bound)
    axis = _axis(place, ranges)
    assert axis is not None
    steps = ranges[axis].steps
    assert steps is not None
    later = steps + place.shift
    return _Steps(np.where((later >= 0) & (later < site.spec.steps), later, -1), axis)


def _shaped(values: np.ndarray, axis: int | None, depth: int) -> np.ndarray:
    """Values along one axis of a grid."""
    shape = [1] * depth
    if axis is not None:
        shape[axis] = len(values)
    return values.reshape(shape)


def _over_time(
    values: FloatArray | None, place: Place, ranges: Sequence[StepRange], site: ScheduleReadings
) -> Cells:
    assert values is not None, "a series that is not given is refused"
    steps = _steps(place, ranges, site)
    there = _shaped(steps.number >= 0, steps.axis, len(ranges))
    found = _shaped(np.asarray(values[np.maximum(steps.number, 0)], dtype=float), steps.axis, len(ranges))
    return Cells(found, np.abs(found), there)


def _members(
    place: Place, ranges: Sequence[StepRange], site: ScheduleReadings
) -> tuple[list[Some], bool, int | None]:
    """Who stands in the brackets at each position along the axis; whether that is one vehicle each."""
    axis = _axis(place, ranges)
    if axis is None:
        assert isinstance(place, AsOne)
        whole = some_of(place.vehicles, site.spec, site.data)
        return [whole], len(whole.vehicles) == 1, None
    each = ranges[axis].each
    if each is None:
        return list(ranges[axis].groups), False, axis
    return [each], True, axis


def _flows(name: str, chosen: Some, site: ScheduleReadings) -> FloatArray:
    """A flow of whoever is there, over the entries of `stays`; nothing at ports that are not meant."""
    reading, ports = site.reading, site.ports
    values = {"charge": reading.charge, "discharge": reading.discharge}.get(name, reading.energy)
    if name == "soc":
        values = values / site.data.vehicles.battery[reading.stays.vehicle]
    if chosen.ports:
        blocks = [at for at, block in enumerate(ports.blocks) if block.name in chosen.ports]
        values = np.where(np.isin(ports.block[reading.port], blocks), values, 0.0)
    return np.asarray(values, dtype=float)


def _over_both(asked: Quantity, ranges: Sequence[StepRange], site: ScheduleReadings) -> Cells:
    """What is told by vehicle and step."""
    depth = len(ranges)
    groups, single, axis = _members(asked.places[0], ranges, site)
    steps = _steps(asked.places[1], ranges, site)
    inside = _shaped(steps.number >= 0, steps.axis, depth)
    if single:
        found, present = _single(asked.name, groups[0], steps, axis, depth, site)
        there = inside & present if asked.name in ("energy", "soc") else inside
        return Cells(found, np.abs(found), there)
    stays = site.reading.stays
    sums: list[FloatArray] = []
    whose = vehicle_of(site.data)[stays.vehicle]
    counted = np.ones(len(stays), dtype=bool)
    if asked.name == "energy":  # a battery that leaves and is back in one step counts once
        counted[1:] = (whose[1:] != whose[:-1]) | (stays.step[1:] != stays.step[:-1])
    for group in groups:
        mine = np.flatnonzero(np.isin(whose, group.vehicles) & counted)
        flow = _flows(asked.name, group, site)[mine]
        by_step = summed(flow, stays.step[mine], site.spec.steps)
        sums.append(_shaped(by_step[np.maximum(steps.number, 0)], steps.axis, depth))
    found = sums[0] if axis is None else np.concatenate(sums or [np.zeros((0,) * depth)], axis=axis)
    return Cells(found, np.abs(found), inside)


def _single(
    name: str, chosen: Some, steps: _Steps, axis: int | None, depth: int, site: ScheduleReadings
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """A flow or a state of single vehicles, over all their stays; of two states in one step the first."""
    shape = np.broadcast_shapes(
        _shaped(chosen.vehicles, axis, depth).shape, _shaped(steps.number, steps.axis, depth).shape
    )
    found, present = np.zeros(shape), np.zeros(shape, dtype=bool)
    stay = chosen.vehicles
    while (stay >= 0).any():
        more, there = _of_stays(name, stay, chosen, steps, axis, depth, site)
        found = found + np.where(present & (name in ("energy", "soc")), 0.0, more)
        present = present | there
        stay = _next_stays(stay, site.data)
    return found, present


def _next_stays(stay: IntArray, data: Data) -> IntArray:
    """The stays after these; -1 behind the last."""
    following = np.full(len(data.vehicles) + 1, -1, dtype=np.int64)
    later = np.flatnonzero(data.vehicles.previous >= 0)
    following[data.vehicles.previous[later]] = later
    return following[stay]


def _of_stays(
    name: str,
    stay: IntArray,
    chosen: Some,
    steps: _Steps,
    axis: int | None,
    depth: int,
    site: ScheduleReadings,
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """A flow or a state in single stays: the entry of each is found by its distance from the arrival."""
    stays = site.reading.stays
    who = _shaped(stay, axis, depth)
    when = _shaped(steps.number, steps.axis, depth)
    first, count = stays.first[:-1], np.diff(stays.first)
    begins = np.append(stays.step, 0)[np.minimum(first, len(stays.step))]
    offset = when - begins[who]
    present = (offset >= 0) & (offset < count[who]) & (when >= 0) & (who >= 0)
    values = np.append(_flows(name, chosen, site), 0.0)
    return np.where(present, values[np.where(present, first[who] + offset, -1)], 0.0), present


def _rates(name: str, site: ScheduleReadings) -> FloatArray:
    """A price of the class of each vehicle at each step, 0 where it has none; shape (vehicles, steps)."""
    prices = [site.data.over_time(f"class {each.name}", name) for each in site.spec.of_kind("class")]
    nothing = np.zeros(site.spec.steps)
    rows = [nothing if each is None else each for each in prices]
    return np.array(rows).reshape(len(rows), site.spec.steps)[site.data.vehicles.category]


def _of_class(asked: Quantity, ranges: Sequence[StepRange], site: ScheduleReadings) -> Cells:
    """A price of single vehicles at single steps."""
    (chosen,), _, axis = _members(asked.places[0], ranges, site)
    steps, depth = _steps(asked.places[1], ranges, site), len(ranges)
    inside = _shaped(steps.number >= 0, steps.axis, depth)
    who, when = (
        _shaped(each, at, depth) for each, at in ((chosen.vehicles, axis), (steps.number, steps.axis))
    )
    found = np.asarray(_rates(asked.name, site)[who, np.maximum(when, 0)], dtype=float)
    return Cells(found, np.abs(found), inside)


def _over_vehicles(asked: Quantity, ranges: Sequence[StepRange], site: ScheduleReadings) -> Cells:
    """What is told by vehicle alone."""
    groups, single, axis = _members(asked.places[0], ranges, site)
    depth = len(ranges)
    found: list[float] | FloatArray
    if single:
        found = _by_vehicle(asked.name, groups[0], site)[groups[0].vehicles]
    else:
        found = np.array([_by_vehicle(asked.name, group, site)[group.vehicles].sum() for group in groups])
    values = _shaped(np.asarray(found, dtype=float), axis, depth)
    return Cells(values, np.abs(values), np.ones((1,) * depth, dtype=bool))


def _by_vehicle(name: str, chosen: Some, site: ScheduleReadings) -> FloatArray:
    vehicles, size = site.data.vehicles, len(site.data.vehicles)
    match name:
        case "delivered":
            net = _flows("charge", chosen, site) - _flows("discharge", chosen, site)
            return of_vehicles(summed(site.spec.step * net, site.reading.stays.vehicle, size), site.data)
        case "revenue":
            return of_vehicles(_paid(chosen, site), site.data)
        case "wear":
            worn = _flows("discharge", chosen, site) * vehicles.wear[site.reading.stays.vehicle]
            return of_vehicles(summed(site.spec.step * worn, site.reading.stays.vehicle, size), site.data)
        case "energy_cost" | "export_revenue":
            flow = _flows("charge" if name == "energy_cost" else "discharge", chosen, site)
            money = shares.of_flows(name, flow, site.spec, site.data, site.reading, site.ports)
            return of_vehicles(summed(money, site.reading.stays.vehicle, size), site.data)
        case "unmet":
            return of_vehicles(site.reading.unmet, site.data)
        case "need":
            return need_of(site.data)
        case "energy_departure":
            return _left_with(site)
        case "soc_departure":
            return _left_with(site) / vehicles.battery
        case "battery":
            return vehicles.battery
    return vehicles.priority


def _left_with(site: ScheduleReadings) -> FloatArray:
    """What each vehicle leaves with for good, at its first stay: the energy at the end of its last."""
    found = np.zeros(len(site.data.vehicles))
    last = is_last(site.data)
    found[vehicle_of(site.data)[last]] = site.reading.energy_departure[last]
    return found


def _paid(chosen: Some, site: ScheduleReadings) -> FloatArray:
    """What each driver pays less what is paid back; with `billing = net` what is given back costs nothing."""
    stays, step = site.reading.stays, site.spec.step
    tariff, reward = (_rates(name, site)[stays.vehicle, stays.step] for name in ("tariff", "v2g_reward"))
    net = np.array([each.choice("billing") == "net" for each in site.spec.of_kind("class")], dtype=bool)
    back = reward + np.where(net[site.data.vehicles.category[stays.vehicle]], tariff, 0.0)
    amount = tariff * _flows("charge", chosen, site) - back * _flows("discharge", chosen, site)
    return summed(step * amount, stays.vehicle, len(site.data.vehicles))
