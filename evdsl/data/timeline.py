"""The clock of a spec: elapsed hours from the start, and the wall clock over them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from evdsl.language.arrays import FloatArray
from evdsl.language.calendar import holidays_of
from evdsl.language.clock import CENTURY, hours_at
from evdsl.language.spec import Spec
from evdsl.language.values import ClockTime, Days, Instant

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Timeline:
    """`steps` steps of `step` hours from `start_utc` (naive, UTC)."""

    start_utc: datetime
    zone: ZoneInfo
    steps: int
    step: float
    holidays: Days | None = None

    @classmethod
    def of(cls, spec: Spec) -> Timeline:
        """The clock of a spec."""
        return cls(spec.start_utc, ZoneInfo(spec.zone), spec.steps, spec.step, holidays_of(spec))

    @property
    def horizon(self) -> float:
        """Hours from start to end."""
        return self.steps * self.step

    def edges(self) -> FloatArray:
        """The ends of the steps, in hours from the start; shape (steps + 1,)."""
        return np.arange(self.steps + 1, dtype=np.float64) * self.step

    def times(self) -> NDArray[np.datetime64]:
        """The start of each step, UTC without a zone; shape (steps,)."""
        seconds = np.round(np.arange(self.steps) * self.step * 3600 * 1e6).astype("timedelta64[us]")
        return (np.datetime64(self.start_utc, "us") + seconds).astype("datetime64[ns]")

    def hours(self, when: datetime) -> float:
        """Elapsed hours at an instant: with an offset, or local to the zone without."""
        offset = when.utcoffset() if when.tzinfo is not None else self.zone.utcoffset(when)
        assert offset is not None
        return (when.replace(tzinfo=None) - offset - self.start_utc) / HOUR

    def local(self, hours: float) -> datetime:
        """The wall clock after that many elapsed hours, without its zone; it stops at a century."""
        hours = min(max(hours, -CENTURY), CENTURY)
        utc = (self.start_utc + timedelta(seconds=round(hours * 3600, 6))).replace(tzinfo=UTC)
        return utc.astimezone(self.zone).replace(tzinfo=None)

    @property
    def first_day(self) -> date:
        """The day that the horizon begins on."""
        return self.local(0.0).date()

    def at(self, value: ClockTime | Instant, day: date | None = None) -> float:
        """Elapsed hours at a date, or at a clock time of a day, of the first where none is given."""
        now = self.local(0.0)
        if day is None or isinstance(value, Instant):
            return hours_at(value, now, self.zone)
        shift = timedelta(days=(day - now.date()).days)
        return hours_at(replace(value, hours=value.hours + shift / HOUR), now, self.zone)

    def wall_hours(self, hours: float) -> float:
        """The wall clock after that many elapsed hours, in hours after midnight."""
        now = self.local(hours)
        return (now - datetime.combine(now.date(), datetime.min.time())) / HOUR

    def changes(self) -> list[float]:
        """Elapsed hours at which the clocks change within the horizon."""
        found: list[float] = []
        day = 24.0
        position = 0.0
        while position < self.horizon:
            end = min(position + day, self.horizon)
            if self._offset(position) != self._offset(end):
                found.append(self._change_between(position, end))
            position = end
        return found

    def along_the_wall(self) -> list[tuple[float, float, float]]:
        """Stretches without a change of the clocks: begin and end in elapsed hours, and what to add to
        them for hours on the wall clock after the midnight that begins the first day."""
        first = self.wall_hours(0.0)
        edges = [0.0, *self.changes(), self.horizon]
        start = self._offset(0.0)
        return [
            (begin, end, first + (self._offset(begin) - start) / HOUR)
            for begin, end in pairwise(edges)
            if end > begin
        ]

    def _offset(self, hours: float) -> timedelta:
        utc = (self.start_utc + timedelta(hours=hours)).replace(tzinfo=UTC)
        return utc.astimezone(self.zone).utcoffset() or timedelta()

    def _change_between(self, low: float, high: float) -> float:
        before = self._offset(low)
        seconds = [round(low * 3600), round(high * 3600)]
        while seconds[1] - seconds[0] > 1:
            middle = sum(seconds) // 2
            if self._offset(middle / 3600) == before:
                seconds[0] = middle
            else:
                seconds[1] = middle
        return seconds[1] / 3600
