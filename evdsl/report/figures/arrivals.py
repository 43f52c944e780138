"""How many vehicles come and go in each hour of the wall clock."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evdsl.language.arrays import BoolArray, FloatArray
from evdsl.report.facts import clock
from evdsl.report.figures.course import Course, column
from evdsl.report.figures.figure import Area, Column, Curve, Figure, Layer, Look, NotDrawn, Panel, Sentence
from evdsl.report.figures.looks import BLUE, ORANGE
from evdsl.report.numbers import decimals

NAME = "arrivals"
TITLE = "Vehicles that come and go"
COME, GO = Look(BLUE), Look(ORANGE, (6, 3), 1.8)


def figure(course: Course) -> Figure | NotDrawn:
    """Arrivals as areas, departures as a dashed line, both per hour."""
    edges = hours(course)
    come, go = per_hour(course, edges)
    if not come.any() and not go.any():
        return NotDrawn(NAME, TITLE, "nobody comes or goes within the horizon")
    if max(float((rate * np.diff(edges)).max()) for rate in (come, go)) <= 1:
        return NotDrawn(NAME, TITLE, "no more than one vehicle comes or goes in an hour")
    layers: list[Layer] = [Area("arrivals", COME, edges, np.zeros(len(come)), come)]
    if go.any():
        layers.append(Curve("departures", GO, edges, go))
    panel = Panel("Vehicles per hour", course.axis, tuple(layers), height=150)
    begins = tuple(clock(course.data, float(at)).isoformat() for at in edges[:-1])
    table = (
        Column("from", "", begins),
        column("arrivals", "vehicles/h", come),
        column("departures", "vehicles/h", go),
    )
    return Figure(NAME, TITLE, (panel,), table, tuple(_told(course, edges, come, go)))


def hours(course: Course) -> FloatArray:
    """Elapsed hours at which an hour of the wall clock begins, with start and end of the horizon."""
    timeline = course.data.timeline
    found = {0.0, round(timeline.horizon, 9)}
    for begin, end, add in timeline.along_the_wall():
        first = np.ceil(begin + add - 1e-9)
        found |= {round(float(at), 9) for at in np.arange(first, end + add - 1e-9) - add if at > 1e-9}
        found.add(round(begin, 9))
    return np.array(sorted(found))


def per_hour(course: Course, edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Rates of arrivals and departures, vehicles per hour; each stay of a vehicle with trips has both."""
    vehicles, length = course.data.vehicles, np.diff(edges)
    come = np.histogram(vehicles.arrival[_within(vehicles.arrival, edges)], edges)[0].astype(float)
    go = np.histogram(vehicles.departure[_within(vehicles.departure, edges)], edges)[0].astype(float)
    for cohort in course.spec.of_kind("cohort"):
        each = course.data.cohorts[cohort.name].sum(axis=0)
        at = np.minimum(np.searchsorted(edges, course.edges[:-1] + 1e-9, side="right") - 1, len(come) - 1)
        come += np.bincount(at, each, minlength=len(come))
    return come / length, go / length


def _within(times: FloatArray, edges: FloatArray) -> BoolArray:
    """Those that come within the horizon: who is there from its start has not come."""
    inside: BoolArray = (times > 1e-9) & (times < edges[-1] - 1e-9)
    return inside


def _told(course: Course, edges: FloatArray, come: FloatArray, go: FloatArray) -> Iterator[Sentence]:
    length = np.diff(edges)
    for kind, rate, verb in (("arrivals_peak", come, "come"), ("departures_peak", go, "leave")):
        if not rate.any():
            continue
        at = int(rate.argmax())
        count, total = float(rate[at] * length[at]), float(rate @ length)
        told, all_ = (decimals(v, 0) if abs(v - round(v)) < 0.005 else decimals(v, 1) for v in (count, total))
        begin, end = float(edges[at]), float(edges[at + 1])
        text = f"Most {verb} from {course.between(begin, end)}: {told} of {all_}."
        yield Sentence(kind, text, {"count": count, "total": total, "begin": begin, "end": end})
