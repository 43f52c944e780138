"""Schedules that are worked out without a model, for a yard and a workplace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import xarray as xr

from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import render
from evdsl.diagnostics.source import Source
from evdsl.language.spec import Spec
from evdsl.schedule.dataset import Flows, as_dataset
from evdsl.semantics.resolve import resolve
from evdsl.verifier import verify

YARD = """
station yard {
    start   = 2024-03-12
    horizon = 4 h
    step    = 30 min
    zone    = "Europe/Rome"
}
grid {
    import_limit = 20 kW
    export_limit = 5 kW
    price        = 0.20 EUR/kWh
    feed_in      = 0.05 EUR/kWh
}
port ac {
    count      = 2
    power      = 11 kW
    efficiency = 95 %
}
port v2g {
    power      = 7 kW
    discharge  = 7 kW
    efficiency = 98 %
}
class car {
    battery    = 50 kWh
    charge     = 12 kW
    discharge  = 9 kW
    efficiency = 90 %
    soc        = 10 % .. 100 %
    wear       = 0.04 EUR/kWh
}
class scooter {
    charge = 3 kW
    ports  = [ac]
}
vehicle anna of car {
    arrival     = 00:30
    departure   = 03:15
    soc_arrival = 40 %
    soc_target  = 60 %
}
vehicle bruno of car {
    arrival     = 01:00
    departure   = 04:00
    soc_arrival = 80 %
    soc_target  = 70 %
}
vehicle carla of scooter {
    arrival   = 00:10
    departure = 02:10
    energy    = 4 kWh
}
vehicle dora of car {
    arrival   = 03:20
    departure = 04:00
    energy    = 12 kWh
}
enable v2g
minimize cost + 0.4 EUR/kWh * unmet
then maximize fairness allowing 5 %
"""
WORKPLACE = """
station works {
    start    = 2024-03-12
    horizon  = 24 h
    step     = 15 min
    zone     = "Europe/Rome"
    seed     = 7
    rounding = exact
}
grid {
    import_limit = 60 kW
    export_limit = 20 kW
    price   = { 00:00: 0.11 EUR/kWh, 07:00: 0.19 EUR/kWh, 17:00: 0.26 EUR/kWh }
    feed_in = 0.06 EUR/kWh
    carbon  = 300 g/kWh
}
port ac {
    count      = 5
    power      = 22 kW
    efficiency = 96 %
}
port v2g {
    count     = 3
    power     = 11 kW
    discharge = 11 kW
}
class commuter {
    battery    = 52 kWh
    charge     = 11 kW
    discharge  = 7 kW
    efficiency = 94 %
    soc        = 10 % .. 100 %
}
class van {
    charge = 7 kW
    ports  = [ac]
}
fleet day of commuter {
    count       = 12
    arrival     = normal(08:15, 45 min)
    stay        = normal(6 h, 2 h)
    soc_arrival = uniform(20 %, 60 %)
    soc_target  = 80 %
}
fleet night of commuter {
    count     = 4
    arrival   = normal(15:40, 30 min)
    stay      = normal(7 h, 1 h)
    energy    = uniform(5 kWh, 25 kWh)
}
fleet vans of van {
    count   = 6
    arrival = uniform(06:00, 18:00)
    stay    = normal(3 h, 30 min)
    energy  = uniform(0, 1) * max_energy
}
enable v2g
minimize cost + 0.4 EUR/kWh * unmet
"""


@cache
def world(text: str, *changes: tuple[str, str]) -> tuple[Spec, Data]:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    spec, found = resolve(Source("world.evs", text))
    assert spec is not None, render(found)
    data, found = load_data(spec)
    assert data is not None, render(found)
    return spec, data


@dataclass
class Plan:
    """Powers and ports over the visits, from which everything else of a schedule follows."""

    spec: Spec
    data: Data
    charge: np.ndarray
    discharge: np.ndarray
    port: np.ndarray

    @classmethod
    def empty(cls, spec: Spec, data: Data) -> Plan:
        size = len(data.visits)
        return cls(spec, data, np.zeros(size), np.zeros(size), np.full(size, -1))

    @property
    def ports(self) -> list[tuple[str, Any]]:
        """Each port's name with its block."""
        blocks = self.spec.of_kind("port")
        return [(f"{b.name}.{n + 1}", b) for b in blocks for n in range(b.port_count)]

    def at(self, vehicle: str, step: int) -> int:
        """The visit of a vehicle in a step."""
        visits = self.data.visits
        mine = visits.vehicle == self.data.vehicles.name.index(vehicle)
        return int(np.flatnonzero(mine & (visits.step == step))[0])

    def hold(self, vehicle: str, port: str | None, *, since: int = 0) -> None:
        names = [name for name, _ in self.ports]
        visits = self.data.visits
        mine = visits.vehicle == self.data.vehicles.name.index(vehicle)
        self.port[mine & (visits.step >= since)] = -1 if port is None else names.index(port)

    def charges(self, vehicle: str, powers: Mapping[int, float]) -> None:
        for step, power in powers.items():
            self.charge[self.at(vehicle, step)] = power

    def gives(self, vehicle: str, powers: Mapping[int, float]) -> None:
        for step, power in powers.items():
            self.discharge[self.at(vehicle, step)] = power

    def flows(self) -> Flows:
        """The schedule that these powers make, whatever they are, one visit after the other."""
        spec, vehicles, visits = self.spec, self.data.vehicles, self.data.visits
        energy = np.full(len(visits), np.nan)
        departure, delivered = vehicles.initial.copy(), np.zeros(len(vehicles))
        net = np.zeros(spec.steps)
        for i, (v, t) in enumerate(zip(visits.vehicle, visits.step, strict=True)):
            energy[i] = departure[v]
            inward = self.charge[i] * vehicles.charge_efficiency[v]
            outward = self.discharge[i] / vehicles.discharge_efficiency[v]
            departure[v] += spec.step * (inward - outward)
            delivered[v] += spec.step * (self.charge[i] - self.discharge[i])
            held = self.port[i] >= 0
            efficiency = self.ports[self.port[i]][1].number("efficiency") if held else 1.0
            net[t] += self.charge[i] / efficiency - self.discharge[i] * efficiency
        by_energy = ~np.isnan(vehicles.demand)
        short = np.where(by_energy, vehicles.demand - delivered, vehicles.target - departure)
        return Flows(
            charge=self.charge,
            discharge=self.discharge,
            energy=energy,
            port=self.port,
            energy_departure=departure,
            delivered=delivered,
            unmet=np.maximum(short, 0.0),
            imported=np.maximum(net, 0.0),
            exported=np.maximum(-net, 0.0),
            port_names=tuple(name for name, _ in self.ports),
        )

    def dataset(self, **attributes: object) -> xr.Dataset:
        return as_dataset(self.flows(), self.data, {"digest": self.data.digest, **attributes})


