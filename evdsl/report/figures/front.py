"""The points of a front: each a verified schedule of which none is better in both."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Stage
from evdsl.language.units import symbol
from evdsl.optimization.front import Front
from evdsl.report.figures.course import Course
from evdsl.report.figures.figure import (
    Area,
    Column,
    Dots,
    Figure,
    Layer,
    Look,
    NotDrawn,
    Notes,
    NumberAxis,
    Panel,
    Sentence,
)
from evdsl.report.figures.looks import BLUE, GREY, VERMILION
from evdsl.report.front.text import axis_label, axis_names, is_share
from evdsl.report.numbers import plural, printable, quantity, share

NAME = "front"
TITLE = "The front: what one goal costs the other"
WHOLE = 1000
"""Characters of a label: there is room for more than one line."""
MARGIN = 0.2
"""Of the span of the points: how far what is beaten is drawn beyond them."""
BEATEN, END = Look("#D9DDE2"), Look(VERMILION)


def figure(course: Course) -> Figure | NotDrawn:
    """The points, and the staircase behind which every schedule is beaten by one of them."""
    return (
        of_front(course.front)
        if course.front is not None
        else NotDrawn(NAME, TITLE, "no front was asked for")
    )


def of_front(front: Front) -> Figure | NotDrawn:
    """The figure of a front alone."""
    if not front.points:
        return NotDrawn(NAME, TITLE, "the front has no point")
    scale = [100.0 if is_share(stage) else 1.0 for stage in front.axes]
    x, y = (scale[axis] * np.array([p.values[axis] for p in front.points]) for axis in (0, 1))
    layers: list[Layer] = [_beaten(front, x, y)]
    ends = np.array([bool(p.end) for p in front.points])
    proven = np.array([p.proven for p in front.points])
    for label, look, shape, there in (
        ("Pareto-optimal schedule", Look(BLUE), "circle", ~ends & proven),
        ("not proven optimal", Look(GREY), "square", ~ends & ~proven),
        ("end of the front", END, "diamond", ends),
    ):
        if there.any():
            layers.append(Dots(label, look, x[there], y[there], shape))
    layers += _named_ends(front, x, y)
    captions = [axis_label(front, axis, WHOLE) for axis in (1, 0)]
    panel = Panel(captions[0], NumberAxis(captions[1]), tuple(layers), height=320, from_zero=False)
    names = [printable(name, 60) for name in axis_names(front)]
    table = tuple(
        Column(
            name, symbol(stage.dimension, front.spec.currency), tuple(p.values[axis] for p in front.points)
        )
        for axis, (name, stage) in enumerate(zip(names, front.axes, strict=True))
    )
    return Figure(NAME, TITLE, (panel,), table, tuple(_told(front)))


def _far(stage: Stage, values: FloatArray) -> float:
    """How far what is beaten is drawn: beyond the worst point, and no share below nothing."""
    beyond = MARGIN * float(np.ptp(values)) or MARGIN * max(abs(float(values[0])), 1.0)
    far = float(values.max()) + beyond if stage.sign > 0 else float(values.min()) - beyond
    return max(far, 0.0) if is_share(stage) else far


def _beaten(front: Front, x: FloatArray, y: FloatArray) -> Area:
    """What the points beat: a staircase and no line between them, for between them nothing was computed."""
    far_x, far_y = (_far(stage, values) for stage, values in zip(front.axes, (x, y), strict=True))
    edges, level = np.append(x, far_x), y
    if edges[0] > edges[-1]:
        edges, level = edges[::-1], level[::-1]
    other = np.full(len(level), far_y)
    return Area("beaten by a point", BEATEN, edges, np.minimum(level, other), np.maximum(level, other))


def _named_ends(front: Front, x: FloatArray, y: FloatArray) -> Iterator[Notes]:
    """What the ends are; no step passes behind a label: one is in what is beaten, the other before it."""
    names = dict(zip(("first", "second"), (f"best {name}" for name in axis_names(front)), strict=True))
    names["both"] = "best in both"
    right, up = (stage.sign > 0 for stage in front.axes)
    for at, point in enumerate(front.points):
        if point.end:
            inside = 1 if point.end == "first" else -1
            values = [_value(front, stage, v) for stage, v in zip(front.axes, point.values, strict=True)]
            across = 10.0 if right == (inside > 0) else -10.0
            down = -7.0 * inside if up else 7.0 * inside
            words = (printable(names[point.end], 60), ", ".join(values))
            yield Notes((words,), END, x[at : at + 1], y[at : at + 1], across, down)


def _told(front: Front) -> Iterator[Sentence]:
    first, second = front.axes
    names = axis_names(front)
    begin, end = front.points[0].values, front.points[-1].values
    text = f"The front has {plural(len(front.points), 'schedule')}, each verified"
    if len(front.points) > 1:
        for between, name, stage, low, high in (
            (": ", names[0], first, begin[0], end[0]),
            (" while ", names[1], second, begin[1], end[1]),
        ):
            text += f"{between}`{name}` goes from {_value(front, stage, low)} to {_value(front, stage, high)}"
    values = {"count": len(front.points), "first": begin[0], "last": end[0], "low": begin[1], "high": end[1]}
    yield Sentence("front", f"{text}.", values)


def _value(front: Front, stage: Stage, value: float) -> str:
    if is_share(stage):
        return share(value)
    return quantity(value, symbol(stage.dimension, front.spec.currency), front.spec.currency)
