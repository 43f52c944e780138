"""Every schedule of a tiny site, written out from its numbers: no solver and no model has a part in it.

Of vehicle v in step t, there for the share n[v,t] of it and at a block of ports b, the power is one of few:

    charge    = 0   or   n r,  r a rate of b, r <= min(class charge, power of b)
    discharge = 0   or   n r,  r a rate of b, r <= min(class discharge, discharge of b)    `v2g`, a battery

Not both above zero with `exclusive` on. With `hold_port` on all ways of giving ports to vehicles are gone
through: a port is nobody else's while a vehicle is there; with `queue` beside it, while it holds it
(`evdsl.testing.brute.queueing`). Off, each step's are gone through alone. Then
all combinations of powers are made, and those dropped that break a bound of a battery, a demand or a limit.
What is left of the site is decided by its balance: with d what load and vehicles take less what vehicles
give, and S the sun's power, `curtailment` off, import less export is d - S, one of them zero. On, the sun is
used first, and what is left of it exported as far as that earns something and may be:

    d >= 0:  import = max(d - S, 0),   export = min(max(S - d, 0), limit) where feed_in > 0, else 0
    d <  0:  import = 0,               export = -d + (min(S, limit + d) where feed_in > 0, else 0)

Calls count minute by minute; where less drawn is paid for, no sun is curtailed.

With V = 250 V a limit of single phases is held against what each carries. Where the sun may be curtailed
there is no `phase_limit`, since less sun might keep it; it gives as much on each phase, which leaves them as
far apart.

That is the best use for every word at once where no price is below zero, which `tiny_sites` sees to: less
import makes no word of `UNITS` worse, and exports enter `cost` alone, each step by itself. So the first stage
is the least value of all schedules, and a later one the least of those that keep what was reached.

A vehicle that makes a trip has two stays: the second begins with what the first was left with less what the
trip uses, or with the least allowed, and what that lacks is `unmet`, or bought.

Nothing of evdsl's data, formulation or verifier is used. `brute_force(site)` is the claim that solvers find
the same status, the same values, and a schedule that is one of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.optimization.result import Result
from evdsl.testing.brute.calls import call_outcome
from evdsl.testing.brute.queueing import least_waits
from evdsl.testing.brute.sites import VOLTS, Series, TinyPorts, TinySite, TinyStage
from evdsl.testing.brute.vehicles import (
    CLOSE,
    Blocks,
    Profiles,
    RoundedStay,
    are_in_order,
    can_be_seated,
    need_of,
    phases_of,
    profiles_of,
    seatings,
    stays_of,
)
from evdsl.testing.properties.invariant import Invariant
from evdsl.testing.trial import StoppedError, Trial, name_of, outcome

if TYPE_CHECKING:
    import xarray as xr

SAME = 1e-5
"""Two values are the same where they differ by less than this, of their size or of a unit."""


@dataclass(frozen=True, slots=True)
class Schedules:
    """Schedules that meet a site: powers over (schedule, vehicle, step), words and more over schedules."""

    charge: FloatArray
    discharge: FloatArray
    words: Mapping[str, FloatArray]

    def objective_value(self, stage: TinyStage) -> FloatArray:
        """What a stage makes small, in each schedule."""
        return sum((weight * self.words[word] for word, weight in stage.weights), np.zeros(len(self.charge)))


def schedules(site: TinySite) -> Schedules:
    """All that meet the site."""
    parts = [_together(site, seating) for seating in seatings(site)]
    names = parts[0].words
    return Schedules(
        np.concatenate([part.charge for part in parts]),
        np.concatenate([part.discharge for part in parts]),
        {name: np.concatenate([part.words[name] for part in parts]) for name in names},
    )


def optimum(site: TinySite, every: Schedules) -> list[tuple[float, float]]:
    """The value of each stage, once within 1e-9 and once within 1e-5 of what earlier ones may lose.

    Solvers keep earlier stages with a slack between the two; where it matters, either value is right.
    """
    found: list[tuple[float, float]] = []
    for place, stage in enumerate(site.stages):
        ends: list[float] = []
        for slack in (1e-9, 1e-5):
            kept = np.ones(len(every.charge), dtype=bool)
            for at, earlier in enumerate(site.stages[:place]):
                best = found[at][0]
                given = max(later.allowing for later in site.stages[at + 1 : place + 1])
                size = _size(every, earlier)
                kept &= every.objective_value(earlier) <= best + given * abs(best) + slack * (
                    1.0 + abs(best) + size
                )
            ends.append(float(every.objective_value(stage)[kept].min()))
        found.append((ends[0], ends[1]))
    return found


def _size(every: Schedules, stage: TinyStage) -> FloatArray:
    """The sum of the absolute values of the terms of a stage, in each schedule."""
    terms = (np.abs(weight * every.words[word]) for word, weight in stage.weights)
    return sum(terms, np.zeros(len(every.charge)))


def brute_force(site: TinySite) -> Invariant:
    """The claim that the solvers of a trial of `site.text` do what writing out all schedules does."""
    return Invariant(
        "brute_force",
        "all schedules written out have the same status and the same best values",
        lambda trial: _differs(site, trial),
    )


def _differs(site: TinySite, trial: Trial) -> str | None:
    every = schedules(site)
    best = optimum(site, every) if len(every.charge) else []
    for solver in trial.solvers:
        try:
            result = trial.run(solver)
        except StoppedError:
            continue
        wrong = _wrong(site, every, best, result)
        if wrong:
            return f"{name_of(solver)}: {wrong}"
    return None


def _wrong(site: TinySite, every: Schedules, best: list[tuple[float, float]], result: Result) -> str | None:
    status, values = outcome(result)
    expected = "optimal" if best else "infeasible"
    if status != expected:
        return f"{status} ({result.message}), and {len(every.charge)} schedules meet the site"
    for place, (stage, value, ends) in enumerate(zip(site.stages, values, best, strict=False)):
        ours = -value if result.stages[place].stage.sign < 0 else value
        room = SAME * max(1.0, abs(value), result.stages[place].size)
        if not min(ends) - room <= ours <= max(ends) + room:
            words = ", ".join(word for word, _ in stage.weights)
            return f"stage {place + 1} ({words}) is {ours:.9g}, and the best schedule makes {ends[0]:.9g}"
    if result.schedule is None:
        return None
    off = np.zeros(len(every.charge))
    for flow, known in (("charge", every.charge), ("discharge", every.discharge)):
        far = np.abs(known - _by_vehicle(result.schedule, flow)).max(axis=(1, 2), initial=0.0)
        off = np.maximum(off, far)
    if off.min() > 1e-4:
        return f"its schedule is none of those that meet the site; the nearest is {off.min():.3g} kW away"
    return None


def _by_vehicle(schedule: xr.Dataset, flow: str) -> FloatArray:
    """A flow of each vehicle over all its stays; `v0/2` is the second of `v0`."""
    names = [str(name).partition("/")[0] for name in schedule["vehicle"].values]
    values = schedule[flow].values
    return np.array(
        [
            values[[at for at, name in enumerate(names) if name == own]].sum(axis=0)
            for own in dict.fromkeys(names)
        ]
    )


def _together(site: TinySite, seating: tuple[Blocks, ...]) -> Schedules:
    """All combinations of what the vehicles can do, of which those are kept that the site can carry."""
    each: list[Profiles] = []
    first = 0
    for one in site.vehicles:
        last = first + len(stays_of(site, one))
        each.append(profiles_of(site, one, seating[first:last]))
        first = last
    grid = np.indices([len(profiles.charge) for profiles in each]).reshape(len(each), -1)
    pairs = list(zip(each, grid, strict=True))
    ways = np.ones(grid.shape[1], dtype=bool)
    waits: FloatArray | None = None
    if "hold_port" not in site.on:
        ways &= _seated(site, [profiles.block[way] for profiles, way in pairs])
    elif "queue" in site.on:
        waits = least_waits(site, [profiles.block[way] for profiles, way in pairs])
        ways &= np.isfinite(waits)
        waits = waits[ways]
    else:
        waits = np.full(len(ways), _turned_away(site, seating))
    pairs = [(profiles, way[ways]) for profiles, way in pairs]
    size = int(ways.sum())
    taken, cable = np.zeros((size, site.steps)), np.zeros((size, site.steps))
    for profiles, way in pairs:
        power, hung = _at_site(site.ports, profiles)
        taken, cable = taken + power[way], cable + hung[way]
    load = np.array(site.load if site.load is not None else (0.0,) * site.steps)
    imported, exported = _balanced(site, taken + load)
    kept = np.ones(size, dtype=bool)
    flow = cable + (load if site.load_on_feeder else 0.0)
    if site.feeder_limit is not None:
        kept &= (np.abs(flow) <= site.feeder_limit + CLOSE).all(axis=1)
    most = np.array(site.import_limit if site.import_limit is not None else (np.inf,) * site.steps)
    kept &= (imported <= most + CLOSE).all(axis=1)
    kept &= (exported <= _may_export(site) + CLOSE).all(axis=1)
    kept &= _phases_kept(site, pairs, size)
    whole = _words(site, pairs, imported, exported, _demand_cost(site, imported, flow))
    for event in site.events:
        is_kept, money = call_outcome(site, event, flow if event.on_feeder else imported - exported)
        kept &= is_kept
        whole["cost"] = whole["cost"] + money
    if waits is not None:
        whole["waiting_time"] = waits
    return Schedules(
        np.stack([profiles.charge[way[kept]] for profiles, way in pairs], axis=1),
        np.stack([profiles.discharge[way[kept]] for profiles, way in pairs], axis=1),
        {name: values[kept] for name, values in whole.items()},
    )


def _turned_away(site: TinySite, seating: tuple[Blocks, ...]) -> float:
    """The hours for which those are there who need something and get no port, if given for a stay."""
    each = [(vehicle, stay) for vehicle in site.vehicles for stay in stays_of(site, vehicle)]
    stays = (
        stay
        for (vehicle, stay), blocks in zip(each, seating, strict=True)
        if not blocks and need_of(site, vehicle) > 0
    )
    return sum((stay.end - stay.begin for stay in stays), 0) / 60


def _seated(site: TinySite, blocks: list[IntArray]) -> NDArray[np.bool_]:
    """Whether in every step there is a port for whoever has power, those who come and go within it heeded."""
    counts = tuple(ports.count for ports in site.ports)
    found = np.ones(len(blocks[0]), dtype=bool)
    for t in range(site.steps):
        first, last = t * site.minutes, (t + 1) * site.minutes
        stays = [_stay_at(stays_of(site, vehicle), t) for vehicle in site.vehicles]
        spans = tuple((max(stay.begin, first), min(stay.end, last)) for stay in stays)
        ways, which = np.unique(np.stack([one[:, t] for one in blocks], 1), axis=0, return_inverse=True)
        fits = np.array(
            [
                can_be_seated(tuple(way), spans, counts) and are_in_order(site, tuple(way), spans)
                for way in ways.tolist()
            ],
            dtype=bool,
        )
        found &= fits[which.ravel()]
    return found


def _stay_at(stays: list[RoundedStay], step: int) -> RoundedStay:
    """The stay that a vehicle has in a step; any where it is away, and has no power."""
    return next((stay for stay in stays if stay.presence[step] > 0), stays[0])


def _at_site(ports: tuple[TinyPorts, ...], profiles: Profiles) -> tuple[FloatArray, FloatArray]:
    """What a vehicle takes of the site, and of that what flows through the feeder; kW."""
    efficiency = np.array([*(block.efficiency for block in ports), 1.0])[profiles.block]
    hangs = np.array([*(block.on_feeder for block in ports), False])[profiles.block]
    power = profiles.charge / efficiency - profiles.discharge * efficiency
    return power, np.where(hangs, power, 0.0)


def _phases_kept(site: TinySite, pairs: list[tuple[Profiles, IntArray]], size: int) -> NDArray[np.bool_]:
    """Which schedules keep the limits of single phases; the sun gives as much on each, all that there is."""
    kept = np.ones(size, dtype=bool)
    for cable in (False, True):
        limit = site.feeder_phase_limit if cable else site.phase_limit
        apart = None if cable else site.unbalance_limit
        if limit is None and apart is None:
            continue
        net = np.zeros((3, size, site.steps))
        for vehicle, (profiles, way) in zip(site.vehicles, pairs, strict=True):
            power, hung = _at_site(site.ports, profiles)
            for number, ports in enumerate(site.ports):
                mine = phases_of(vehicle, ports)
                there = np.where(profiles.block == number, hung if cable else power, 0.0)
                for phase in mine:
                    net[phase - 1] += there[way] / len(mine)
        if site.load is not None and (site.load_on_feeder or not cable):
            for phase in site.load_phases or (1, 2, 3):
                net[phase - 1] += np.array(site.load) / len(site.load_phases or (1, 2, 3))
        if site.solar is not None and not cable:
            net -= np.array(site.solar) / 3
        if limit is not None:
            kept &= (np.abs(net) <= limit * VOLTS / 1000 + CLOSE).all(axis=(0, 2))
        if apart is not None:
            kept &= (np.ptp(net, axis=0) <= apart * VOLTS / 1000 + CLOSE).all(axis=1)
    return kept


def _may_export(site: TinySite) -> float:
    if site.export_limit is not None:
        return site.export_limit
    return 0.0 if site.feed_in is None else np.inf


def _balanced(site: TinySite, taken: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Import and export; see the head of this module."""
    sun = np.array(site.solar if site.solar is not None else (0.0,) * site.steps)
    if "curtailment" not in site.on:
        return np.maximum(taken - sun, 0.0), np.maximum(sun - taken, 0.0)
    earns = np.array(site.feed_in if site.feed_in is not None else (0.0,) * site.steps) > 0
    given, left = np.maximum(-taken, 0.0), np.maximum(sun - np.maximum(taken, 0.0), 0.0)
    room = np.maximum(_may_export(site) - given, 0.0)
    return np.maximum(taken - sun, 0.0), given + np.where(earns, np.minimum(left, room), 0.0)


