"""What must hold for every spec, whatever it says. Each returns what is wrong, or nothing."""

from __future__ import annotations

from collections.abc import Mapping

from evdsl.diagnostics.diagnostic import render
from evdsl.language.spec import Stage
from evdsl.optimization.result import Result
from evdsl.solver.solution import Status
from evdsl.testing.exact.claims import EXACTLY
from evdsl.testing.properties.invariant import IdleError, Invariant
from evdsl.testing.properties.physics import PHYSICS
from evdsl.testing.properties.reading import misprinted
from evdsl.testing.trial import Trial, name_of, outcome

NEAR = 2e-5
"""Two values are the same where they differ by less than this, of their size or of a unit."""


def differ(first: Result, second: Result, names: tuple[str, str]) -> str | None:
    """How two runs of what should be the same differ in status or in the value of a stage."""
    one, other = outcome(first), outcome(second)
    if one[0] != other[0]:
        return f"{names[0]} is {one[0]} ({first.message}), {names[1]} is {other[0]} ({second.message})"
    for place, (a, b) in enumerate(zip(one[1], other[1], strict=True)):
        size = max(abs(a), abs(b), first.stages[place].size, second.stages[place].size, 1.0)
        loose = NEAR if place == 0 else 50 * NEAR
        if abs(a - b) > loose * size:
            return f"stage {place + 1} is {a:.9g} by {names[0]}, {b:.9g} by {names[1]}"
    return None


def worth_of(stage: Stage, terms: Mapping[str, float]) -> float:
    """What the words of a schedule make in a stage; one that is not told is nothing."""
    return stage.constant + sum(weight * terms.get(name, 0.0) for name, weight in stage.weights.items())


def diagnosed(trial: Trial) -> str | None:
    """A spec is taken, or told with a place what is wrong; and every finding can be rendered."""
    found = trial.read[1]
    render(found)
    if not trial.has_no_errors and not any(each.is_error for each in found):
        return "refused without a reason"
    lost = [each for each in found if each.is_error and each.span is None]
    return f"no place is said: {lost[0].message}" if lost else None


def printed(trial: Trial) -> str | None:
    """Formatting changes nothing, and neither does formatting again."""
    return misprinted(trial.text)


def solvers_agree(trial: Trial) -> str | None:
    """Every solver ends with the same status and the same value in every stage."""
    first, *others = trial.solvers
    if not others:
        raise IdleError
    for other in others:
        wrong = differ(trial.run(first), trial.run(other), (name_of(first), name_of(other)))
        if wrong:
            return wrong
    return None


def verified(trial: Trial) -> str | None:
    """The independent check accepts the schedule of every solver, and no solver fails."""
    for solver in trial.solvers:
        result = trial.run(solver)
        if result.status in (Status.ERROR, Status.FEASIBLE, Status.STOPPED):
            return f"{name_of(solver)}: {result.message}"
    return None


def bound_met(trial: Trial) -> str | None:
    """The value of the schedule, as it was put back and recomputed, is the one that the solver proved."""
    if not any(trial.run(solver).stages for solver in trial.solvers):
        raise IdleError
    for solver in trial.solvers:
        for place, stage in enumerate(trial.run(solver).stages):
            room = NEAR * max(1.0, abs(stage.value), stage.size)
            if stage.status is Status.OPTIMAL and abs(stage.value - stage.bound) > room:
                bound = f"{stage.bound:.9g} is the bound of {name_of(solver)}"
                return f"stage {place + 1} is worth {stage.value:.9g}, and {bound}"
    return None


def words_recomputed(trial: Trial) -> str | None:
    """The value of the last stage is the weighted sum of the words, worked out again from the schedule."""
    results = [(solver, trial.run(solver)) for solver in trial.solvers]
    if not any(result.status.has_schedule for _, result in results):
        raise IdleError
    for solver, result in results:
        if not result.status.has_schedule:
            continue
        reached, verdict = result.stages[-1], result.verdict
        assert verdict is not None, "a schedule was verified"
        # Not as reports tell them: there what lies within rounding is zero.
        worth = worth_of(reached.stage, verdict.terms)
        if abs(worth - reached.value) > NEAR * max(1.0, reached.size, abs(worth)):
            return f"{name_of(solver)}: the last stage claims {reached.value:.9g}, its words make {worth:.9g}"
    return None


def stages_kept(trial: Trial) -> str | None:
    """No later stage makes an earlier one worse than by what is allowed from then on."""
    result = trial.run()
    if not result.status.has_schedule or len(result.stages) < 2:
        raise IdleError
    for place, reached in enumerate(result.stages):
        stage = reached.stage
        if reached.shares is not None:
            continue
        given = max([later.stage.allowing for later in result.stages[place + 1 :]], default=0.0)
        worth = worth_of(stage, result.terms)
        room = given * abs(reached.value) + 10 * NEAR * max(1.0, abs(reached.value), reached.size)
        if stage.sign * (worth - reached.value) > room:
            ends = f"{reached.value:.9g} and ends at {worth:.9g}"
            return f"stage {place + 1} reached {ends}, {given:.0%} allowed"
    return None


def rewrites_agree(trial: Trial) -> str | None:
    """Without any one of the rewrites that were used, the optimum is the same.

    `NECESSARY` are those without which the first solver has no model to solve.
    """
    if not {*trial.rewrites} - {*NECESSARY}:
        raise IdleError
    for name in trial.rewrites:
        if name in NECESSARY:
            continue
        wrong = differ(trial.run(), trial.run(without=(name,)), ("with all rewrites", f"without {name}"))
        if wrong:
            return wrong
    return None


NECESSARY = ("exclusive_to_binary",)
"""Rewrites that no other stands in for."""


WITHOUT_PRESOLVE = {"highs": ("presolve", "off"), "scip": ("presolving/maxrounds", "0")}
"""The option of a solver that leaves its presolve out; another solver is given other seeds only."""


def seeds_agree(trial: Trial) -> str | None:
    """Three seeds of each solver, one of them without presolve, end at the same value."""
    for solver in trial.solvers:
        option = WITHOUT_PRESOLVE.get(name_of(solver))
        runs = (
            ("with another seed", trial.run(solver, seed=11)),
            ("without presolve", trial.run(solver, seed=5, extra=(option,) if option else ())),
        )
        for how, run in runs:
            wrong = differ(trial.run(solver), run, (f"{name_of(solver)} as it is", how))
            if wrong:
                return wrong
    return None


INVARIANTS: tuple[Invariant, ...] = (
    Invariant("diagnosed", "a spec is taken, or a place and a reason are said", diagnosed, False),
    Invariant("printed", "format and parse change nothing", printed, False),
    *PHYSICS,
    Invariant("verified", "the independent check accepts every schedule", verified),
    Invariant("bound_met", "an optimal schedule is worth what the solver proved", bound_met),
    Invariant("solvers_agree", "all solvers agree in status and values", solvers_agree),
    Invariant("words_recomputed", "the words of the schedule make the value of the stage", words_recomputed),
    Invariant("stages_kept", "a later stage keeps the earlier ones as far as it must", stages_kept),
    Invariant("rewrites_agree", "without any one rewrite the optimum is the same", rewrites_agree),
    *EXACTLY,
)
"""Every invariant, the cheap ones first."""
