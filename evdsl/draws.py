"""Random values for the vehicles of a fleet: reproducible, and independent of one another.

Each `(seed, block, setting, draw)` has a stream of its own, so that adding a block, a setting or a
draw never changes another's numbers. Distributions are truncated to what has a meaning by drawing
again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evdsl.timeline import FloatArray
from evdsl.values import ClockTime, Const, Draw, ListValue, Value

ATTEMPTS = 200


@dataclass(frozen=True, slots=True)
class Stream:
    """Where the random numbers of one setting of one block come from."""

    seed: int
    block: str
    setting: str

    def generator(self, index: int) -> np.random.Generator:
        """The generator of draw `index` inside the setting."""
        key = f"{self.seed}\n{self.block}\n{self.setting}\n{index}".encode()
        words = np.frombuffer(hashlib.sha256(key).digest(), dtype=np.uint32)
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([int(word) for word in words])))


def sample(draw: Draw, generator: np.random.Generator, size: int) -> FloatArray:
    """`size` values of a distribution; clock times in hours after midnight."""
    match draw.distribution:
        case "normal":
            mean, deviation = _numbers(draw.arguments)
            return generator.normal(mean, deviation, size)
        case "lognormal":
            mean, deviation = _numbers(draw.arguments)
            spread = np.log1p((deviation / mean) ** 2)
            return generator.lognormal(np.log(mean) - spread / 2, np.sqrt(spread), size)
        case "uniform":
            low, high = _numbers(draw.arguments)
            return generator.uniform(low, high, size)
        case "beta":
            a, b = _numbers(draw.arguments)
            return generator.beta(a, b, size)
        case "poisson":
            (mean,) = _numbers(draw.arguments)
            return generator.poisson(mean, size).astype(float)
        case "choice":
            return _choose(draw, generator, size)
    raise LookupError(draw.distribution)


def truncated(
    values: Callable[[int], FloatArray], meaningful: Callable[[FloatArray, NDArray[np.intp]], NDArray[np.bool_]], size: int
) -> FloatArray | None:
    """Values that all have a meaning, those that have none drawn again; `None` where none come."""
    found = values(size)
    pending = np.arange(size)
    for _ in range(ATTEMPTS):
        pending = pending[~meaningful(found[pending], pending)]
        if not len(pending):
            return found
        fresh = values(size)
        found[pending] = fresh[pending]
    return None


def _numbers(arguments: tuple[Value, ...]) -> list[float]:
    return [a.hours if isinstance(a, ClockTime) else a.value for a in arguments if isinstance(a, ClockTime | Const)]


def _choose(draw: Draw, generator: np.random.Generator, size: int) -> FloatArray:
    lists = [argument for argument in draw.arguments if isinstance(argument, ListValue)]
    values = np.array(_numbers(lists[0].items))
    weights = np.array(_numbers(lists[1].items)) if len(lists) > 1 else np.ones(len(values))
    return np.asarray(generator.choice(values, size, p=weights / weights.sum()))