def _demand_cost(site: TinySite, imported: FloatArray, flow: FloatArray) -> FloatArray:
    """Of each schedule what its meters bill, read minute by minute, with the charge for the peak."""
    total: FloatArray = site.demand_charge * imported.max(axis=1)
    minutes = np.arange(site.steps * site.minutes)
    for meter in site.meters:
        first, last = meter.window or (0, len(minutes))
        inside = (minutes >= first) & (minutes < last)
        if first > last:
            inside = (minutes >= first) | (minutes < last)
        power = np.maximum(flow if meter.on_feeder else imported, 0.0)
        interval = max(meter.interval or 0, site.minutes)
        largest = np.zeros(len(power))
        for number in np.unique(minutes[inside] // interval):
            steps = minutes[inside & (minutes // interval == number)] // site.minutes
            largest = np.maximum(largest, power[:, steps].mean(axis=1))
        total = total + meter.price * np.maximum(largest - meter.reached, 0.0)
    return total


def _words(
    site: TinySite,
    pairs: list[tuple[Profiles, IntArray]],
    imported: FloatArray,
    exported: FloatArray,
    demand_cost: FloatArray,
) -> dict[str, FloatArray]:
    hours, nothing = site.minutes / 60, np.zeros(len(imported))
    whole = {
        name: sum((profiles.words[name][way] for profiles, way in pairs), nothing)
        for name in (
            "unmet",
            "dissatisfaction",
            "discharged",
            "wear",
            "end_value",
            "elsewhere_cost",
            "delay",
            "revenue",
        )
    }
    shares = np.stack([np.ones(len(nothing)), *(profiles.words["share"][way] for profiles, way in pairs)])
    worst, best = np.fmin.reduce(shares), np.fmax.reduce(shares[1:])
    peak = imported.max(axis=1)

    def paid(rate: Series | None, power: FloatArray) -> FloatArray:
        return hours * (power * np.array(rate)).sum(axis=1) if rate is not None else nothing

    energy_cost = paid(site.price, imported)
    return {
        **whole,
        "energy_cost": energy_cost,
        "demand_cost": demand_cost,
        "co2": paid(site.carbon, imported),
        "peak": peak,
        "export_peak": exported.max(axis=1),
        "fairness": worst,
        "fairness_gap": np.where(np.isnan(best), 0.0, best - worst),
        "cost": energy_cost
        - paid(site.feed_in, exported)
        + demand_cost
        + whole["wear"]
        - whole["end_value"]
        + whole["elsewhere_cost"],
    }
