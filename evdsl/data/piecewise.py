"""The one form of a value over time, and the one way that it is laid over the steps: by its mean over each.

A value that holds over an interval is integrated exactly, whatever the step; where no change falls into a
step the value is taken as it is, so that nothing is lost to rounding. Of sums, what cancels is zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evdsl.data.timeline import Timeline
from evdsl.language.arrays import FloatArray

ROUNDING = 1e-13
"""Of the sum of absolute values: what a sum is less than is the rounding of what cancels."""
NEAR = 1e-9
"""Hours: a change that is nearer to an edge than this is on it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value over time came from: what was read, in which unit, on which clocks, how far apart.

    Without a unit the numbers are plain; a constant is on no clocks. `spacing` is that of the rows of a file.
    """

    source: str
    unit: str = ""
    clocks: str = ""
    spacing: str = ""


@dataclass(frozen=True, slots=True)
class Piecewise:
    """A value over time, as every reader gives it: `values[i]` from `instants[i]` on, in canonical units.

    Instants are elapsed hours from the start, upwards, and the last value is one until `end`. By the methods
    `hold` and `changes` a value holds until the next instant; by `linear` it goes straight on to the next.
    """

    instants: FloatArray
    values: FloatArray
    method: str
    end: float
    origin: Origin


def means(value: Piecewise, timeline: Timeline) -> FloatArray:
    """The mean over each step, as the sum of what is constant or straight within it; after the last
    value that one holds. What cancels but for rounding is zero: a price of 1e-16 is one to no solver.
    """
    edges, values = timeline.edges(), value.values
    knots, is_linear = np.append(value.instants, value.end), value.method == "linear"
    inside = knots[(knots > edges[0]) & (knots < edges[-1])]
    cuts = np.unique(np.concatenate([edges, inside]))
    middle, width = (cuts[:-1] + cuts[1:]) / 2, np.diff(cuts)
    piece = np.clip(np.searchsorted(knots, middle, side="right") - 1, 0, len(values) - 1)
    height = values[piece]
    if is_linear:
        share = (middle - knots[piece]) / np.diff(knots)[piece]
        height = height + np.clip(share, 0.0, 1.0) * (np.append(values, values[-1])[piece + 1] - height)
    step = np.searchsorted(edges, middle, side="right") - 1
    total = np.bincount(step, width * height, minlength=timeline.steps).astype(float)
    size = np.bincount(step, np.abs(width * height), minlength=timeline.steps).astype(float)
    mean = without_rounding(total, size) / np.diff(edges)
    if is_linear:
        return mean
    starts = np.clip(np.searchsorted(knots, edges[:-1] + NEAR, side="right") - 1, 0, len(values) - 1)
    ends = np.clip(np.searchsorted(knots, edges[1:] - NEAR, side="left") - 1, 0, len(values) - 1)
    return np.where(starts == ends, values[starts], mean)


def least(value: Piecewise, timeline: Timeline) -> FloatArray:
    """The least of a value that holds, over each step: as of sockets, of which one may fail within it."""
    edges, last = timeline.edges(), len(value.values) - 1
    first = np.clip(np.searchsorted(value.instants, edges[:-1] + NEAR, side="right") - 1, 0, last)
    final = np.clip(np.searchsorted(value.instants, edges[1:] - NEAR, side="left") - 1, first, last)
    return np.array([value.values[low : high + 1].min() for low, high in zip(first, final, strict=True)])


def sum_of(first: FloatArray, second: FloatArray) -> FloatArray:
    """The sum, element by element; what cancels but for rounding is zero."""
    result = first + second
    return without_rounding(result, np.abs(first) + np.abs(second))


def without_rounding(total: FloatArray, size: FloatArray) -> FloatArray:
    """Sums of terms whose absolute values make `size`; those that are but rounding of it are zero."""
    return np.where(np.abs(total) <= ROUNDING * size, 0.0, total)
