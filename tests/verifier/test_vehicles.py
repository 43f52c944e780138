"""A schedule that keeps to its spec passes; one that breaks it anywhere is told where, by what rule."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import TESTS

import evdsl.schedule.dataset
import evdsl.verifier
from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import render
from evdsl.diagnostics.source import Source
from evdsl.language.spec import Spec
from evdsl.language.units import symbol
from evdsl.schedule.dataset import Flows, as_dataset
from evdsl.semantics.resolve import resolve
from evdsl.verifier import RULES, VerificationError, verify
from evdsl.verifier.objectives import DIMENSIONS
from evdsl.verifier.violations import LIMIT

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
        return [(f"{b.name}.{n + 1}", b) for b in blocks for n in range(int(b.number("count")))]

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


@pytest.fixture(params=["dense", "ragged"])
def layout(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both forms of a dataset, for the same small schedules."""
    if request.param == "ragged":
        monkeypatch.setattr(evdsl.schedule.dataset, "DENSE_CELLS", 0)
    return str(request.param)


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


# Good schedules


def test_a_good_day_in_the_yard_passes(layout: str) -> None:
    plan = yard_plan()
    schedule = plan.dataset()
    assert (schedule["charge"].dims == ("visit",)) == (layout == "ragged")
    verdict = verify(plan.spec, schedule)
    assert verdict.violations == ()
    assert verdict.ok
    verdict.raise_for_violations()


@pytest.mark.parametrize("v2g", ["enable v2g", "disable v2g"])
@pytest.mark.parametrize("hold", ["enable hold_port", "disable hold_port"])
@pytest.mark.parametrize("rounding", ["exact", "floor", "inward"])
def test_an_uncontrolled_workplace_passes(rounding: str, hold: str, v2g: str, layout: str) -> None:
    changes = (("rounding = exact", f"rounding = {rounding}"), ("enable v2g", f"{v2g}\n{hold}"))
    spec, data = world(WORKPLACE, *changes)
    plan = uncontrolled(spec, data)
    verdict = verify(spec, plan.dataset(), data)
    assert verdict.violations == ()
    assert (verdict.terms["discharged"] > 1.0) == spec.on("v2g")
    assert verdict.terms["unmet"] > 0
    fractions = data.visits.presence < 1.0
    assert fractions.any() == (rounding == "exact")
    assert layout in ("dense", "ragged")


def test_ports_are_really_swapped_where_they_need_not_be_held() -> None:
    plan = uncontrolled(*world(WORKPLACE, ("enable v2g", "disable hold_port\nenable v2g")))
    assert told(plan) == set()
    assert len(np.unique(plan.port[plan.data.visits.vehicle == 0])) > 1
    spec, _ = world(WORKPLACE)
    assert not verify(spec, plan.dataset(), world(WORKPLACE)[1]).ok


def test_without_ports_the_class_is_the_limit(layout: str) -> None:
    ports = WORKPLACE[WORKPLACE.index("port ac") : WORKPLACE.index("class commuter")]
    changes = ((ports, ""), ("    ports  = [ac]\n", ""), ("export_limit = 20 kW\n", ""))
    plan = uncontrolled(*world(WORKPLACE, *changes))
    assert told(plan) == set()
    first = int(plan.charge.argmax())
    plan.charge[first] += 0.01
    vehicle = plan.data.vehicles.name[plan.data.visits.vehicle[first]]
    assert ("rate", vehicle, int(plan.data.visits.step[first]), "kW") in told(plan)
    assert layout


def test_an_empty_site_is_at_rest() -> None:
    text = YARD[: YARD.index("vehicle anna")] + "minimize peak"
    plan = Plan.empty(*world(text))
    verdict = verify(plan.spec, plan.dataset(), plan.data)
    assert verdict.ok
    assert verdict.terms["peak"] == 0.0
    assert verdict.terms["fairness"] == 1.0
    assert verdict.terms["fairness_gap"] == 0.0


def test_a_vehicle_that_is_there_for_no_whole_step_keeps_what_it_came_with() -> None:
    short = ("arrival   = 03:20\n    departure = 04:00", "arrival   = 03:20\n    departure = 03:40")
    inward = ("step    = 30 min", "step    = 30 min\n    rounding = inward")
    plan = Plan.empty(*world(YARD, short, inward))
    assert told(plan) == set()
    schedule = plan.dataset()
    schedule["energy_departure"].values[3] += 0.01
    assert told(plan, schedule) == {("energy-balance", "dora", None, "kWh")}


