"""When the trips of one block are, and what they use: of every vehicle, or of those that a file names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from evdsl.data.randomness.inverse import Interval
from evdsl.data.reader import BlockReader
from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean, excerpt, has_errors
from evdsl.diagnostics.table import read_table
from evdsl.language.arrays import BoolArray, FloatArray, IntArray
from evdsl.language.clock import elapsed_hours, is_skipped, wall
from evdsl.language.site import Vehicles
from evdsl.language.spec import Device
from evdsl.language.tolerances import SAME_TIME
from evdsl.language.values import ClockTime, Const, Draw, Instant, TextValue, leaves

DAY = timedelta(days=1)
TIMES = ("departure", "arrival", "duration")


@dataclass(slots=True)
class Stay:
    """A stay of a vehicle, as it was asked for; `row` is the entry of its block that it comes from.

    `used` is what the trip after it takes (kWh; NaN without one), `trip` names that trip in messages.
    """

    row: int
    arrival: float
    departure: float
    used: float = np.nan
    trip: str = ""


@dataclass(slots=True)
class Trips:
    """The trips of one block: `vehicle` is a position among the vehicles of its block, times are hours.

    `names` are how messages name them, `days` the days after the first on which clock times are. `drawn`
    where the times are random, `daily` where the trip has days of its own.
    """

    reader: BlockReader
    vehicle: IntArray
    names: tuple[str, ...]
    days: IntArray
    drawn: bool
    departure: FloatArray
    arrival: FloatArray
    used: FloatArray
    daily: bool = False

    @property
    def ends_by(self) -> str:
        """The setting that says when a trip ends."""
        return "arrival" if self.reader.device.get("arrival") is not None else "duration"

    def draw_again(self, pending: IntArray) -> bool:
        """New times for these trips; whether there are any."""
        times = _times(self.reader, self.days)
        if times is None:
            return False
        self.departure[pending], self.arrival[pending] = times[0][pending], times[1][pending]
        return True

    def report(self, code: str, message: str, setting: str, help: str) -> None:
        """Adds a finding at a setting of the trip."""
        self.reader.report(code, message, setting, help)

    def later(self, setting: str) -> str:
        """What to write for a time that is too early."""
        value = self.reader.device.get(setting)
        if isinstance(value, ClockTime) and not value.later:
            clock = f"{int(value.hours):02d}:{round(value.hours % 1 * 60):02d}"
            if self.daily:
                return f"write `{setting} = {clock} + 1 d`: clock times are on the day of the trip"
            return f"write `{setting} = {clock} + 1 d` if the day after the stay's first is meant"
        return "mend the times: clock times are on the day on which the stay begins"

    @property
    def dated(self) -> bool:
        """Whether a trip that is made in the stays of several days names a date."""
        device = self.reader.device
        named = (leaf for name in TIMES for leaf in _leaves(device, name))
        return bool(self.reader.days) and any(isinstance(leaf, Instant) for leaf in named)


def read_trips(
    device: Device,
    group: BlockReader,
    stays: Sequence[Sequence[Stay]],
    vehicles: Vehicles,
    dates: tuple[date, ...] = (),
) -> Trips | None:
    """The trips of a block; `None` where what is wrong was reported, or none is left.

    `dates` are the days of its own that the block names.
    """
    # In braces it is drawn for each vehicle of each day; the rows of a file are its own.
    of_days = (group.days, group.each, group.kept) if device.rows is None else ((), 0, None)
    size, problems = len(stays), group.problems
    whose: IntArray | None = np.arange(size)
    if dates:
        whose, each, kept = _each_day(group, size, len(dates))
        of_days, size = (dates, each, kept), len(whose)
    reader = BlockReader(
        device,
        group.category,
        group.timeline,
        group.rounding,
        group.sampling,
        size,
        *of_days,
        problems=problems,
    )
    names = [vehicles.name[own[0].row] for own in stays]
    if device.rows is not None:
        whose = _of_file(reader, names, group)
    if whose is None:
        return None
    first = group.timeline.first_day
    days = reader.days_after(first)
    if not dates:
        arrivals = np.array([own[0].arrival for own in stays])[whose]
        days = np.array(
            [(group.timeline.local(float(hour)).date() - first).days for hour in arrivals], dtype=np.int64
        )
    before = len(group.problems)
    if not dates:  # on a day of several the clocks show an hour more than one that they skip
        _check_clocks(reader, days)
    used = reader.drawn("used", Interval(0.0, has_high=False), "zero or above", "mend the distribution")
    times = _times(reader, days)
    if used is None or times is None or has_errors(group.problems[before:]):
        return None
    if (used < 0.0).any():
        at = int(np.flatnonzero(used < 0.0)[0])
        reader.report(
            "E308", f"`used` of {reader.line(at)} is {used[at]:g} kWh, below 0", "used", "mend the numbers"
        )
        return None
    if dates:
        made = _departs_in(stays, whose, times[0])
        if not made.any():
            message = f"`trip {device.name}` is made on no day"
            message += f": its departure lies in no stay of `{group.device.name}`"
            help = "mend the times: with `days` a clock time is on each of its days"
            reader.report("E407", message, "departure", help)
            return None
        reader.keep(made)
        whose, days, used, times = whose[made], days[made], used[made], (times[0][made], times[1][made])
    drawn = any(isinstance(leaf, Draw) for name in TIMES for leaf in _leaves(device, name))
    titles = tuple(
        reader.line(at)
        if device.rows is not None
        else f"`trip {device.name}` of `{names[v]}`" + (f" on {first + DAY * int(days[at])}" if dates else "")
        for at, v in enumerate(whose)
    )
    found = Trips(reader, whose, titles, days, drawn, *times, used, bool(dates))
    return found if device.rows is None else _inside_horizon(found)


def _each_day(group: BlockReader, size: int, days: int) -> tuple[IntArray, int, IntArray]:
    """Of a trip with days of its own, every vehicle with every day: whose it is, and which draw of that day.

    A draw is that of the vehicle's number in its block, so that it is the same whatever other days there are.
    """
    each = group.each if group.days else size
    number = np.arange(size)
    if group.days:
        number = (number if group.kept is None else group.kept) % each
    whose = np.repeat(np.arange(size), days)
    return whose, each, np.tile(np.arange(days), size) * each + number[whose]


def _departs_in(stays: Sequence[Sequence[Stay]], whose: IntArray, departure: FloatArray) -> BoolArray:
    """Of each trip whether its vehicle is there to depart."""
    found = np.zeros(len(whose), dtype=bool)
    days = len(whose) // len(stays)
    for number, own in enumerate(stays):
        mine = slice(number * days, (number + 1) * days)
        for stay in own:
            begun = departure[mine] >= stay.arrival - SAME_TIME
            found[mine] |= begun & (departure[mine] < stay.departure - SAME_TIME)
    return found


def _leaves(device: Device, setting: str) -> list[object]:
    value = device.get(setting)
    return list(leaves(value)) if value is not None else []


def _of_file(reader: BlockReader, names: Sequence[str], group: BlockReader) -> IntArray | None:
    """The vehicle of each row of a file; all rows are of the only vehicle where no column names one."""
    rows = reader.device.rows
    assert rows is not None
    table = read_table(rows.path, rows.shown, rows.span, rows.dialect or "")
    if isinstance(table, Diagnostic):
        reader.problems.append(table)
        return None
    reader.table = table
    reader.rows = np.arange(len(table.rows))
    reader.size = len(table.rows)
    column = reader.device.get("vehicle")
    if not isinstance(column, TextValue):
        return np.zeros(reader.size, dtype=np.int64)
    position = table.column(column.value, column.span)
    if isinstance(position, Diagnostic):
        reader.problems.append(position)
        return None
    known = {name: at for at, name in enumerate(names)}
    block = group.device.name
    if group.device.kind == "fleet":
        # As in brackets, `vans[3]`, a fleet's vehicle may be named by its number.
        known |= {name.removeprefix(f"{block}."): at for name, at in list(known.items())}
    found = np.array([known.get(row[position].strip(), -1) for row in table.rows], dtype=np.int64)
    absent = found < 0
    if absent.any():
        departure, arrival = reader.values("departure"), reader.values("arrival")
        if departure is None or (arrival is None and reader.device.get("arrival") is not None):
            return None
        ends = departure if arrival is None else arrival
        absent &= (ends > SAME_TIME) & (departure < group.timeline.horizon - SAME_TIME)
    if absent.any():
        at = int(np.flatnonzero(absent)[0])
        name = table.rows[at][position].strip()
        message = (
            f'{reader.line(at)} is of "{excerpt(name, 60)}", and `{block}` has no such vehicle in the horizon'
        )
        help = did_you_mean(name, list(known)) or f'it has {len(names)}, the first is "{names[0]}"'
        reader.report("E203", message, "vehicle", help)
        return None
    reader.keep(found >= 0)
    return found[found >= 0]


def _times(reader: BlockReader, days: IntArray) -> tuple[FloatArray, FloatArray] | None:
    """When each trip begins and ends, drawn anew at each call where the times are random."""
    departure = _on_days(reader, "departure", days)
    if departure is None:
        return None
    if reader.device.get("arrival") is not None:
        arrival = _on_days(reader, "arrival", days)
        return None if arrival is None else (departure, arrival)
    duration = reader.values("duration")
    if duration is None:
        return None
    value = reader.device.get("duration")
    if isinstance(value, Const) and value.days:
        starts = [reader.timeline.local(float(hour)) for hour in departure]
        duration = np.array([elapsed_hours(start, value, reader.timeline.zone) for start in starts])
    return departure, departure + duration


def _on_days(reader: BlockReader, setting: str, days: IntArray) -> FloatArray | None:
    """Times of which those of a clock are on the given days after the first, by the wall clock."""
    found = reader.values(setting)
    on_clocks = any(isinstance(leaf, ClockTime) for leaf in _leaves(reader.device, setting))
    if found is None or not on_clocks:
        return found
    timeline = reader.timeline
    later = days - reader.days_after(timeline.first_day)  # a stay may begin behind the day of its block
    shifted = found.copy()
    for at in np.flatnonzero(later):
        local = timeline.local(float(found[at])) + timedelta(days=int(later[at]))
        shifted[at] = timeline.hours(local)
    return shifted


def _check_clocks(reader: BlockReader, days: IntArray) -> None:
    """E413 for a time of a trip that the clocks skip on a day on which it is made."""
    zone, start = reader.timeline.zone, reader.timeline.local(0.0)
    for setting in ("departure", "arrival"):
        for leaf in _leaves(reader.device, setting):
            if not isinstance(leaf, ClockTime | Instant):
                continue
            first = wall(leaf, start)
            shifts = np.unique(days) if isinstance(leaf, ClockTime) else [0]
            for local in (first + timedelta(days=int(day)) for day in shifts):
                if is_skipped(local, zone):
                    message = f"{local:%Y-%m-%d %H:%M} is skipped by the clocks of {zone}"
                    help = f"write `{local + timedelta(hours=1):%H:%M}`, which is what the clocks show then"
                    device = reader.device
                    reader.problems.append(
                        Diagnostic("E413", message, leaf.span, "", help, (), device.header)
                    )
                    return


def _inside_horizon(found: Trips) -> Trips | None:
    """The trips of a file that the horizon sees; W101 for the others."""
    reader, horizon = found.reader, found.reader.timeline.horizon
    seen = (found.arrival > SAME_TIME) & (found.departure < horizon - SAME_TIME)
    seen |= found.arrival <= found.departure  # what is wrong is said, and not left out
    missing = int((~seen).sum())
    if missing:
        assert reader.table is not None
        assert reader.device.rows is not None
        message = f'{missing} of {len(seen)} rows of "{reader.table.shown}" lie outside the horizon'
        message += " and are left out"
        help = "begin earlier with `start`, or lengthen `horizon`, to plan with them"
        reader.problems.append(Diagnostic("W101", message, reader.device.rows.span, "", help))
    if not seen.any():
        return None
    reader.keep(seen)
    names = tuple(name for name, is_seen in zip(found.names, seen, strict=True) if is_seen)
    return Trips(
        reader,
        found.vehicle[seen],
        names,
        found.days[seen],
        False,
        found.departure[seen],
        found.arrival[seen],
        found.used[seen],
    )
