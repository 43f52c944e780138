"""What must become of the optimum when a spec is changed in a known way.

Each relation solves the changed spec on the first solver and compares the first stage: `same` value, a value
`times` another one, or one that is `no worse`. No result is known beforehand, and none is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from evdsl.language.units import MONEY
from evdsl.optimization.comparison import run as run_policy
from evdsl.optimization.policies import POLICIES
from evdsl.schedule.decisions import settled
from evdsl.solver.solution import Status
from evdsl.syntax import ast
from evdsl.testing.generate import changes, easing
from evdsl.testing.generate.edits import Change
from evdsl.testing.properties.bounds import BOUNDS
from evdsl.testing.properties.invariant import IdleError, Invariant
from evdsl.testing.properties.invariants import NEAR, seeds_agree, worth_of
from evdsl.testing.trial import Trial, outcome

SAME, TIMES, NO_WORSE = "same", "times", "no worse"


@dataclass(frozen=True, slots=True)
class Relation:
    """A change, and what it does to the optimum; `factor` of a stage that is to be multiplied."""

    name: str
    claim: str
    change: Change
    effect: str = SAME
    factor: Callable[[Trial], float] = lambda _: 1.0

    def changed(self, trial: Trial) -> ast.File | None:
        """The changed spec; nothing where it would not be known, as of a spec of several files."""
        return self.change(trial) if len(trial.spec.sources) == 1 else None


def related(relation: Relation, trial: Trial) -> str | None:
    """What is wrong with the optimum of the changed spec beside that of the spec itself."""
    file = relation.changed(trial)
    if file is None:
        raise IdleError
    other = trial.changed(file)
    if not other.has_no_errors:
        reason = next(each.message for each in other.read[1] if each.is_error)
        if relation.effect == SAME:
            return f"the changed spec is refused: {reason}"
        raise IdleError
    before, after = trial.run(), other.run()
    (status, first), (changed, second) = outcome(before), outcome(after)
    if relation.effect == NO_WORSE:
        if status not in ("optimal", "unbounded") or changed == "unbounded":
            raise IdleError
        if status == "unbounded" or changed != "optimal":
            return f"it was {status}, and is {changed} ({after.message})"
    elif status != changed and not (relation.change is changes.one_stage and status == "unbounded" and first):
        return f"it was {status} ({before.message}), and is {changed} ({after.message})"
    if not first or not second:
        if status == changed == "infeasible":
            return None
        raise IdleError
    expected = first[0] * relation.factor(trial)
    stage = before.stages[0]
    room = NEAR * max(1.0, abs(expected), stage.size, after.stages[0].size)
    worse = second[0] - expected
    if relation.effect == NO_WORSE:
        worse = max(stage.stage.sign * worse, 0.0)
    if abs(worse) <= room:
        return None
    or_better = " or better" if relation.effect == NO_WORSE else ""
    return f"the first stage is {second[0]:.9g}, and {expected:.9g}{or_better} is expected"


def rules_cost_more(trial: Trial) -> str | None:
    """No rule without a plan that meets the spec is better than the optimum."""
    result = trial.run()
    if result.status is Status.UNBOUNDED or not trial.spec.stages:
        raise IdleError
    held, (spec, data) = False, settled(trial.spec, trial.data, result.schedule)
    for policy in POLICIES:
        ruled = run_policy(spec, data, policy)
        if not ruled.verdict.ok:
            continue
        if not result.stages:
            return f"the spec is {result.status.value}, and {policy.name} has a schedule that meets it"
        best = result.stages[0]
        if best.shares is not None:
            continue
        value = worth_of(best.stage, ruled.terms)
        held = True
        if best.stage.sign * (value - best.value) < -NEAR * max(1.0, abs(best.value), best.size):
            return f"{policy.name} reaches {value:.9g}, and the optimum is {best.value:.9g}"
    if not held:
        raise IdleError
    return None


def metamorphic(relation: Relation) -> Invariant:
    """A relation as a claim about a trial, which applies where the change does."""
    applies = partial(_applies, relation)
    return Invariant(relation.name, relation.claim, partial(related, relation), applies=applies)


def _applies(relation: Relation, trial: Trial) -> bool:
    return relation.changed(trial) is not None


def _money(trial: Trial) -> float:
    return 3.0 if trial.spec.stages[0].dimension == MONEY else 1.0


RELATIONS: tuple[Relation, ...] = (
    *(
        Relation(name, "an eased limit never costs more", ease, NO_WORSE)
        for name, ease in easing.EASES.items()
    ),
    *(
        Relation(name, "a freer toggle never costs more", free, NO_WORSE)
        for name, free in easing.FREES.items()
    ),
    Relation("free_solar", "a roof that need not be used never costs more", easing.free_solar, NO_WORSE),
    Relation("chosen_start", "a start that may be chosen never costs more", changes.chosen_start, NO_WORSE),
    Relation("longer_stay", "a longer stay never costs more", easing.longer_stay, NO_WORSE),
    Relation("half_steps", "a step split into equal halves never costs more", changes.half_steps, NO_WORSE),
    Relation("prices", "three times the prices, three times the money", changes.triple_prices, TIMES, _money),
    Relation("units", "other units change nothing", changes.other_units),
    Relation("names", "other names change nothing", changes.other_names),
    Relation("order", "another order changes nothing", changes.other_order),
    Relation("week", "a week later everything is the same", changes.a_week_later),
    Relation("trips_by_day", "a trip on a day that is named is that trip", changes.trips_by_day),
    Relation("idle_vehicle", "a vehicle without demand changes nothing", changes.idle_vehicle),
    Relation("idle_devices", "devices without power change nothing", changes.idle_devices),
    Relation("twice", "twice the objective is twice the value", changes.twice, TIMES, lambda _: 2.0),
    Relation("sense", "small is large with the other sign", changes.other_sense, TIMES, lambda _: -1.0),
    Relation("one_stage", "later stages do not change the first", changes.one_stage),
    Relation("ports_apart", "ports in blocks of one are the same ports", changes.ports_apart),
)
"""Every relation between the optima of two specs."""

METAMORPHIC: tuple[Invariant, ...] = (
    *map(metamorphic, RELATIONS),
    Invariant("rules", "a rule without a plan never beats the optimum", rules_cost_more),
    Invariant("seeds_agree", "presolve and seed change no value", seeds_agree),
    *BOUNDS,
)
"""The same as invariants, which a campaign takes a few of for each spec."""