def test_exports_are_unlimited_where_only_feed_in_is_given() -> None:
    plan = yard_plan(("    export_limit = 5 kW\n", ""))
    plan.gives("bruno", {4: 7, 5: 0})
    assert told(plan) == set()


def test_a_port_may_change_hands_within_a_step_and_at_one_instant() -> None:
    assert told(yard_plan(("arrival   = 03:20", "arrival   = 03:15"))) == set()


def test_both_ways_at_once_is_fine_where_exclusive_is_off() -> None:
    plan = yard_plan(("enable v2g", "enable v2g\ndisable exclusive"))
    plan.charges("bruno", {4: 2})
    assert told(plan) == set()


def test_a_schedule_survives_a_file(tmp_path: Path, layout: str) -> None:
    plan = yard_plan()
    plan.dataset(zone="Europe/Rome").to_netcdf(tmp_path / f"{layout}.nc")
    with xr.open_dataset(tmp_path / f"{layout}.nc") as stored:
        assert told(plan, stored.load()) == set()


@pytest.mark.parametrize("seed", range(5))
def test_the_rounding_of_a_solver_is_no_fault(seed: int, layout: str) -> None:
    plan = uncontrolled(*world(WORKPLACE))
    schedule, random = plan.dataset(), np.random.default_rng(seed)
    for name in ("charge", "discharge", "energy", "energy_departure", "unmet", "import", "export"):
        values = schedule[name].values
        values += random.uniform(-1e-6, 1e-6, values.shape)
    assert told(plan, schedule) == set(), layout


# Schedules in which one thing is wrong and all that follows from it is consistent


def over_the_port(plan: Plan) -> None:
    plan.charges("anna", {1: 11.01})


def over_the_discharge_of_the_port(plan: Plan) -> None:
    plan.gives("bruno", {3: 7.01, 4: 0, 5: 0})


def full_power_in_half_a_step(plan: Plan) -> None:
    plan.charges("anna", {6: 6})


def negative_charge(plan: Plan) -> None:
    plan.charges("anna", {6: -1})


def a_full_battery_filled_further(plan: Plan) -> None:
    plan.gives("bruno", {4: 0, 5: 0})
    plan.charges("bruno", {2: 7, 3: 7, 4: 7, 5: 7})


def an_empty_battery_drawn_upon(plan: Plan) -> None:
    plan.gives("bruno", {4: 5, 5: 0})
    plan.charges("bruno", {5: 7, 6: 7})


def no_port(plan: Plan) -> None:
    plan.hold("anna", None)


def a_port_of_another_class(plan: Plan) -> None:
    plan.gives("bruno", {4: 0, 5: 0})
    plan.hold("bruno", None)
    plan.hold("carla", "v2g.1")


def two_on_one_port(plan: Plan) -> None:
    plan.hold("carla", "ac.1")


def another_port_halfway(plan: Plan) -> None:
    plan.gives("bruno", {4: 0, 5: 0})
    plan.hold("bruno", None)
    plan.hold("anna", "v2g.1", since=3)


def a_port_let_go(plan: Plan) -> None:
    plan.hold("anna", None, since=5)


def too_much_back(plan: Plan) -> None:
    plan.gives("bruno", {4: 7, 5: 0})


def both_at_once(plan: Plan) -> None:
    plan.charges("bruno", {4: 2})


def more_than_asked(plan: Plan) -> None:
    plan.charges("carla", {3: 0.02})


def below_where_it_came(plan: Plan) -> None:
    plan.gives("bruno", {4: 4, 5: 4, 6: 4})


def back_from_nowhere(plan: Plan) -> None:
    a_port_of_another_class(plan)
    plan.gives("carla", {3: 1})


def nothing_more(_: Plan) -> None:
    pass


Told = tuple[str, str, int | None, str]
"""Rule, vehicle, step and unit of a violation."""

