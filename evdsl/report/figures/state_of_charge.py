"""How full the batteries of vehicles are while they are there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.report.figures.availability import stretches
from evdsl.report.figures.course import Course
from evdsl.report.figures.figure import Boxes, Column, Curve, Figure, Layer, Look, NotDrawn, Panel, Sentence
from evdsl.report.figures.looks import BLUE, SERIES, paler
from evdsl.report.numbers import printable, share

NAME = "state_of_charge"
TITLE = "State of charge of the vehicles"
SHADES = 5
LINES = 4
"""Vehicles up to which each is a line."""


def figure(course: Course) -> Figure | NotDrawn:
    """A line for each of a few vehicles, else a map with a row for each, darker where it is fuller."""
    vehicles, visits = course.data.vehicles, course.data.visits
    known = ~np.isnan(vehicles.battery[vehicles.first]) if len(vehicles) else np.zeros(0, dtype=bool)
    firsts = np.flatnonzero(vehicles.is_first & known)
    if not len(firsts):
        reason = "no vehicle has a battery of known size" if len(vehicles) else "no single vehicle comes"
        return NotDrawn(NAME, TITLE, reason)
    soc = states(course)
    order = firsts[np.argsort(vehicles.arrival[firsts], kind="stable")]
    panel = (_lines if len(order) <= LINES else _map)(course, order, soc)
    here = known[visits.vehicle]
    times = course.clock_cells()
    table = (
        Column("vehicle", "", tuple(printable(vehicles.name[at], 60) for at in visits.vehicle[here])),
        Column("time", "", tuple(times[at] for at in visits.step[here])),
        Column("state of charge", "%", tuple(float(v) if np.isfinite(v) else None for v in 100 * soc[here])),
    )
    return Figure(NAME, TITLE, (panel,), table, tuple(_told(course, order, soc)))


def states(course: Course) -> FloatArray:
    """Of each visit the state of charge when its step begins, 0..1; NaN without a battery."""
    vehicles, visits = course.data.vehicles, course.data.visits
    battery = vehicles.battery[vehicles.first][visits.vehicle]
    return course.of_visits("energy") / battery


def leaving(course: Course) -> FloatArray:
    """Of each stay the state of charge at its end, 0..1."""
    vehicles = course.data.vehicles
    return (
        np.asarray(course.schedule["energy_departure"].values, dtype=float) / vehicles.battery[vehicles.first]
    )


def _lines(course: Course, order: IntArray, soc: FloatArray) -> Panel:
    vehicles, visits = course.data.vehicles, course.data.visits
    end, curves = leaving(course), []
    for place, at in enumerate(order.tolist()):
        x: list[float] = []
        y: list[float] = []
        for stay in np.flatnonzero(vehicles.first == at).tolist():
            span = slice(int(visits.start[stay]), int(visits.start[stay + 1]))
            if span.start == span.stop:
                continue
            x += [*(visits.step[span] * course.step).tolist(), float(visits.step[span][-1] + 1) * course.step]
            x.append(x[-1])
            y += [*(100 * soc[span]).tolist(), 100 * float(end[stay]), np.nan]
        label = printable(vehicles.name[at], 30)
        curves.append(Curve(label, SERIES[place], np.array(x), np.array(y)))
    return Panel("State of charge, %", course.axis, tuple(curves), height=180)


def _map(course: Course, order: IntArray, soc: FloatArray) -> Panel:
    vehicles, visits = course.data.vehicles, course.data.visits
    place = np.full(len(vehicles), -1)
    place[order] = np.arange(len(order))
    row = place[vehicles.first][visits.vehicle]
    shade = np.where(
        row < 0, -1, np.clip(np.floor(np.nan_to_num(soc) * SHADES + 1e-9), 0, SHADES - 1)
    ).astype(int)
    layers: list[Layer] = []
    for level in range(SHADES):
        boxes = stretches(course, row, shade, level)
        low, high = 100 * level // SHADES, 100 * (level + 1) // SHADES
        if boxes is not None:
            layers.append(
                Boxes(f"{low} to {high} %", paler(Look(BLUE), 0.12 + 0.88 * (level + 1) / SHADES), *boxes)
            )
    names = tuple(printable(vehicles.name[at], 40) for at in order)
    return Panel("Vehicle, by arrival", course.axis, tuple(layers), names, row=14)


def _told(course: Course, order: IntArray, soc: FloatArray) -> Iterator[Sentence]:
    vehicles, visits = course.data.vehicles, course.data.visits
    first_visit = visits.start[order]
    came = first_visit < visits.start[order + 1]
    last = np.array([int(np.flatnonzero(vehicles.first == at)[-1]) for at in order])
    comes, goes = soc[first_visit[came]], leaving(course)[last[came]]
    if not came.any():
        return
    count, low, high = int(came.sum()), share(float(comes.mean())), share(float(goes.mean()))
    if count == 1:
        text = f"The vehicle comes with {low} and leaves with {high}."
    else:
        text = f"{count:,} vehicles come with {low} and leave with {high} on average."
    values = {"count": count, "comes": float(comes.mean()), "leaves": float(goes.mean())}
    yield Sentence("soc_gain", text, values)
    here = np.isfinite(soc)
    lowest = float(soc[here].min())
    at = int(np.flatnonzero(here & (soc <= lowest + 1e-12))[0])
    name, when = (
        printable(vehicles.name[visits.vehicle[at]], 30),
        course.at(float(visits.step[at]) * course.step),
    )
    text = f"The lowest that is seen is {share(lowest)}, in `{name}` at {when}."
    yield Sentence("soc_lowest", text, {"lowest": lowest, "at": float(visits.step[at]) * course.step})
