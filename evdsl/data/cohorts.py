"""The arrivals of a cohort: vehicles by state and step, as expected or drawn.

    expected       a_i(t) = z_i Δ r(t)
    poisson        a_i(t) ~ Poisson(z_i Δ r(t)), each on its own
    poisson_rate   a_i(t) = floor(z_i Δ ψ + 1/2), one ψ ~ Poisson(r(t)) a step

r is in vehicles per hour. Draws are made step by step, so that a longer horizon leaves the first ones as they
are. Antithetic scenarios have the inverse of the distribution at opposite shares.
"""

from __future__ import annotations

import numpy as np

from evdsl.data.draws import Sampling, Stream
from evdsl.data.randomness.inverse import poisson
from evdsl.language.arrays import FloatArray
from evdsl.language.devices.cohort import weights
from evdsl.language.spec import Device
from evdsl.language.values import TextValue


def arrivals_of(device: Device, rate: FloatArray, step: float, sampling: Sampling) -> FloatArray:
    """Who comes during each step; shape (states, steps), states from full to empty."""
    spread, draw = np.array(weights(device)), device.get("draw")
    stream = Stream(sampling, device.name, "arrivals")

    def counts(mean: FloatArray) -> FloatArray:
        if sampling.is_paired:
            return poisson(stream.numbers(1).uniform(mean.shape), mean)
        return stream.generator(1).poisson(mean).astype(float)

    expected = step * np.outer(rate, spread)
    if isinstance(draw, TextValue) and draw.value == "poisson":
        return counts(expected).T
    if isinstance(draw, TextValue) and draw.value == "poisson_rate":
        return np.floor(np.outer(spread, step * counts(rate)) + 0.5)
    return expected.T
