"""What a figure is: a frozen value that `vega` makes a Vega-Lite structure of, at any width.

A figure knows nothing of pixels. It has panels, one below the other; a panel has an axis of the clock or of
numbers, perhaps a row for each of some names, and layers: areas, curves, boxes, dots and notes. What a
person named (vehicles, ports, classes) is in it as data alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from evdsl.data.timeline import Timeline
from evdsl.language.arrays import FloatArray

Cell: TypeAlias = float | int | str | None


@dataclass(frozen=True, slots=True)
class Look:
    """How a thing is drawn wherever it is drawn: `dash` is empty for a line without gaps."""

    colour: str
    dash: tuple[int, ...] = ()
    width: float = 1.5


@dataclass(frozen=True, slots=True)
class Area:
    """What lies between two courses, stepwise: `low` and `high` hold from each `edge` to the next one."""

    label: str
    look: Look
    edges: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class Curve:
    """A line. With `edges` it holds each value from one edge to the next, else it goes from point to point.

    NaN is a gap. `label` is empty for a line that another one speaks for.
    """

    label: str
    look: Look
    x: FloatArray
    y: FloatArray

    @property
    def is_stepped(self) -> bool:
        """Whether `x` are the edges between which a value holds."""
        return len(self.x) == len(self.y) + 1


@dataclass(frozen=True, slots=True)
class Boxes:
    """Boxes of one shade, from `begin` to `end` along the axis and from `top` to `bottom` in rows from 0."""

    label: str
    look: Look
    begin: FloatArray
    end: FloatArray
    top: FloatArray
    bottom: FloatArray


@dataclass(frozen=True, slots=True)
class Dots:
    """Points of one kind; `shape` is a word of Vega: `circle`, `diamond`, `square`, `triangle-up`."""

    label: str
    look: Look
    x: FloatArray
    y: FloatArray
    shape: str = "circle"


@dataclass(frozen=True, slots=True)
class Notes:
    """Words beside points, each in some lines, so many pixels `across` and `down` from its point."""

    words: tuple[tuple[str, ...], ...]
    look: Look
    x: FloatArray
    y: FloatArray
    across: float
    down: float
    label: str = ""


Layer: TypeAlias = Area | Curve | Boxes | Dots | Notes


@dataclass(frozen=True, slots=True)
class ClockAxis:
    """Elapsed hours from the start, told by the wall clock of the station."""

    timeline: Timeline


@dataclass(frozen=True, slots=True)
class NumberAxis:
    """Numbers, with what they are beneath them."""

    caption: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture of a figure: `caption` is what stands upwards, with its unit.

    Where there are `names`, the panel has a row for each instead of a scale, the first on top, and what is
    upwards in its layers is counted in rows; these are `row` pixels high at most, so that a thousand fit.
    """

    caption: str
    axis: ClockAxis | NumberAxis
    layers: tuple[Layer, ...]
    names: tuple[str, ...] = ()
    height: float = 200.0
    row: float = 18.0
    from_zero: bool = True


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `unit` is empty for words and plain numbers."""

    name: str
    unit: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is told beneath a figure: by which rule, in words, and the numbers in it in their units.

    `values` are what the words were made of: kWh, kW, money, hours from the start, counts, shares of one.
    """

    kind: str
    text: str
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its numbers and its sentences; `name` is a word of the field, the same in every run."""

    name: str
    title: str
    panels: tuple[Panel, ...]
    table: tuple[Column, ...]
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class NotDrawn:
    """A figure that would say nothing, and why: `not drawn: the price is constant`."""

    name: str
    title: str
    reason: str


def stacked(edges: FloatArray, parts: list[tuple[str, Look, FloatArray]]) -> tuple[Area, ...]:
    """Courses one upon the other, what is above zero upwards, what is below it downwards."""
    up, down = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    areas = []
    for label, look, values in parts:
        over, under = np.maximum(values, 0.0), np.minimum(values, 0.0)
        if over.any():
            areas.append(Area(label, look, edges, up, up + over))
            up = up + over
        if under.any():
            areas.append(Area("" if over.any() else label, look, edges, down + under, down))
            down = down + under
    return tuple(areas)