def yard_plan(*changes: tuple[str, str]) -> Plan:
    """A good day in the yard: `dora` takes the port that `anna` leaves, in the same half hour."""
    plan = Plan.empty(*world(YARD, *changes))
    for vehicle, port in (("anna", "ac.1"), ("bruno", "v2g.1"), ("carla", "ac.2"), ("dora", "ac.1")):
        plan.hold(vehicle, port)
    plan.charges("anna", {1: 8, 2: 8, 3: 6})
    plan.charges("carla", {0: 2, 1: 3, 2: 3})
    plan.charges("dora", {6: 11 / 3, 7: 11})
    plan.gives("bruno", {4: 4, 5: 3})
    return plan


def uncontrolled(spec: Spec, data: Data) -> Plan:
    """Whoever comes takes a free port and charges at once; at noon and in the evening batteries give back.

    With `hold_port` off ports are dealt out anew at each step, so that they do change.
    """
    plan = Plan.empty(spec, data)
    vehicles, visits = data.vehicles, data.visits
    plan.port[:] = ports_in_order_of_arrival(plan)
    limit, most_out = (data.over_time("grid", name) for name in ("import_limit", "export_limit"))
    energy, delivered = vehicles.initial.copy(), np.zeros(len(vehicles))
    for t in range(spec.steps):
        room_in = np.inf if limit is None else limit[t]
        room_out = 0.0 if most_out is None else most_out[t]
        for i in np.flatnonzero(visits.step == t):
            v = int(visits.vehicle[i])
            if plan.ports and plan.port[i] < 0:
                continue
            block = plan.ports[plan.port[i]][1] if plan.ports else None
            loss = block.number("efficiency") if block else 1.0
            gives_back = 12.0 <= t * spec.step < 13.5 or 19.0 <= t * spec.step < 20.0
            if (
                spec.on("v2g")
                and gives_back
                and block
                and block.number("discharge")
                and vehicles.discharge[v]
            ):
                most = min(vehicles.discharge[v], block.number("discharge")) * visits.presence[i]
                spare = spare_energy(data, v, energy[v], delivered[v]) / spec.step
                plan.discharge[i] = min(most, spare, room_out / loss)
                room_out -= plan.discharge[i] * loss
            else:
                power = min(vehicles.charge[v], block.number("power")) if block else vehicles.charge[v]
                wanted = wanted_energy(data, v, energy[v], delivered[v]) / spec.step
                plan.charge[i] = min(power * visits.presence[i], wanted, room_in * loss)
                room_in = max(room_in - plan.charge[i] / loss, 0.0)
            inward = plan.charge[i] * vehicles.charge_efficiency[v]
            energy[v] += spec.step * (inward - plan.discharge[i] / vehicles.discharge_efficiency[v])
            delivered[v] += spec.step * (plan.charge[i] - plan.discharge[i])
    return plan


