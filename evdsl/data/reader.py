"""The vehicles of one block while they are read: each setting as an array, and how a vehicle is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from evdsl.data import cells
from evdsl.data.draws import Sampling, Stream, sample, truncate_draws
from evdsl.data.randomness.inverse import Interval, invert
from evdsl.data.series import combined
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.table import Table
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.sets import of_day
from evdsl.language.spec import VEHICLE_BLOCKS, Device
from evdsl.language.values import (
    ClockTime,
    Column,
    Const,
    Draw,
    Instant,
    MaximumEnergy,
    Operation,
    Value,
    leaves,
)


@dataclass(slots=True)
class BlockReader:
    """The vehicles of one block. `rows` are those of `table` that are read, where the block has a file.

    A block that comes on several `days` has `each` vehicles on each, of which `kept` are read. `maximum` is
    what `max_energy` stands for, known once the stays are.
    """

    device: Device
    category: Device
    timeline: Timeline
    rounding: str
    sampling: Sampling
    size: int
    days: tuple[date, ...] = ()
    each: int = 0
    kept: IntArray | None = None
    table: Table | None = None
    rows: IntArray | None = None
    maximum: FloatArray | None = None
    generators: dict[tuple[str, int, date | None], np.random.Generator] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def values(self, setting: str, within: Interval | None = None) -> FloatArray | None:
        """A setting for each vehicle; `None` where it is not given or cannot be read.

        Antithetic scenarios take a setting that is one draw from what lies `within` an interval.
        """
        value = self.device.get(setting)
        if value is None:
            return None
        result = self._evaluate(value, setting, within)
        if isinstance(result, Diagnostic):
            self.problems.append(result)
            return None
        return result

    def drawn(self, setting: str, meaningful: Interval, condition: str, help: str) -> FloatArray | None:
        """A setting for each vehicle, its random values drawn again where they have no meaning."""
        value = self.device.get(setting)
        if value is None or not any(isinstance(leaf, Draw) for leaf in leaves(value)):
            return self.values(setting)
        before = len(self.problems)

        def values() -> FloatArray:
            found = self.values(setting, meaningful) if len(self.problems) == before else None
            return np.full(self.size, np.nan) if found is None else found

        result = truncate_draws(values, meaningful.has, self.size)
        if len(self.problems) > before:
            return None
        if result is None:
            message = f"`{setting}` of `{self.device.name}` is hardly ever {condition}"
            self.report("E510", message, setting, help)
        return result

    def keep(self, mask: NDArray[np.bool_]) -> None:
        """Leaves out the rows of a file, or the stays of several days, that are not in `mask`."""
        if self.days:
            self.kept = np.flatnonzero(mask) if self.kept is None else self.kept[mask]
        else:
            assert self.rows is not None
            self.rows = self.rows[mask]
        self.size = int(mask.sum())

    def line(self, index: int) -> str:
        """How a message names vehicle `index`."""
        if self.table is not None and self.rows is not None:
            return f'line {self.table.lines[int(self.rows[index])]} of "{self.table.shown}"'
        if self.days:
            return f"`{self.name(index)}`"
        if self.size == 1:
            return f"`{self.device.name}`"
        return f"`{self.device.name}.{index + 1}`"

    def name(self, index: int) -> str:
        """What vehicle `index` is called, where a file does not say it."""
        name = self.device.name
        place = index if self.kept is None else int(self.kept[index])
        if not self.days:
            return name if self.device.kind == "vehicle" else f"{name}.{place + 1}"
        day, number = divmod(place, self.each)
        return of_day(name, None if self.device.kind == "vehicle" else number + 1, self.days[day])

    def days_after(self, first: date) -> IntArray:
        """By vehicle, how many days after the first its own day is; 0 where no days are named."""
        if not self.days:
            return np.zeros(self.size, dtype=np.int64)
        after = np.repeat([(day - first).days for day in self.days], self.each)
        return after if self.kept is None else after[self.kept]

    def report(self, code: str, message: str, setting: str, help: str = "") -> None:
        """Adds a finding at a setting of the block."""
        place = self.device.place(setting)
        self.problems.append(Diagnostic(code, message, place, "", help, (), self.device.header))

    def shown(self, hours: float) -> str:
        """A time for a message."""
        return f"{self.timeline.local(hours):%Y-%m-%d %H:%M}"

    def _evaluate(
        self, value: Value, setting: str, within: Interval | None = None
    ) -> FloatArray | Diagnostic:
        match value:
            case Const(value=number):
                return np.full(self.size, number)
            case ClockTime() | Instant():
                if not self.days:
                    return np.full(self.size, self.timeline.at(value))
                return self._of_days([np.full(self.each, self.timeline.at(value, day)) for day in self.days])
            case Draw():
                if not self.days:
                    return self._drawn_on(None, value, setting, self.size, within)
                if within is not None and not np.isscalar(within.low):
                    within = None  # its ends are those of the vehicles that are left, of all days
                return self._of_days(
                    [self._drawn_on(day, value, setting, self.each, within) for day in self.days]
                )
            case Column():
                return self._column(value, setting)
            case MaximumEnergy():
                assert self.maximum is not None, "checks.vehicle_values refuses it before the stays are known"
                return self.maximum.copy()
            case Operation(operator=operator, operands=operands):
                parts: list[FloatArray] = []
                for operand in operands:
                    part = self._evaluate(operand, setting)
                    if isinstance(part, Diagnostic):
                        return part
                    parts.append(part)
                return combined(operator, parts, value.span)
        raise TypeError(f"{type(value).__name__} is not a value of a vehicle")

    def _of_days(self, parts: list[FloatArray]) -> FloatArray:
        """The vehicles of each day, one day after the other, without those that are left out."""
        found = np.concatenate(parts)
        return found if self.kept is None else found[self.kept]

    def _drawn_on(
        self, day: date | None, draw: Draw, setting: str, size: int, within: Interval | None
    ) -> FloatArray:
        """The values of a draw; in a pair of scenarios the first are opposites, what follows is its own."""

        def position(value: Value) -> float:
            assert isinstance(value, ClockTime | Instant)
            return self.timeline.at(value, day)

        key = (setting, draw.index, day)
        if key not in self.generators:
            stream = self._stream(setting, day)
            self.generators[key] = stream.generator(draw.index)
            if self.sampling.is_paired:
                return invert(draw, stream.numbers(draw.index).uniform(size), position, within)
        return sample(draw, self.generators[key], size, position)

    def _stream(self, setting: str, day: date | None) -> Stream:
        name = self.device.name
        block = name if self.device.kind in VEHICLE_BLOCKS else f"{self.device.kind} {name}"
        return Stream(self.sampling, block, setting, day.isoformat() if day else "")

    def _column(self, column: Column, setting: str) -> FloatArray | Diagnostic:
        assert self.table is not None
        assert self.rows is not None
        position = self.table.column(column.name, column.span)
        if isinstance(position, Diagnostic):
            return position
        rows: Sequence[int] = [int(row) for row in self.rows]
        if setting in ("arrival", "departure"):
            stamps = cells.times(self.table, position, rows, self.timeline.zone, column.span)
            if isinstance(stamps, Diagnostic):
                return stamps
            return np.array([self.timeline.hours(stamp) for stamp in stamps])
        found = cells.numbers(self.table, position, rows, column.span)
        return found if isinstance(found, Diagnostic) else np.array(found) * column.factor
