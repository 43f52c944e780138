"""Which port is held when, by a vehicle of which class, and when it charges or gives back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.report.figures.course import NOTHING, Course
from evdsl.report.figures.figure import Boxes, Column, Figure, Look, NotDrawn, Panel, Sentence
from evdsl.report.figures.looks import DISCHARGE, SERIES, paler
from evdsl.report.numbers import plural, printable, share

NAME = "port_gantt"
TITLE = "Ports: who holds them, and when they charge"
MARGIN = 0.12
"""Of a row, above and below a bar."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Stretches in which a vehicle holds a port and does one thing: positions, and steps `begin` to `end`."""

    port: IntArray
    vehicle: IntArray
    begin: IntArray
    end: IntArray
    doing: IntArray


IDLE, CHARGES, GIVES = 0, 1, 2


def figure(course: Course) -> Figure | NotDrawn:
    """A row for each port; the colour is the class, pale where the port is held and nothing flows."""
    names = [printable(str(name), 40) for name in course.schedule["port_name"].values]
    if not names:
        alone = len(course.data.vehicles) > 0
        reason = "every vehicle brings its own port" if alone else "no single vehicle comes"
        return NotDrawn(NAME, TITLE, reason)
    holding = holdings(course)
    if not len(holding.port):
        return NotDrawn(NAME, TITLE, "no port is held")
    layers = tuple(_layers(course, holding))
    panel = Panel("Port", course.axis, layers, tuple(names))
    return Figure(NAME, TITLE, (panel,), _table(course, holding, names), tuple(_told(course, names)))


def holdings(course: Course) -> Holding:
    """Who holds which port, in stretches of one activity, by vehicle and time."""
    visits = course.data.visits
    port = course.of_visits("port").astype(int)
    flow = course.of_visits("charge") - course.of_visits("discharge")
    doing = np.where(flow > NOTHING, CHARGES, np.where(flow < -NOTHING, GIVES, IDLE))
    at = np.flatnonzero(port >= 0)
    if not len(at):
        none = np.zeros(0, dtype=np.int64)
        return Holding(none, none, none, none, none)
    vehicle, step = visits.vehicle[at], visits.step[at]
    port, doing = port[at], doing[at]
    same = (np.diff(vehicle) == 0) & (np.diff(step) == 1) & (np.diff(port) == 0) & (np.diff(doing) == 0)
    first = np.concatenate([[0], np.flatnonzero(~same) + 1])
    last = np.concatenate([first[1:], [len(at)]]) - 1
    return Holding(port[first], vehicle[first], step[first], step[last] + 1, doing[first])


def _layers(course: Course, holding: Holding) -> Iterator[Boxes]:
    classes, category = course.spec.of_kind("class"), course.data.vehicles.category[holding.vehicle]
    present = np.unique(category).tolist()
    for place, at in enumerate(present):
        look = SERIES[place % len(SERIES)]
        name = printable(classes[at].name, 30) if len(present) > 1 else ""
        mine = category == at
        for doing, shade, label in (
            (IDLE, paler(look), f"{name} idle".strip()),
            (CHARGES, look, f"{name} charges".strip()),
            (GIVES, DISCHARGE, "gives back"),
        ):
            yield from _boxes(course, holding, mine & (holding.doing == doing), shade, label, doing == GIVES)


def _boxes(
    course: Course, holding: Holding, mine: np.ndarray, look: Look, label: str, half: bool
) -> Iterator[Boxes]:
    """What is given back is a low bar, so that it is told without its colour too."""
    if not mine.any():
        return
    top = holding.port[mine] + (0.5 if half else MARGIN)
    bottom = holding.port[mine] + 1.0 - MARGIN
    yield Boxes(label, look, holding.begin[mine] * course.step, holding.end[mine] * course.step, top, bottom)


def _table(course: Course, holding: Holding, names: list[str]) -> tuple[Column, ...]:
    order = np.lexsort((holding.begin, holding.port))
    vehicles = course.data.vehicles
    words = {IDLE: "idle", CHARGES: "charges", GIVES: "gives back"}
    times = course.clock_cells()
    return (
        Column("port", "", tuple(names[at] for at in holding.port[order])),
        Column("vehicle", "", tuple(printable(vehicles.name[at], 60) for at in holding.vehicle[order])),
        Column("from", "", tuple(times[at] for at in holding.begin[order])),
        Column("to", "", tuple(times[at] for at in holding.end[order])),
        Column("what", "", tuple(words[int(at)] for at in holding.doing[order])),
    )


def _told(course: Course, names: list[str]) -> Iterator[Sentence]:
    held, flowing = _counts(course)
    most = int(held.max())
    at = int(held.argmax()) * course.step
    ports = plural(len(names), "port")
    if most == len(names):
        text = f"All {ports} are held at once" if most > 1 else "The port is held"
    else:
        text = f"At most {most:,} of {ports} {'is' if most == 1 else 'are'} held at once"
    text += f", first at {course.at(at)}."
    yield Sentence("ports_held", text, {"most": most, "ports": len(names), "at": at})
    hours, busy = float(held.sum()) * course.step, float(flowing.sum()) * course.step
    text = f"Of the time for which a port is held, power flows in {share(busy / hours)}."
    yield Sentence("ports_busy", text, {"held": hours, "busy": busy, "share": busy / hours})


def _counts(course: Course) -> tuple[FloatArray, FloatArray]:
    """Of each step how many ports are held, and at how many power flows."""
    visits, steps = course.data.visits, course.spec.steps
    held = course.of_visits("port") >= 0
    flows = held & ((course.of_visits("charge") > NOTHING) | (course.of_visits("discharge") > NOTHING))
    # A port that changes hands within a step is one port.
    ports = course.of_visits("port").astype(int)
    count = course.schedule.sizes["port_name"]

    def distinct(there: np.ndarray) -> FloatArray:
        pairs = np.unique(visits.step[there] * count + ports[there])
        return np.bincount(pairs // count, minlength=steps).astype(float)

    return distinct(held), distinct(flows)
