"""A run as its figures ask for it: courses over the steps, and the clock that they are told by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import BoolArray, FloatArray
from evdsl.report.facts import clock, over_time
from evdsl.report.figures.figure import Cell, ClockAxis, Column
from evdsl.report.numbers import clock_label

if TYPE_CHECKING:
    import xarray as xr

    from evdsl.data.data import Data
    from evdsl.language.spec import Device, Spec
    from evdsl.optimization.comparison import Comparison, RuleResult
    from evdsl.optimization.front import Front
    from evdsl.optimization.result import Result

NOTHING = 1e-6
"""kW and kWh: what is less is not there."""


@dataclass(frozen=True, slots=True)
class Course:
    """A solved run with its schedule; `rule` is the rule that it stands against, where one was run."""

    result: Result
    schedule: xr.Dataset
    comparison: Comparison | None = None
    rule: RuleResult | None = None
    front: Front | None = None

    @property
    def spec(self) -> Spec:
        """What was asked, with what was chosen."""
        return self.result.spec

    @property
    def data(self) -> Data:
        """The site in numbers."""
        return self.result.data

    @property
    def currency(self) -> str:
        """The unit of all money."""
        return self.spec.currency

    @property
    def step(self) -> float:
        """Hours."""
        return self.spec.step

    @property
    def edges(self) -> FloatArray:
        """The ends of the steps, hours from the start; shape (steps + 1,)."""
        return self.data.timeline.edges()

    @property
    def axis(self) -> ClockAxis:
        """The clock of the station."""
        return ClockAxis(self.data.timeline)

    def power(self, name: str, schedule: xr.Dataset | None = None) -> FloatArray:
        """A course of the schedule (or of another one), kW; zero where it has none of that name."""
        of = self.schedule if schedule is None else schedule
        if name in ("charge", "discharge"):
            return over_time(of, name)
        if name not in of or of[name].dims != ("time",):
            return np.zeros(self.spec.steps)
        return np.asarray(of[name].values, dtype=float)

    def of_visits(self, name: str, schedule: xr.Dataset | None = None) -> FloatArray:
        """A variable of vehicles and steps, in the order of `data.visits`."""
        variable = (self.schedule if schedule is None else schedule)[name]
        if variable.dims == ("visit",):
            return np.asarray(variable.values, dtype=float)
        visits = self.data.visits
        return np.asarray(variable.values[visits.vehicle, visits.step], dtype=float)

    def given(self, setting: str) -> FloatArray | None:
        """A series of the grid, where the spec gives it."""
        return self.data.over_time("grid", setting)

    def devices(self, *kinds: str) -> list[Device]:
        """The devices of these kinds, in the order of the spec."""
        return [device for device in self.spec.devices if device.kind in kinds]

    def presence(self) -> FloatArray:
        """How many vehicles are there in each step, each by the share of the step."""
        visits = self.data.visits
        return np.bincount(visits.step, visits.presence, minlength=self.spec.steps).astype(float)

    def at(self, hours: float) -> str:
        """The clock after that many hours, with the day where there are several."""
        return clock_label(clock(self.data, hours), self.data.timeline.horizon / 24)

    def between(self, begin: float, end: float) -> str:
        """`13:00 to 14:15`; the day stands once where both are on it."""
        first, last = clock(self.data, begin), clock(self.data, end)
        days = self.data.timeline.horizon / 24
        told = f"{last:%H:%M}" if first.date() == last.date() else clock_label(last, days)
        return f"{clock_label(first, days)} to {told}"

    def clock_cells(self) -> tuple[Cell, ...]:
        """The wall clock with its offset at each edge between steps."""
        return tuple(clock(self.data, step * self.step).isoformat() for step in range(self.spec.steps + 1))

    def times(self) -> Column:
        """The column of every table over time: when each step begins."""
        return Column("time", "", self.clock_cells()[:-1])


def hours_told(hours: float) -> str:
    """`2.67 h`, `6 h`."""
    return f"{round(hours, 2) + 0.0:,.10g} h"


def joined(words: list[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def column(name: str, unit: str, values: FloatArray) -> Column:
    """Numbers as a column; what is not a number is an empty cell."""
    return Column(name, unit, tuple(float(v) + 0.0 if np.isfinite(v) else None for v in values))


def windows(there: BoolArray, step: float) -> list[tuple[float, float]]:
    """The stretches of steps of which something holds, from the longest to the shortest, in hours."""
    padded = np.diff(np.concatenate([[0], there.astype(int), [0]]))
    begins, ends = np.flatnonzero(padded == 1), np.flatnonzero(padded == -1)
    found = [(int(b) * step, int(e) * step) for b, e in zip(begins, ends, strict=True)]
    return sorted(found, key=lambda one: (one[0] - one[1], one[0]))
