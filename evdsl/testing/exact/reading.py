"""A schedule in exact fractions, with what its rules speak of: who is there, which ports there are.

Every float of a spec, its data and a schedule is a fraction, and is taken for it. Times are told in steps,
and one that lies within a billionth of a step of an edge is on it: 8.1 h are not 81 times 0.1 h in binary.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from evdsl.data.data import Data
from evdsl.language.spec import Device, Spec
from evdsl.language.values import constants

if TYPE_CHECKING:
    import xarray as xr

ON_EDGE = Fraction(1, 10**9)
"""Of a step."""

TOLERANCE = Fraction(1, 10**6)
"""By how much a rule, a claim or a proof may be missed: kW, kWh, or the unit that it is in."""

ZERO = Fraction(0)

Row = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Miss:
    """By how much a rule is missed at one place, and the size of what it speaks of there."""

    rule: str
    place: str
    by: Fraction
    size: Fraction = ZERO

    @property
    def wrong(self) -> bool:
        """Whether it is missed by more than the tolerance, which is a share of sizes above one."""
        return self.by > TOLERANCE * max(Fraction(1), abs(self.size))

    def __str__(self) -> str:
        return f"{self.rule} is missed by {float(self.by):.3g} at {self.place}"


@dataclass(frozen=True, slots=True)
class ExactAmount:
    """A sum of terms, and the sum of their absolute values, by which its rounding is measured."""

    value: Fraction
    scale: Fraction

    @classmethod
    def of(cls, terms: Iterable[Fraction]) -> ExactAmount:
        """The sum of these terms."""
        each = tuple(terms)
        return cls(sum(each, ZERO), sum(map(abs, each), ZERO))

    def __add__(self, other: ExactAmount) -> ExactAmount:
        return ExactAmount(self.value + other.value, self.scale + other.scale)

    def __sub__(self, other: ExactAmount) -> ExactAmount:
        return ExactAmount(self.value - other.value, self.scale + other.scale)

    def times(self, factor: Fraction) -> ExactAmount:
        """Each term times a factor."""
        return ExactAmount(self.value * factor, self.scale * abs(factor))


@dataclass(frozen=True, slots=True)
class Stay:
    """When a vehicle is there, in steps from the start, and its share of each step."""

    begin: Fraction
    end: Fraction
    presence: Row

    @property
    def steps(self) -> list[int]:
        """The steps in which it is there."""
        return [step for step, share in enumerate(self.presence) if share > 0]


@dataclass(frozen=True)
class Exact:
    """A spec, its data and a schedule of it. Powers by vehicle and step are kW at the port, energies kWh."""

    spec: Spec
    data: Data
    schedule: xr.Dataset

    @cached_property
    def step(self) -> Fraction:
        """Hours."""
        return Fraction(self.spec.step)

    @property
    def steps(self) -> range:
        """Their numbers."""
        return range(self.spec.steps)

    @property
    def vehicles(self) -> range:
        """Their numbers."""
        return range(len(self.data.vehicles))

    def name(self, vehicle: int) -> str:
        """What a vehicle is called."""
        return self.data.vehicles.name[vehicle]

    def known(self, setting: str, vehicle: int) -> Fraction | None:
        """A number of a vehicle; nothing where it has none, or no end."""
        return fraction(float(getattr(self.data.vehicles, setting)[vehicle]))

    def number(self, setting: str, vehicle: int) -> Fraction:
        """A number that every such vehicle has."""
        found = self.known(setting, vehicle)
        assert found is not None, f"{self.name(vehicle)} has no {setting}"
        return found

    def category(self, vehicle: int) -> Device:
        """The class of a vehicle."""
        return self.spec.of_kind("class")[int(self.data.vehicles.category[vehicle])]

    def series(self, block: str, setting: str) -> Row | None:
        """A setting over time; nothing where it is not given."""
        values = self.data.over_time(block, setting)
        return None if values is None else tuple(Fraction(float(value)) for value in values)

    def of(self, variable: str) -> Row:
        """A variable of the schedule over time."""
        return tuple(Fraction(float(value)) for value in self.schedule[variable].values.ravel())

    def held(self, variable: str, vehicle: int) -> tuple[Fraction | None, ...]:
        """A variable of the schedule over the steps of a vehicle; nothing where it is no number."""
        return tuple(fraction(float(value)) for value in self.schedule[variable].values[vehicle])

    def at(self, variable: str, vehicle: int) -> Fraction | None:
        """A variable of the schedule that each vehicle has once."""
        return fraction(float(self.schedule[variable].values[vehicle]))

    @cached_property
    def charge(self) -> tuple[Row, ...]:
        """By vehicle, then by step."""
        return self._powers("charge")

    @cached_property
    def discharge(self) -> tuple[Row, ...]:
        """By vehicle, then by step."""
        return self._powers("discharge")

    def _powers(self, flow: str) -> tuple[Row, ...]:
        values = self.schedule[flow].values
        return tuple(tuple(Fraction(float(one)) for one in row) for row in values)

    @cached_property
    def blocks(self) -> tuple[Device, ...]:
        """The block of each port, in the order of their numbers."""
        blocks = self.spec.of_kind("port")
        return tuple(block for block in blocks for _ in range(int(max(constants(block.settings["count"])))))

    @cached_property
    def port(self) -> tuple[tuple[int, ...], ...]:
        """The number of the port that each vehicle holds in each step, -1 for none."""
        return tuple(tuple(int(one) for one in row) for row in self.schedule["port"].values)

    def block(self, vehicle: int, step: int) -> Device | None:
        """The block of the port that a vehicle holds."""
        port = self.port[vehicle][step]
        return self.blocks[port] if port >= 0 else None

    @cached_property
    def stays(self) -> tuple[Stay, ...]:
        """When each vehicle is there, after the rounding of the station."""
        return tuple(self._stay(vehicle) for vehicle in self.vehicles)

    def _stay(self, vehicle: int) -> Stay:
        begin, end = (self._edge(setting, vehicle) for setting in ("arrival", "departure"))
        if self.spec.rounding == "floor":
            begin = Fraction(math.floor(begin))
        elif self.spec.rounding == "inward":
            begin = Fraction(math.ceil(begin))
        if self.spec.rounding != "exact":
            end = max(Fraction(math.floor(end)), begin)
        shares = (min(end, Fraction(step + 1)) - max(begin, Fraction(step)) for step in self.steps)
        return Stay(begin, end, tuple(max(share, ZERO) for share in shares))

    def _edge(self, setting: str, vehicle: int) -> Fraction:
        found = self.number(setting, vehicle) / self.step
        near = Fraction(round(found))
        found = near if abs(found - near) <= ON_EDGE else found
        return min(max(found, ZERO), Fraction(self.spec.steps))

    def local(self, step: int) -> str:
        """The wall clock at the begin of a step."""
        return f"{self.data.timeline.local(step * self.spec.step):%d %H:%M}"


def fraction(value: float) -> Fraction | None:
    """A float as it is; nothing for what is no finite number."""
    return Fraction(value) if math.isfinite(value) else None


def setting(device: Device, name: str, default: float = 0.0) -> Fraction:
    """A constant setting of a block."""
    return Fraction(device.number(name, default))


def efficiency(block: Device | None) -> Fraction:
    """Of a port, between the site and it; nothing is lost without one."""
    return Fraction(1) if block is None else setting(block, "efficiency", 1.0)


def available(of: Exact, device: Device) -> Row:
    """What sun or wind allow a generator to give, kW."""
    power = of.series(device.name, "power")
    if power is not None:
        return power
    profile = of.series(device.name, "profile")
    assert profile is not None, "one of the two is required"
    return tuple(setting(device, "peak") * share for share in profile)
