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
    Column,
    Curve,
    Dots,
    Figure,
    Layer,
    Look,
    NotDrawn,
    NumberAxis,
    Panel,
    Sentence,
)
from evdsl.report.figures.looks import BLUE, GREY, VERMILION
from evdsl.report.front.text import axis_label, axis_names, is_share
from evdsl.report.numbers import plural, printable, quantity, share

NAME = "front"
TITLE = "The front: what one goal costs the other"
LABEL = 200
"""Characters of a label of an axis."""


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
    layers: list[Layer] = []
    if len(x) > 1:
        layers.append(Curve("what a point beats begins here", Look(GREY, (4, 3), 1.2), *_staircase(x, y)))
    ends = np.array([bool(p.end) for p in front.points])
    proven = np.array([p.proven for p in front.points])
    for label, colour, shape, there in (
        ("Pareto-optimal schedule", BLUE, "circle", ~ends & proven),
        ("not proven optimal", GREY, "square", ~ends & ~proven),
        ("end of the front", VERMILION, "diamond", ends),
    ):
        if there.any():
            layers.append(Dots(label, Look(colour), x[there], y[there], shape))
    captions = [printable(axis_label(front, axis, LABEL), LABEL) for axis in (1, 0)]
    panel = Panel(captions[0], NumberAxis(captions[1]), tuple(layers), height=320, from_zero=False)
    names = [printable(name, 60) for name in axis_names(front)]
    table = tuple(
        Column(
            name, symbol(stage.dimension, front.spec.currency), tuple(p.values[axis] for p in front.points)
        )
        for axis, (name, stage) in enumerate(zip(names, front.axes, strict=True))
    )
    return Figure(NAME, TITLE, (panel,), table, tuple(_told(front)))


def _staircase(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """From point to point, by the corner that the first of two beats: between them nothing was computed."""
    xs, ys = [x[0]], [y[0]]
    for at in range(1, len(x)):
        xs += [x[at], x[at]]
        ys += [y[at - 1], y[at]]
    return np.array(xs), np.array(ys)


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
