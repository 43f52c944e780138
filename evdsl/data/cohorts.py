"""The arrivals of a cohort: vehicles by state and step, as expected or drawn.

    expected       a_i(t) = z_i Δ r(t)
    poisson        a_i(t) ~ Poisson(z_i Δ r(t)), each on its own
    poisson_rate   a_i(t) = floor(z_i Δ ψ + 1/2), one ψ ~ Poisson(r(t)) a step

r is in vehicles per hour. Draws are made step by step, so that a longer horizon leaves the first ones as they
are.
"""

from __future__ import annotations

import numpy as np

from evdsl.data.draws import Sampling, Stream
from evdsl.language.arrays import FloatArray
from evdsl.language.devices.cohort import weights
from evdsl.language.spec import Device
from evdsl.language.values import TextValue


def arrivals_of(device: Device, rate: FloatArray, step: float, sampling: Sampling) -> FloatArray:
    """Who comes during each step; shape (states, steps), states from full to empty."""
    spread, draw = np.array(weights(device)), device.get("draw")
    generator = Stream(sampling, device.name, "arrivals").generator(1)
    expected = step * np.outer(rate, spread)
    if isinstance(draw, TextValue) and draw.value == "poisson":
        return generator.poisson(expected).astype(float).T
    if isinstance(draw, TextValue) and draw.value == "poisson_rate":
        drawn = generator.poisson(rate).astype(float)
        return np.floor(np.outer(spread, step * drawn) + 0.5)
    return expected.T
