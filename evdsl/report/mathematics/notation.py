"""Formulas of a page in any notation: terms with their signs, bounds, values of words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evdsl.report.mathematics.page import FormulaLine, FormulaTerm


@dataclass(frozen=True, slots=True)
class Notation:
    """How formulas are written: the names in a text, the sign of a sum, what stands between things."""

    written: Callable[[str], str]
    sum_over: Callable[[str], str]
    times: str
    at_most: str
    binary: str


def signed_sum(parts: Sequence[FormulaTerm], notation: Notation) -> str:
    """Terms with signs and sums."""
    text = ""
    for part in parts:
        total = f"{notation.sum_over(part.over.replace(',', ', '))} " if part.over else ""
        factor = f"{notation.written(part.factor)}{notation.times}" if part.factor else ""
        body = f"{total}{factor}{notation.written(part.variable)}"
        if not text:
            text = body if part.sign > 0 else f"-{' ' if total else ''}{body}"
        else:
            text += f" {'+' if part.sign > 0 else '-'} {body}"
    return text or "0"


def bounds_of(line: FormulaLine, notation: Notation) -> str:
    """A variable between its bounds."""
    written, less = notation.written, notation.at_most
    name = written(line.left[0].variable)
    if line.relation == "in":
        return f"{name} {notation.binary}"
    if line.relation == "between":
        low, _, high = line.right.partition("|")
        return f"{written(low)} {less} {name}" + (f" {less} {written(high)}" if high else "")
    return f"{name} {less} {written(line.right)}" if line.right else name


def word_value(line: FormulaLine, notation: Notation) -> str:
    """What an objective word is equal to."""
    text = signed_sum(line.left, notation) if line.left else ""
    if line.right:
        constant = notation.written(line.right)
        return f"{constant} {text}" if text.startswith("-") else f"{constant} + {text}" if text else constant
    return text or "0"
