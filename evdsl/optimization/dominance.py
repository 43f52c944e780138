"""The points of a front, and which of them count: none that another repeats or beats.

With both values as they are to be made small, and t how near values are told apart on an axis, a point
repeats another where both values differ by t at most, and is beaten by one that is worse by t at most in
both and better by more than t in one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import xarray as xr

from evdsl.optimization.result import Result
from evdsl.optimization.rounding import Worth, rounding
from evdsl.solver.solution import Status

TOLERANCE = 1e-5
"""Of what the points span along an axis, and a tenth of it of the largest value there: what is nearer is
not told apart, nor what is rounding (`evdsl.optimization.rounding`)."""


@dataclass(frozen=True, slots=True)
class Point:
    """One schedule of a front; `worths` are those of the two expressions, in their units.

    `end` says which end of the front it is: `first` has the best first value, `second` the best second one,
    `both` where one schedule is the best in both.
    """

    worths: tuple[Worth, Worth]
    result: Result
    end: str = ""

    @property
    def values(self) -> tuple[float, float]:
        """What the two expressions are worth."""
        return self.worths[0].value, self.worths[1].value

    @property
    def schedule(self) -> xr.Dataset:
        """The whole schedule."""
        assert self.result.schedule is not None
        return self.result.schedule

    @property
    def terms(self) -> dict[str, float]:
        """Every objective word, in canonical units."""
        return self.result.terms

    @property
    def proven(self) -> bool:
        """Whether both of its solves ended at an optimum, or within the gap that was asked for."""
        complete = len(self.result.stages) == 2
        return complete and self.result.status in (Status.OPTIMAL, Status.WITHIN_GAP)


def undominated(points: Sequence[Point], signs: tuple[float, float]) -> tuple[list[Point], int, int]:
    """The points that no other repeats or beats, along the front with its ends marked; how many do not count.

    The first two points are the ends, each the best of its solves: of two that are one within the
    tolerance it is they that stay, and they go only where another point is better beyond it.
    """
    scaled = [(signs[0] * point.values[0], signs[1] * point.values[1]) for point in points]
    near = _tolerances(points)
    kept: list[int] = []
    same = dominated = 0
    for at, own in enumerate(scaled):
        others = [other for index, other in enumerate(scaled) if index != at]
        if any(abs(own[0] - scaled[k][0]) <= near[0] and abs(own[1] - scaled[k][1]) <= near[1] for k in kept):
            same += 1
        elif any(_beats(other, own, near, 0.0 if at < 2 else 1.0) for other in others):
            dominated += 1
        else:
            kept.append(at)
    kept.sort(key=lambda at: scaled[at])
    alone = "both" if len(points) > 1 else "first"
    names = [alone] if len(kept) == 1 else ["first", *[""] * (len(kept) - 2), "second"]
    return [replace(points[at], end=end) for at, end in zip(kept, names, strict=True)], same, dominated


def _tolerances(points: Sequence[Point]) -> tuple[float, float]:
    found = []
    for axis in (0, 1):
        along = [point.values[axis] for point in points]
        span, largest = max(along) - min(along), max(abs(value) for value in along)
        least = max(rounding(point.worths[axis].size, point.worths[axis].unit) for point in points)
        found.append(max(TOLERANCE * span + 0.1 * TOLERANCE * largest, least))
    return found[0], found[1]


def _beats(
    one: tuple[float, float], other: tuple[float, float], near: tuple[float, float], room: float
) -> bool:
    """Whether one is no worse in both, up to `room` tolerances, and better in either by more than one."""
    no_worse = all(one[axis] <= other[axis] + room * near[axis] for axis in (0, 1))
    return no_worse and any(one[axis] < other[axis] - near[axis] for axis in (0, 1))
