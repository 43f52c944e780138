"""Which port is held when, by a vehicle of which class, when it charges or gives back, or is out of order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.model.outages import ports_in_order
from evdsl.report.figures.course import NOTHING, Course, hours_told
from evdsl.report.figures.figure import Boxes, Column, Figure, Look, NotDrawn, Panel, Sentence
from evdsl.report.figures.looks import DISCHARGE, OUT_OF_ORDER, SERIES, paler
from evdsl.report.figures.outages import Outage, outages
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
    broken = outages(course)
    layers = (*_layers(course, holding), *_broken(course, broken))
    panel = Panel("Port", course.axis, layers, tuple(names))
    return Figure(NAME, TITLE, (panel,), _table(course, holding, names, broken), tuple(_told(course, names)))


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


def _broken(course: Course, broken: list[Outage]) -> Iterator[Boxes]:
    """What is out of order is a line through its row, which nobody takes for a vehicle."""
    if broken:
        port = np.array([one.port for one in broken], dtype=float)
        begin, end = (np.array([getattr(one, side) for one in broken]) for side in ("begin", "end"))
        yield Boxes(
            "out of order", OUT_OF_ORDER, begin * course.step, end * course.step, port + 0.4, port + 0.6
        )


def _table(course: Course, holding: Holding, names: list[str], broken: list[Outage]) -> tuple[Column, ...]:
    vehicles = course.data.vehicles
    words = {IDLE: "idle", CHARGES: "charges", GIVES: "gives back"}
    times = course.clock_cells()
    held = zip(
        *(
            each.tolist()
            for each in (holding.port, holding.begin, holding.end, holding.vehicle, holding.doing)
        ),
        strict=True,
    )
    rows = [
        (port, begin, end, printable(vehicles.name[who], 60), words[doing])
        for port, begin, end, who, doing in held
    ]
    rows += [(one.port, one.begin, one.end, "", "out of order") for one in broken]
    rows.sort(key=lambda row: row[:2])
    return (
        Column("port", "", tuple(names[row[0]] for row in rows)),
        Column("vehicle", "", tuple(row[3] for row in rows)),
        Column("from", "", tuple(times[row[1]] for row in rows)),
        Column("to", "", tuple(times[row[2]] for row in rows)),
        Column("what", "", tuple(row[4] for row in rows)),
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
    out = len(names) - ports_in_order(course.spec, course.data)
    if out.any():
        worst, at = int(out.max()), int(out.argmax()) * course.step
        text = f"At most {worst:,} of {ports} {'is' if worst == 1 else 'are'} out of order at once"
        lost = float(out.sum()) * course.step
        text += f", first at {course.at(at)}; together they are for {hours_told(lost)}."
        values = {"most": worst, "ports": len(names), "at": at, "hours": lost}
        yield Sentence("ports_out_of_order", text, values)


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
