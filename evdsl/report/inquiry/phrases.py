"""The parts of a sentence: times, rates, amounts, lists of names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evdsl.data.data import Data
from evdsl.language.spec import Spec
from evdsl.optimization.inquiry.fact import Moment, Quantity, Value, moment_of, quantity_of, word_of
from evdsl.report.facts import clock
from evdsl.report.numbers import clock_label, decimals, printable, quantity, share

NAMED = 4
"""Vehicles, times and rules that are told one by one; of the others, how many."""
LONGEST_NAME = 24
LONGEST_STATEMENT = 60

Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Phrases:
    """How the values of facts read at a site."""

    spec: Spec
    data: Data

    def at(self, when: Moment) -> str:
        """The wall clock of a moment, with its day where the horizon has several."""
        return clock_label(clock(self.data, when.hours), self.data.timeline.horizon / 24)

    def between(self, row: Values) -> str:
        """`11:00 to 12:45`; the day is told once where both are on it."""
        first, last = moment_of(row, "begin"), moment_of(row, "end")
        begin, end = clock(self.data, first.hours), clock(self.data, last.hours)
        until = f"{end:%H:%M}" if begin.date() == end.date() else self.at(last)
        return f"{self.at(first)} to {until}"

    def amount(self, row: Values, name: str) -> str:
        """A quantity as reports tell it: shares in percent, CO2 in g, rates to four decimals."""
        given = quantity_of(row, name)
        if given.unit == "1":
            return share(given.value)
        if given.unit == "A":
            return f"{decimals(given.value, 1)} A"
        if given.unit == "kg/kWh":
            return f"{decimals(1000 * given.value, 0)} g/kWh"
        if given.unit.endswith("/kWh"):
            return f"{rate(given.value)} {given.unit}"
        if given.unit == "h":
            return f"{short(given.value)} h"
        return quantity(given.value, given.unit, self.spec.currency)

    def bare(self, row: Values, name: str) -> str:
        """The same without its unit, for the second of two."""
        return self.amount(row, name).partition(" ")[0]

    def worse(self, row: Values, name: str = "worse") -> str:
        """What a change does to a stage: `costs 0.05 EUR`, or by how much the stage is worse."""
        given, objective = quantity_of(row, name), word_of(row, "objective")
        size = Quantity(abs(given.value), given.unit)
        told = self.amount({"size": size}, "size") if size.unit else decimals(size.value, 2, 6)
        if given.unit == self.spec.currency and objective.startswith("minimize"):
            return f"{'cost' if given.value > 0 else 'save'} {told}"
        return f"make `{statement(objective)}` {'worse' if given.value > 0 else 'better'} by {told}"


def rate(number: float) -> str:
    """A price of a kWh: two decimals, or up to four where they say something."""
    whole, _, places = f"{number:,.4f}".rstrip("0").partition(".")
    text = f"{whole}.{places:0<2}"
    return text if any(digit in text for digit in "123456789") else text.removeprefix("-")


def short(number: float) -> str:
    """Two decimals at most."""
    text = decimals(number, 2)
    return text.rstrip("0").rstrip(".") if "." in text else text


def name(text: str) -> str:
    """A name in backquotes."""
    return f"`{printable(text, LONGEST_NAME)}`"


def statement(text: str) -> str:
    """A statement of a spec, cut where it is long."""
    return printable(text, LONGEST_STATEMENT)


def listed(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def cut(parts: Sequence[str], rest: str = "more") -> str:
    """The first of them, and how many there are beside."""
    if len(parts) <= NAMED + 1:  # one that is left out takes the room of its name
        return listed(parts)
    return listed([*parts[:NAMED], f"{len(parts) - NAMED} {rest}"])


def is_zero(given: Quantity) -> bool:
    """Whether a number is told as nothing."""
    return abs(given.value) < 5e-7
