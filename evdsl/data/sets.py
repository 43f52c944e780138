"""The sets of a requirement as arrays: which vehicles and steps a variable runs over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evdsl.language.arrays import IntArray
from evdsl.language.sets import AnySet, AsOne, AtTime, Bound, GroupSet, Place, VehicleSet
from evdsl.language.spec import VEHICLE_BLOCKS, Spec
from evdsl.language.steps import horizon_of, step_at, steps_of

if TYPE_CHECKING:
    from evdsl.language.site import Site


@dataclass(frozen=True, slots=True)
class Members:
    """Some vehicles, by number; with `ports`, their power through these blocks of ports alone."""

    vehicles: IntArray
    ports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """What a bound variable runs over: steps, single vehicles, or groups of them."""

    variable: str
    steps: IntArray | None = None
    each: Members | None = None
    groups: tuple[Members, ...] = ()

    def __len__(self) -> int:
        if self.steps is not None:
            return len(self.steps)
        return len(self.groups) if self.each is None else len(self.each.vehicles)


@dataclass(frozen=True, slots=True)
class Part:
    """Where vehicles or steps go: `position[i]` along `axis` (`None`: nowhere in particular), -1 for none."""

    position: IntArray
    axis: int | None
    ports: tuple[str, ...] = ()


def members(over: VehicleSet, spec: Spec, data: Site) -> Members:
    """The vehicles of a set."""
    wanted = [index for index, device in enumerate(spec.devices) if _is_in(device.kind, device.name, over)]
    chosen = np.isin(data.vehicles.owner, wanted)
    if over.members:
        # No two vehicles of a spec have one name.
        named = {member.name for member in over.members}
        chosen |= np.array([name in named for name in data.vehicles.name], dtype=bool)
    # Of several stays the first stands for the vehicle.
    return Members(np.flatnonzero(chosen & data.vehicles.is_first), over.ports)


def _is_in(kind: str, name: str, over: VehicleSet) -> bool:
    return kind in VEHICLE_BLOCKS and name in over.blocks


def axis_of(variable: str, over: AnySet, spec: Spec, data: Site) -> Axis:
    """A set as an axis."""
    if isinstance(over, VehicleSet):
        return Axis(variable, each=members(over, spec, data))
    if isinstance(over, GroupSet):
        return Axis(variable, groups=tuple(members(group, spec, data) for group in over.groups))
    return Axis(variable, steps=np.array(steps_of(over, horizon_of(spec)), dtype=np.int64))


def vehicle_parts(place: Place, axes: Sequence[Axis], spec: Spec, data: Site) -> list[Part]:
    """Where the vehicles go that stand in brackets; one part for each group that is added up.

    All stays of a vehicle go where it does.
    """
    size, first = len(data.vehicles), data.vehicles.first

    def placed(who: IntArray, values: IntArray) -> IntArray:
        return _placed(size, who, values)[first]

    if isinstance(place, AsOne):
        whole = members(place.vehicles, spec, data)
        return [Part(placed(whole.vehicles, np.zeros_like(whole.vehicles)), None, whole.ports)]
    at = position_of(place, axes)
    axis = axes[at]
    if axis.each is not None:
        who = axis.each.vehicles
        return [Part(placed(who, np.arange(len(who))), at, axis.each.ports)]
    return [
        Part(placed(group.vehicles, np.full(len(group.vehicles), number)), at, group.ports)
        for number, group in enumerate(axis.groups)
    ]


def is_single(place: Place, axes: Sequence[Axis], parts: Sequence[Part], data: Site) -> bool:
    """Whether one vehicle stands in the brackets, and no sum."""
    if isinstance(place, AsOne):
        return int(((parts[0].position >= 0) & data.vehicles.is_first).sum()) == 1
    return axes[position_of(place, axes)].each is not None


def returning(data: Site) -> NDArray[np.bool_]:
    """Of each visit whether its vehicle was there in the same step already, before a trip."""
    visits, first = data.visits, data.vehicles.first
    found = np.zeros(len(visits), dtype=bool)
    if len(visits):
        same = first[visits.vehicle[1:]] == first[visits.vehicle[:-1]]
        found[1:] = same & (visits.step[1:] == visits.step[:-1])
    return found


def step_part(place: Place, axes: Sequence[Axis], spec: Spec) -> tuple[Part, IntArray]:
    """Where the steps go, and the step that is asked for at each place; -1 outside the horizon."""
    if isinstance(place, AtTime):
        step = step_at(place, horizon_of(spec))
        assert step is not None, "a time outside the horizon is refused"
        asked = np.array([step])
        return Part(_placed(spec.steps, asked, np.zeros(1, dtype=np.int64)), None), asked
    assert isinstance(place, Bound)
    at = position_of(place, axes)
    steps = axes[at].steps
    assert steps is not None
    asked = steps + place.shift
    inside = (asked >= 0) & (asked < spec.steps)
    position = _placed(spec.steps, asked[inside], np.flatnonzero(inside))
    return Part(position, at), np.where(inside, asked, -1)


def position_of(place: Place, axes: Sequence[Axis]) -> int:
    """The axis that a bound variable runs along."""
    assert isinstance(place, Bound)
    # The innermost: a let may bind the letter of the requirement that it stands in.
    return max(at for at, axis in enumerate(axes) if axis.variable == place.variable)


def _placed(size: int, where: IntArray, values: IntArray) -> IntArray:
    found = np.full(size, -1, dtype=np.int64)
    found[where] = values
    return found
