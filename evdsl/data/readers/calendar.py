"""A table by day or by month: each day has its own value, along the wall clock."""

from __future__ import annotations

from datetime import date

import numpy as np

from evdsl.data.piecewise import Origin, Piecewise
from evdsl.data.readers.wall import along_the_wall, round_the_clock
from evdsl.data.timeline import Timeline
from evdsl.language.arrays import FloatArray
from evdsl.language.values import Calendar, Daily


def read(table: Calendar, timeline: Timeline) -> Piecewise:
    """What holds on each day; before the first time of a day its own last value does."""

    def entries(day: date) -> tuple[FloatArray, FloatArray] | None:
        found = table.on(day, timeline.holidays)
        if found is None:
            return None
        if not isinstance(found, Daily):
            return np.zeros(1), np.array([found.value])
        hours, values = zip(*found.entries, strict=True)
        return round_the_clock(np.array(hours), np.array(values))

    form = "a table by month" if table.is_by_month else "a table by day"
    value = along_the_wall(entries, timeline, Origin(form, clocks=f"on the clocks of {timeline.zone}"))
    assert isinstance(value, Piecewise), "semantics.checks.calendars refuses a day that nothing covers"
    return value
