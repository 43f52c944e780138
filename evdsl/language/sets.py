"""What a requirement runs over: vehicles, groups of vehicles, and steps; and what stands in its brackets.

They are kept as they are said, by names and clock times: which vehicles and steps that are is worked out
where the rows are made, and once more, on its own, where a schedule is verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Member:
    """A vehicle of a block of many by its own name: `day_shift.3` of `day_shift`, or what a file calls it."""

    block: str
    name: str


def of_day(block: str, number: int | None, day: date) -> str:
    """What the vehicle of a block is called that comes on one day of several: `day_shift.3@2024-03-13`."""
    return f"{block}@{day}" if number is None else f"{block}.{number}@{day}"


@dataclass(frozen=True, slots=True)
class VehicleSet:
    """The vehicles of some blocks, and single ones of others. With `ports`, only the power that flows
    through these blocks of ports."""

    blocks: tuple[str, ...]
    ports: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()

    def includes(self, block: str) -> bool:
        """Whether a vehicle of a block may be in it."""
        return block in self.blocks or any(member.block == block for member in self.members)


@dataclass(frozen=True, slots=True)
class GroupSet:
    """Groups of vehicles, each taken as one: a flow of it is the sum over its vehicles."""

    names: tuple[str, ...]
    groups: tuple[VehicleSet, ...]


@dataclass(frozen=True, slots=True)
class AllSteps:
    """Every step of the horizon."""


@dataclass(frozen=True, slots=True)
class ClockSteps:
    """The steps that begin at `low` or later and before `high` on the wall clock, hours after midnight, on
    each day; across midnight where `high` is not above `low`."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class DateSteps:
    """The steps that begin at a local time or later, and before another."""

    low: datetime
    high: datetime


StepSet: TypeAlias = AllSteps | ClockSteps | DateSteps
AnySet: TypeAlias = VehicleSet | GroupSet | StepSet


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound variable in brackets; `shift` steps later, where it is a step: `t - 1`."""

    variable: str
    shift: int = 0


@dataclass(frozen=True, slots=True)
class AsOne:
    """A set of vehicles in brackets by its name: the sum over them."""

    vehicles: VehicleSet


@dataclass(frozen=True, slots=True)
class AtTime:
    """The step in which a local time lies."""

    when: datetime


Place: TypeAlias = Bound | AsOne | AtTime
