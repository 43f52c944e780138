"""A daily table: values from clock times on, the same on every day."""

from __future__ import annotations

import numpy as np

from evdsl.data.piecewise import Origin, Piecewise
from evdsl.data.readers.wall import along_the_wall, round_the_clock
from evdsl.data.timeline import Timeline
from evdsl.language.values import Daily


def read(table: Daily, timeline: Timeline) -> Piecewise:
    """Its entries along the wall clock."""
    hours = np.array([hour for hour, _ in table.entries])
    entries = round_the_clock(hours, np.array([number for _, number in table.entries]))
    origin = Origin("a daily table", clocks=f"on the clocks of {timeline.zone}")
    value = along_the_wall(lambda _: entries, timeline, origin)
    assert isinstance(value, Piecewise), "every day has its entries"
    return value
