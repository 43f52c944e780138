"""Distributions by their inverse: the value below which a share u of a distribution lies.

Antithetic scenarios take u and 1 - u of one law, so that what is high in one is low in the other:

    normal      m + s Φ⁻¹(u)
    lognormal   exp(μ + s Φ⁻¹(u))               μ, s those of the logarithm
    uniform     a + (b - a) u
    beta        I⁻¹(u; a, b)                    the inverse of the regularised incomplete beta function
    poisson     the smallest k with F(k) >= u
    choice      the same over its values in order, by their weights

A law that is cut to an interval [l, h] has u in [F(l), F(h)]: so each of a pair has the distribution that
drawing again gives, and both keep together. Where less than `LEAST` of the law lies in the interval it is
not cut, and values are drawn again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from evdsl.data.draws import Position, choices_of, logarithmic, parameters
from evdsl.language.arrays import FloatArray
from evdsl.language.values import Draw

LEAST = 1e-3
"""Of a law that is cut: what is left of less has lost digits, and is hardly ever drawn anyway."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The values that have a meaning; the ends may differ by vehicle, and belong to it or not."""

    low: FloatArray | float
    high: FloatArray | float = np.inf
    has_low: bool = True
    has_high: bool = True

    def has(self, values: FloatArray, among: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which of some values, of the vehicles at these positions, lie in it."""
        low, high = (end[among] if isinstance(end, np.ndarray) else end for end in (self.low, self.high))
        above = values >= low if self.has_low else values > low
        below = values <= high if self.has_high else values < high
        return np.asarray(above & below)


@dataclass(frozen=True, slots=True)
class Law:
    """A distribution: its inverse, and how much of it lies below a value, and up to it."""

    inverse: Callable[[FloatArray], FloatArray]
    below: Callable[[FloatArray], FloatArray]
    up_to: Callable[[FloatArray], FloatArray]


def invert(draw: Draw, shares: FloatArray, position: Position, within: Interval | None = None) -> FloatArray:
    """The values of a distribution at these shares of it, of what lies `within` an interval."""
    with np.errstate(all="ignore"):
        law = _law_of(draw, position)
        if within is not None:
            low, high = (np.broadcast_to(end, shares.shape) for end in (within.low, within.high))
            first, last = law.below(low), law.up_to(high)
            shares = np.where(last - first >= LEAST, first + shares * (last - first), shares)
        return law.inverse(shares)


def poisson(shares: FloatArray, mean: FloatArray | float) -> FloatArray:
    """The smallest whole numbers up to which at least these shares of a Poisson distribution lie."""
    from scipy import special

    above = np.ceil(special.pdtrik(shares, mean))
    before = np.maximum(above - 1.0, 0.0)
    found = np.where(special.pdtr(before, mean) >= shares, before, above)
    return np.where(np.asarray(mean) > 0.0, found, 0.0)


def _law_of(draw: Draw, position: Position) -> Law:
    if draw.distribution == "choice":
        return _of_values(*choices_of(draw, position))
    numbers = parameters(draw, position)
    match draw.distribution:
        case "normal":
            return _normal(*numbers)
        case "lognormal":
            middle, spread = logarithmic(*numbers)
            normal = _normal(middle, sqrt(spread))
            return Law(
                lambda shares: np.exp(normal.inverse(shares)),
                lambda values: normal.below(np.log(np.maximum(values, 0.0))),
                lambda values: normal.up_to(np.log(np.maximum(values, 0.0))),
            )
        case "uniform":
            return _uniform(*numbers)
        case "beta":
            return _beta(*numbers)
        case "poisson":
            return _poisson(numbers[0])
    raise LookupError(draw.distribution)


def _normal(mean: float, deviation: float) -> Law:
    if deviation == 0:
        return _of_values(np.array([mean]), np.ones(1))
    from scipy import special

    def up_to(values: FloatArray) -> FloatArray:
        return np.asarray(special.ndtr((values - mean) / deviation))

    return Law(lambda shares: mean + deviation * np.asarray(special.ndtri(shares)), up_to, up_to)


def _uniform(low: float, high: float) -> Law:
    if low == high:
        return _of_values(np.array([low]), np.ones(1))

    def up_to(values: FloatArray) -> FloatArray:
        return np.clip((values - low) / (high - low), 0.0, 1.0)

    return Law(lambda shares: low + (high - low) * shares, up_to, up_to)


def _beta(first: float, second: float) -> Law:
    from scipy import special

    def up_to(values: FloatArray) -> FloatArray:
        return np.asarray(special.betainc(first, second, np.clip(values, 0.0, 1.0)))

    return Law(lambda shares: np.asarray(special.betaincinv(first, second, shares)), up_to, up_to)


def _poisson(mean: float) -> Law:
    from scipy import special

    def up_to(values: FloatArray) -> FloatArray:
        whole = np.floor(values)
        return np.where(whole < 0.0, 0.0, np.asarray(special.pdtr(np.maximum(whole, 0.0), mean)))

    return Law(lambda shares: poisson(shares, mean), lambda values: up_to(np.ceil(values) - 1.0), up_to)


def _of_values(values: FloatArray, weights: FloatArray) -> Law:
    """The law of some values that are as likely as their weights."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    steps = np.cumsum(weights[order] / weights.sum())
    steps[-1] = 1.0
    reached = np.concatenate([[0.0], steps])
    return Law(
        lambda shares: ordered[np.minimum(np.searchsorted(steps, shares), len(ordered) - 1)],
        lambda found: reached[np.searchsorted(ordered, found, side="left")],
        lambda found: reached[np.searchsorted(ordered, found, side="right")],
    )
