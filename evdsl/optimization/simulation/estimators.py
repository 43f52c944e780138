"""Means of random runs with their 95 % intervals, in three ways; of numbers alone.

    plain        x̄,  variance s² / N
    antithetic   x̄,  of pairs (U, 1 - U): what both of a pair are off the mean is one number, e_p = Σ (x - x̄),
                 variance Σ e_p² P / ((P - 1) N²); with whole pairs it is that of the P = N / 2 means of pairs
    control      x̄ - β (ȳ - μ),  μ the mean of y over M further draws, β = cov(x, y) / var(y) of a pilot that
                 is left out; variance  var(x - β y) / N + β² var(y) / M

With the best β the last is s² ((1 - r²) / N + r² / M), r the correlation of x and y; the form above holds for
whatever a pilot gives. Half of an interval is t(0.975, n - 1) times the root of the variance, n the number of
runs, or of pairs: of the control M is larger than N, so that this t is on the safe side.

`reduced` is the variance that as many plain runs would have, over that of the estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray

LEVEL = 0.95
VARIANCES = ("plain", "antithetic", "control")
LEAST_RATIO, LARGEST_RATIO = 20, 80
"""Further draws of the control for each run, at least and at most."""
NOTHING = 1e-13
"""Of the size of the numbers: a deviation that is no more is rounding."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `runs`; `half` is half of its interval, `None` of a single run, or pair."""

    runs: int
    mean: float
    half: float | None
    reduced: float | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """What is known of the control: its values in the runs and in further draws, and β by a pilot."""

    values: FloatArray
    further: FloatArray
    beta: float


def plain(values: FloatArray) -> Estimate:
    """The mean of independent runs."""
    count = len(values)
    if count < 2:
        return Estimate(count, float(values.mean()), None)
    return _estimate(values, float(values.mean()), _variance(values) / count, count)


def antithetic(values: FloatArray, pairs: IntArray) -> Estimate:
    """The mean of runs of which those with one number of `pairs` are opposites."""
    mean, count = float(values.mean()), len(values)
    _, place = np.unique(pairs, return_inverse=True)
    off = np.bincount(place, values - mean)
    if len(off) < 2:
        return Estimate(count, mean, None)
    variance = float(off @ off) * len(off) / ((len(off) - 1) * count**2)
    return _estimate(values, mean, variance, len(off))


def controlled(values: FloatArray, control: Control) -> Estimate:
    """The mean of independent runs, less what is by chance in the control of the same runs."""
    count, further, beta = len(values), control.further, control.beta
    mean = float(values.mean() - beta * (control.values.mean() - further.mean()))
    if count < 2 or len(further) < 2:
        return Estimate(count, mean, None)
    left = _variance(values - beta * control.values) / count
    variance = left + beta**2 * _variance(further) / len(further)
    return _estimate(values, mean, variance, min(count, len(further)))


def beta_of(values: FloatArray, control: FloatArray) -> float:
    """How much of the control is taken off, by the runs of a pilot; 0 where the control does not vary."""
    spread = _variance(control)
    return float(np.cov(values, control)[0, 1]) / spread if spread > 0 else 0.0


def ratio_of(values: FloatArray, control: FloatArray, seconds: float, of_control: float) -> int:
    """How many further draws of the control there are for each run: r √(c / (c' (1 - r²))), as 20, 40 or 80.

    c and c' are the seconds of a run and of a draw of the control, which no clock tells to the last digit: in
    steps the number of draws is hardly ever another one when the same is asked again.
    """
    if _variance(values) == 0 or _variance(control) == 0:
        return LEAST_RATIO
    r = abs(float(np.corrcoef(values, control)[0, 1]))
    left = max(1.0 - r * r, 1e-12)
    best = r * sqrt(max(seconds, 1e-9) / (max(of_control, 1e-9) * left))
    steps = round(np.log2(min(max(best, LEAST_RATIO), LARGEST_RATIO) / LEAST_RATIO))
    return int(LEAST_RATIO * 2**steps)


def _variance(values: FloatArray) -> float:
    """Of a sample; nothing where it is rounding."""
    deviation = float(values.std(ddof=1))
    return deviation**2 if deviation > NOTHING * float(np.abs(values).max()) else 0.0


def _estimate(values: FloatArray, mean: float, variance: float, count: int) -> Estimate:
    from scipy.stats import t

    alone = _variance(values) / len(values)
    if sqrt(variance) <= NOTHING * float(np.abs(values).max()):
        variance = 0.0
    half = float(t.ppf((1 + LEVEL) / 2, count - 1)) * sqrt(variance)
    reduced = alone / variance if variance else inf if alone else 1.0
    return Estimate(len(values), mean, half, reduced)
