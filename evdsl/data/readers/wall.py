"""Values that follow the clock on the wall, through the days on which the clocks change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from evdsl.data.piecewise import Origin, Piecewise
from evdsl.data.timeline import Timeline
from evdsl.language.arrays import FloatArray
from evdsl.language.tolerances import SAME_TIME

Entries = Callable[[date], tuple[FloatArray, FloatArray] | None]
"""The clock times of a day (hours after midnight, the first 0) and the value from each on; `None` without."""


def round_the_clock(hours: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Clock times and values, one at midnight: before the first, the last of the day before holds."""
    if hours[0] > 0.0:
        return np.append(0.0, hours), np.append(values[-1], values)
    return hours, values


def along_the_wall(entries: Entries, timeline: Timeline, origin: Origin) -> Piecewise | date:
    """Values that hold from clock times on, day by day; the first day that has none."""
    starts: list[FloatArray] = []
    values: list[FloatArray] = []
    for begin, end, shift in timeline.along_the_wall():
        first, last = int((begin + shift) // 24), int((end + shift - SAME_TIME) // 24)
        for number in range(first, last + 1):
            day = timeline.first_day + timedelta(days=number)
            found = entries(day)
            if found is None:
                return day
            clock = found[0] + 24.0 * number - shift
            # What holds at the begin of a stretch began before it.
            inside = np.flatnonzero(clock < end - SAME_TIME)
            before = np.flatnonzero(clock <= begin + SAME_TIME)
            kept = inside[before[-1] :] if len(before) else inside
            starts.append(np.maximum(clock[kept], begin))
            values.append(found[1][kept])
    return Piecewise(np.concatenate(starts), np.concatenate(values), "hold", timeline.horizon, origin)
