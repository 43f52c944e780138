"""Stage after stage: each is solved while the earlier ones keep their values, as far as it allows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Stage
from evdsl.model.bounds import drop_negligible, least_possible, magnitude
from evdsl.model.linear import add_rows
from evdsl.model.lower import Lowered
from evdsl.model.point import Values, value_of
from evdsl.model.program import Program, aim, replica, weighted_sum
from evdsl.model.relaxation import keeps
from evdsl.optimization.lexicographic import Lexicographic, is_lexicographic
from evdsl.optimization.result import StageResult
from evdsl.optimization.shares import hold_list, hold_vehicles, is_discrete
from evdsl.schedule.settle import project_on_bounds
from evdsl.solver.audit import solve
from evdsl.solver.backend import Backend, Listener
from evdsl.solver.solution import Attempt, Deadline, Options, Solution, Status

SLACK = 1e-6
"""By what a later stage may miss an earlier one beyond its allowance: of its value or, where terms cancel,
of half the sum of their absolute values, and of a unit of the stage. Solvers satisfy rows
to 1e-7; without it the next stage can be infeasible. It is not of the largest coefficient: at prices of
1e6 EUR/kWh a later stage would spend whole euros of it."""

Settle = Callable[[Values, Program], Values]
"""Puts a point of a program on its bounds, and computes from it whatever follows from its powers."""


@dataclass(frozen=True, slots=True)
class StagesEnd:
    """What the stages of a program came to, as far as they were solved.

    `values` are those of the schedule at hand, `None` where no stage has one; `last` is the solution that the
    last solve ended with. `backends` are those whose answers these are, in order of their first one, and
    `attempts` the runs of all solves that took more than one, `choice` why `auto` took the last solver.
    """

    results: tuple[StageResult, ...]
    values: Values | None
    last: Solution
    seconds: float
    backends: tuple[str, ...]
    attempts: tuple[Attempt, ...]
    posed: Program
    """What was solved last, with the rows that held the stages before."""
    choice: str = ""

    def overall(self, stages: int) -> tuple[Status, str]:
        """The worst of the stages; a later stage without a schedule leaves the earlier one's.

        One that nothing bounds leaves none: it is a mistake in the spec, whatever comes before it.
        """
        last, done = self.last, len(self.results)
        if not done or last.status is Status.UNBOUNDED:
            return last.status, last.message
        if done < stages:
            return Status.FEASIBLE, f"stage {done + 1} ended {last.status.value}: {last.message}"
        return Status.worst_of(result.status for result in self.results), last.message


@dataclass(frozen=True, slots=True)
class Broken:
    """An answer does not keep what was left out of the program; `stage` counts from 1."""

    stage: int


def solve_stages(
    lowered: Lowered,
    backend: Backend,
    options: Options,
    listener: Listener | None = None,
    levels: Sequence[StageResult] = (),
    settle: Settle = project_on_bounds,
) -> StagesEnd | Broken | None:
    """All stages in order; `None` where a solution could not be put back into the program as formulated.

    An answer that breaks what was relaxed ends them; `settle` puts a point on its bounds.

    The time limit is that of all of them together; `levels` are kept as if earlier stages had reached them.
    What is solved is laid over copies: the lowered program stays as it is.
    """
    program, deadline = lowered.program, Deadline.of(options)
    results: list[StageResult] = []
    best: Values | None = None
    solution = Solution(Status.ERROR, message="no objective")
    posed = program
    backends: dict[str, None] = {}
    attempts: list[Attempt] = []
    is_broken = False

    def resolve(posed: Program) -> tuple[Solution, Values] | None:
        """Solves what is laid over the program; the point is put back into it and settled on its bounds."""
        asked = replace(deadline.within(options), has_point=best is not None)
        found = solve(backend, posed.model, asked, listener)
        backends.setdefault(found.backend)
        if len(found.attempts) > 1:
            attempts.extend(replace(attempt, stage=len(results) + 1) for attempt in found.attempts)
        point = {name: values for name, values in found.values.items() if name in program.model.variables}
        restored = lowered.undo(point) if found.status.has_schedule else {}
        if isinstance(restored, str):
            return None
        if restored and not keeps(lowered.relaxed, restored):
            nonlocal is_broken
            is_broken = True
            return None
        return found, settle(restored, program) if restored else {}

    for index, stage in enumerate(program.stages):
        if best is not None and at_best(program, stage, best):
            rounds = 0 if is_lexicographic(stage) else None
            results.append(replace(as_it_stands(stage, best, program), rounds=rounds))
            continue
        posed = pose_stage(program, index, results, levels)
        answer = resolve(posed)
        if answer is None:
            return Broken(len(results) + 1) if is_broken else None
        solution = answer[0]
        if not solution.status.has_schedule:
            break
        best = answer[1]
        reached = stage_result(stage, solution, best, program)
        if is_lexicographic(stage):
            further = Lexicographic(posed, stage, resolve, solution, best)
            last = further.run()
            if last is None:
                return Broken(len(results) + 1) if is_broken else None
            solution, best = last, further.values
            reached = stage_result(stage, solution, best, program)
            reached = replace(reached, rounds=further.count, shares=further.shares)
        results.append(reached)
        if solution.interrupted:
            break
    return StagesEnd(
        tuple(results),
        best,
        solution,
        deadline.elapsed,
        tuple(backends),
        tuple(attempts),
        posed,
        solution.choice,
    )


def pose_stage(
    program: Program, index: int, reached: Sequence[StageResult], levels: Sequence[StageResult] = ()
) -> Program:
    """A copy of a program with the objective of a stage and the rows that hold the earlier ones.

    `reached` are the results of the stages before it, in order. What one of them has once given way stays
    allowed, so each is held by the largest allowance of all stages that follow on it up to this one.
    """
    posed, stage = replica(program), program.stages[index]
    for position, result in enumerate([*levels, *reached]):
        own = position - len(levels)
        allowing = max(later.allowing for later in program.stages[max(own, -1) + 1 : index + 1])
        name = f"stage.{position + 1}"
        if result.shares is None:
            _hold_value(posed, name, result, allowing)
        else:
            _hold_shares(posed, name, result.stage, result.shares, allowing)
    aim(posed, weighted_sum(program, stage), "min" if stage.sign > 0 else "max")
    return posed


def at_best(program: Program, stage: Stage, values: Values) -> bool:
    """Whether the schedule at hand is as good for a later stage as the bounds of its variables allow.

    Then it is optimal for that stage whatever the rows say, and keeps every earlier one: no solve is
    needed. `fairness` at 1 and `unmet` at 0 are the common cases.
    """
    expression = weighted_sum(program, stage)
    best = least_possible(expression, stage.sign, program.model)
    return stage.sign * value_of(expression, values, program.model) <= best + 1e-9 * abs(best)


def as_it_stands(stage: Stage, values: Values, program: Program) -> StageResult:
    """A stage that the schedule at hand already satisfies in full."""
    value = stage.constant + value_of(weighted_sum(program, stage), values, program.model)
    size = magnitude(weighted_sum(program, stage), values, program)
    return StageResult(stage, Status.OPTIMAL, value, value, 0.0, size=size)


def _hold_value(program: Program, name: str, result: StageResult, allowing: float) -> None:
    """Adds a row that keeps an earlier stage at its value, give or take what it allows."""
    expression = weighted_sum(program, result.stage)
    slack = SLACK * (max(abs(result.value), result.size / 2) + _unit(result.stage))
    room = allowing * abs(result.value) + slack
    sign = result.stage.sign
    expression, least = drop_negligible(expression, sign, 0.1 * slack, program)
    if not len(expression.label):
        # All that the bounds of its variables allow differs by less than the slack.
        return
    limit = result.value - result.stage.constant + sign * (room - least)
    add_rows(program.model, name, expression, "<=" if sign > 0 else ">=", np.array([limit]))
    program.ledger[name] = result.stage.span


def _unit(stage: Stage) -> float:
    """A unit of the stage, or a hundredth of one of its heaviest word: 1e-8 kWh of `unmet` is rounding."""
    return max([1.0, *(abs(weight) / 100 for weight in stage.weights.values())])


def _hold_shares(program: Program, name: str, stage: Stage, shares: FloatArray, allowing: float) -> None:
    """Adds rows that keep the whole list of shares of a stage; see `evdsl.optimization.shares`."""
    if not len(shares):
        return
    hold = hold_list if allowing or is_discrete(program) else hold_vehicles
    hold(program, name, (1.0 - allowing) * shares, SLACK * (1.0 + float(shares.max())), stage.span)


def stage_result(stage: Stage, solution: Solution, values: Values, program: Program) -> StageResult:
    """What a stage reached, its value taken from the settled schedule."""
    value = stage.constant + value_of(weighted_sum(program, stage), values, program.model)
    bound = solution.bound + stage.constant + float(weighted_sum(program, stage).constant[0])
    if solution.status is Status.OPTIMAL and math.isnan(bound):
        bound = value
    size = magnitude(weighted_sum(program, stage), values, program)
    return StageResult(stage, solution.status, value, bound, solution.seconds, size=size)
