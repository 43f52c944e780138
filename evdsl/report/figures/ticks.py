"""Where the clock of the station is written beneath a picture, and in which words."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from evdsl.data.timeline import Timeline

SPACINGS = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 168, 336, 672)
"""Hours of the wall clock between two of them."""

ROOM = 46.0
"""Pixels that a label asks for."""


def clock_ticks(timeline: Timeline, width: float) -> list[tuple[float, str]]:
    """Elapsed hours with what the wall clock shows, over that many pixels; the day stands at midnight.

    Along the wall clock, so that a day of 23 or 25 hours has its hours where they are: an hour that comes
    twice stands twice, one that is left out does not stand.
    """
    per_hour = width / timeline.horizon
    first, last = timeline.local(0.0).date(), timeline.local(timeline.horizon - 1e-6).date()
    days = (last - first).days + 1
    spacing = next((one for one in SPACINGS if one * per_hour >= ROOM), None)
    if spacing is None:
        spacing = SPACINGS[-1] * math.ceil(ROOM / (SPACINGS[-1] * per_hour))
    midnight = timeline.local(0.0) - timedelta(hours=timeline.wall_hours(0.0))
    found: list[tuple[float, str]] = []
    for begin, end, add in timeline.along_the_wall():
        number = math.ceil((begin + add) / spacing - 1e-9)
        while number * spacing - add < end - 1e-9 or (
            end >= timeline.horizon and number * spacing - add < end + 1e-9
        ):
            at, when = number * spacing - add, midnight + timedelta(hours=number * spacing)
            # The hours before a change of the clocks and after it may be too near for both.
            if not found or (at - found[-1][0]) * per_hour >= ROOM * 0.8:
                found.append((at, _label(when, days)))
            number += 1
    return found


def _label(when: datetime, days: int) -> str:
    if days == 1 or when.hour or when.minute:
        return f"{when:%H:%M}"
    return f"{when:%a} {when.day}" if days <= 15 else f"{when.day} {when:%b}"
