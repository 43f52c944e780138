"""`maximize lexfairness` in rounds: the worst share, then the second worst, until nothing is left to raise.

Round 1 is `maximize fairness`: it gives the largest worst share. How it goes on depends on the model.

**Linear programs.** Let t* be what a round reached for the vehicles that are still free. A vehicle is
settled when its share is t* in every optimum of the round. Proof by duals: the row `level <= share[v]` of a
vehicle with a positive dual is tight in every optimum (complementary slackness). Where a solver gives no
duals, or none is positive: among the free vehicles that are at t*, C, the sum of the shares is maximized
with all others kept. Vehicles that rise leave C, and the sum is maximized again; those of the last C, in
which none rises, are at t* in every optimum (one that could rise would raise the sum). C does not
become empty: the mean of schedules that each raise one vehicle would raise all, as the set is convex, and t*
would not be the largest. Settled vehicles keep their share as a row, and the next round maximizes the
least share of the free ones. Each round settles one vehicle at least.

**Mixed-integer programs.** There no vehicle need be the one that is tight in every optimum: either of two may
have the port. What holds on any set is that the fairest list maximizes θ_1, then θ_2, and so on, where
θ_k, the sum of the k smallest shares, is (W. Ogryczak, T. Śliwiński, 2003)

    θ_k(s) = max  k t - Σ_v d[v]    with d[v] >= t - s_v, d >= 0

(The first place in which two sorted lists differ is the first in which their θ do.) So θ_k is maximized
under the fairest list so far: y_1..y_k settled and y_k in all places behind, by
`evdsl.optimization.shares.hold_list`. Two things make rounds fewer; m > k below is the number of shares at
hand up to y_k:

- Places k+1.. at which the shares at hand are the largest that powers and stays allow, in sorted order, are
  settled: no sorted list lies above the sorted list of the vehicles' own bounds.
- θ_m is asked at once, not θ_{k+1}. If no list does better than the one at hand, θ_k + (m-k) y_k, all
  places up to m are settled, since every list has at least y_k in each. If one does, fewer are at
  y_k in it, and the question is asked again with it.

A round that ends without a schedule, or at a limit, leaves the schedule of the one before.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from evdsl.language.arrays import FloatArray
from evdsl.language.objectives import word
from evdsl.language.objectives.fairness import each
from evdsl.language.spec import Stage
from evdsl.model.builder import ModelBuilder
from evdsl.model.point import Values
from evdsl.model.program import Program, aim, replica
from evdsl.optimization.shares import hold_list, hold_vehicles, is_discrete, row_scale, shortfall
from evdsl.schedule.energy import shares_of
from evdsl.solver.solution import Solution, Status

Resolve = Callable[[Program], tuple[Solution, Values] | None]
"""Solves what is laid over a program: the solution, and the settled schedule; `None` where a rewrite of
the model cannot be put back."""

Pose = Callable[..., None]
"""Adds the rows and the objective of a round to a program, with a `slack` for the settled shares."""

EQUAL = 1e-6
"""Shares, and sums of them, that differ by less are the same."""

SLACKS = (1e-9, 1e-6)
"""What a settled share gives way by: the schedule at hand keeps it to rounding. Larger only where a solver
finds that too narrow, as n settled vehicles that give way by that much each can feed another by n times."""

POSITIVE = 1e-6
"""A dual above this is none of the rounding of a zero; those of a round add up to one."""

OWN = "lexfairness"
KEPT = f"{OWN}.kept"


def is_lexicographic(stage: Stage) -> bool:
    """Whether a stage is an order of schedules."""
    return any((found := word(name)) is not None and found.order for name in stage.weights)


@dataclass(slots=True)
class Lexicographic:
    """The rounds of one stage: the fairest schedule so far, and how many programs were solved for it.

    `program` is that of the first round, with the rows that hold earlier stages; each round is laid over a
    copy of it.
    """

    program: Program
    stage: Stage
    resolve: Resolve
    solution: Solution
    values: Values
    count: int = 1
    stopped: bool = False
    lost_in_undo: bool = False
    shares: FloatArray = field(init=False)
    """Those of the fairest schedule so far."""
    found: FloatArray = field(init=False)
    """Those of the last program that was solved."""

    def __post_init__(self) -> None:
        self.shares = self.found = shares_of(self.values, self.program)

    def run(self) -> Solution | None:
        """Goes on from the first round; `None` where a schedule could not be put back.

        The solution has the bound of the first round, unless a later one did not come to its end.
        """
        first = self.solution
        if len(self.shares) and first.status is not Status.FEASIBLE and not first.interrupted:
            if is_discrete(self.program):
                self._by_sums()
            else:
                self._by_vehicles(first)
        if self.lost_in_undo:
            return None
        if self.stopped:
            return replace(self.solution, status=Status.FEASIBLE, bound=math.nan)
        return replace(self.solution, bound=first.bound)

    def _by_vehicles(self, last: Solution) -> None:
        """The rounds of a linear program."""
        free, least = np.ones(len(self.shares), dtype=bool), np.zeros(len(self.shares))
        scale = row_scale(self.program.data.vehicles.need)
        duals = last.duals.get("site.fairness")
        while not self.stopped:
            level = float(self.shares[free].min())
            least = np.where(free, level, least)
            if (self.shares[free] >= self._most()[free] - EQUAL).all():
                return
            settled = _priced(duals, scale, free)
            if not settled.any():
                settled = self._cannot_rise(free & (self.shares <= level + EQUAL), least)
            free = free & ~settled
            if not free.any() or self.stopped:
                return
            found = self._solve_round(partial(self._least_of, free=free, least=least))
            if found is None:
                return
            duals = found.duals.get(f"{OWN}.served")

    def _cannot_rise(self, candidates: NDArray[np.bool_], least: FloatArray) -> NDArray[np.bool_]:
        """Those of the candidates whose share is no larger in any optimum of the round."""
        shares, kept = self.shares, candidates.copy()
        while True:
            found = self._solve_round(partial(self._sum_of, kept=kept, least=least), keep=False)
            if found is None:
                return candidates
            rise = self.found - shares
            rising = kept & (rise > EQUAL)
            if not rising.any():
                return kept
            if (kept & ~rising).any():
                kept = kept & ~rising
                continue
            # Only rounding lets all of them rise: the one that rises least is the one that is tight.
            return np.asarray(kept & (rise <= rise[kept].min()))

    def _least_of(self, program: Program, free: NDArray[np.bool_], least: FloatArray, slack: float) -> None:
        """Poses the largest least share of the free vehicles, with all others kept."""
        place = self.stage.span
        hold_vehicles(program, KEPT, least, slack, place)
        builder = ModelBuilder.extending(program)
        level = builder.variable(f"{OWN}.level", "one", 1, place, upper=1.0)
        who = np.flatnonzero(free)
        scale = row_scale(program.data.vehicles.need)[who]
        mine = builder.scale(builder.take(shortfall(builder), who, "free"), scale)
        least_share = builder.scale(each(builder, level, "free", len(who)), scale)
        builder.rows(f"{OWN}.served", mine + least_share, "<=", scale, place)
        aim(program, builder.total(level), "max")

    def _sum_of(self, program: Program, kept: NDArray[np.bool_], least: FloatArray, slack: float) -> None:
        """Poses the largest sum of some shares, with all others kept."""
        hold_vehicles(program, KEPT, least, slack, self.stage.span)
        builder = ModelBuilder.extending(program)
        mine = builder.take(shortfall(builder), np.flatnonzero(kept), "free")
        aim(program, builder.total(mine), "min")

    def _by_sums(self) -> None:
        """The rounds of a mixed-integer program; the first has settled the worst share."""
        count, most = len(self.shares), np.sort(self._most())
        settled, tried = 1, count
        while True:
            listed = np.sort(self.shares)
            while settled < count and listed[settled] >= most[settled] - EQUAL:
                settled += 1
            if settled == count:
                return
            level = listed[settled - 1]
            asked = int((listed <= level + EQUAL).sum())
            asked = max(min(asked, tried), settled + 1)
            before = float(listed[:asked].sum())
            least = np.concatenate([listed[:settled], np.full(count - settled, level)])
            if self._solve_round(partial(self._sum_of_worst, places=asked, least=least)) is None:
                return
            if self.stopped:
                return
            if float(np.sort(self.shares)[:asked].sum()) <= before + EQUAL or asked == settled + 1:
                settled, tried = asked, count
            else:
                tried = asked - 1

    def _sum_of_worst(self, program: Program, places: int, least: FloatArray, slack: float) -> None:
        """Poses the largest sum of the worst shares, under the fairest list so far."""
        place = self.stage.span
        hold_list(program, KEPT, least, slack, place)
        builder = ModelBuilder.extending(program)
        level = builder.variable(f"{OWN}.level", "one", 1, place, upper=1.0)
        below = builder.variable(f"{OWN}.below", "served", len(least), place, upper=1.0)
        scale = row_scale(program.data.vehicles.need)
        left = below - shortfall(builder) - each(builder, level, "served", len(least))
        builder.rows(f"{OWN}.worst", builder.scale(left, scale), ">=", -scale, place)
        objective = places * builder.total(level) - builder.total(below)
        aim(program, objective, "max")

    def _solve_round(self, pose: Pose, keep: bool = True) -> Solution | None:
        """Solves what `pose` lays over the program; `None` where that gives no schedule to go on with."""
        for slack in SLACKS:
            posed = replica(self.program)
            pose(posed, slack=slack)
            answer = self.resolve(posed)
            if answer is None:
                self.stopped = self.lost_in_undo = True
                return None
            solution, values = answer
            self.count += 1
            if solution.status.has_schedule or solution.status is Status.STOPPED:
                break
        return self._taken_in(solution, values, keep)

    def _taken_in(self, solution: Solution, values: Values, keep: bool) -> Solution | None:
        """Notes how a round ended; its schedule is the one at hand from now on, where it is to be kept."""
        before = self.solution
        interrupted = before.interrupted or solution.interrupted
        after = replace(before, seconds=before.seconds + solution.seconds, interrupted=interrupted)
        if not solution.status.has_schedule or solution.status is Status.FEASIBLE or interrupted:
            self.stopped = True
            message = f"round {self.count} ended {solution.status.value}: {solution.message}"
            after = replace(after, message=message)
        elif solution.status is Status.WITHIN_GAP:
            after = replace(after, status=Status.WITHIN_GAP)
        self.solution = after
        if not solution.status.has_schedule:
            return None
        self.found = shares_of(values, self.program)
        if keep and _fairer(self.found, self.shares):
            self.values, self.shares = values, self.found
        return solution

    def _most(self) -> FloatArray:
        """The largest share of each vehicle that its power and its stay allow."""
        data, slots = self.program.data, self.program.slot_index.slots
        vehicles = data.vehicles
        gain = np.where(np.isnan(vehicles.demand), vehicles.charge_efficiency, 1.0)[slots.vehicle]
        power = self.program.spec.step * slots.presence * slots.charge * gain
        energy = np.bincount(slots.vehicle, power, minlength=len(vehicles))
        counted = vehicles.need > 0
        return np.asarray(np.minimum(energy[counted] / vehicles.need[counted], 1.0), dtype=float)


def _priced(duals: FloatArray | None, scale: FloatArray, free: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The free vehicles whose row has a positive dual; `duals` has an entry for each free vehicle.

    The rows of a vehicle are multiplied by its `scale`, so their duals add up to one times that.
    """
    settled = np.zeros(len(free), dtype=bool)
    if duals is not None:
        settled[np.flatnonzero(free)] = duals * scale[free] > POSITIVE
    return settled


def _fairer(new: FloatArray, old: FloatArray) -> bool:
    """Whether a list of shares is at least as fair as another, up to rounding."""
    apart = np.sort(new) - np.sort(old)
    first = np.flatnonzero(np.abs(apart) > EQUAL)
    return not len(first) or bool(apart[first[0]] > 0)
