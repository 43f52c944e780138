"""What a demand charge counts, as arrays: the intervals of its meter, and the periods that are paid for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Meter:
    """Of interval i the mean is Σ share · power over the pairs (step, interval) that speak of it.

    `period` is that of each interval; the others have one entry for each period. `part` is what is paid of
    its price, `reached` what was paid for before the horizon (kW), `begin` and `end` the hours from the
    start between which it lies, cut to the horizon, `cut` whether that leaves out some of it.
    """

    step: IntArray
    interval: IntArray
    share: FloatArray
    period: IntArray
    part: FloatArray
    reached: FloatArray
    begin: FloatArray
    end: FloatArray
    cut: tuple[bool, ...]

    @property
    def averages(self) -> bool:
        """Whether an interval holds more than one step."""
        return len(self.step) > len(self.period)

    def means(self, power: FloatArray) -> FloatArray:
        """The mean of each interval, kW."""
        weighed = power[self.step] * self.share
        return np.bincount(self.interval, weighed, minlength=len(self.period)).astype(float)

    def largest(self, power: FloatArray) -> FloatArray:
        """The largest mean of each period, kW; 0 where nothing of it is metered."""
        found = np.zeros(len(self.part))
        np.maximum.at(found, self.period, self.means(power))
        return found
