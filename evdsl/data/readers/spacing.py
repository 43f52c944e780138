"""How far apart the rows of a file are: where rows are missing, and how long the last one holds.

A distance is held against those of the three rows before it and of the three after. It is a hole where it is
more than one and a half times the one or the other, unless the resolution changes there: then the rows on its
other side are as far apart as it is. Two equal distances in a row are a resolution, such as the hours of a
file that goes on in quarters; between finer rows on both sides it takes three, for two outages may be equally
long.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from evdsl.language.arrays import FloatArray, IntArray

AROUND = 3
"""Distances on each side that one is held against: one odd row among them does not count."""
LARGER = 1.5
"""Times the usual distance: a row that is late is no hole, and one that is missing makes twice as much."""
EQUAL = 0.05
"""Of the larger of two distances: clocks drift, and an hour in fives of which one is missing is no hour."""


@dataclass(frozen=True, slots=True)
class Holes:
    """The distances that are holes, by their position, and how far apart the rows beside each are."""

    position: IntArray
    usual: FloatArray


def holes_in(gaps: FloatArray) -> Holes:
    """The holes among the distances between the rows of a file, which are above zero."""
    run, begin, end = _runs(gaps)
    before, after = _around(gaps)
    left, right = before[begin][run], after[end][run]
    is_finer_left, is_finer_right = gaps > LARGER * left, gaps > LARGER * right
    enough = np.where(is_finer_left & is_finer_right, 3, 2)
    is_resolution = (end - begin + 1)[run] >= enough
    goes_on = _equal(gaps, left) | _equal(gaps, right)
    position = np.flatnonzero((is_finer_left | is_finer_right) & ~is_resolution & ~goes_on)
    return Holes(position, np.fmin(left, right)[position])


def last_length(gaps: FloatArray) -> float:
    """How long the last row holds: as long as the rows before it are apart, and in doubt the shorter time."""
    last, usual = float(gaps[-1]), float(np.median(gaps[-AROUND:]))
    return usual if usual / LARGER <= last else last


def described(gaps: FloatArray) -> str:
    """How far apart rows are, for a reader: `every 15 min`, `every 1 h, then every 15 min`."""
    least, most = float(gaps.min()), float(gaps.max())
    if most <= LARGER * least:
        return f"every {_length(float(np.median(gaps)))}"
    _, begin, _ = _runs(gaps)
    if len(begin) <= AROUND:
        return ", then ".join(f"every {_length(float(gap))}" for gap in gaps[begin])
    return f"every {_length(least)} to {_length(most)}"


def _around(gaps: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The usual distance of the rows before each, and of those after; not a number where there are none."""
    beyond = np.full(AROUND, np.nan)
    windows = np.sort(sliding_window_view(np.concatenate([beyond, gaps, beyond]), AROUND), axis=1)
    # What is not a number stands last; of two distances the smaller one counts.
    middle = np.maximum(AROUND - np.isnan(windows).sum(axis=1) - 1, 0) // 2
    usual = windows[np.arange(len(windows)), middle]
    return usual[: len(gaps)], usual[AROUND + 1 :]


def _runs(gaps: FloatArray) -> tuple[IntArray, IntArray, IntArray]:
    """Equal distances in a row: the run that each belongs to, and the first and the last of each run."""
    is_new = np.append(True, ~_equal(gaps[1:], gaps[:-1]))
    begin = np.flatnonzero(is_new)
    return np.cumsum(is_new) - 1, begin, np.append(begin[1:], len(gaps)) - 1


def _equal(one: FloatArray, other: FloatArray) -> NDArray[np.bool_]:
    return np.abs(one - other) <= EQUAL * np.maximum(one, other)


def _length(hours: float) -> str:
    is_short = hours < 2.0 and abs(hours - 1.0) > 1e-6
    return f"{hours * 60:.4g} min" if is_short else f"{hours:.4g} h"
