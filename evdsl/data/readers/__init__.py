"""Every format of a value over time, each with a reader of its own; all give the same piecewise value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evdsl.data.piecewise import Piecewise
from evdsl.data.readers import calendar, column, constant, daily, tariff
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.values import Calendar, Const, Daily, FileSeries, FileTariff, Value

READERS: tuple[tuple[type, Callable[[Any, Timeline], Piecewise | Diagnostic]], ...] = (
    (Const, constant.read),
    (Daily, daily.read),
    (Calendar, calendar.read),
    (FileSeries, column.read),
    (FileTariff, tariff.read),
)


def piecewise_of(value: Value, timeline: Timeline) -> Piecewise | Diagnostic:
    """A value over time by the reader of its format."""
    for form, read in READERS:
        if isinstance(value, form):
            return read(value, timeline)
    raise TypeError(f"{type(value).__name__} is not a value over time")