BROKEN: list[tuple[Callable[[Plan], None], tuple[tuple[str, str], ...], Told]] = [
    (over_the_port, (), ("rate", "anna", 1, "kW")),
    (over_the_discharge_of_the_port, (), ("rate", "bruno", 3, "kW")),
    (full_power_in_half_a_step, (), ("rate", "anna", 6, "kW")),
    (negative_charge, (), ("rate", "anna", 6, "kW")),
    (
        a_full_battery_filled_further,
        (("soc_arrival = 80 %", "soc_arrival = 78 %"),),
        ("soc", "bruno", 6, "kWh"),
    ),
    (
        an_empty_battery_drawn_upon,
        (("soc_arrival = 80 %\n    soc_target  = 70 %", "soc_arrival = 12 %\n    soc_target  = 10 %"),),
        ("soc", "bruno", 5, "kWh"),
    ),
    (no_port, (), ("port-held", "anna", 1, "kW")),
    (a_port_of_another_class, (), ("port-allowed", "carla", 0, "")),
    (two_on_one_port, (), ("port-count", "carla", 1, "h")),
    (nothing_more, (("arrival   = 03:20", "arrival   = 03:14"),), ("port-count", "dora", 6, "h")),
    (
        two_on_one_port,
        (("enable v2g", "enable v2g\ndisable hold_port"),),
        ("port-count", "carla", 1, "h"),
    ),
    (another_port_halfway, (), ("hold-port", "anna", 3, "")),
    (a_port_let_go, (), ("hold-port", "anna", 5, "")),
    (nothing_more, (("import_limit = 20 kW", "import_limit = 11.57 kW"),), ("import-limit", "", 7, "kW")),
    (too_much_back, (), ("export-limit", "", 4, "kW")),
    (
        nothing_more,
        (("    export_limit = 5 kW\n", ""), ("    feed_in      = 0.05 EUR/kWh\n", "")),
        ("export-limit", "", 5, "kW"),
    ),
    (both_at_once, (), ("exclusive", "bruno", 4, "kW")),
    (more_than_asked, (), ("demand", "carla", None, "kWh")),
    (below_where_it_came, (), ("unmet", "bruno", None, "kWh")),
    (
        nothing_more,
        (("enable v2g", "enable v2g\ndisable partial_charging"),),
        ("unmet", "dora", None, "kWh"),
    ),
    (nothing_more, (("enable v2g", "disable v2g"),), ("v2g-off", "bruno", 5, "kW")),
    (back_from_nowhere, (("ports  = [ac]", "discharge = 3 kW"),), ("no-battery", "carla", 3, "kW")),
]


@pytest.mark.parametrize(
    ("spoil", "changes", "expected"),
    BROKEN,
    ids=[f"{n}-{e[0]}-{s.__name__}" for n, (s, _, e) in enumerate(BROKEN)],
)
def test_what_is_wrong_is_named_and_nothing_else(
    spoil: Callable[[Plan], None],
    changes: tuple[tuple[str, str], ...],
    expected: tuple[str, str, int | None, str],
    layout: str,
) -> None:
    plan = yard_plan(*changes)
    spoil(plan)
    found = told(plan)
    assert expected in found, layout
    assert {rule for rule, *_ in found} == {expected[0]}


SIZES = """
0.01; 0.01; 0.5; 1; 1.6 1.6 1.6; 1.777778; 8 8 6; 1 1 1 1 1; 0.5; 0.016667; 0.5; 1; 1;
0.008947 0.008947 0.008947; 1.86; 3.92 2.94; 2; 0.01; 1.666667; 0.1 4.666667; 4 3; 1
"""


def test_a_violation_says_by_how_much() -> None:
    found = []
    for spoil, changes, _ in BROKEN:
        plan = yard_plan(*changes)
        spoil(plan)
        found.append([one.size for one in verify(plan.spec, plan.dataset(), plan.data).violations])
    sizes = [[float(size) for size in each.split()] for each in SIZES.split(";")]
    assert [pytest.approx(each, abs=1e-6) for each in sizes] == found


def test_a_site_without_a_grid_exports_nothing() -> None:
    grid = YARD[YARD.index("grid {") : YARD.index("port ac")]
    objective = ("minimize cost + 0.4 EUR/kWh * unmet", "minimize unmet")
    found = told(yard_plan((grid, ""), objective))
    assert ("export-limit", "", 4, "kW") in found
    assert {rule for rule, *_ in found} == {"export-limit"}


# Labels that do not agree with the flows


