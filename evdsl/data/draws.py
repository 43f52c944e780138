"""Random values for the vehicles of a fleet: reproducible, and independent of one another.

Each `(seed, scenario, block, setting, draw)` has a stream of its own, and each day where a block comes on
several, so that adding a scenario, a block, a setting, a draw or a day never changes another's numbers.
Distributions are truncated to what has a meaning by drawing again.

Where scenarios are antithetic, the pair of 2k - 1 and 2k has streams in common beside those that each has of
its own: `Stream.numbers` gives 2k the opposites of what it gives 2k - 1. A value without a meaning is drawn
again from the stream of its own scenario, alone: drawing the pair again would change the distribution.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Spec
from evdsl.language.values import Const, Draw, ListValue, Value

ATTEMPTS = 200
Position = Callable[[Value], float]
"""What a point in time stands for on the axis that is drawn on."""
Meaningful = Callable[[FloatArray, NDArray[np.intp]], NDArray[np.bool_]]
"""Which of some values, of the vehicles at these positions, have a meaning."""
HALF_BITS = 52
"""Of a uniform number: so many and a half are exact, and so is what is left to 1."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which of all possible draws of what is random: the seed of a spec, and a scenario of it.

    Scenario 0 is the draw of a spec as it stands; those from 1 are the same however many there are.
    Where they are `antithetic`, scenario 2k is the opposite of 2k - 1.
    """

    seed: int
    scenario: int = 0
    antithetic: bool = False

    @classmethod
    def of(cls, spec: Spec) -> Sampling:
        """That of a spec."""
        return cls(spec.seed, spec.scenario, spec.antithetic)

    @property
    def key(self) -> str:
        """What each stream of random numbers begins its key with."""
        return f"{self.seed}\nscenario {self.scenario}" if self.scenario else f"{self.seed}"

    @property
    def is_paired(self) -> bool:
        """Whether there is another scenario that it is the opposite of."""
        return self.antithetic and self.scenario > 0

    @property
    def is_mirrored(self) -> bool:
        """Whether it takes the opposites of the numbers of its pair."""
        return self.is_paired and self.scenario % 2 == 0

    @property
    def key_of_pair(self) -> str:
        """What the streams that both scenarios of a pair have in common begin their key with."""
        return f"{self.seed}\npair {(self.scenario + 1) // 2}" if self.is_paired else self.key


@dataclass(frozen=True, slots=True)
class Numbers:
    """Random numbers that have an opposite, in their order: `1 - u` of a uniform one, `-z` of a normal one.

    What a mirrored scenario is given adds up with that of its pair to exactly 1, or to exactly 0.
    """

    generator: np.random.Generator
    mirrored: bool

    def uniform(self, shape: int | tuple[int, ...]) -> FloatArray:
        """Uniform between 0 and 1, without both."""
        drawn = self.generator.integers(0, 2**HALF_BITS, shape) + np.float64(0.5)
        found: FloatArray = drawn / 2.0**HALF_BITS
        return 1.0 - found if self.mirrored else found

    def normal(self, shape: int | tuple[int, ...]) -> FloatArray:
        """Of mean 0 and deviation 1."""
        found: FloatArray = self.generator.standard_normal(shape)
        return -found if self.mirrored else found


@dataclass(frozen=True, slots=True)
class Stream:
    """Where the random numbers of one setting of one block come from."""

    sampling: Sampling
    block: str
    setting: str
    day: str = ""
    """The day that it is drawn for, where a block comes on several: another day has other numbers."""

    def generator(self, index: int) -> np.random.Generator:
        """The generator of draw `index` inside the setting: that of this scenario alone, also in a pair."""
        return self._generator(self.sampling.key, index)

    def numbers(self, index: int) -> Numbers:
        """The numbers of draw `index` inside the setting, which are opposites in a pair of scenarios.

        Without pairs they come from `generator(index)`. Each call begins them anew.
        """
        return Numbers(self._generator(self.sampling.key_of_pair, index), self.sampling.is_mirrored)

    def _generator(self, beginning: str, index: int) -> np.random.Generator:
        key = f"{beginning}\n{self.block}\n{self.setting}\n{index}"
        key += f"\n{self.day}" if self.day else ""
        words = np.frombuffer(hashlib.sha256(key.encode()).digest(), dtype="<u4")
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([int(word) for word in words])))


def sample(draw: Draw, generator: np.random.Generator, size: int, position: Position) -> FloatArray:
    """`size` values of a distribution; points in time where `position` puts them."""
    with np.errstate(all="ignore"):
        return _sample(draw, generator, size, position)


def _sample(draw: Draw, generator: np.random.Generator, size: int, position: Position) -> FloatArray:
    if draw.distribution == "choice":
        return _choose(draw, generator, size, position)
    numbers = parameters(draw, position)
    match draw.distribution:
        case "normal":
            return generator.normal(numbers[0], numbers[1], size)
        case "lognormal":
            middle, spread = logarithmic(*numbers)
            return generator.lognormal(middle, sqrt(spread), size)
        case "uniform":
            return generator.uniform(numbers[0], numbers[1], size)
        case "beta":
            return generator.beta(numbers[0], numbers[1], size)
        case "poisson":
            return generator.poisson(numbers[0], size).astype(float)
    raise LookupError(draw.distribution)


def truncate_draws(values: Callable[[], FloatArray], meaningful: Meaningful, size: int) -> FloatArray | None:
    """Values that all have a meaning, those that have none drawn again; `None` where none come."""
    found = values()
    pending = np.arange(size)
    for _ in range(ATTEMPTS):
        pending = pending[~meaningful(found[pending], pending)]
        if not len(pending):
            return found
        found[pending] = values()[pending]
    return None


def parameters(draw: Draw, position: Position) -> list[float]:
    """The arguments of a distribution as numbers."""
    return _numbers(draw.arguments, position)


def logarithmic(mean: float, deviation: float) -> tuple[float, float]:
    """Mean and variance of the logarithm of what has this mean and this deviation itself."""
    spread = float(np.log1p(np.square(np.float64(deviation / mean))))
    return np.log(mean) - spread / 2, spread


def choices_of(draw: Draw, position: Position) -> tuple[FloatArray, FloatArray]:
    """The values of a `choice` and how likely each is, as weights."""
    lists = [argument for argument in draw.arguments if isinstance(argument, ListValue)]
    values = np.array(_numbers(lists[0].items, position))
    return values, np.array(_numbers(lists[1].items, position)) if len(lists) > 1 else np.ones(len(values))


def _numbers(arguments: tuple[Value, ...], position: Position) -> list[float]:
    return [value.value if isinstance(value, Const) else position(value) for value in arguments]


def _choose(draw: Draw, generator: np.random.Generator, size: int, position: Position) -> FloatArray:
    values, weights = choices_of(draw, position)
    return np.asarray(generator.choice(values, size, p=weights / weights.sum()))
