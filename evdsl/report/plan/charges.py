"""A schedule as a plan: runs of charging, in each of which a vehicle takes or gives power without a pause.

A run is of one vehicle at one port, in steps that follow each other, in one direction. Its power is that
while the vehicle is there: a step counts with the part of it in which it is. A cohort has no vehicles; its
runs are those of each state of need by the hour of the clock, with how many charge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.devices.cohort import power_of
from evdsl.model.ports import port_names
from evdsl.optimization.rounding import unmet_of
from evdsl.report.facts import clock
from evdsl.schedule.account import Account, Money, account_of, driver_rates

if TYPE_CHECKING:
    import xarray as xr

    from evdsl.language.spec import Device
    from evdsl.optimization.result import Result

NOTHING = 1e-6
"""kW: below it nothing flows."""

FEW = 0.005
"""Vehicles of a cohort: fewer than these are none to an operator."""


@dataclass(frozen=True, slots=True)
class Charge:
    """A run of charging, or of discharging (`power`, `most` and `energy` below zero); hours from the start.

    `vehicle` is the position of the stay, `power` the mean and `most` the largest, kW; `energy` kWh, all at
    the port. `cost` is its share of the site's energy cost, with wear, less what it exports; `revenue` what
    its driver pays.
    """

    vehicle: int
    name: str
    category: str
    port: str
    begin: float
    end: float
    power: float
    most: float
    energy: float
    cost: float
    revenue: float
    co2: float


@dataclass(frozen=True, slots=True)
class CohortCharge:
    """An hour of the clock, or what of it is a run, in which vehicles of one state of a cohort charge.

    `vehicles` charge on average, `most` of them at once.
    """

    cohort: str
    state: int
    begin: float
    end: float
    vehicles: float
    most: float
    power: float
    energy: float
    cost: float
    revenue: float
    co2: float


@dataclass(frozen=True, slots=True)
class PlannedVehicle:
    """What becomes of one vehicle over all its stays; energies are kWh, times hours from the start."""

    vehicle: int
    name: str
    category: str
    arrival: float
    departure: float
    ports: tuple[str, ...]
    asked: float
    delivered: float
    unmet: float
    money: Money


@dataclass(frozen=True, slots=True)
class PlannedPort:
    """How a port is used: hours in which it is taken and in which power flows, kWh in and out."""

    name: str
    vehicles: int
    taken_hours: float
    charging_hours: float
    charged: float
    discharged: float


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole plan; `account` says who pays what."""

    result: Result
    account: Account
    charges: tuple[Charge, ...]
    cohort_charges: tuple[CohortCharge, ...]
    vehicles: tuple[PlannedVehicle, ...]
    ports: tuple[PlannedPort, ...]


def plan_of(result: Result) -> Plan:
    """The plan of a run that has a schedule."""
    schedule = result.schedule
    assert schedule is not None, "there is no schedule to make a plan of"
    account = account_of(result.spec, result.data, schedule, result.terms)
    charges = tuple(_charges(result, schedule, account))
    return Plan(
        result,
        account,
        charges,
        tuple(_cohort_charges(result, schedule, account)),
        tuple(_vehicles(result, schedule, account)),
        tuple(_ports(result, account)),
    )


def _charges(result: Result, schedule: xr.Dataset, account: Account) -> Iterator[Charge]:
    """The runs of vehicles, by vehicle, then by time."""
    spec, data = result.spec, result.data
    visits, vehicles, powers = data.visits, data.vehicles, account.visits
    classes, names = spec.of_kind("class"), [str(name) for name in schedule["port_name"].values]
    begin, end = visit_times(result)
    net = powers.charge - powers.discharge
    way = np.where(net > NOTHING, 1, np.where(net < -NOTHING, -1, 0))
    paid, back = driver_rates(spec, data)
    when, who = visits.step, visits.vehicle
    worn = vehicles.wear[who] * powers.discharge
    rates = account.rates
    cost = rates.paid[when] * powers.taken - rates.earned[when] * powers.given + worn
    revenue = paid * powers.charge - back * powers.discharge
    co2 = rates.caused[when] * powers.taken - rates.spared[when] * powers.given
    for first, last in _runs(way, powers.port, who, when):
        mine = slice(first, last + 1)
        hours, energy = float((end - begin)[mine].sum()), float(net[mine].sum()) * spec.step
        inside = net[mine] * spec.step / np.maximum((end - begin)[mine], 1e-9)
        vehicle, port = int(who[first]), int(powers.port[first])
        yield Charge(
            vehicle,
            vehicles.name[vehicle],
            classes[int(vehicles.category[vehicle])].name,
            names[port] if port >= 0 else "",
            float(begin[first]),
            float(end[last]),
            energy / max(hours, 1e-9),
            float(inside[np.argmax(np.abs(inside))]),
            energy,
            float(cost[mine].sum()) * spec.step,
            float(revenue[mine].sum()) * spec.step,
            float(co2[mine].sum()) * spec.step,
        )


