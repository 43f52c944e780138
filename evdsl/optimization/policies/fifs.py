"""`fifs`: first in, first served. Of the vehicles with a port, in the order of arrival, each gets

    min(p̄, P / served, what it still needs)

where P is what a limit leaves and `served` the number of vehicles below it: the yardstick of the
charging literature. What one does not take is not given to another in the same step. A vehicle of a cohort
takes its power or none: of the P / p̄ that there is room for, those who came first.
"""

from __future__ import annotations

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.optimization.policies.rule import Policy, StepState


def allot(moment: StepState) -> FloatArray:
    """Powers in one step, kW at the ports."""
    power = moment.most.copy()
    for room, draws in zip(moment.room, moment.draws, strict=True):
        below = draws > 0
        if below.any() and np.isfinite(room):
            each = max(float(room), 0.0) / float(moment.vehicles[below].sum())
            power[below] = np.minimum(power[below], each * moment.vehicles[below] / draws[below])
    return power


POLICY = Policy(
    "fifs",
    "first in, first served: an equal part of the limit for each that has a port",
    allot,
    by_arrival=True,
)
