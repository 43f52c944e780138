"""Why a spec is infeasible: a smallest set of its statements that cannot hold together.

A set is infeasible where the spec without all other levers (`evdsl.optimization.explanation.levers`) is.
Taking a statement away only lets more through, so infeasibility is monotone, and QuickXplain finds a set that
is infeasible while every part of it is feasible: with k members of n levers in about k log(n / k) solves.

U. Junker, "QUICKXPLAIN: Preferred Explanations and Relaxations for Over-Constrained Problems", AAAI 2004.

For each member it is then asked which change of it alone, all else as it stands, makes the spec feasible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from evdsl.optimization.explanation.levers import (
    DEMAND,
    REQUIREMENT,
    SETTING,
    TOGGLE,
    Lever,
    changed,
    levers,
    limit,
    value_of_setting,
    whose_to_change,
    without,
)
from evdsl.optimization.explanation.relaxation import least_relaxation
from evdsl.optimization.explanation.shortage import Shortage, port_side, shortage
from evdsl.optimization.explanation.variant import Session, UndecidedError, Variant, VariantModel, feasibility

EXACT = 5e-4
"""Of the value reached: as near as a change is known that no linear program gives."""
OnProgress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Relief:
    """The least change of one statement that is enough: `amount` in its unit, 0 where it is all or nothing.

    For a demand and for `partial_charging` it is the energy that is then missing, kWh at the port.
    """

    amount: float
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A statement of the conflict; no relief where no change of it alone is enough.

    `beside` is then a limit of the same value, outside the conflict, where easing both is enough.
    `tried` is false where the time was over before any change of it was tried.
    """

    lever: Lever
    relief: Relief | None
    beside: Lever | None = None
    tried: bool = True


@dataclass(frozen=True, slots=True)
class Conflict:
    """Statements of which each is needed to make the spec infeasible, and what is short under them.

    Without members, what cannot hold is beyond what can be taken away.
    """

    members: tuple[Member, ...]
    shortage: Shortage | None
    solves: int


@dataclass(slots=True)
class Feasibility:
    """Answers whether a spec is feasible with some of its levers only, each set once."""

    case: Variant
    every: tuple[Lever, ...]
    asker: Session
    notify: OnProgress
    known: dict[frozenset[Lever], bool] = field(default_factory=dict)

    def holds(self, kept: Sequence[Lever]) -> bool:
        """Whether there is a schedule under these levers, all others taken away."""
        key = frozenset(kept)
        if key not in self.known:
            self.notify(f"{len(self.known) + 1} sets of statements tried")
            self.known[key] = is_feasible(self.only(kept), self.asker)
        return self.known[key]

    def only(self, kept: Sequence[Lever]) -> Variant:
        """The spec with these levers only."""
        case = self.case
        for lever in self.every:
            if lever not in kept:
                case = without(lever, case)
        return case


def is_feasible(case: Variant, asker: Session) -> bool:
    """Whether a spec has a schedule at all."""
    return asker.solve(feasibility(case, asker.backend).matrix) is not None


def find_conflict(case: Variant, asker: Session, notify: OnProgress) -> Conflict | None:
    """A smallest conflict, with its reliefs; `None` where the spec is feasible. Raises `UndecidedError`."""
    every = _restricting(case)
    judge = Feasibility(case, every, asker, notify)
    members = _members(judge)
    if not members:
        return None if members is None else Conflict((), None, asker.solves)
    told: list[Member] = []
    for lever in members:
        notify(f"asking what change of {lever.shown} is enough")
        least = relief(lever, case, asker)
        others = [own for own in every if own not in members]
        told.append(Member(lever, least, None if least else _beside(lever, others, case, asker)))
    short = shortage(judge.only(members), members, asker)
    return Conflict(tuple(told), short, asker.solves)


def short_answer(case: Variant, asker: Session) -> Conflict | None:
    """A smallest conflict, with as many reliefs as the time of the asker allows, the operator's first.

    `None` where the spec is feasible. Raises `UndecidedError` where the time is over before the conflict is
    known.
    """
    members = _members(Feasibility(case, _restricting(case), asker, lambda _: None))
    if not members:
        return None if members is None else Conflict((), None, asker.solves)
    reliefs: dict[Lever, Relief | None] = {}
    with suppress(UndecidedError):
        for lever in sorted(members, key=whose_to_change):
            reliefs[lever] = relief(lever, case, asker)
    told = tuple(Member(lever, reliefs.get(lever), None, lever in reliefs) for lever in members)
    return Conflict(told, None, asker.solves)


def _restricting(case: Variant) -> tuple[Lever, ...]:
    return tuple(lever for lever in levers(case) if restricts(lever, case))


def _members(judge: Feasibility) -> tuple[Lever, ...] | None:
    """The statements of a smallest conflict in the order of the spec; `None` where the spec is feasible.

    None of them where even the spec without all levers is infeasible.
    """
    ordered = sorted(judge.every, key=_importance)
    if judge.holds(ordered):
        return None
    if not judge.holds([]):
        return ()
    return tuple(sorted(smallest(ordered, judge.holds), key=_place))


