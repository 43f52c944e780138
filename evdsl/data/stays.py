"""When the vehicles of a block are there: arrivals and departures as asked, cut and rounded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evdsl.data.randomness.inverse import Interval
from evdsl.data.reader import BlockReader
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.arrays import FloatArray
from evdsl.language.clock import MAXIMUM_HOURS, elapsed_hours
from evdsl.language.steps import Horizon
from evdsl.language.tolerances import ON_EDGE, SAME_TIME
from evdsl.language.values import ClockTime, Const
from evdsl.semantics.checks import cuts
from evdsl.semantics.checks.presence import elsewhere

AT_SOME_TIME = Interval(-MAXIMUM_HOURS, MAXIMUM_HOURS, has_low=False, has_high=False)


@dataclass(frozen=True, slots=True)
class Stays:
    """Hours from the start, one entry a vehicle: as asked, and after cutting and rounding."""

    arrival: FloatArray
    departure: FloatArray
    begin: FloatArray
    end: FloatArray


def round_stays(
    begin: FloatArray, end: FloatArray, rounding: str, step: float
) -> tuple[FloatArray, FloatArray]:
    """Arrivals and departures as the rounding of the station says, in hours."""
    if rounding == "floor":
        return np.floor(begin / step + ON_EDGE) * step, np.floor(end / step + ON_EDGE) * step
    if rounding == "inward":
        first = np.ceil(begin / step - ON_EDGE) * step
        return first, np.maximum(np.floor(end / step + ON_EDGE) * step, first)
    return begin, end


def read_stays(group: BlockReader) -> Stays | None:
    """The stays of a block; `None` where there are none, or where what is wrong was reported."""
    horizon = group.timeline.horizon
    period = f"{group.shown(0.0)} to {group.shown(horizon)}"
    where = f"the horizon goes from {period}, and clock times are on its first day"
    # What is drawn for a day depends on no other, nor on where the horizon ends.
    inside = Interval(-SAME_TIME, horizon - SAME_TIME, has_high=False)
    arrival = group.drawn("arrival", inside if not group.days else AT_SOME_TIME, "inside the horizon", where)
    if arrival is None:
        return None
    departure = _departures(group, arrival)
    if departure is None or not group.size:
        return None
    keep = (arrival < horizon - SAME_TIME) & (departure > SAME_TIME)
    # Who leaves before coming is no vehicle of another day where one of both times is in the horizon.
    reversed_times = departure <= arrival + SAME_TIME
    first, last = np.fmin(arrival, departure), np.fmax(arrival, departure)
    is_near = (last > SAME_TIME) & (first < horizon - SAME_TIME)
    keep |= reversed_times & (is_near | (group.rows is None))
    if group.days and keep.any() and not keep.all():
        group.keep(keep)
        arrival, departure, keep = arrival[keep], departure[keep], keep[keep]
    if not keep.all():
        if not _left_out(group, keep, arrival, departure):
            return None
        arrival, departure = arrival[keep], departure[keep]
    if _some_leave_early(group, arrival, departure) or _some_come_twice(group, arrival, departure):
        return None
    _note_cuts(group, arrival, departure)
    begin, end = np.clip(arrival, 0.0, horizon), np.clip(departure, 0.0, horizon)
    begin, end = round_stays(begin, end, group.rounding, group.timeline.step)
    return Stays(arrival, departure, begin, end)


def _departures(group: BlockReader, arrival: FloatArray) -> FloatArray | None:
    if group.device.get("departure") is not None:
        help = "move its mean behind that of `arrival`, or give a `stay`"
        later = Interval(arrival + SAME_TIME, MAXIMUM_HOURS, has_low=False, has_high=False)
        return group.drawn("departure", later, "after the arrival", help)
    long = Interval(SAME_TIME, MAXIMUM_HOURS, has_low=False, has_high=False)
    stay = group.drawn("stay", long, "above zero", "give it a mean above zero")
    if stay is None:
        return None
    value = group.device.get("stay")
    if isinstance(value, Const) and value.days:
        # A calendar day is of 23 or 25 hours when the clocks change while the vehicle is there.
        starts = [group.timeline.local(float(hour)) for hour in arrival]
        stay = np.array([elapsed_hours(start, value, group.timeline.zone) for start in starts])
    return arrival + stay


def _left_out(
    group: BlockReader, keep: NDArray[np.bool_], arrival: FloatArray, departure: FloatArray
) -> bool:
    """Leaves out the rows of a file that are not there at all; whether any vehicle is left."""
    first, last = group.shown(0.0), group.shown(group.timeline.horizon)
    if group.rows is None or group.table is None:
        who = group.line(int(np.flatnonzero(~keep)[0]))
        message = f"{who} is not there between {first} and {last}, the horizon"
        out = int(np.flatnonzero(~keep)[0])
        ends = float(arrival[out]), float(departure[out])
        group.report("E407", message, "arrival", elsewhere(ends, _clock(group)))
        return False
    shown = group.table.shown
    if not keep.any():
        early, late = group.shown(float(arrival.min())), group.shown(float(arrival.max()))
        message = f'no row of "{shown}" is there between {first} and {last}, the horizon'
        help = f"its arrivals go from {early} to {late}: move `start`"
        help += ", or lengthen `horizon`" if arrival.min() > 0 else ""
        group.report("E407", message, "arrival", help)
        return False
    missing = int((~keep).sum())
    message = f'{missing} of {len(keep)} rows of "{shown}" lie outside the horizon and are left out'
    help = "choose rows with `arriving=DAY .. DAY`"
    help += ", or begin earlier with `start`" if (departure[~keep] <= SAME_TIME).any() else ""
    help += ", or lengthen `horizon`" if (arrival[~keep] > 0).any() else ""
    place = group.device.rows.span if group.device.rows is not None else group.device.header
    group.problems.append(Diagnostic("W101", message, place, "", help))
    group.keep(keep)
    return True


def _some_leave_early(group: BlockReader, arrival: FloatArray, departure: FloatArray) -> bool:
    early = np.flatnonzero(departure <= arrival + SAME_TIME)
    if not len(early):
        return False
    at = int(early[0])
    message = (
        f"{group.line(at)} leaves at {group.shown(departure[at])} and comes at {group.shown(arrival[at])}"
    )
    if len(early) > 1:
        message += f"; so {'do' if len(early) > 2 else 'does'} {len(early) - 1} more"
    help = "mend the rows, or leave them out of the file"
    if group.rows is None:
        help = "give a date with the time, or `stay = 8 h`"
    if group.days:
        help = "a time behind midnight is written `+ 1 d`; or write `stay = 8 h`"
        value = group.device.get("departure")
        if isinstance(value, ClockTime) and 0.0 <= value.hours < 24.0 and not value.later:
            shown = f"{int(value.hours):02}:{round(value.hours * 60) % 60:02}"
            help = f"write `departure = {shown} + 1 d` or `stay = 8 h`: clock times are on the day of arrival"
    setting = "departure" if group.device.get("departure") is not None else "stay"
    group.report("E406", message, setting, help)
    return True


def _some_come_twice(group: BlockReader, arrival: FloatArray, departure: FloatArray) -> bool:
    """E406 where a `vehicle` that comes on several days is still there from the day before."""
    if group.device.kind != "vehicle" or not group.days:
        return False
    order = np.argsort(arrival, kind="stable")
    late = np.flatnonzero(arrival[order[1:]] < departure[order[:-1]] - SAME_TIME)
    if not len(late):
        return False
    before, after = int(order[late[0]]), int(order[late[0] + 1])
    message = (
        f"{group.line(after)} comes at {group.shown(arrival[after])}, and {group.line(before)} leaves at "
        f"{group.shown(departure[before])}: one vehicle cannot come before it has left"
    )
    help = "let it leave earlier, or leave days out of `days`; several vehicles are a `fleet`"
    group.report("E406", message, "days", help)
    return True


def _note_cuts(group: BlockReader, arrival: FloatArray, departure: FloatArray) -> None:
    early, late = arrival < -SAME_TIME, departure > group.timeline.horizon + SAME_TIME
    count = int((early | late).sum())
    if count:
        ends = float(arrival.min()), float(departure.max())
        group.problems.append(cuts.finding(group.device, (count, len(arrival)), ends, _clock(group)))


def _clock(group: BlockReader) -> Horizon:
    """The clock of the station, as the checks know it."""
    timeline = group.timeline
    return Horizon(timeline.local(0.0), timeline.start_utc, timeline.zone, timeline.steps, timeline.step)
