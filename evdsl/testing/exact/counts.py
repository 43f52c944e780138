"""How many vehicles each fleet has, drawn a second time: streams, values and rounding are worked out here."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate

import numpy as np

from evdsl.language.spec import Device
from evdsl.language.values import Const, Draw, ListValue, Operation, Value
from evdsl.testing.exact.reading import ZERO, Exact, Miss
from evdsl.testing.exact.vehicles import first_stay

HALF = Fraction(1, 2) + Fraction(1, 10**9)
"""What a number must be short of the next whole one, at most, to become it."""


def count_rules(of: Exact) -> Iterator[Miss]:
    """A fleet that comes once has as many vehicles as are drawn; none of several days has a higher number."""
    for index, fleet in enumerate(of.spec.devices):
        value = fleet.get("count")
        if fleet.kind != "fleet" or value is None:
            continue
        own = [v for v in of.vehicles if of.data.vehicles.owner[v] == index and first_stay(of, v) == v]
        numbers = {_number(of.name(v)) for v in own}
        drawn = _Drawing(of.spec.seed, fleet).count(value)
        most = Fraction(max(numbers, default=0))
        off = abs(most - drawn) if fleet.get("days") is None else max(most - drawn, ZERO)
        yield Miss("fleet.count", fleet.name, off)


def _number(name: str) -> int:
    """The number of a vehicle in its fleet: of `guests.3`, `guests.3@2024-03-13` and `guests.3/1` it is 3."""
    digits = name.rpartition(".")[2].partition("@")[0].partition("/")[0]
    return int(digits)


class _Drawing:
    """The draws of one count, each from a stream of its own that goes on where it stopped."""

    def __init__(self, seed: int, fleet: Device) -> None:
        self._key = f"{seed}\n{fleet.name}\ncount\n"
        self._streams: dict[int, np.random.Generator] = {}

    def count(self, value: Value) -> Fraction:
        """The first that is not below zero."""
        found = self._value(value)
        while found < 0:
            found = self._value(value)
        return found

    def _value(self, value: Value) -> Fraction:
        match value:
            case Const(value=number):
                return Fraction(number)
            case Draw():
                return self._draw(value)
            case Operation(operator=operator, operands=operands):
                return _result(operator, [self._value(operand) for operand in operands])
        raise TypeError(f"{type(value).__name__} is no part of a count")

    def _draw(self, draw: Draw) -> Fraction:
        stream = self._stream(draw.index)
        if draw.distribution == "choice":
            return _chosen(draw, stream.random())
        first, *rest = (argument.value for argument in draw.arguments if isinstance(argument, Const))
        match draw.distribution:
            case "poisson":
                return Fraction(int(stream.poisson(first)))
            case "beta":
                return Fraction(float(stream.beta(first, rest[0])))
            case "uniform":
                return Fraction(first + (rest[0] - first) * stream.random())
            case "normal":
                return Fraction(first + rest[0] * stream.standard_normal())
        variance = math.log1p((rest[0] / first) ** 2)
        exponent = math.log(first) - variance / 2 + math.sqrt(variance) * stream.standard_normal()
        return Fraction(math.exp(exponent))

    def _stream(self, index: int) -> np.random.Generator:
        if index not in self._streams:
            digest = hashlib.sha256(f"{self._key}{index}".encode()).digest()
            words = [int.from_bytes(digest[at : at + 4], "little") for at in range(0, len(digest), 4)]
            self._streams[index] = np.random.Generator(np.random.PCG64(np.random.SeedSequence(words)))
        return self._streams[index]


def _chosen(draw: Draw, share: float) -> Fraction:
    """The value of a choice at a share of the sum of its weights."""
    values, *weighed = (
        [Fraction(item.value) for item in argument.items if isinstance(item, Const)]
        for argument in draw.arguments
        if isinstance(argument, ListValue)
    )
    sums = list(accumulate(weighed[0] if weighed else [Fraction(1)] * len(values)))
    return next(one for one, end in zip(values, sums, strict=True) if Fraction(share) * sums[-1] < end)


def _result(operator: str, parts: list[Fraction]) -> Fraction:
    match operator:
        case "+":
            return parts[0] + parts[1]
        case "-":
            return parts[0] - parts[1]
        case "*":
            return parts[0] * parts[1]
        case "/":
            return parts[0] / parts[1]
        case "round":
            return Fraction(math.floor(parts[0] + HALF))
        case "above":
            return Fraction(parts[0] > parts[1])
        case "min":
            return min(parts)
    return max(parts)
