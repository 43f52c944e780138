"""What a spec says of a setting over time to an array over the steps: each entry is the mean over its step.

Each value that is read for itself becomes the same piecewise value by the reader of its format; what is
calculated of several is calculated step by step.
"""

from __future__ import annotations

import numpy as np

from evdsl.data.paths import bootstrap, file_scenarios, gaussian, noisy, typical
from evdsl.data.paths.drawing import Drawing
from evdsl.data.piecewise import Piecewise, least, means, sum_of
from evdsl.data.readers import piecewise_of
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Span
from evdsl.language.arrays import FloatArray
from evdsl.language.tolerances import HALF_UP, ROUNDING
from evdsl.language.values import Calendar, Daily, DerivedSeries, Operation, Value

Problem = Diagnostic


def on_steps(value: Value, timeline: Timeline, drawing: Drawing) -> FloatArray | Problem:
    """The mean of a value over each step; shape (steps,), canonical units."""
    if isinstance(value, DerivedSeries):
        return _derived(value, timeline, drawing)
    if not isinstance(value, Operation):
        read = piecewise_of(value, timeline)
        return read if isinstance(read, Diagnostic) else means(read, timeline)
    parts: list[FloatArray] = []
    for operand in value.operands:
        part = on_steps(operand, timeline, drawing)
        if isinstance(part, Diagnostic):
            return part
        parts.append(part)
    return combined(value.operator, parts, value.span)


def _derived(value: DerivedSeries, timeline: Timeline, drawing: Drawing) -> FloatArray | Problem:
    """What a function makes of other series: of past days, or of a series as it is in the horizon."""
    found: Piecewise | Diagnostic
    if value.function == "noisy":
        series = on_steps(value.operands[0], timeline, drawing)
        return series if isinstance(series, Diagnostic) else noisy.disturb(value, series, timeline, drawing)
    if value.function == "csv":
        found = file_scenarios.read(value, timeline, drawing.sampling.scenario, drawing.listed)
    elif value.function == "typical":
        found = typical.read(value, timeline)
    elif value.function == "bootstrap":
        found = bootstrap.draw(value, timeline, drawing)
    elif len(value.operands) == 1:
        found = gaussian.draw(value, timeline, drawing)
    else:
        mean = on_steps(value.operands[0], timeline, drawing)
        found = gaussian.draw_deviation(value, timeline, drawing)
        if isinstance(mean, Diagnostic):
            return mean
        return found if isinstance(found, Diagnostic) else mean + means(found, timeline)
    return found if isinstance(found, Diagnostic) else means(found, timeline)


def counts_on_steps(table: Daily | Calendar, timeline: Timeline) -> FloatArray:
    """A count over time, the least over each step: what is out of order in a part of it is in none."""
    read = piecewise_of(table, timeline)
    assert isinstance(read, Piecewise), "semantics.checks.calendars refuses a day that nothing covers"
    return least(read, timeline)


def above(first: FloatArray, second: FloatArray) -> FloatArray:
    """1 where the first is larger by more than rounding, else 0."""
    room = ROUNDING * np.maximum(np.abs(first), np.abs(second))
    return np.asarray(first - second > room, dtype=float)


def combined(operator: str, parts: list[FloatArray], span: Span) -> FloatArray | Problem:
    """An operation on arrays, element by element; a result that is not finite is refused."""
    with np.errstate(all="ignore"):
        match operator:
            case "+":
                result = sum_of(parts[0], parts[1])
            case "-":
                result = sum_of(parts[0], -parts[1])
            case "*":
                result = parts[0] * parts[1]
            case "/":
                result = parts[0] / parts[1]
            case "above":
                result = above(parts[0], parts[1])
            case "round":
                result = np.floor(parts[0] + HALF_UP)
            case "min":
                result = np.minimum.reduce(parts)
            case _:
                result = np.maximum.reduce(parts)
    if not np.isfinite(result).all():
        message = "this is not a finite number everywhere"
        return Diagnostic("E307", message, span, "", "look for a division by what may be zero")
    return np.asarray(result, dtype=float)
