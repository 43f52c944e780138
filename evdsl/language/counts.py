"""Counts that may be drawn: whether they are whole, and how many they may be."""

from __future__ import annotations

from math import floor, inf, isfinite, sqrt

from evdsl.language.tolerances import HALF_UP
from evdsl.language.values import Const, Draw, ListValue, Operation, Value

WIDTH = 4.0
"""How many deviations from its mean a draw is thought to lie: one in 30,000 lies further."""
MOST = 1e12
"""More than anything that is counted: what may be divided by zero is as much."""


def is_whole(value: Value) -> bool:
    """Whether a number is whole, whatever is drawn."""
    match value:
        case Const(value=number):
            return number == floor(number)
        case Draw(distribution="poisson"):
            return True
        case Draw(distribution="choice", arguments=(ListValue(items=items), *_)):
            return all(is_whole(item) for item in items)
        case Operation(operator="round" | "above"):
            return True
        case Operation(operator="+" | "-" | "*" | "min" | "max", operands=operands):
            return all(is_whole(operand) for operand in operands)
    return False


def most_of(value: Value | None) -> float:
    """How large a count may be; of what is drawn without an end, the mean and four deviations."""
    return 0.0 if value is None else max(min(_extent(value)[1], MOST), 0.0)


def _extent(value: Value) -> tuple[float, float]:
    """About the least and the largest number that a value may be."""
    match value:
        case Const(value=number):
            return number, number
        case Draw(distribution="uniform", arguments=(low, high)):
            return _extent(low)[0], _extent(high)[1]
        case Draw(distribution="beta"):
            return 0.0, 1.0
        case Draw(distribution="choice", arguments=(ListValue(items=items), *_)):
            ends = [_extent(item) for item in items]
            return min(low for low, _ in ends), max(high for _, high in ends)
        case Draw(distribution="poisson", arguments=(Const(value=mean),)):
            return max(mean - WIDTH * sqrt(mean), 0.0), mean + WIDTH * sqrt(mean)
        case Draw(distribution=name, arguments=(Const(value=mean), Const(value=deviation))):
            least = 0.0 if name == "lognormal" else -MOST
            return max(mean - WIDTH * deviation, least), mean + WIDTH * deviation
        case Operation(operator=operator, operands=operands):
            found = _combined(operator, [_extent(operand) for operand in operands])
            return found if all(map(isfinite, found)) else (-MOST, MOST)
    return -MOST, MOST


def _combined(operator: str, parts: list[tuple[float, float]]) -> tuple[float, float]:
    (low, high), (least, most) = parts[0], parts[-1]
    match operator:
        case "+":
            return low + least, high + most
        case "-":
            return low - most, high - least
        case "*":
            products = [one * other for one in (low, high) for other in (least, most)]
            return min(products), max(products)
        case "/" if least <= 0.0 <= most:
            return -inf, inf
        case "/":
            quotients = [one / other for one in (low, high) for other in (least, most)]
            return min(quotients), max(quotients)
        case "round":
            return floor(low + HALF_UP), floor(high + HALF_UP)
        case "above":
            return 0.0, 1.0
    extreme = min if operator == "min" else max
    return extreme(one for one, _ in parts), extreme(one for _, one in parts)