def ports_in_order_of_arrival(plan: Plan) -> np.ndarray:
    """A port for each visit: one for the stay, or another free one at each step; -1 where none is free."""
    spec, vehicles, visits = plan.spec, plan.data.vehicles, plan.data.visits
    holding = spec.on("hold_port")
    begin = np.maximum(vehicles.begin[visits.vehicle], visits.step * spec.step)
    end = np.minimum(vehicles.end[visits.vehicle], (visits.step + 1) * spec.step)
    port, taken_until, kept = np.full(len(visits), -1), np.zeros(len(plan.ports)), dict[int, int]()
    for i in np.lexsort((begin, visits.step)):
        v, t = int(visits.vehicle[i]), int(visits.step[i])
        if v not in kept or not holding:
            allowed = spec.of_kind("class")[vehicles.category[v]].names("ports")
            usable = [not allowed or block.name in allowed for _, block in plan.ports]
            free = np.flatnonzero(np.array(usable, dtype=bool) & (taken_until <= begin[i]))
            kept[v] = -1 if not len(free) else int(free[0 if holding else -1 - t % len(free)])
            if kept[v] >= 0:
                taken_until[kept[v]] = vehicles.end[v] if holding else end[i]
        port[i] = kept[v]
    return port


def spare_energy(data: Data, v: int, energy: float, delivered: float) -> float:
    """What a battery may give at the port and still end where it came or is asked to be, kWh."""
    vehicles = data.vehicles
    if np.isnan(vehicles.battery[v]):
        return 0.0
    floor = float(np.fmin(vehicles.initial[v], vehicles.target[v]))
    spare = max((energy - floor) * float(vehicles.discharge_efficiency[v]), 0.0)
    return spare if np.isnan(vehicles.demand[v]) else min(spare, max(delivered, 0.0))


def wanted_energy(data: Data, v: int, energy: float, delivered: float) -> float:
    """What a vehicle still asks for at the port and has room for, kWh."""
    vehicles = data.vehicles
    room = (vehicles.high[v] - energy) / vehicles.charge_efficiency[v]
    target = (vehicles.target[v] - energy) / vehicles.charge_efficiency[v]
    left = target if np.isnan(vehicles.demand[v]) else vehicles.demand[v] - delivered
    return max(float(np.fmin(left, room)), 0.0)


def entry(schedule: xr.Dataset, vehicle: str, step: int) -> tuple[int, ...]:
    """Where a vehicle's step stands in the arrays of a dataset."""
    number = schedule["vehicle"].values.tolist().index(vehicle)
    if "visit_vehicle" not in schedule.coords:
        return number, step
    mine = (schedule["visit_vehicle"].values == number) & (schedule["visit_step"].values == step)
    return (int(np.flatnonzero(mine)[0]),)


def told(plan: Plan, schedule: xr.Dataset | None = None) -> set[tuple[str, str, int | None, str]]:
    """Rule, vehicle, step and unit of everything that is wrong with a schedule."""
    verdict = verify(plan.spec, plan.dataset() if schedule is None else schedule, plan.data)
    return {(found.rule, found.vehicle, found.step, found.unit) for found in verdict.violations}


def over_the_port(plan: Plan) -> None:
    plan.charges("anna", {1: 11.01})


LANE = """
station lane {
    start   = 2024-03-12
    horizon = 2 h
    step    = 1 h
}
grid {
    price         = { 00:00: 0.10 EUR/kWh, 01:00: 0.30 EUR/kWh }
    carbon        = 300 g/kWh
    demand_charge = 2 EUR/kW
}
class van {
    charge = 10 kW
}
vehicle one of van {
    arrival   = 00:15
    departure = 02:00
    energy    = 12 kWh
    priority  = 2
}
vehicle two of van {
    arrival   = 01:00
    departure = 02:00
    energy    = 4 kWh
}
minimize energy_cost
"""
