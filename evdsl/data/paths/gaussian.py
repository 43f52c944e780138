"""`gaussian`: each day of the horizon is normally distributed, with a mean and a covariance by clock time.

Of a history of n days x_1 .. x_n these are its own. With independent standard normal numbers z_1 .. z_n

    path = mean + Σ_i z_i (x_i - mean) / √(n - 1)

has exactly its mean and its covariance, without a root of a matrix. The numbers belong to the days and not to
the clock times: what shares them is one vector, whatever the unit and the step of each, and one series more
leaves the others as they are. Days of the horizon are independent of one another.

Where mean and covariance are given, path = mean + R z with the symmetric root R of the covariance.
"""

from __future__ import annotations

from datetime import date
from math import sqrt

from evdsl.data.paths.covariance import read_root
from evdsl.data.paths.drawing import Drawing, index_of
from evdsl.data.paths.history import history_of, origin_of
from evdsl.data.piecewise import Origin, Piecewise
from evdsl.data.readers.wall import along_the_wall
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.arrays import FloatArray
from evdsl.language.values import DerivedSeries, FileSeries


def draw(value: DerivedSeries, timeline: Timeline, drawing: Drawing) -> Piecewise | Diagnostic:
    """The path of a scenario, of a history."""
    history = history_of(value, timeline)
    if isinstance(history, Diagnostic):
        return history
    dates = drawing.dates(value, history)
    if isinstance(dates, Diagnostic):
        return dates
    count = len(dates)
    if count < 2:
        message = f"a covariance takes two days or more, and the history has {dates[0]} alone"
        help = "take a file of more days, or draw past days as they were: `bootstrap(...)`"
        return Diagnostic("E511", message, value.span, "", help)
    days = history.of_days(dates)
    mean = days.mean(axis=0)
    deviations = (days - mean) / sqrt(count - 1)

    def path(day: date) -> tuple[FloatArray, FloatArray]:
        numbers = drawing.stream(value, f"{day}").numbers(index_of(value)).normal(count)
        return history.clock, mean + (numbers[:, None] * deviations).sum(axis=0)

    found = along_the_wall(path, timeline, origin_of(value, history, dates))
    assert isinstance(found, Piecewise), "each day of the horizon is drawn"
    return found


def draw_deviation(value: DerivedSeries, timeline: Timeline, drawing: Drawing) -> Piecewise | Diagnostic:
    """What is drawn beside a mean that is given."""
    file = value.operands[1]
    assert isinstance(file, FileSeries)
    root = read_root(file)
    if isinstance(root, Diagnostic):
        return root
    clock = root.clock

    def path(day: date) -> tuple[FloatArray, FloatArray]:
        numbers = drawing.stream(value, f"{day}").numbers(index_of(value)).normal(len(clock))
        return clock, (root.matrix * numbers).sum(axis=1)

    found = along_the_wall(path, timeline, Origin(f"the covariance in {file.shown}", file.unit))
    assert isinstance(found, Piecewise), "each day of the horizon is drawn"
    return found
