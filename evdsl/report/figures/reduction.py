"""Long courses for few pixels: no more stretches than a picture has columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evdsl.language.arrays import FloatArray

MOST = 800
"""Steps that are drawn one by one."""


def columns_of(steps: int, width: float) -> int:
    """How many stretches so many steps are drawn as."""
    return steps if steps <= MOST else max(min(int(width), MOST), 1)


def reduced(
    edges: FloatArray, values: Sequence[FloatArray], width: float
) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    """The same over fewer stretches, each the mean of its steps by the time that they last; NaN spreads."""
    steps = len(edges) - 1
    columns = columns_of(steps, width)
    if columns == steps:
        return edges, tuple(values)
    start = np.unique(np.arange(columns + 1) * steps // columns)
    hours = np.diff(edges)
    length = np.add.reduceat(hours, start[:-1])
    return edges[start], tuple(np.add.reduceat(one * hours, start[:-1]) / length for one in values)