def _beside(lever: Lever, others: Sequence[Lever], case: Variant, asker: Session) -> Lever | None:
    """A limit of the same value that holds the same back, as a class and its port do."""
    if lever.sort != SETTING:
        return None
    for other in others:
        if other.sort != SETTING or (other.dimension, other.relaxed_by) != (
            lever.dimension,
            lever.relaxed_by,
        ):
            continue
        if not np.array_equal(value_of_setting(other, case), value_of_setting(lever, case)):
            continue
        if is_feasible(without(other, without(lever, case)), asker):
            return other
    return None


def restricts(lever: Lever, case: Variant) -> bool:
    """Whether taking a lever away could let more through."""
    if lever.sort == DEMAND:
        return not case.spec.on("partial_charging")
    if lever.sort != SETTING:
        return True
    if not lever.relaxed_by:
        return False
    return bool((lever.relaxed_by * (limit(lever, case) - value_of_setting(lever, case)) > 0).any())


def _importance(lever: Lever) -> int:
    """What a reader would rather be told of comes first: it is taken away last."""
    if lever.sort == TOGGLE:
        return 0 if lever.name == "partial_charging" else 6 if lever.written else 7
    if lever.sort == SETTING:
        return {"grid": 3, "feeder": 3, "load": 3, "class": 5}.get(lever.owner.split()[0], 4)
    return 1 if lever.sort == DEMAND else 2


def _place(lever: Lever) -> tuple[bool, str, int]:
    """The order of the spec; what it does not say comes last."""
    return (not lever.written and lever.sort == TOGGLE, lever.span.source.name, lever.span.start)


def smallest(ordered: Sequence[Lever], holds: Callable[[Sequence[Lever]], bool]) -> list[Lever]:
    """QuickXplain: a part of an infeasible sequence that is infeasible, and feasible without any of it."""

    def search(kept: list[Lever], grown: bool, rest: list[Lever]) -> list[Lever]:
        if grown and not holds(kept):
            return []
        if len(rest) == 1:
            return rest
        half = len(rest) // 2
        first, second = rest[:half], rest[half:]
        late = search([*kept, *first], True, second)
        early = search([*kept, *late], bool(late), first)
        return [*early, *late]

    return search([], False, list(ordered))


def relief(lever: Lever, case: Variant, asker: Session) -> Relief | None:
    """The least change of one statement alone that makes the spec feasible; `None` where none does."""
    gone = feasibility(without(lever, case), asker.backend)
    if asker.solve(gone.matrix) is None:
        return None
    if lever.sort == TOGGLE and lever.name != "partial_charging":
        return Relief(0.0)
    if lever.sort in (DEMAND, TOGGLE):
        return Relief(_missing(gone, lever, asker))
    base = feasibility(case, asker.backend)
    if lever.sort == REQUIREMENT:
        amount = least_relaxation(base, None, lever, asker)
        return Relief(0.0 if amount is None else amount)
    return _setting_relief(lever, case, base, asker)


def _missing(gone: VariantModel, lever: Lever, asker: Session) -> float:
    """The least energy that goes missing where the demands of a lever may be met in part."""
    answer = asker.solve(port_side(gone, None if lever.sort == TOGGLE else frozenset({lever.device})))
    assert answer is not None, "it was feasible"
    return answer.value


def _setting_relief(lever: Lever, case: Variant, base: VariantModel, asker: Session) -> Relief:
    value = value_of_setting(lever, case)

    def reached(amount: float) -> Relief:
        after = float(value[0] + lever.relaxed_by * amount) if (value == value[0]).all() else None
        return Relief(amount, after)

    def enough(amount: float) -> bool:
        return is_feasible(changed(lever, case, lever.relaxed_by * amount), asker)

    most = float(np.abs(limit(lever, case) - value).max())
    if lever.whole:
        return reached(_first_whole(enough, int(most)))
    step = min(1.0, most) if lever.dimension.energy else 0.01
    other = feasibility(changed(lever, case, lever.relaxed_by * step), asker.backend)
    amount = least_relaxation(base, other, lever, asker, step)
    if amount is not None and enough(amount * (1 + 1e-6) + 1e-6):
        return reached(amount)
    return reached(_first(enough, amount or 0.0, most, float(np.abs(value).max())))


def _first_whole(enough: Callable[[int], bool], most: int) -> int:
    low, high = 0, 1
    while high < most and not enough(high):
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _first(enough: Callable[[float], bool], least: float, most: float, size: float) -> float:
    """The least amount that is enough, from above, to `EXACT` of the value that it leads to."""
    low, high = least, min(max(2.0 * least, 0.05 * size, 0.01), most)
    while high < most and not enough(high):
        low, high = high, min(2.0 * high, most)
    while high - low > EXACT * max(size + high, 1e-3):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