def put(schedule: xr.Dataset, name: str, place: tuple[str, int] | int, by: float) -> None:
    where = entry(schedule, *place) if isinstance(place, tuple) else place
    schedule[name].values[where] += by


MISLABELLED: list[tuple[str, tuple[str, int] | int, float, set[Told]]] = [
    (
        "energy",
        ("anna", 3),
        0.01,
        {("energy-balance", "anna", 2, "kWh"), ("energy-balance", "anna", 3, "kWh")},
    ),
    (
        "energy",
        ("anna", 1),
        -0.01,
        {("energy-balance", "anna", None, "kWh"), ("energy-balance", "anna", 1, "kWh")},
    ),
    ("energy_departure", 3, 0.01, {("energy-balance", "dora", 7, "kWh")}),
    ("import", 1, 0.01, {("power-balance", "", 1, "kW")}),
    ("export", 0, 0.01, {("power-balance", "", 0, "kW"), ("import-or-export", "", 0, "kW")}),
    ("import", 5, -0.5, {("power-balance", "", 5, "kW"), ("import-limit", "", 5, "kW")}),
    ("delivered", 1, 0.01, {("delivered", "bruno", None, "kWh")}),
    ("unmet", 0, -0.01, {("demand", "anna", None, "kWh")}),
    ("unmet", 0, 0.01, {("unmet", "anna", None, "kWh")}),
    ("unmet", 2, -0.01, {("unmet", "carla", None, "kWh"), ("demand", "carla", None, "kWh")}),
]


@pytest.mark.parametrize(("name", "place", "by", "expected"), MISLABELLED)
def test_a_label_that_the_flows_belie_is_found(
    name: str,
    place: tuple[str, int] | int,
    by: float,
    expected: set[tuple[str, str, int | None, str]],
    layout: str,
) -> None:
    plan = yard_plan()
    schedule = plan.dataset()
    put(schedule, name, place, by)
    assert told(plan, schedule) == expected, layout


def test_import_and_export_at_once_are_found() -> None:
    plan = yard_plan()
    schedule = plan.dataset()
    put(schedule, "import", 1, 1.0)
    put(schedule, "export", 1, 1.0)
    assert told(plan, schedule) == {("import-or-export", "", 1, "kW")}
    free = yard_plan(("enable v2g", "enable v2g\ndisable import_or_export"))
    schedule.attrs["digest"] = free.data.digest
    assert told(free, schedule) == set()


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [("charge", 0.01, "kW"), ("discharge", 2.0, "kW"), ("energy", 20.0, "kWh"), ("port", 1, "")],
)
def test_a_vehicle_that_is_away_takes_and_holds_nothing(name: str, value: float, unit: str) -> None:
    plan = yard_plan()
    schedule = plan.dataset()
    schedule[name].values[0, 7] = value
    assert told(plan, schedule) == {("presence", "anna", 7, unit)}


def test_a_ragged_entry_of_a_vehicle_that_is_away_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evdsl.schedule.dataset, "DENSE_CELLS", 0)
    plan = yard_plan()
    schedule = plan.dataset()
    extra = schedule.isel(visit=[0]).copy(deep=True)
    extra["visit_step"].values[0] = 7
    both = xr.concat([schedule, extra], "visit", data_vars="minimal")
    assert {rule for rule, *_ in told(plan, both)} == {"presence"}
    extra["charge"].values[0], extra["energy"].values[0], extra["port"].values[0] = 0.0, np.nan, -1
    both = xr.concat([schedule, extra], "visit", data_vars="minimal")
    assert told(plan, both) == set()


def test_ragged_entries_may_come_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evdsl.schedule.dataset, "DENSE_CELLS", 0)
    plan = yard_plan()
    schedule = plan.dataset()
    assert told(plan, schedule.isel(visit=slice(None, None, -1))) == set()


def test_presence_is_not_taken_from_the_data() -> None:
    """A wrong `Visits` that the schedule follows too is found nevertheless."""
    spec, data = world(YARD)
    later = yard_plan(("departure   = 03:15", "departure   = 03:45"))
    later.charges("anna", {7: 1})
    found = {
        (v.rule, v.vehicle, v.step) for v in verify(spec, later.dataset(digest=data.digest), data).violations
    }
    assert ("presence", "anna", 7) in found


# Schedules that cannot be read


