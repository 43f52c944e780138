"""What the project wants of these measurements: each goal is judged on those of one case.

Ratios are of processor seconds, which other processes on the machine disturb least. Where ours is over its
limit the goal is missed; where what it is compared with is, nothing is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.measurement import Measurement

Measured = Mapping[str, Measurement]
"""The measurements of a case by the names of their ways."""
Judge = Callable[[Measured], tuple[str, bool | None]]
"""What was reached, in words, and whether that is the goal; `None` where it was not measured."""


@dataclass(frozen=True, slots=True)
class Goal:
    """`way` is whose line it stands in."""

    says: str
    way: str
    judge: Judge


def best_matrix(measured: Measured) -> Measurement | None:
    """The matrix by hand with the algorithm that takes the fewest processor seconds."""
    done = [one for one in measured.values() if one.way.startswith("matrix") and one.is_optimal]
    return min(done, key=lambda one: one.processor or 0.0, default=None)


def _ratio(most: float) -> Judge:
    def judge(measured: Measured) -> tuple[str, bool | None]:
        ours, best = measured.get("evdsl"), best_matrix(measured)
        if ours is None or best is None:
            return "the matrix has no answer within its limit", None
        if not ours.is_optimal or ours.processor is None or not best.processor:
            return ours.outcome, False
        ratio = ours.processor / best.processor
        return f"{ratio:.2f}", ratio <= most

    return judge


def _times_faster(than: str, times: float) -> Judge:
    def judge(measured: Measured) -> tuple[str, bool | None]:
        ours, other = measured.get("evdsl"), measured.get(than)
        if ours is None or other is None or other.processor is None:
            return f"{than}: {other.outcome if other else 'not measured'}", None
        if not ours.is_optimal or not ours.processor:
            return ours.outcome, False
        factor = other.processor / ours.processor
        # Where it ends without an answer, that took it no less than an answer would have.
        ended = "" if other.is_optimal else f", which ends {other.outcome}"
        return f"{factor:.1f} x{ended}", factor >= times

    return judge


def _seconds(way: str, most: float, megabytes: float | None = None) -> Judge:
    def judge(measured: Measured) -> tuple[str, bool | None]:
        one = measured.get(way)
        if one is None:
            return "not measured", None
        if not one.is_optimal or one.seconds is None:
            return one.outcome, None if one.outcome.startswith("over ") and (one.limit or 0) < most else False
        memory = f", {one.megabytes:,.0f} MB" if megabytes is not None else ""
        small = megabytes is None or (one.megabytes or 0.0) <= megabytes
        return f"{one.seconds:.2f} s{memory}", one.seconds <= most and small

    return judge


def _memory(most: float) -> Judge:
    def judge(measured: Measured) -> tuple[str, bool | None]:
        ours, best = measured.get("evdsl"), best_matrix(measured)
        if ours is None or best is None or not ours.megabytes or not best.megabytes:
            return "not measured", None
        ratio = ours.megabytes / best.megabytes
        return f"{ratio:.2f}", ours.is_optimal and ratio <= most

    return judge


def _verify_share(most: float) -> Judge:
    def judge(measured: Measured) -> tuple[str, bool | None]:
        ours = measured.get("evdsl")
        if ours is None or not ours.is_optimal or not ours.phases.get("solve"):
            return "not measured", None
        share = ours.phases.get("verify", 0.0) / ours.phases["solve"]
        return f"{100 * share:.0f} %", share <= most

    return judge


def _front(most: float) -> Judge:
    def judge(measured: Measured) -> tuple[str, bool | None]:
        front, point = measured.get("evdsl (front)"), measured.get("evdsl (one point)")
        if front is None or point is None or not front.is_optimal or not point.is_optimal:
            return "not measured", None
        ratio = (front.processor or 0.0) / (point.processor or 1.0)
        return f"{ratio:.1f} x", ratio <= most

    return judge


def within(seconds: float, megabytes: float | None = None) -> Goal:
    """An answer within some seconds, and within some memory."""
    memory = f" and {megabytes:,.0f} MB" if megabytes is not None else ""
    return Goal(f"{seconds:g} s{memory}", "evdsl", _seconds("evdsl", seconds, megabytes))


def explained(seconds: float) -> Goal:
    """What each line costs within some seconds."""
    return Goal(f"{seconds:g} s", "evdsl (explain)", _seconds("evdsl (explain)", seconds))


LOOSE = Goal("0.8 of the best matrix", "evdsl", _ratio(0.8))
BINDING = Goal("0.15 of the best matrix", "evdsl", _ratio(0.15))
ECOS = Goal("50 x faster than CVXPY with ECOS", "evdsl", _times_faster("CVXPY (ECOS)", 50))
MEMORY = Goal("1.5 x the memory of the best matrix", "evdsl", _memory(1.5))
VERIFY = Goal("verify in 10 % of the solve", "evdsl", _verify_share(0.1))
FRONT = Goal("3 x one point", "evdsl (front)", _front(3.0))