def visit_times(result: Result) -> tuple[FloatArray, FloatArray]:
    """When each visit begins and ends, hours from the start: the part of its step in which the vehicle is."""
    visits, vehicles, step = result.data.visits, result.data.vehicles, result.spec.step
    begin = np.maximum(visits.step * step, vehicles.begin[visits.vehicle])
    end = np.minimum((visits.step + 1) * step, vehicles.end[visits.vehicle])
    return begin, end


def _runs(way: IntArray, port: IntArray, who: IntArray, when: IntArray) -> Iterator[tuple[int, int]]:
    """The first and the last visit of each run."""
    if not len(way):
        return
    breaks = np.ones(len(way), dtype=np.bool_)
    apart = [one[1:] != one[:-1] for one in (way, port, who)]
    breaks[1:] = np.logical_or.reduce([*apart, when[1:] != when[:-1] + 1])
    first = np.flatnonzero(breaks)
    last = np.append(first[1:], len(way)) - 1
    for begin, end in zip(first.tolist(), last.tolist(), strict=True):
        if way[begin]:
            yield begin, end


def _cohort_charges(result: Result, schedule: xr.Dataset, account: Account) -> Iterator[CohortCharge]:
    """The runs of each state, from those that need most to those that need least."""
    for device in result.spec.of_kind("cohort"):
        for state in range(int(device.number("classes")), 0, -1):
            yield from _state_charges(result, schedule, account, device, state)


def _state_charges(
    result: Result, schedule: xr.Dataset, account: Account, device: Device, state: int
) -> Iterator[CohortCharge]:
    spec, step = result.spec, result.spec.step
    charging = np.asarray(schedule[f"{device.name}.charging.{state}"].values, dtype=float)
    each = power_of(spec, device)
    tariff = result.data.over_time(f"class {device.of}", "tariff")
    fee = np.zeros(spec.steps) if tariff is None else tariff
    steps = np.arange(spec.steps)
    # The hour that a clock shows twice in a night of autumn is two.
    starts = [clock(result.data, begin * step) for begin in steps.tolist()]
    shown = [(start.hour, start.utcoffset()) for start in starts]
    hours = np.cumsum([False, *(one != two for one, two in pairwise(shown))])
    for first, last in _runs((charging > FEW).astype(np.int64), hours, 0 * steps, steps):
        mine = slice(first, last + 1)
        power = each * charging[mine]
        yield CohortCharge(
            device.name,
            state,
            first * step,
            (last + 1) * step,
            float(charging[mine].mean()),
            float(charging[mine].max()),
            float(power.mean()),
            float(power.sum()) * step,
            float(account.rates.paid[mine] @ power) * step,
            float(fee[mine] @ power) * step,
            float(account.rates.caused[mine] @ power) * step,
        )


def _vehicles(result: Result, schedule: xr.Dataset, account: Account) -> Iterator[PlannedVehicle]:
    data, vehicles = result.data, result.data.vehicles
    classes = result.spec.of_kind("class")
    names = [str(name) for name in schedule["port_name"].values]
    delivered = vehicles.of_whole(np.asarray(schedule["delivered"].values, dtype=float))
    unmet = vehicles.of_whole(unmet_of(data, schedule))
    last = vehicles.departure.copy()
    for at, first in enumerate(vehicles.first):
        last[first] = vehicles.departure[at]
    owner = vehicles.first[data.visits.vehicle] if len(vehicles) else data.visits.vehicle
    held: dict[int, dict[int, None]] = {}
    for vehicle, port in dict.fromkeys(zip(owner.tolist(), account.visits.port.tolist(), strict=True)):
        if port >= 0:
            held.setdefault(vehicle, {})[port] = None
    for party in account.parties:
        at = party.vehicle
        if at >= 0:
            yield PlannedVehicle(
                at,
                party.name,
                classes[int(vehicles.category[at])].name,
                float(vehicles.arrival[at]),
                float(last[at]),
                tuple(names[port] for port in held.get(at, ())),
                float(vehicles.need[at]),
                float(delivered[at]),
                float(unmet[at]),
                party.money,
            )


def _ports(result: Result, account: Account) -> Iterator[PlannedPort]:
    spec, powers = result.spec, account.visits
    begin, end = visit_times(result)
    hours = end - begin
    flows = (powers.charge > NOTHING) | (powers.discharge > NOTHING)
    names = [name for block in spec.of_kind("port") for name in port_names(block)]
    count = len(names)
    mine = powers.port >= 0
    port = powers.port[mine]

    def summed(values: FloatArray) -> list[float]:
        return [float(value) for value in np.bincount(port, values[mine], minlength=count)]

    users: list[set[int]] = [set() for _ in names]
    owner = result.data.vehicles.first
    for number, vehicle in zip(port.tolist(), result.data.visits.vehicle[mine].tolist(), strict=True):
        users[number].add(int(owner[vehicle]))
    taken, charging = summed(hours), summed(np.where(flows, hours, 0.0))
    charged, discharged = summed(powers.charge * spec.step), summed(powers.discharge * spec.step)
    for number, name in enumerate(names):
        yield PlannedPort(
            name,
            len(users[number]),
            taken[number],
            charging[number],
            charged[number],
            discharged[number],
        )
