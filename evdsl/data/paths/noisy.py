"""`noisy`: a series times 1 + s z, with a stationary Gauss-Markov path z of mean 0 and deviation 1.

    z_0 ~ N(0, 1),    z_t = φ z_{t-1} + √(1 - φ²) ε_t,    φ = exp(-step / memory)

so that two steps Δ apart have the correlation exp(-Δ / memory). The numbers come in the order of the steps: a
longer horizon goes on where a shorter one ends.
"""

from __future__ import annotations

from math import exp, sqrt

import numpy as np

from evdsl.data.paths.drawing import Drawing, index_of
from evdsl.data.timeline import Timeline
from evdsl.language.arrays import FloatArray
from evdsl.language.values import Const, DerivedSeries


def disturb(value: DerivedSeries, series: FloatArray, timeline: Timeline, drawing: Drawing) -> FloatArray:
    """The path of a scenario, of the series as it is without an error."""
    deviation, memory, floor = (value.option(name) for name in ("deviation", "memory", "floor"))
    assert isinstance(deviation, Const)
    assert isinstance(memory, Const)
    numbers = drawing.stream(value).numbers(index_of(value)).normal(len(series))
    kept = exp(-timeline.step / memory.value)
    fresh = sqrt(-np.expm1(-2.0 * timeline.step / memory.value))
    error = np.empty(len(series))
    before = 0.0
    for step, number in enumerate(numbers):
        before = kept * before + (fresh if step else 1.0) * number
        error[step] = before
    path = series * (1.0 + deviation.value * error)
    return np.maximum(path, floor.value) if isinstance(floor, Const) else path
