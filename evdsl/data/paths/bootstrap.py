"""`bootstrap`: past days as they were, as many in a row as the horizon has.

All days of the history are put into a random order, and the first of them that enough others follow begins
the path: each is as likely, and a longer horizon keeps the day of a shorter one, where enough follow it.
"""

from __future__ import annotations

from datetime import date

from evdsl.data.paths.drawing import Drawing, index_of
from evdsl.data.paths.history import history_of, origin_of
from evdsl.data.piecewise import Piecewise
from evdsl.data.readers.wall import along_the_wall
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.arrays import FloatArray
from evdsl.language.calendar import DAY
from evdsl.language.tolerances import SAME_TIME
from evdsl.language.values import DerivedSeries


def draw(value: DerivedSeries, timeline: Timeline, drawing: Drawing) -> Piecewise | Diagnostic:
    """The path of a scenario."""
    history = history_of(value, timeline)
    if isinstance(history, Diagnostic):
        return history
    dates = drawing.dates(value, history)
    if isinstance(dates, Diagnostic):
        return dates
    _, end, shift = timeline.along_the_wall()[-1]
    length = int((end + shift - SAME_TIME) // 24) + 1
    known = set(dates)
    order = drawing.stream(value).generator(index_of(value)).permutation(len(dates))
    follows = (dates[at] for at in order if all(dates[at] + n * DAY in known for n in range(length)))
    first = next(follows, None)
    if first is None:
        message = f"the horizon is on {length} days, and the history has no {length} days in a row"
        message += f": it has {history.described(dates)}"
        help = "take a file of more days, or draw each day by itself: `gaussian(...)`"
        return Diagnostic("E508", message, value.span, "", help)
    begin = timeline.first_day

    def as_it_was(day: date) -> tuple[FloatArray, FloatArray]:
        return history.clock, history.of_days((first + (day - begin),))[0]

    found = along_the_wall(as_it_was, timeline, origin_of(value, history, dates))
    assert isinstance(found, Piecewise), "each day of the horizon has one of the history"
    return found
