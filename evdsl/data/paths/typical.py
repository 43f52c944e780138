"""`typical`: the mean of past days by clock time, of all that are taken or of each weekday by itself."""

from __future__ import annotations

from datetime import date

from evdsl.data.paths.history import history_of, origin_of
from evdsl.data.piecewise import Piecewise
from evdsl.data.readers.wall import along_the_wall
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.arrays import FloatArray
from evdsl.language.names import DAY_NAMES
from evdsl.language.values import DerivedSeries


def read(value: DerivedSeries, timeline: Timeline) -> Piecewise | Diagnostic:
    """The mean day, along the wall clock of the horizon."""
    history = history_of(value, timeline)
    if isinstance(history, Diagnostic):
        return history
    by_weekday = value.option("weekday") is not None
    means: dict[int, FloatArray] = {}

    def mean_of(day: date) -> tuple[FloatArray, FloatArray] | None:
        group = day.weekday() if by_weekday else -1
        if group not in means:
            alike = tuple(one for one in history.dates if not by_weekday or one.weekday() == group)
            if not alike:
                return None
            means[group] = history.of_days(alike).mean(axis=0)
        return history.clock, means[group]

    found = along_the_wall(mean_of, timeline, origin_of(value, history, history.dates))
    if isinstance(found, Piecewise):
        return found
    name = DAY_NAMES[found.weekday()]
    message = f"the history of `typical` has no `{name}`, and the horizon has one: it has "
    message += history.described(history.dates)
    help = 'take more days, or leave `weekday="same"` out'
    return Diagnostic("E509", message, value.span, "", help)
