"""A fact of a schedule: of which kind it is, and its values with their units.

Sentences are made of facts (`evdsl.report.inquiry`), and `--json` gives them as they are. A fact says what
the schedule, its data or a solve say; what a kind holds stands where it is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, as it is computed with; a share has the unit `1`."""

    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, in hours from the start."""

    hours: float


Value: TypeAlias = (
    "Quantity | Moment | str | int | float | bool | tuple[Value, ...] | Mapping[str, Value] | None"
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. What is `tested` was learnt from another solve."""

    kind: str
    values: Mapping[str, Value]
    tested: bool = False


def quantity_of(values: Mapping[str, Value], name: str) -> Quantity:
    """A value that is a quantity."""
    found = values[name]
    assert isinstance(found, Quantity), name
    return found


def moment_of(values: Mapping[str, Value], name: str) -> Moment:
    """A value that is a time."""
    found = values[name]
    assert isinstance(found, Moment), name
    return found


def count_of(values: Mapping[str, Value], name: str) -> int:
    """A value that counts."""
    found = values[name]
    assert isinstance(found, int), name
    return found


def word_of(values: Mapping[str, Value], name: str) -> str:
    """A value that is a word; empty where there is none."""
    found = values.get(name)
    assert found is None or isinstance(found, str), name
    return found or ""


def rows_of(values: Mapping[str, Value], name: str) -> tuple[Mapping[str, Value], ...]:
    """A value that is a list of things with values of their own."""
    found = values.get(name, ())
    assert isinstance(found, tuple), name
    return tuple(row for row in found if isinstance(row, Mapping))


def words_of(values: Mapping[str, Value], name: str) -> tuple[str, ...]:
    """A value that is a list of words."""
    found = values.get(name, ())
    assert isinstance(found, tuple), name
    return tuple(word for word in found if isinstance(word, str))
