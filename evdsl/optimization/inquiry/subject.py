"""A vehicle at a schedule: its stays and course, the limits of the site, what it takes in which steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evdsl.language.arrays import BoolArray, FloatArray
from evdsl.language.spec import Device
from evdsl.optimization.inquiry.course import Course, block_of_port, course_of
from evdsl.optimization.inquiry.limits import SiteLimit, site_limits, spread_at
from evdsl.optimization.inquiry.trial import NetEnergy
from evdsl.optimization.result import Result


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """Who is asked about, by its first stay; `stays` are all of them, `price` that of the grid."""

    result: Result
    vehicle: int
    stays: tuple[int, ...]
    course: Course
    limits: tuple[SiteLimit, ...]
    price: FloatArray | None

    @classmethod
    def of(cls, result: Result, vehicle: int) -> Subject:
        """The vehicle at the schedule of a result."""
        assert result.schedule is not None, "there is nothing to ask about"
        spec, data, schedule = result.spec, result.data, result.schedule
        return cls(
            result,
            vehicle,
            tuple(int(at) for at in np.flatnonzero(data.vehicles.first == vehicle)),
            course_of(spec, data, schedule, vehicle),
            site_limits(spec, data, schedule),
            data.over_time("grid", "price"),
        )

    def block(self, entry: int) -> Device | None:
        """The block of the port that it has at an entry of its course; `None` for its own."""
        return block_of_port(self.result.spec, int(self.course.port[entry]))

    def full_limits(self, entry: int) -> list[SiteLimit]:
        """The limits of the site that are full on the way to the port that it has."""
        port, step = int(self.course.port[entry]), int(self.course.step[entry])
        category = int(self.result.data.vehicles.category[self.course.stay[entry]])
        spec, spread = self.result.spec, spread_at(self.result.spec, category, port)
        there = (one for one in self.limits if one.holds_charging[step])
        return [one for one in there if one.is_on_the_way(spec, self.block(entry), spread)]

    def net(self, chosen: BoolArray) -> float:
        """What it takes less what it gives at some entries of its course, kWh."""
        return float((self.course.charge - self.course.discharge)[chosen].sum()) * self.result.spec.step

    def takes(self, chosen: BoolArray, more: float = 0.0) -> NetEnergy:
        """That it takes at least what it does at some entries, and so much more."""
        steps = np.zeros(self.result.spec.steps, dtype=np.bool_)
        steps[self.course.step[chosen]] = True
        return NetEnergy(self.stays, steps, self.net(chosen) + more)

    @property
    def total(self) -> float:
        """What it takes in all, kWh."""
        return self.net(np.ones(len(self.course), dtype=np.bool_))

    def takes_in_all(self, least: float, most: float = np.inf) -> NetEnergy:
        """That it takes so much over all its stays."""
        return NetEnergy(self.stays, np.ones(self.result.spec.steps, dtype=np.bool_), least, most)