def test_numbers_that_are_not_finite_are_found(layout: str) -> None:
    for name, value in (("charge", np.nan), ("discharge", np.inf), ("energy", np.nan), ("energy", -np.inf)):
        plan = yard_plan()
        schedule = plan.dataset()
        schedule[name].values[entry(schedule, "bruno", 5)] = value
        unit = "kWh" if name == "energy" else "kW"
        assert told(plan, schedule) == {("finite", "bruno", 5, unit)}, layout
    for name, expected in (("import", ("", 2, "kW")), ("unmet", ("carla", None, "kWh"))):
        plan = yard_plan()
        schedule = plan.dataset()
        schedule[name].values[2] = np.nan
        assert told(plan, schedule) == {("finite", *expected)}


def test_an_energy_without_a_battery_is_found(layout: str) -> None:
    plan = yard_plan()
    schedule = plan.dataset()
    schedule["energy"].values[entry(schedule, "carla", 2)] = 3.0
    schedule["energy_departure"].values[2] = 4.0
    assert told(plan, schedule) == {
        ("no-battery", "carla", 2, "kWh"),
        ("no-battery", "carla", None, "kWh"),
    }, layout


def no_unmet(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.drop_vars("unmet")


def other_order(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.isel(vehicle=[1, 0, 2, 3])


def one_vehicle_less(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.isel(vehicle=[0, 1, 2])


def an_hour_later(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.assign_coords(time=schedule["time"].values + np.timedelta64(1, "h"))


def half_the_day(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.isel(time=slice(4))


def without_dates(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.assign_coords(time=np.arange(8.0))


def turned(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.transpose("time", "vehicle", ...)


def other_ports(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.assign_coords(port_name=["ac.1", "ac.2", "dc.1"])


def a_port_beyond(schedule: xr.Dataset) -> xr.Dataset:
    schedule["port"].values[0, 2] = 3
    return schedule


def words_for_powers(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.assign(charge=(("vehicle", "time"), np.full((4, 8), "much"), {"units": "kW"}))


@pytest.mark.parametrize(
    "spoil",
    [
        no_unmet,
        other_order,
        one_vehicle_less,
        an_hour_later,
        half_the_day,
        without_dates,
        turned,
        other_ports,
        a_port_beyond,
        words_for_powers,
    ],
)
def test_a_dataset_of_another_shape_is_refused(spoil: Callable[[xr.Dataset], xr.Dataset]) -> None:
    plan = yard_plan()
    verdict = verify(plan.spec, spoil(plan.dataset()), plan.data)
    assert {found.rule for found in verdict.violations} == {"shape"}
    assert verdict.terms == {}


def test_a_ragged_dataset_has_each_visit_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evdsl.schedule.dataset, "DENSE_CELLS", 0)
    plan = yard_plan()
    schedule = plan.dataset()
    missing = schedule.isel(visit=[n for n in range(schedule.sizes["visit"]) if n != 2])
    assert told(plan, missing) == {("shape", "anna", 3, "")}
    twice = schedule.isel(visit=[0, *range(schedule.sizes["visit"])])
    assert told(plan, twice) == {("shape", "anna", 1, "")}
    beyond = schedule.copy(deep=True)
    beyond["visit_vehicle"].values[0] = 9
    (one,) = verify(plan.spec, beyond, plan.data).violations
    assert (one.rule, one.message) == ("shape", "`visit_vehicle` points beyond the 4 that there are")
    assert {rule for rule, *_ in told(plan, schedule.drop_vars("visit_step"))} == {"shape"}


def test_a_unit_that_is_wrong_or_missing_is_found() -> None:
    plan = yard_plan()
    schedule = plan.dataset()
    schedule["charge"].attrs["units"] = "W"
    del schedule["energy"].attrs["units"]
    verdict = verify(plan.spec, schedule, plan.data)
    assert [found.message for found in verdict.violations] == [
        "`charge` is in W, and should be in kW",
        "`energy` is in no unit, and should be in kWh",
    ]


def test_a_schedule_for_another_spec_is_found() -> None:
    plan = yard_plan()
    assert told(plan, plan.dataset(digest="0" * 64)) == {("digest", "", None, "")}
    elsewhere = plan.dataset()
    del elsewhere.attrs["digest"]
    assert told(plan, elsewhere) == set()


# Words and claims

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


def test_words_are_what_a_calculator_gives() -> None:
    plan = Plan.empty(*world(LANE))
    plan.charges("one", {0: 6, 1: 4})
    plan.charges("two", {1: 4})
    verdict = verify(plan.spec, plan.dataset(), plan.data)
    assert verdict.ok
    assert verdict.terms == pytest.approx(
        {
            "energy_cost": 6 * 0.10 + 8 * 0.30,
            "demand_cost": 2 * 8,
            "wear": 0,
            "end_value": 0,
            "v2g_profit": 0,
            "cost": 3.0 + 16,
            "co2": 14 * 0.3,
            "unmet": 2,
            "dissatisfaction": 4,
            "peak": 8,
            "discharged": 0,
            "curtailed": 0,
            "fairness": 1 - 2 / 12,
            "fairness_gap": 2 / 12,
            "lexfairness": 1 - 2 / 12,
            "delay": 4 * 0.75,
        }
    )


def test_words_of_giving_back_are_what_a_calculator_gives() -> None:
    plan = yard_plan()
    terms = verify(plan.spec, plan.dataset(), plan.data).terms
    charged = 0.5 * ((8 + 8 + 6) + (2 + 3 + 3) + (11 / 3 + 11)) / 0.95
    assert terms["discharged"] == pytest.approx(3.5)
    assert terms["wear"] == pytest.approx(3.5 * 0.04)
    assert terms["energy_cost"] == pytest.approx(0.2 * charged)
    assert terms["export_revenue"] == pytest.approx(0.05 * 3.5 * 0.98)
    assert terms["cost"] == pytest.approx(0.2 * charged - 0.05 * 3.5 * 0.98 + 0.14)
    assert terms["unmet"] == pytest.approx(0.1 + 12 - 22 / 3)


def test_a_word_whose_setting_is_missing_is_absent() -> None:
    changes = (
        ("    price        = 0.20 EUR/kWh\n", ""),
        ("minimize cost + 0.4 EUR/kWh * unmet", "minimize unmet"),
    )
    plan = yard_plan(*changes)
    terms = verify(plan.spec, plan.dataset(), plan.data).terms
    assert set(DIMENSIONS) - set(terms) == {
        "energy_cost",
        "demand_cost",
        "cost",
        "co2",
        "revenue",
        "profit",
        "v2g_profit",
    }


def claims(plan: Plan) -> dict[str, Any]:
    """What a compiler would write beside its schedule: the yard reaches what it reached."""
    terms = verify(plan.spec, plan.dataset(), plan.data).terms
    stages = [
        {
            "sense": stage.sense,
            "expression": stage.text,
            "value": sum(weight * terms[word] for word, weight in stage.weights.items()) + stage.constant,
            "weights": dict(stage.weights),
            "constant": stage.constant,
        }
        for stage in plan.spec.stages
    ]
    units = {word: symbol(DIMENSIONS[word], plan.spec.currency) for word in terms}
    return {"terms": {w: {"value": v, "unit": units[w]} for w, v in terms.items()}, "stages": stages}


def test_true_claims_pass() -> None:
    plan = yard_plan()
    assert told(plan, plan.dataset(**claims(plan))) == set()


@pytest.mark.parametrize("word", ["energy_cost", "cost", "unmet", "fairness", "delay", "peak", "wear"])
def test_a_word_that_is_claimed_falsely_is_found(word: str) -> None:
    plan = yard_plan()
    said = claims(plan)
    said["terms"][word]["value"] *= 1.0001
    (found,) = verify(plan.spec, plan.dataset(**said), plan.data).violations
    assert (found.rule, found.unit) == ("claimed-value", said["terms"][word]["unit"])
    assert found.size == pytest.approx(0.0001 * abs(said["terms"][word]["value"]), rel=1e-3)
    assert f"`{word}`" in found.message


@pytest.mark.parametrize(
    ("stage", "change", "fine"),
    [
        (1, {"value": 0.5}, False),
        (0, {"value": 6.4}, True),  # given way by less than the 5 % that are allowed
        (0, {"value": 6.2}, False),  # by more
        (0, {"value": 9.0}, True),  # the later stage may find something better
        (0, {"value": float("nan")}, False),
        (0, {"value": "low"}, False),
        (1, {"weights": {"fairness": 2.0}}, False),
        (1, {"constant": 0.1}, False),
        (1, {"weights": {"comfort": 2.0}}, True),  # a word that is not worked out here
        (1, {"weights": {"comfort": 2.0}, "expression": "comfort"}, False),  # so that nothing can be held
        (1, {"weights": None, "expression": ""}, False),
    ],
)
def test_a_stage_is_worth_what_it_claims(stage: int, change: dict[str, Any], fine: bool) -> None:
    plan = yard_plan()
    said = claims(plan)
    assert said["stages"][0]["value"] == pytest.approx(6.5769, abs=1e-4)
    said["stages"][stage].update(change)
    expected = set() if fine else {"claimed-value"}
    assert {rule for rule, *_ in told(plan, plan.dataset(**said))} == expected


@pytest.mark.parametrize(
    ("stage", "off", "status", "fine"),
    [
        (0, 0.0, "optimal", True),
        (0, -1e-3, "within_gap", True),  # the best may lie there
        (0, -1e-3, "optimal", False),  # proven to be the best, and worse than that
        (0, 1e-3, "optimal", False),
        (0, 1e-3, "feasible", False),  # better than what can be
        (1, 1e-3, "feasible", True),  # of what is made large
        (1, -1e-3, "feasible", False),
        (0, float("nan"), "feasible", True),
        (0, float("nan"), "optimal", False),
    ],
)
def test_no_stage_beats_its_own_bound(stage: int, off: float, status: str, fine: bool) -> None:
    plan = yard_plan()
    said = claims(plan)
    assert [claim["sense"] for claim in said["stages"]] == ["minimize", "maximize"]
    claim = said["stages"][stage]
    claim.update(bound=claim["value"] + off, status=status)
    found = verify(plan.spec, plan.dataset(**said), plan.data).violations
    assert {violation.rule for violation in found} == (set() if fine else {"claimed-value"})
    assert all("is proven to be the best" in violation.message for violation in found)


def test_claims_that_are_no_claims_are_found() -> None:
    plan = yard_plan()
    assert {rule for rule, *_ in told(plan, plan.dataset(terms="cost: 3", stages="{}"))} == {"claimed-value"}
    assert {rule for rule, *_ in told(plan, plan.dataset(terms={"cost": 3.0}))} == {"claimed-value"}
    said = claims(plan)
    said["terms"]["unmet"]["unit"] = "MWh"
    assert {rule for rule, *_ in told(plan, plan.dataset(**said))} == {"units"}


# How it is told


def test_a_message_names_the_vehicle_the_time_and_the_bound() -> None:
    plan = yard_plan()
    over_the_port(plan)
    (found,) = verify(plan.spec, plan.dataset(), plan.data).violations
    assert found.message == "`anna` charges 11.01 kW at 2024-03-12 00:30, and 11 kW is the most that it may"
    assert found.size == pytest.approx(0.01)
    assert json.loads(json.dumps(found.as_record())) == {
        "rule": "rate",
        "vehicle": "anna",
        "step": 1,
        "size": pytest.approx(0.01),
        "unit": "kW",
        "message": found.message,
    }


def test_the_clock_of_a_message_is_that_of_the_wall() -> None:
    """On the last day of March there is no time between two and three."""
    night = (
        ("start   = 2024-03-12", 'start   = 2024-03-31 01:00\n    zone    = "Europe/Rome"'),
        ("horizon = 2 h", "horizon = 3 h"),
        ("arrival   = 00:15\n    departure = 02:00", "arrival   = 01:15\n    departure = 04:00"),
        ("arrival   = 01:00\n    departure = 02:00", "arrival   = 03:00\n    departure = 04:00"),
    )
    plan = Plan.empty(*world(LANE, *night))
    plan.charges("two", {1: 12})
    (found, _) = verify(plan.spec, plan.dataset(), plan.data).violations
    assert found.message == "`two` charges 12 kW at 2024-03-31 03:00, and 10 kW is the most that it may"


def test_the_exception_carries_the_violations() -> None:
    plan = yard_plan()
    over_the_port(plan)
    verdict = verify(plan.spec, plan.dataset(), plan.data)
    with pytest.raises(VerificationError, match=r"in 1 place\n  rate: `anna` charges 11\.01 kW") as caught:
        verdict.raise_for_violations()
    assert caught.value.violations == verdict.violations
    assert caught.value.verdict is verdict


def test_of_a_rule_the_largest_violations_are_told_and_all_are_counted() -> None:
    plan = uncontrolled(*world(WORKPLACE))
    schedule = plan.dataset()
    off = np.arange(1.0, 23.0)
    schedule["energy"].values[:] += np.cumsum(np.arange(1.0, 97.0))
    schedule["unmet"].values[:] += off
    verdict = verify(plan.spec, schedule, plan.data)
    told_of = [found for found in verdict.violations if found.rule == "energy-balance"]
    assert len(told_of) == LIMIT < verdict.counts["energy-balance"]
    assert [f.size for f in verdict.violations if f.rule == "unmet"] == pytest.approx(off)
    with pytest.raises(VerificationError, match=r"\.\.\. and \d+ more$"):
        verdict.raise_for_violations()


def test_every_rule_of_a_violation_is_told_once_and_planted_in_a_test() -> None:
    names = [name for name, _ in RULES]
    assert len(set(names)) == len(names)
    planted = "".join(path.read_text() for path in TESTS.rglob("test_*.py"))
    assert [name for name in names if f'"{name}"' not in planted] == []


# Nothing slips through


ENTRIES = ("charge", "discharge", "energy", "import", "export", "unmet")


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    which=st.sampled_from(["yard", "workplace", "swapping"]),
    ragged=st.booleans(),
    name=st.sampled_from(ENTRIES),
    place=st.integers(0, 10**9),
    size=st.floats(0.05, 5.0),
    down=st.booleans(),
)
def test_one_wrong_number_anywhere_is_found(
    which: str, ragged: bool, name: str, place: int, size: float, down: bool
) -> None:
    plan, schedule = good(which, ragged)
    schedule = schedule.copy(deep=True)
    values = schedule[name].values.reshape(-1)
    known = np.flatnonzero(np.isfinite(values))
    values[known[place % len(known)]] += -size if down else size
    assert not verify(plan.spec, schedule, plan.data).ok


@cache
def good(which: str, ragged: bool) -> tuple[Plan, xr.Dataset]:
    if which == "yard":
        plan = yard_plan()
    else:
        changes = (("enable v2g", "enable v2g\ndisable hold_port"),) if which == "swapping" else ()
        plan = uncontrolled(*world(WORKPLACE, *changes))
    with pytest.MonkeyPatch.context() as patch:
        if ragged:
            patch.setattr(evdsl.schedule.dataset, "DENSE_CELLS", 0)
        schedule = plan.dataset()
    assert verify(plan.spec, schedule, plan.data).ok
    return plan, schedule


def test_a_month_of_a_garage_is_checked_in_seconds_and_little_memory(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    rows = ["arrival,departure,energy"]
    for _ in range(1489):
        come = datetime(2019, 7, 1) + timedelta(minutes=float(random.uniform(0, 30 * 1440)))
        rows.append(f"{come},{come + timedelta(minutes=float(random.uniform(30, 900)))},20")
    (tmp_path / "month.csv").write_text("\n".join(rows))
    text = """
station garage {
    start = 2019-07-01
    horizon = 31 d
    step = 5 min
}
grid {
    price = 0.2 EUR/kWh
}
class car {
    charge = 7 kW
}
sessions month of car = csv("month.csv", arrival="arrival", departure="departure",
                            energy=column("energy", unit="kWh"))
minimize energy_cost
"""
    spec, found = resolve(Source("garage.evs", text, tmp_path / "garage.evs"))
    assert spec is not None, render(found)
    data, found = load_data(spec)
    assert data is not None, render(found)
    plan = Plan.empty(spec, data)
    visits, demand = data.visits, data.vehicles.demand
    length = np.bincount(visits.vehicle, visits.presence)
    level = np.minimum(demand / (length * spec.step), 7.0)
    plan.charge = visits.presence * level[visits.vehicle]
    schedule = plan.dataset()
    assert schedule["charge"].dims == ("visit",)
    tracemalloc.start()
    began = time.perf_counter()
    verdict = verify(spec, schedule, data)
    seconds, peak = time.perf_counter() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert verdict.ok
    assert seconds < 2.0
    assert peak < 8 * len(data.vehicles) * spec.steps / 3  # of the bytes of one dense array
