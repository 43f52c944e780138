"""A site run by a rule, step after step: who holds a port, what each gets, what generation gives.

Ports go to those who come first: where `hold_port` is on for the whole stay, and who finds none free gets
none; where it is off, or `queue` on, a port is free again as soon as its vehicle has what it asks for, and
those who found none wait for it in the order in which they came. Of several free ports a vehicle takes one
that gives it what it asks for in its stay, and of these one that no class needs which has fewer to choose
from: who may use any port leaves the scarce one free. Then it takes one that gives it most, and of these the
one with the least power, without discharge, for the fewest classes. Nobody gets more than its `taper` lets
in, and a power that the levels of a port do not allow is lowered to the next one that they do. Storages do
what `battery` says, whatever the rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.devices.phases import LABELS, phases_of_port, used_of
from evdsl.language.devices.storage import least_power
from evdsl.language.devices.vehicle_class import listed_rates
from evdsl.language.spec import Spec
from evdsl.language.tolerances import IN_RANGE, SAME_TIME
from evdsl.model.taper import most
from evdsl.optimization.policies import battery
from evdsl.optimization.policies.cohorts import NOBODY, CohortCourse
from evdsl.optimization.policies.limits import Limits, curtail
from evdsl.optimization.policies.outages import PortsInOrder
from evdsl.optimization.policies.rule import Policy, StepState
from evdsl.optimization.policies.trips import Trips, lacking_on_arrival

NEEDS = 1e-9
"""kWh: a vehicle that lacks less has what it asks for."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What a rule did: by visit the power and the port (-1 for none), by device its power over time.

    `devices` are as in a schedule; `net` is what the connection takes, kW, shape (steps,).
    """

    charge: FloatArray
    port: IntArray
    devices: dict[str, FloatArray]
    net: FloatArray


class _Ports:
    """Every port by number, and who may use it."""

    def __init__(self, spec: Spec, data: Data) -> None:
        blocks = [port for port in spec.of_kind("port") for _ in range(port.port_count)]
        self.blocks = blocks
        self.power = np.array([port.number("power") for port in blocks])
        self.back = np.array([port.number("discharge") for port in blocks])
        self.efficiency = np.array([port.number("efficiency") for port in blocks])
        self.feeder = ["".join(port.names("feeder")) for port in blocks]
        names = [number for port in spec.of_kind("port") for number in range(port.port_count)]
        self.phases = [phases_of_port(port, n) for port, n in zip(blocks, names, strict=True)]
        classes = spec.of_kind("class")
        self.own = np.array([category.number("phases", np.nan) for category in classes])
        self.used = np.array(
            [[used_of(category, len(mine)) for mine in self.phases] for category in classes], dtype=np.int64
        ).reshape(len(classes), len(blocks))
        """Of each class how many phases it uses at each port."""
        self.busy_until = np.full(len(blocks), -np.inf)
        self.in_order = PortsInOrder(spec, data)
        self.allowed = np.array(
            [[not c.names("ports") or port.name in c.names("ports") for port in blocks] for c in classes],
            dtype=np.bool_,
        ).reshape(len(classes), len(blocks))
        choices = self.allowed.sum(axis=1)
        comes = np.isin(np.arange(len(classes)), data.vehicles.category)
        self.scarce = np.array(
            [(self.allowed & (comes & (choices < own))[:, None]).any(axis=0) for own in choices],
            dtype=np.bool_,
        ).reshape(len(classes), len(blocks))
        """Of each class the ports that a class needs which has fewer to choose from."""

    def rate(self, category: int, charge: float, port: int) -> float:
        """What a vehicle of a class takes at most at a port, kW; -1 for one that it brings."""
        if port < 0:
            return charge
        used, own = self.used[category, port], self.own[category]
        most = charge if np.isnan(own) else charge * used / own
        return float(min(most, self.power[port] * self.share(category, port)))

    def share(self, category: int, port: int) -> float:
        """What a vehicle of a class uses of the phases of a port."""
        return float(self.used[category, port] / len(self.phases[port])) if port >= 0 else 1.0

    def part(self, category: int, port: int) -> float:
        """What a vehicle of a class uses at a port of its own phases."""
        own = self.own[category]
        return 1.0 if port < 0 or np.isnan(own) else float(self.used[category, port] / own)

    def spread(self, category: int, port: int) -> list[float]:
        """What is on each phase of a kW that a vehicle of a class takes."""
        own = self.own[category]
        count = int(len(LABELS) if np.isnan(own) else own) if port < 0 else self.used[category, port]
        mine = (self.phases[port] if port >= 0 else range(len(LABELS)))[:count]
        return [(phase in mine) / len(mine) for phase in range(len(LABELS))]

    def free(
        self, category: int, charge: float, begin: float, energy: float, hours: float, until: float
    ) -> int:
        """The port that a vehicle takes of those that are free from then on; -1 for none.

        `energy` is what it lacks (kWh at the port), `hours` how long it stays; the port has to be in order
        `until` then.
        """
        there = self.allowed[category] & (self.busy_until <= begin + SAME_TIME)
        there = np.flatnonzero(there & self.in_order.may_be_taken(self.busy_until, begin, until))
        if not len(there):
            return -1
        users, power = self.allowed.sum(axis=0)[there], self.power[there]
        rate = np.array([self.rate(category, charge, int(port)) for port in there])
        short = rate * hours < energy - NEEDS
        scarce = self.scarce[category][there]
        # The last key counts most.
        order = np.lexsort((there, users, self.back[there], power, -rate, scarce, short))
        return int(there[order[0]])


def dispatch(spec: Spec, data: Data, policy: Policy, beyond: FloatArray | None = None) -> Dispatch:
    """Runs a rule over the whole horizon; `beyond` is what vehicles are sold on top of what they ask for,
    kWh at the port."""
    site, ports = Limits(spec, data), _Ports(spec, data)
    vehicles, visits, step = data.vehicles, data.visits, spec.step
    charge, port = np.zeros(len(visits)), np.full(len(visits), -1)
    more = np.zeros(len(vehicles)) if beyond is None else beyond
    lacking = lacking_on_arrival(vehicles, vehicles.initial, more)
    trips = Trips(data, more)
    cohorts = [CohortCourse(spec, data, device) for device in spec.of_kind("cohort")]
    stored = vehicles.initial.copy()
    held = np.full(len(vehicles), -1)
    turned_away = np.zeros(len(vehicles), dtype=bool)
    by_step = np.argsort(visits.step, kind="stable")
    edges = np.searchsorted(visits.step[by_step], np.arange(spec.steps + 1))
    for now in range(spec.steps):
        here = by_step[edges[now] : edges[now + 1]]
        for stay in trips.arrive(here, charge, lacking, now):
            stored[stay] = trips.energy[stay]
        here = here[np.lexsort((visits.vehicle[here], vehicles.begin[visits.vehicle[here]]))]
        if spec.of_kind("port"):
            _seat(spec, data, ports, here, held, turned_away, lacking, now)
            port[here] = held[visits.vehicle[here]]
            here = here[port[here] >= 0]
        here = here[lacking[visits.vehicle[here]] > NEEDS]
        if not len(here) and not cohorts:
            continue
        who = visits.vehicle[here]
        tapered = most(spec, data, who, visits.presence[here], stored[who])
        moment = _moment(site, ports, data, here, held, lacking, tapered, now)
        allotted = _with_cohorts(site, moment, cohorts, policy, now)
        power = np.clip(allotted, 0.0, moment.most)
        power = _on_levels(spec, ports, held, data, here, power)
        charge[here] = power
        lacking[who] -= power * step
        stored[who] += power * step * vehicles.charge_efficiency[who]
    return _balanced(site, ports, charge, ports.in_order.numbered(port), cohorts)


def _with_cohorts(
    site: Limits, moment: StepState, cohorts: list[CohortCourse], policy: Policy, now: int
) -> FloatArray:
    """What a rule allots to the vehicles of a step; cohorts charge with what their states get."""
    if not cohorts:
        return policy.allot(moment)
    begin, joined = len(moment.most), moment
    each = [(cohort, cohort.entries(now)) for cohort in cohorts]
    for cohort, states in each:
        draws = np.outer(site.parts(cohort.device), np.ones(len(states.most)))
        joined = StepState(
            most=np.append(joined.most, states.most),
            full=np.append(joined.full, states.most),
            arrival=np.append(joined.arrival, states.arrival),
            departure=np.append(joined.departure, states.departure),
            laxity=np.append(joined.laxity, states.laxity),
            vehicles=np.append(joined.vehicles, states.vehicles),
            room=joined.room,
            draws=np.column_stack([joined.draws, draws]),
        )
    asks = np.append(np.ones(begin, dtype=np.bool_), joined.most[begin:] > NOBODY)
    power = np.zeros(len(joined.most))
    if asks.any():
        power[asks] = np.clip(policy.allot(joined.of(asks)), 0.0, joined.most[asks])
    taken = power[begin:]
    for cohort, states in each:
        cohort.charge(taken[: len(states.most)], now, policy.by_arrival)
        taken = taken[len(states.most) :]
    return power[:begin]


def _seat(
    spec: Spec,
    data: Data,
    ports: _Ports,
    here: IntArray,
    held: IntArray,
    turned_away: np.ndarray,
    lacking: FloatArray,
    now: int,
) -> None:
    """Ports to those who come first; `here` are visits of this step by arrival."""
    vehicles, visits, step = data.vehicles, data.visits, spec.step
    holding = spec.on("hold_port") and not spec.on("queue")
    if not holding:
        # Whoever has what it asks for makes room; ports are dealt anew, in the order of arrival.
        for visit in here:
            vehicle = int(visits.vehicle[visit])
            if held[vehicle] >= 0 and lacking[vehicle] <= NEEDS:
                ports.busy_until[held[vehicle]] = now * step
                held[vehicle] = -1
        there = held.copy()
        there[np.setdiff1d(np.arange(len(held)), visits.vehicle[here])] = -1
        for vehicle in ports.in_order.out_of_order(there, vehicles.begin, now):
            ports.busy_until[held[vehicle]] = now * step
            held[vehicle] = -1
            turned_away[vehicle] = spec.on("queue") and spec.on("hold_port")
    for visit in here:
        vehicle = int(visits.vehicle[visit])
        if held[vehicle] >= 0 or turned_away[vehicle] or (not holding and lacking[vehicle] <= NEEDS):
            continue
        begin = max(float(vehicles.begin[vehicle]), now * step)
        most, stay = float(vehicles.charge[vehicle]), float(vehicles.end[vehicle]) - begin
        until = float(vehicles.end[vehicle])
        until = until if holding else min(until, (now + 1) * step)
        found = ports.free(int(vehicles.category[vehicle]), most, begin, float(lacking[vehicle]), stay, until)
        if found < 0:
            turned_away[vehicle] = holding
            continue
        held[vehicle] = found
        ports.busy_until[found] = float(vehicles.end[vehicle])


def _moment(
    site: Limits,
    ports: _Ports,
    data: Data,
    here: IntArray,
    held: IntArray,
    lacking: FloatArray,
    tapered: FloatArray,
    now: int,
) -> StepState:
    vehicles, visits, step = data.vehicles, data.visits, site.spec.step
    who = visits.vehicle[here]
    presence = visits.presence[here]
    seat = held[who]
    category = vehicles.category[who].tolist()
    rate = np.array(
        [
            ports.rate(kind, most, number)
            for kind, most, number in zip(category, vehicles.charge[who].tolist(), seat.tolist(), strict=True)
        ]
    )
    draws = np.zeros((len(site.nodes), len(who)))
    for column, (kind, number) in enumerate(zip(category, seat.tolist(), strict=True)):
        feeder, efficiency = (ports.feeder[number], ports.efficiency[number]) if number >= 0 else ("", 1.0)
        draws[:, column] = site.counted(feeder, ports.spread(kind, number)) / efficiency
    if site.spec.on("min_power"):
        # A power that is lowered to a level of its port must not be what made room on another phase.
        draws = np.maximum(draws, 0.0)
    full = np.minimum(presence * rate, tapered)
    missing = lacking[who]
    time_left = vehicles.end[who] - np.maximum(vehicles.begin[who], now * step)
    laxity = time_left - missing / np.maximum(rate, 1e-12)
    return StepState(
        most=np.minimum(full, missing / step),
        full=full,
        arrival=vehicles.begin[who],
        departure=vehicles.end[who],
        laxity=laxity,
        vehicles=np.ones(len(who)),
        room=site.limit[:, now] - site.loads[:, now] + site.there[:, now],
        draws=draws,
    )


def _on_levels(
    spec: Spec, ports: _Ports, held: IntArray, data: Data, here: IntArray, power: FloatArray
) -> FloatArray:
    """Powers lowered to what the levels of their ports and classes allow."""
    if not spec.on("min_power"):
        return power
    classes, found = spec.of_kind("class"), power.copy()
    for at, visit in enumerate(here):
        vehicle = data.visits.vehicle[visit]
        kind, port = int(data.vehicles.category[vehicle]), int(held[vehicle])
        share, there = ports.share(kind, port), data.visits.presence[visit]
        rates = [share * rate for rate in ports.blocks[port].numbers("rates")] if port >= 0 else []
        least = share * ports.blocks[port].number("min_power") if port >= 0 else 0.0
        own = [ports.part(kind, port) * rate for rate in listed_rates(classes[kind], "charge")]
        if own:
            rates = [one for one in own if not rates or min(abs(one - r) for r in rates) <= IN_RANGE]
            rates = [one for one in rates if one >= least - IN_RANGE]
        if own or rates:
            levels = [there * rate for rate in rates if there * rate <= power[at] + IN_RANGE]
            found[at] = max(levels, default=0.0)
        elif power[at] < there * least - IN_RANGE:
            found[at] = 0.0
    return found


def _balanced(
    site: Limits, ports: _Ports, charge: FloatArray, port: IntArray, cohorts: list[CohortCourse]
) -> Dispatch:
    """What generation gives, and what flows through the feeders and the connection."""
    spec, visits = site.spec, site.data.visits
    taken = site.loads.copy()
    draw = charge / (np.append(ports.efficiency, 1.0)[port])
    category = site.data.vehicles.category[visits.vehicle]
    for number, kind in sorted(set(zip(port.tolist(), category.tolist(), strict=True))):
        mine = (port == number) & (category == kind)
        parts = site.counted(ports.feeder[number] if number >= 0 else "", ports.spread(kind, number))
        taken += np.outer(parts, np.bincount(visits.step[mine], draw[mine], minlength=spec.steps))
    for cohort in cohorts:
        taken += np.outer(site.parts(cohort.device), cohort.power)
    stored = _stored(site, taken)
    used = {name: power.copy() for name, power in site.available.items()}
    if spec.on("curtailment"):
        for node in range(len(site.nodes)):
            curtail(site, used, taken[node], node)
    given = np.zeros_like(taken)
    for device in site.generators():
        given += np.outer(site.parts(device), used[device.name])
    flow = taken - given
    devices: dict[str, FloatArray] = dict(used)
    for device in spec.of_kind("load"):
        power = site.data.over_time(device.name, "power")
        assert power is not None, "the setting is required"
        devices[device.name] = power
    for device in spec.of_kind("storage"):
        done = stored[device.name]
        devices[device.name] = done.charge - done.discharge
        devices[f"{device.name}.charge"] = done.charge
        devices[f"{device.name}.discharge"] = done.discharge
        devices[f"{device.name}.energy"] = done.energy[:-1]
        devices[f"{device.name}.energy_end"] = np.array(done.energy[-1])
    for cohort in cohorts:
        devices |= cohort.flows()
    for feeder in site.feeders:
        devices[feeder.name] = flow[site.number[feeder.name]]
    for event in spec.of_kind("event"):
        drawn = flow[site.number["".join(event.names("feeder"))]]
        devices |= site.data.told_of_calls(event, drawn)
    return Dispatch(charge, port, devices, flow[site.number[""]])


def _stored(site: Limits, taken: FloatArray) -> dict[str, battery.Course]:
    """The course of each storage, one after the other; what they take and give is added to what is taken."""
    courses: dict[str, battery.Course] = {}
    connection = site.number[""]
    use = taken[connection].copy()  # all that hangs on the connection: loads and vehicles, and no storage yet
    # What waits for surplus comes last: what another takes afterwards would have to be imported.
    order = sorted(site.spec.of_kind("storage"), key=lambda device: device.choice("source") == "surplus")
    for device in order:
        parts, flow = site.parts(device), taken - site.there
        nodes = np.flatnonzero(parts[: connection + 1])
        into = (site.limit - flow)[nodes].min(axis=0)
        out = (site.limit + flow)[nodes[:-1]].min(axis=0, initial=np.inf)
        left = np.maximum(site.limit - flow, 0.0)
        for limit in range(connection + 1, len(parts)):
            if parts[limit] > 0:
                into = np.minimum(into, left[limit] / parts[limit])
            elif parts[limit] < 0:  # what it takes eases this one, and what it gives counts
                out = np.minimum(out, left[limit] / -parts[limit])
        to_consumers = device.choice("sink") == "site"
        if to_consumers:
            out = np.minimum(out, use)
        done = battery.course(
            device, flow[connection], into, out, site.spec.step, least_power(site.spec, device)
        )
        if to_consumers:
            use = use - done.discharge
        taken += np.outer(parts, done.charge - done.discharge)
        courses[device.name] = done
    return courses
