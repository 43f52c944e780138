"""What keeps a vehicle from taking more in a step, while everybody else does what the schedule says.

For each block of ports that its class may use (or its own port), and each source of the energy, an opening:
how much more it could take there, kWh, and the limits that are full on the way. A limit on the way is

    the ports of the block      no port of it is free for the stay (for the step, where ports may be swapped;
                                with `queue`, from the step to when the vehicle has one)
    a feeder                    flow[f,t] is at limit[f,t], for each feeder between the port and the source
    the connection              import less export is at `import_limit[t]`, where the source is the grid
    a phase                     of the connection or of a feeder, at its `phase_limit[t]` on the side to which
                                it would move (`evdsl.optimization.shortfall.phases`)
    what is between phases      two of the connection are at `unbalance_limit[t]`, and would be further apart

A port is free where fewer vehicles than it has ports are there at once: identical ports can be given anew
without changing who has one, since stays are intervals; a socket that is out of order is one that is there
for as long. A source is the grid, or a generator that does not
use all that it has and whose own feeders carry no more outward than they may.

There is no opening where the vehicle has the largest power of class, port and `taper` already, gives energy
back, or where what comes later fills its battery: in the stay, and in those up to where a kWh more is wanted
(`evdsl.optimization.shortfall.trips`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import BoolArray, FloatArray, IntArray
from evdsl.language.devices import series_key
from evdsl.language.devices.generation import available
from evdsl.language.devices.phases import LABELS, counts_phases, rotates
from evdsl.language.spec import Device, Spec
from evdsl.model import taper
from evdsl.model.outages import outages_of
from evdsl.model.ports import groups_of, has_one_port_a_stay
from evdsl.optimization.shortfall.flow import Flow, flow_of
from evdsl.optimization.shortfall.margin import Extra
from evdsl.optimization.shortfall.phases import PhaseLimits
from evdsl.optimization.shortfall.port_changes import PortChanges, power_at
from evdsl.optimization.shortfall.trips import sinks
from evdsl.schedule.phases import spread_of_ports

if TYPE_CHECKING:
    import xarray as xr

FULL = 1e-4
"""Relative: a limit with less room than this is full, a power with less below its most is at it."""
OVERLAP = 1e-9
"""Hours that two vehicles may share a port, as for the verifier."""
CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class Openings:
    """One entry for each way in which a vehicle could take more if nothing were full.

    `full[i, l]` says that limit l (by `limits`) is full on the way, `alone[i, l]` that it would be if no
    other vehicle came; `amount` is kWh at the port, `group` the ports at one of which it would be taken;
    `known` where the limits are all that bars it, also of who would change its port for it, and `alike` where
    the site would give what the vehicle takes already as before.
    """

    extra: Extra
    group: IntArray
    known: BoolArray
    alike: BoolArray
    amount: FloatArray
    full: BoolArray
    alone: BoolArray
    limits: tuple[str, ...]


def openings(spec: Spec, data: Data, schedule: xr.Dataset, who: BoolArray) -> Openings:
    """Every opening of some vehicles."""
    flow, ahead = flow_of(data, schedule), sinks(data, schedule).room
    feeders = tuple(device.name for device in spec.of_kind("feeder"))
    blocks = spec.of_kind("port")
    limits = (
        CONNECTION,
        *(f"feeder {name}" for name in feeders),
        *(f"port {block.name}" for block in blocks),
    )
    rows = np.flatnonzero(who[data.visits.vehicle])
    site, phases = _Site(spec, data, schedule, feeders, flow), PhaseLimits(spec, data, schedule)
    ways, outages = _groups(spec, blocks), _outages(spec, data)
    plain, limits = len(limits), (*limits, *phases.names)
    parts: list[Part] = []
    for which, (number, block, members) in enumerate(ways):
        mine = rows[_may_use(spec, data, block)[data.visits.vehicle[rows]]]
        mine = mine[~_holds_another(flow.port[mine], block, members, ways)]
        more = _power_left(spec, data, flow, ahead, mine, block)
        mine, more = mine[more > 0], more[more > 0]
        filled, known, alike = site.changes.of(mine, number)
        spread = spread_of_ports(spec)[data.vehicles.category[data.visits.vehicle[mine]], members[:1]]
        taken = np.zeros(len(mine), dtype=np.bool_)
        if block is not None:
            taken = _none_free(spec, data, flow, mine, members[members >= 0], outages[number])
        for full, there, source in site.ways("".join(block.names("feeder")) if block is not None else ""):
            step = data.visits.step[mine]
            at = np.flatnonzero(there[step])
            on_the_way = np.zeros((len(at), len(limits)), dtype=np.bool_)
            on_the_way[:, : 1 + len(feeders)] = full[step[at]]
            on_the_way[:, : 1 + len(feeders)] |= filled[at]
            on_the_way[:, plain:] = phases.full(spread[at], step[at], block, source)
            if block is not None:
                on_the_way[:, 1 + len(feeders) + number] = taken[at]
            alone = np.zeros_like(on_the_way)
            alone[:, : 1 + len(feeders)] = site.own[mine[at], None] >= site.rest[step[at]]
            alone[:, : 1 + len(feeders)] |= filled[at]
            alone[:, plain:] = phases.alone(spread[at], step[at], site.own[mine[at]])
            if block is not None:
                out = _out_of_order(spec, data, mine, members[members >= 0], outages[number])
                alone[:, 1 + len(feeders) + number] = out[at]
            efficiency = np.full(len(at), 1.0 if block is None else block.number("efficiency"))
            is_generator = np.full(len(at), source is not None)
            extra = Extra(data.visits.vehicle[mine[at]], step[at], efficiency, is_generator)
            group = np.full(len(at), which)
            parts.append((extra, group, known[at], alike[at], more[at] * spec.step, on_the_way, alone))
    return _joined(parts, limits)


Group = tuple[int, Device | None, IntArray]
"""Ports that are told as one: the number of the block, the block, and the numbers of its ports."""


def _groups(spec: Spec, blocks: Sequence[Device]) -> list[Group]:
    """The ports of each block; where phases count, those of one that rotates by the phase they begin with.

    A block without ports stands for a port that is not there; who brings its own has the one behind all.
    """
    found: list[Group] = []
    first = 0
    turns = len(LABELS) if counts_phases(spec) else 1
    for number, block in enumerate(blocks):
        count = block.port_count
        ports, apart = np.arange(first, first + count), turns if rotates(block) else 1
        found += [(number, block, ports[turn::apart]) for turn in range(min(apart, count))]
        found += [] if count else [(number, block, np.array([-1]))]
        first += count
    return found or [(0, None, np.array([-1]))]


def _holds_another(
    port: IntArray, block: Device | None, members: IntArray, groups: Sequence[Group]
) -> BoolArray:
    """Who has a port of the block that begins with another phase, and would have to change it."""
    others = [ports for _, other, ports in groups if block is not None and other is block]
    known = np.concatenate([*others, members])
    return np.isin(port, known) & ~np.isin(port, members) & (port >= 0)


Part = tuple[Extra, IntArray, BoolArray, BoolArray, FloatArray, BoolArray, BoolArray]


def _joined(parts: Sequence[Part], limits: tuple[str, ...]) -> Openings:
    extras, *others = zip(*parts, strict=True)
    groups, known, alike, amounts, full, alone = others
    extra = Extra(
        np.concatenate([extra.vehicle for extra in extras]),
        np.concatenate([extra.step for extra in extras]),
        np.concatenate([extra.efficiency for extra in extras]),
        np.concatenate([extra.from_generator for extra in extras]),
    )
    return Openings(
        extra,
        np.concatenate(groups),
        np.concatenate(known),
        np.concatenate(alike),
        np.concatenate(amounts),
        np.concatenate(full),
        np.concatenate(alone),
        limits,
    )


def _may_use(spec: Spec, data: Data, block: Device | None) -> BoolArray:
    """By vehicle, whether its class may use a block."""
    if block is None:
        return np.ones(len(data.vehicles), dtype=np.bool_)
    named = [category.names("ports") for category in spec.of_kind("class")]
    allowed = np.array([not names or block.name in names for names in named], dtype=np.bool_)
    return allowed[data.vehicles.category]


def _power_left(
    spec: Spec, data: Data, flow: Flow, ahead: FloatArray, rows: IntArray, block: Device | None
) -> FloatArray:
    """How much more each visit could take at a block, kW over the step; 0 where there is no opening.

    `ahead` is the room of each stay, up to where a kWh more is wanted.
    """
    vehicles, visits = data.vehicles, data.visits
    who = visits.vehicle[rows]
    most = power_at(data, rows, block)
    most = np.minimum(most, taper.most(spec, data, who, visits.presence[rows], flow.energy[rows]))
    left = most - flow.charge[rows]
    gives = np.bincount(visits.vehicle, flow.discharge, minlength=len(vehicles)) > 0
    after = _room_after(data, flow)[rows] / vehicles.charge_efficiency[who] / spec.step
    room = np.where(vehicles.travels, ahead, vehicles.high - _departing(data, flow, spec.step))[who]
    end = room / vehicles.charge_efficiency[who]
    left = np.where(np.isnan(end), left, np.minimum(left, np.where(gives[who], after, end / spec.step)))
    return np.where((left > FULL * most) & (flow.discharge[rows] <= 0), left, 0.0)


def _departing(data: Data, flow: Flow, step: float) -> FloatArray:
    """The energy of each battery when its vehicle leaves."""
    vehicles, visits = data.vehicles, data.visits
    who = visits.vehicle
    gained = step * (
        flow.charge * vehicles.charge_efficiency[who] - flow.discharge / vehicles.discharge_efficiency[who]
    )
    return vehicles.initial + np.bincount(who, gained, minlength=len(vehicles))


def _room_after(data: Data, flow: Flow) -> FloatArray:
    """By visit, what is free in the battery at its fullest from the end of that visit on, kWh."""
    vehicles, visits = data.vehicles, data.visits
    room = vehicles.high[visits.vehicle] - flow.energy
    ahead = np.full(len(visits), np.inf)
    for vehicle in np.unique(visits.vehicle[flow.discharge > 0]):
        mine = slice(int(visits.start[vehicle]), int(visits.start[vehicle + 1]))
        later = np.minimum.accumulate(room[mine][::-1])[::-1]
        ahead[mine] = np.append(later[1:], later[-1])
    return ahead


Times = tuple[FloatArray, FloatArray]
"""Begins and ends of intervals, hours."""


def _outages(spec: Spec, data: Data) -> list[Times]:
    """Of each block when sockets of it are out of order, one interval for each."""
    groups, _ = groups_of(spec)
    found, block = outages_of(data, groups), [one.block for one in groups]
    each = [
        found.group == (block.index(series_key(port)) if series_key(port) in block else -1)
        for port in spec.of_kind("port")
    ]
    return [(found.begin[mine], found.end[mine]) for mine in each] or [(np.zeros(0), np.zeros(0))]


def _out_of_order(spec: Spec, data: Data, rows: IntArray, ports: IntArray, outages: Times) -> BoolArray:
    """By visit, whether all of some ports are out of order at some time for which it would hold one."""
    vehicles, visits = data.vehicles, data.visits
    who = visits.vehicle[rows]
    begin, end = vehicles.begin[who], vehicles.end[who]
    if not has_one_port_a_stay(spec):
        begin = np.maximum(begin, visits.step[rows] * spec.step)
        end = np.minimum(end, (visits.step[rows] + 1) * spec.step)
    return deepest(outages, (begin, end)) >= len(ports)


def _none_free(
    spec: Spec, data: Data, flow: Flow, rows: IntArray, ports: IntArray, outages: Times
) -> BoolArray:
    """By visit, whether none of some ports is free for it and in order."""
    vehicles, visits = data.vehicles, data.visits
    here = np.isin(flow.port, ports)
    begin = np.maximum(vehicles.begin[visits.vehicle], visits.step * spec.step)
    end = np.minimum(vehicles.end[visits.vehicle], (visits.step + 1) * spec.step)
    held = np.flatnonzero(here)
    if spec.on("hold_port") and spec.on("queue"):
        # The run of a vehicle on a port of the block would have to reach to the step that is asked about.
        run_begin, run_end = _runs(data, held, begin, end)
        run_begin, run_end = run_begin[visits.vehicle[rows]], run_end[visits.vehicle[rows]]
        holding, has_one = (begin[held], end[held]), here[rows]
        asked = (
            np.where(begin[rows] > run_end, run_end, begin[rows]),
            np.where(end[rows] < run_begin, run_begin, end[rows]),
        )
    elif spec.on("hold_port"):
        owners = np.unique(visits.vehicle[held])
        holding = (vehicles.begin[owners], vehicles.end[owners])
        asked = (vehicles.begin[visits.vehicle[rows]], vehicles.end[visits.vehicle[rows]])
        has_one = np.isin(visits.vehicle[rows], owners)
    else:
        holding, asked, has_one = (begin[held], end[held]), (begin[rows], end[rows]), here[rows]
    busy = np.append(holding[0], outages[0]), np.append(holding[1], outages[1])
    return ~has_one & (deepest(busy, asked) >= len(ports))


def _runs(data: Data, held: IntArray, begin: FloatArray, end: FloatArray) -> tuple[FloatArray, FloatArray]:
    """By vehicle, from when until when it holds a port of these visits; NaN where it holds none."""
    vehicle = data.visits.vehicle[held]
    first, last = (np.full(len(data.vehicles), np.nan) for _ in range(2))
    np.fmin.at(first, vehicle, begin[held])
    np.fmax.at(last, vehicle, end[held])
    return first, last


def deepest(holding: tuple[FloatArray, FloatArray], asked: tuple[FloatArray, FloatArray]) -> IntArray:
    """The most intervals that are there at once within each interval that is asked about."""
    begin, end = np.sort(holding[0]), np.sort(holding[1])
    times = np.unique(np.concatenate([[-np.inf], begin, end]))
    depth = np.searchsorted(begin, times + OVERLAP, "right") - np.searchsorted(end, times + OVERLAP, "right")
    if not len(asked[0]):
        return np.zeros(0, dtype=np.int64)
    low = np.searchsorted(times, asked[0] + OVERLAP, "right") - 1
    high = np.maximum(np.searchsorted(times, asked[1] - OVERLAP, "left"), low + 1)
    pairs = np.stack([low, high], axis=1).reshape(-1)
    # The last range of `reduceat` has to begin within the array: one more number that counts for nothing.
    return np.maximum.reduceat(np.append(depth, -1), pairs)[::2]


class _Site:
    """The feeders, the connection and the generators of a schedule, over the steps."""

    def __init__(
        self, spec: Spec, data: Data, schedule: xr.Dataset, feeders: tuple[str, ...], flow: Flow
    ) -> None:
        self.spec, self.feeders = spec, feeders
        self.above = {device.name: "".join(device.names("feeder")) for device in spec.of_kind("feeder")}
        net = np.asarray(schedule["import"].values - schedule["export"].values, dtype=float)
        limit = data.over_time("grid", "import_limit")
        nothing = np.zeros(spec.steps, dtype=np.bool_)
        self.connection = nothing if limit is None else net >= limit - FULL * np.maximum(limit, 1.0)
        self.own, taken = self._of_vehicles(data, flow)
        # What each limit leaves to one vehicle, the others gone, kW.
        self.rest = np.full((spec.steps, 1 + len(feeders)), np.inf)
        if limit is not None:
            self.rest[:, 0] = limit - FULL * np.maximum(limit, 1.0) - net + taken[0]
        self.inward: dict[str, BoolArray] = {}
        self.outward: dict[str, BoolArray] = {}
        carries, may_carry = (
            net[:, None],
            np.full((spec.steps, 1), np.inf) if limit is None else limit[:, None],
        )
        for at, name in enumerate(feeders, start=1):
            most = data.over_time(name, "limit")
            assert most is not None, "the setting is required"
            carried, near = np.asarray(schedule[name].values, dtype=float), FULL * np.maximum(most, 1.0)
            self.inward[name] = carried >= most - near
            self.rest[:, at] = most - near - carried + taken[at]
            self.outward[name] = carried <= near - most
            carries, may_carry = np.column_stack([carries, carried]), np.column_stack([may_carry, most])
        # Of a site that sells it is not known here what it does with what it takes less.
        has_to = np.column_stack([np.zeros(spec.steps), -may_carry[:, 1:]])
        hangs = np.array([[True, *(name in path for name in feeders)] for path in self._paths()])
        self.changes = PortChanges(spec, data, flow, carries, may_carry, has_to, hangs)
        self.unused = [
            (device, self._path("".join(device.names("feeder"))), left > FULL * np.maximum(there, 1.0))
            for device in (*spec.of_kind("solar"), *spec.of_kind("wind"))
            for there in [available(data, device)]
            for left in [there - np.asarray(schedule[device.name].values, dtype=float)]
        ]

    def _of_vehicles(self, data: Data, flow: Flow) -> tuple[FloatArray, FloatArray]:
        """What each visit takes from the site, kW, and what all take through connection and feeders."""
        visits, blocks = data.visits, self.spec.of_kind("port")
        size = [block.port_count for block in blocks]
        block = np.append(np.repeat(np.arange(len(blocks)), size), -1)[flow.port]
        efficiency = np.append([one.number("efficiency") for one in blocks], 1.0)[block]
        own = np.asarray(flow.charge / efficiency - flow.discharge * efficiency, dtype=float)
        paths = self._paths()
        by = [np.ones(len(visits), dtype=np.bool_)]
        by += [
            np.append([name in path for path in paths], False).astype(np.bool_)[block]
            for name in self.feeders
        ]
        taken = [np.bincount(visits.step, own * way, minlength=self.spec.steps) for way in by]
        return own, np.array(taken)

    def _paths(self) -> list[list[str]]:
        """The feeders of each block of ports."""
        return [self._path("".join(one.names("feeder"))) for one in self.spec.of_kind("port")]

    def _path(self, feeder: str) -> list[str]:
        """A feeder and those above it."""
        path: list[str] = []
        while feeder and feeder not in path:
            path.append(feeder)
            feeder = self.above[feeder]
        return path

    def ways(self, feeder: str) -> Iterator[tuple[BoolArray, BoolArray, Device | None]]:
        """From each source to a port, by step: what is full, whether it gives; the generator that it is."""
        path, everywhere = self._path(feeder), np.ones(self.spec.steps, dtype=np.bool_)
        yield self._full(path, self.connection), everywhere, None
        for source, own, gives in self.unused:
            meeting = next((name for name in path if name in own), "")
            inward = path[: path.index(meeting)] if meeting else path
            outward = own[: own.index(meeting)] if meeting else own
            for name in outward:
                gives = gives & ~self.outward[name]
            if gives.any():
                yield self._full(inward, ~everywhere), gives, source

    def _full(self, path: Sequence[str], connection: BoolArray) -> BoolArray:
        found = np.zeros((self.spec.steps, 1 + len(self.feeders)), dtype=np.bool_)
        found[:, 0] = connection
        for name in path:
            found[:, 1 + self.feeders.index(name)] = self.inward[name]
        return found
