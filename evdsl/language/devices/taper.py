"""The curve of `taper`: the most that a class charges at a state of charge, straight between its points.

A concave curve is the least of the lines through two neighbours of it. One that is not is answered with one
that is, and lies below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import floor

from evdsl.language.spec import Device
from evdsl.language.values import ChargeTable

Point = tuple[float, float]
"""A state of charge (a share), and the power there (kW)."""

BENT = 1e-6
"""kW by which a point may lie below the line through its neighbours: rounding."""


def points(category: Device) -> tuple[Point, ...]:
    """The points of the curve of a class, by state of charge; none without `taper`."""
    value = category.get("taper")
    return value.entries if isinstance(value, ChargeTable) else ()


def lines(category: Device) -> tuple[Point, ...]:
    """Its lines as the power at a state of charge of zero, and what a whole battery more adds to it."""
    found: list[Point] = []
    curve = points(category)
    for (low, first), (high, last) in pairwise(curve):
        slope = (last - first) / (high - low)
        found.append((first - slope * low, slope))
    return tuple(found)


def is_concave(curve: Sequence[Point]) -> bool:
    """Whether no point lies above the line through the two on its right."""
    trios = zip(curve[:-2], curve[1:-1], curve[2:], strict=True)
    return all(point[1] <= _through(left, right, point[0]) + BENT for point, left, right in trios)


def lowered(curve: Sequence[Point]) -> tuple[Point, ...]:
    """A concave curve at or below a given one, in whole watts where it is lower.

    From right to left each point is lowered to the line through the two on its right; where that would lead
    below zero from left to right, or all to the lowest.
    """
    fallen = _from_the_right(curve)
    risen = tuple((-x, y) for x, y in reversed(_from_the_right([(-x, y) for x, y in reversed(curve)])))
    level = tuple((x, min(y for _, y in curve)) for x, _ in curve)
    return next(each for each in (fallen, risen, level) if all(y >= 0.0 for _, y in each))


def _from_the_right(curve: Sequence[Point]) -> tuple[Point, ...]:
    found = list(curve)
    for at in range(len(found) - 3, -1, -1):
        x, y = found[at]
        most = _through(found[at + 1], found[at + 2], x)
        if y > most + BENT:
            found[at] = (x, floor(most * 1000.0 + 1e-6) / 1000.0)
    return tuple(found)


def _through(one: Point, other: Point, x: float) -> float:
    """The line through two points, at a third place."""
    return one[1] + (other[1] - one[1]) * (x - one[0]) / (other[0] - one[0])
