"""Why a vehicle is short: the one thing that, were it otherwise, would let it get more.

From a schedule and its data, for each vehicle with something missing. An opening
(`evdsl.optimization.shortfall.room`) is a way to take more in a step; it is worth it where the objective gets
better by it (`evdsl.optimization.shortfall.margin`).

1. No opening: it has the largest power of class and port for its whole stay, or a full battery. `stay`
2. Of the openings none is worth it, and no several of them together. `dear`
3. Else the limits that are full on the way of an opening that is worth it, fewest first, then most energy;
   where only several openings are worth it, at a largest import that they pay for together, the limits on
   their ways of which none can be left out (`evdsl.optimization.shortfall.bundle`). One is `port`, `feeder`,
   `connection`, `phase` or `unbalance`. Several are `others` where none of them would be full if no other
   vehicle came, else `several`.

Proof of 1: at no port that it may use can it take more, whatever the others do. Of 3: with the limits named
out of the way and everybody else as before, the vehicle takes a little more in that step, or in those; every
other rule of the spec holds still, and the objective is better. So where they are eased the optimum is better
by at least that, which goes to the vehicle, or to one that makes still more of it. Of 2: with every limit out
of the way, more to this vehicle makes the objective no better as things stand (the derivative of a convex
function).

With a `taper`, too, 1 is right: who always takes the most that it lets in has the most at the end
(`evdsl.model.taper`). 2 and 3 are `unknown` then, since more in one step lets in less after it; but not of
who takes nothing at all, and has no later step that would let in less.

Of a vehicle that makes trips more in a stay helps the first thing that lacks after it, and 3 is of the
openings of the stays that lead to what is missing: a little more there, and that much less is missing. 1 is
of the whole vehicle, which always charges with all its power; 2 of the whole vehicle too, since what all of
its stays lack is convex in what it charges, but for what it is worth as the vehicle leaves (`end_value`).
Else it is `unknown`: an earlier stay, with more than it lacks, could bring some of it.

Limits. What an `event`, a size that is chosen, a `require`, levels of power (`min_power`, `rates`,
`uninterrupted`), stages with an allowance and words without a derivative let through is not worked out:
then 3 says `unknown`, as 1 and 2 do of who gives energy back, since less of that is no opening here. So
does 3 where an opening is worth it and nothing is full, which an optimum cannot have; in a schedule that is
not proven to be the best that is `stopped`. Of `fairness` and `fairness_gap` only all of the worst off
together make more: what is full for one of them is told to all, and where one of them can get no more,
nothing of the others' is worth it by these words. A storage and the other devices are taken as they are:
that more of them would help is not said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import BoolArray, FloatArray, IntArray
from evdsl.language.decisions import Decision, sizes
from evdsl.language.units import symbol
from evdsl.model.ports import has_one_port_a_stay
from evdsl.model.taper import tapers
from evdsl.optimization.result import Result
from evdsl.optimization.shortfall.bundle import Bundle, bundle
from evdsl.optimization.shortfall.flow import flow_of
from evdsl.optimization.shortfall.margin import (
    INTAKE,
    SHARES,
    WORTH,
    bends,
    gains,
    lower,
    margins,
    unknown_words,
    worst_off,
)
from evdsl.optimization.shortfall.phases import UNBALANCE
from evdsl.optimization.shortfall.room import CONNECTION, openings
from evdsl.optimization.shortfall.trips import least_lacking, sinks
from evdsl.solver.solution import Status

if TYPE_CHECKING:
    import xarray as xr

SHORT = {
    "stay": "stay too short",
    "port": "no port free",
    "feeder": "feeder",
    "connection": "connection",
    "phase": "phase",
    "unbalance": "unbalance",
    "dear": "too dear",
    "others": "given to others",
    "stopped": "not the best yet",
    "unknown": "not determined",
}


CHANGE = "it would have to change its port for more, and whether it can is not worked out"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a vehicle is short: `code` as above, the limits that are meant (`port ac`), and a sentence."""

    code: str
    limits: tuple[str, ...]
    text: str

    @property
    def short(self) -> str:
        """A few words, for a column."""
        if self.code in ("feeder", "phase", "several"):
            return " and ".join(SHORT["port"] if name.startswith("port ") else name for name in self.limits)
        return SHORT[self.code]


