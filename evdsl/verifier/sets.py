"""What a requirement runs over, worked out from the spec for `evdsl.verifier.requirements` alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.sets import AllSteps, AnySet, AtTime, ClockSteps, DateSteps, GroupSet, VehicleSet
from evdsl.language.spec import Spec

NEAR = timedelta(milliseconds=1)
"""A step that begins so near to an end of a range begins at it."""


@dataclass(frozen=True, slots=True)
class Some:
    """Some vehicles, by number; with `ports`, what they do at these blocks of ports alone."""

    vehicles: IntArray
    ports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepRange:
    """What a bound variable runs over: steps, single vehicles, or named groups of them."""

    variable: str
    steps: IntArray | None = None
    each: Some | None = None
    groups: tuple[Some, ...] = ()
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        if self.steps is not None:
            return len(self.steps)
        return len(self.groups) if self.each is None else len(self.each.vehicles)


def range_of(variable: str, over: AnySet, spec: Spec, data: Data) -> StepRange:
    """A set of a requirement."""
    if isinstance(over, VehicleSet):
        return StepRange(variable, each=some_of(over, spec, data))
    if isinstance(over, GroupSet):
        groups = tuple(some_of(group, spec, data) for group in over.groups)
        return StepRange(variable, groups=groups, names=over.names)
    begins = _begins(spec)
    return StepRange(variable, steps=np.flatnonzero([_begins_in(over, begin) for begin in begins]))


def some_of(over: VehicleSet, spec: Spec, data: Data) -> Some:
    """The vehicles of a set, by the blocks that they come from."""
    owners = [spec.devices[int(owner)].name for owner in data.vehicles.owner]
    single = {(member.block, member.name) for member in over.members}
    inside = [
        owner in over.blocks or (owner, name) in single
        for owner, name in zip(owners, data.vehicles.name, strict=True)
    ]
    # A vehicle that makes trips counts once, by its first stay.
    return Some(np.flatnonzero(np.array(inside, dtype=bool) & (data.vehicles.previous < 0)), over.ports)


@dataclass(frozen=True, slots=True)
class Begin:
    """When a step begins: on the wall clock, and in UTC."""

    wall: datetime
    utc: datetime
    zone: ZoneInfo


def _begins(spec: Spec) -> list[Begin]:
    zone = ZoneInfo(spec.zone)
    found: list[Begin] = []
    for number in range(spec.steps):
        utc = spec.start_utc.replace(tzinfo=UTC) + timedelta(seconds=round(number * spec.step * 3600, 3))
        found.append(Begin(utc.astimezone(zone).replace(tzinfo=None), utc, zone))
    return found


def _begins_in(over: AllSteps | ClockSteps | DateSteps, begin: Begin) -> bool:
    if isinstance(over, AllSteps):
        return True
    if isinstance(over, DateSteps):
        low, high = (when.replace(tzinfo=begin.zone).astimezone(UTC) for when in (over.low, over.high))
        return low - NEAR <= begin.utc < high - NEAR
    midnight = begin.wall.replace(hour=0, minute=0, second=0, microsecond=0)
    since = begin.wall - midnight + NEAR
    first, last = timedelta(hours=over.low), timedelta(hours=over.high)
    return first <= since < last if first < last else not last <= since < first


def step_of(place: AtTime, spec: Spec) -> int:
    """The step in which a local time lies."""
    utc = place.when.replace(tzinfo=ZoneInfo(spec.zone)).astimezone(UTC)
    elapsed = utc - spec.start_utc.replace(tzinfo=UTC)
    return int((elapsed + NEAR) / timedelta(hours=spec.step))


def summed(values: FloatArray, at: IntArray, size: int) -> FloatArray:
    """Sums of values by number."""
    return np.bincount(at, values, minlength=size).astype(float)