def reasons(result: Result, least: float) -> dict[int, Reason]:
    """By vehicle, why it misses more than `least` kWh; empty where nobody does."""
    schedule = result.schedule
    if schedule is None or not len(result.data.vehicles):
        return {}
    short = np.asarray(schedule["unmet"].values, dtype=float) > least
    if not short.any():
        return {}
    return _Finder(result.as_chosen, schedule, short, sizes(result.spec)).found()


class _Finder:
    def __init__(
        self, result: Result, schedule: xr.Dataset, short: BoolArray, open_sizes: tuple[Decision, ...]
    ) -> None:
        self.sizes = open_sizes
        self.spec, self.data, self.schedule, self.short = result.spec, result.data, schedule, short
        self.travels = result.data.vehicles.travels
        self.over_time = [block for block, setting in result.data.series if setting == "count"]
        self.is_best = result.status in (Status.OPTIMAL, Status.WITHIN_GAP)
        need = self.data.vehicles.need
        unmet = self.data.vehicles.of_whole(np.asarray(schedule["unmet"].values, dtype=float))
        self.unmet = unmet
        self.shares: FloatArray = np.where(need > 0, 1.0 - unmet / np.where(need > 0, need, 1.0), 1.0)
        self.flow = flow_of(self.data, schedule)
        given = np.bincount(self.data.visits.vehicle, self.flow.discharge, minlength=len(need))
        self.gives: BoolArray = self._of_any_stay(given > 0)
        # Of one that takes nothing no curve holds anything back: it begins with what it came with.
        taken = np.bincount(self.data.visits.vehicle, self.flow.charge, minlength=len(need))
        self.bent: BoolArray = tapers(self.spec, self.data) & self._of_any_stay(taken > 0)
        self.sink = sinks(self.data, schedule).stay
        self.open = openings(self.spec, self.data, schedule, self._of_any_stay(short))
        worst = np.flatnonzero(worst_off(self.data, self.shares))
        # Where one of the worst off can get no more whatever is eased, no other makes the least share larger.
        can = bool(np.isin(worst, self.open.extra.vehicle).all())
        words = {name for stage in self.spec.stages for name in stage.weights}
        self.joint = can and bool({"fairness", "fairness_gap"} & words)
        self.margins = margins(self.spec, self.data, schedule, self.shares, self.open.extra, can)
        self.gain = gains(self.margins)
        # What makes the first stage better, where that does not weigh what the site gives.
        unpriced = not INTAKE & set(self.spec.stages[0].weights)
        self.is_worth_any_intake: BoolArray = self.margins.stages[0] < -WORTH * self.margins.sizes[0]
        self.is_worth_any_intake &= unpriced
        self.bends = bends(self.spec, self.data, schedule, self.open.extra)
        together = np.flatnonzero(np.isin(self.open.extra.vehicle, worst)) if self.joint else worst[:0]
        self.worst_with_ties = (
            frozenset(worst.tolist()) if self._is_tied(together) and self._pays(together) else frozenset()
        )

    def found(self) -> dict[int, Reason]:
        """The reason of each vehicle that is short, in their order."""
        who = self.open.extra.vehicle
        order = np.argsort(who, kind="stable")
        reasons: dict[int, Reason] = {}
        for vehicle in np.flatnonzero(self.short):
            if self.travels[vehicle]:
                reasons[int(vehicle)] = self._of_traveller(int(vehicle))
                continue
            low, high = np.searchsorted(who[order], [vehicle, vehicle + 1])
            reasons[int(vehicle)] = self._reason(int(vehicle), order[low:high])
        return self._of_worst_together(reasons)

    def _reason(self, vehicle: int, mine: IntArray) -> Reason:
        worth = mine[self.gain[mine] < 0]
        if not len(worth) and self.gives[vehicle]:
            text = (
                "not determined: it gives energy back, and what less of that would be worth is not worked out"
            )
            return Reason("unknown", (), text)
        if not len(mine):
            return Reason("stay", (), self._own(vehicle))
        unclear = self._unclear(vehicle)
        if self._is_beyond(vehicle):
            return Reason("unknown", (), f"not determined: {unclear}")
        if not len(worth):
            return self._of_no_opening(mine, mine, vehicle in self.worst_with_ties, unclear)
        if unclear:
            return Reason("unknown", (), f"not determined: {unclear}")
        return self._of_openings(worth)

    def _of_no_opening(self, own: IntArray, mine: IntArray, is_worst_with_ties: bool, unclear: str) -> Reason:
        """Of who has no opening that is worth it alone: several together may be, or more behind them."""
        if self.bends[own].any():
            text = "a kWh more lessens exports that earn more than imports behind it would cost"
            return Reason("unknown", (), f"not determined: {text}")
        if not is_worst_with_ties and not self._pays(own):
            return Reason("dear", (), self._dear(mine))
        sure = mine[self.open.known[mine] & self.open.alike[mine]]
        found = None if is_worst_with_ties or unclear else bundle(self.open, self.margins, sure)
        if found is None:
            text = "too dear in one step alone, but all steps at the largest import together pay for it once"
            return Reason("unknown", (), f"not determined: {unclear or text}")
        return self._of_bundle(found)

    def _of_bundle(self, found: Bundle) -> Reason:
        """What keeps a vehicle from more in several steps that pay together."""
        if not found.limits:
            return self._of_nothing_full()
        names = [self.open.limits[at] for at in found.limits]
        if self.spec.on("queue") and not any(name.startswith("port ") for name in names):
            text = "which ports are free from the first to the last of the steps that pay together"
            return Reason("unknown", (), f"not determined: {text}")
        barred = found.entries[self.open.full[found.entries].any(axis=1)]
        together = "too dear in one alone, but not in all at the largest import together"
        return self._of_limits(barred, found.limits, f", {together}")

    def _is_tied(self, some: IntArray) -> bool:
        """Whether for these openings several steps are at a largest that is paid for."""
        return any(one.of(some).is_tied for stage in self.margins.largest for one in stage)

    def _pays(self, some: IntArray) -> bool:
        """Whether it may be that amounts of some openings together make the objective better."""
        found = lower(self.margins, some)
        return found is None or bool((gains(found) < 0).any())

    def _of_openings(self, worth: IntArray) -> Reason:
        """What keeps a vehicle from more where some openings are worth it."""
        worth = worth[self.open.known[worth] & (self.open.alike[worth] | self.is_worth_any_intake[worth])]
        if not len(worth):
            return Reason("unknown", (), f"not determined: {CHANGE}")
        full = self.open.full[worth]
        return self._limits(worth, full) if full.any(axis=1).all() else self._of_nothing_full()

    def _of_nothing_full(self) -> Reason:
        """Of who could take more as things are."""
        if not self.is_best:
            return Reason("stopped", (), "the schedule is not proven to be the best: more was possible")
        return Reason("unknown", (), "not determined: nothing that is looked at keeps it from more")

    def _of_any_stay(self, some: BoolArray) -> BoolArray:
        """Of each stay whether one of its vehicle is among these."""
        vehicles = self.data.vehicles
        return np.asarray((vehicles.of_whole(some.astype(float)) > 0)[vehicles.first], dtype=bool)

    def _of_traveller(self, stay: int) -> Reason:
        """Of a stay of a vehicle that makes trips, why something is missing at its end."""
        least = least_lacking(self.spec, self.data, stay)
        vehicles, whole = self.data.vehicles, int(self.data.vehicles.first[stay])
        if self.unmet[whole] <= least + WORTH * max(float(vehicles.need[whole]), 1.0):
            text = f"stay too short: however it charges, its trips and target lack {least:.4g} kWh"
            return Reason("stay", (), text)
        if self.gives[stay]:
            text = "it gives energy back, and what less of that would be worth is not worked out"
            return Reason("unknown", (), f"not determined: {text}")
        who = self.open.extra.vehicle
        own = np.flatnonzero(vehicles.first[who] == whole)
        mine = own[self.sink[who[own]] == stay]
        worth = mine[self.gain[mine] < 0]
        unclear = self._unclear(stay)
        if unclear and (self._is_beyond(stay) or len(worth)):
            return Reason("unknown", (), f"not determined: {unclear}")
        if len(worth):
            return self._of_openings(worth)
        bound = float(vehicles.end_value[vehicles.first == whole].max()) > 0.0
        if not len(mine) or (self.gain[own] < 0).any() or bound:
            text = "not determined: it makes trips, and what its other stays could bring is not worked out"
            return Reason("unknown", (), text)
        return self._of_no_opening(own, mine, False, unclear)

    def _shares_with_travellers(self) -> bool:
        """Whether shares are weighed of vehicles of which it is not known here what they could get."""
        words = {name for stage in self.spec.stages for name in stage.weights}
        return bool(self.travels.any()) and bool(words & set(SHARES))

    def _is_beyond(self, vehicle: int) -> bool:
        """Whether what an opening is worth is not known here."""
        calls = self.spec.of_kind("event")
        known = not (calls or self.sizes or unknown_words(self.spec) or self.bent[vehicle])
        return not known or self._shares_with_travellers()

    def _unclear(self, vehicle: int) -> str:
        """What of the spec is not worked out for a vehicle."""
        spec = self.spec
        toggles = [name for name in ("min_power", "uninterrupted") if spec.on(name)]
        words = [f"`{name}`" for name in unknown_words(spec)]
        found = [f"`require {own.row.partition('.')[2]}`" for own in spec.requirements]
        found += [f"`{name}`" for name in toggles] + words
        if self.bent[vehicle]:
            found.append("`taper`")
        found += [f"`event {call.name}`" for call in spec.of_kind("event")]
        found += [f"`{one.setting}` of `{one.device}`, which is chosen," for one in self.sizes]
        waiting = [one.name for one in spec.of_kind("storage") if one.choice("source") == "surplus"]
        found += ["the share of vehicles that make trips"] * self._shares_with_travellers()
        found += [f"`source` of `storage {name}`" for name in waiting]
        if any(stage.allowing for stage in spec.stages):
            found.append("what a stage allows an earlier one to lose")
        return f"{' and '.join(found[:3])} may keep it from more" if found else ""

    def _limits(self, worth: IntArray, full: BoolArray) -> Reason:
        """The fewest limits on the way of an opening, and of those the ones that hold back most."""
        ways, which = np.unique(full, axis=0, return_inverse=True)
        energy = np.bincount(which.reshape(-1), self.open.amount[worth], minlength=len(ways))
        best = min(range(len(ways)), key=lambda way: (int(ways[way].sum()), -float(energy[way])))
        return self._of_limits(worth[which.reshape(-1) == best], np.flatnonzero(ways[best]).tolist())

    def _of_limits(self, entries: IntArray, limits: Sequence[int], more: str = "") -> Reason:
        """Some limits in the way of some openings."""
        names = tuple(self.open.limits[at] for at in limits)
        steps = np.unique(self.open.extra.step[entries])
        when = f"in {len(steps)} step{'s' * (len(steps) != 1)} in which it could take more{more}"
        told = " and ".join(_told(name) for name in names)
        alone = self.open.alone[entries][:, limits]
        if len(names) > 1:
            if not alone.any():
                return Reason("others", names, f"given to others: {told}, {when}")
            return Reason("several", names, f"{told}, {when}")
        (name,) = names
        if name in self.over_time and alone.all():
            some = " at some time of its stay" if has_one_port_a_stay(self.spec) else ""
            told = f"all ports of `{name.partition(' ')[2]}` are out of order{some}"
        return Reason(name.partition(" ")[0], names, f"{told}, {when}")

    def _own(self, vehicle: int) -> str:
        """Why it could not take more at any port, whatever the others do."""
        vehicles, visits = self.data.vehicles, self.data.visits
        there = slice(int(visits.start[vehicle]), int(visits.start[vehicle + 1]))
        hours = float(visits.presence[there].sum()) * self.spec.step
        if not hours:
            return "stay too short: it is not there in any step"
        taken = float(self.flow.charge[there].sum()) * self.spec.step
        if self.bent[vehicle]:
            what = f"it charges with all that its `taper` lets in for {hours:.3g} h, {taken:.4g} kWh"
            return f"stay too short: {what}"
        most = float(vehicles.reach[vehicle])
        if taken < float(vehicles.charge[vehicle]) * hours * 0.999 and taken >= most * 0.999:
            what = f"{taken:.4g} kWh are what it can take in {hours:.3g} h at the ports that it may use"
            return f"stay too short: {what}"
        return f"stay too short: it charges with all its power for {hours:.3g} h, {taken:.4g} kWh"

    def _dear(self, mine: IntArray) -> str:
        found = lower(self.margins, mine)
        assert found is not None, "that it is too dear was told from it"
        for stage, value, size in zip(self.spec.stages, found.stages, found.sizes, strict=True):
            worse = value > WORTH * size
            if worse.any():
                lost = float(value[worse].min()) if worse.all() else 0.0
                if not lost:
                    break
                unit = symbol(stage.dimension, self.spec.currency)
                goal = f"`{stage.sense} {stage.text}`"
                return f"too dear: a kWh more makes {goal} worse by at least {lost:.3g} {unit}".rstrip()
        return "too dear: a kWh more makes the objective no better"

    def _of_worst_together(self, found: dict[int, Reason]) -> dict[int, Reason]:
        """The worst off count together: what is full for any of them is in the way of all.

        Ports that are free for each of them need not be free for all at once: where they do not all hold one,
        their ports are in the way too.
        """
        least = np.flatnonzero(worst_off(self.data, self.shares) & self.short).tolist()
        held = [found[vehicle] for vehicle in least if found[vehicle].limits]
        if len(least) < 2 or not self.joint or not held:
            return found
        if any(reason.code == "unknown" for reason in (found[vehicle] for vehicle in least)):
            text = "not determined: those worst off count together, and of one of them it is not known"
            return found | {v: Reason("unknown", (), text) for v in least if found[v].limits}
        names = {name for reason in held for name in reason.limits}
        if not any(name.startswith("port ") for name in names) and not self._all_seated(np.array(least)):
            names |= {name for name in self.open.limits if name.startswith("port ")}
        ordered = tuple(name for name in self.open.limits if name in names)
        if all(reason.limits == ordered for reason in held):
            return found
        told = f"for those worst off together: {' and '.join(_told(name) for name in ordered)}"
        code = "several" if len(ordered) > 1 else ordered[0].partition(" ")[0]
        return found | {v: Reason(code, ordered, told) for v in least if found[v].limits}

    def _all_seated(self, who: IntArray) -> bool:
        """Whether each of these holds a port for its whole stay, or brings its own."""
        visits = self.data.visits
        mine = np.isin(visits.vehicle, who)
        return not self.spec.of_kind("port") or bool((self.flow.port[mine] >= 0).all())


def _told(name: str) -> str:
    if name == CONNECTION:
        return "the connection is full"
    if name == UNBALANCE:
        return "the phases are as far apart as they may be"
    sort, _, block = name.partition(" ")
    if sort == "phase":
        return f"{block if ' ' in block else f'{block} of the connection'} is full"
    return f"no port of `{block}` is free" if sort == "port" else f"feeder `{block}` is full"


def counts(found: Sequence[Reason]) -> list[tuple[str, int]]:
    """How many vehicles have each reason, the most frequent first."""
    return Counter(reason.short for reason in found).most_common()
