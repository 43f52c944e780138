"""Which vehicle is there when, and how strongly it charges: the matrix of availability."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evdsl.language.arrays import BoolArray, FloatArray, IntArray
from evdsl.report.figures.course import NOTHING, Course, hours_told
from evdsl.report.figures.figure import Boxes, Column, Figure, Look, NotDrawn, Panel, Sentence
from evdsl.report.figures.looks import CHARGE, DISCHARGE, IDLE, paler
from evdsl.report.numbers import energy, plural, power, printable, share

NAME = "availability"
TITLE = "Which vehicle is there, and how strongly it charges"
SHADES = 4


def figure(course: Course) -> Figure | NotDrawn:
    """A row for each vehicle, by arrival; darker where more flows."""
    visits, vehicles = course.data.visits, course.data.vehicles
    if not len(visits):
        reason = "no single vehicle comes" if course.spec.of_kind("cohort") else "no vehicle is there"
        return NotDrawn(NAME, TITLE, reason)
    rows, order = by_arrival(course)
    flow = course.of_visits("charge") - course.of_visits("discharge")
    shade, labels = _shades(flow)
    layers = []
    for at, (label, look) in enumerate(labels):
        boxes = stretches(course, rows[visits.vehicle], shade, at)
        if boxes is not None:
            layers.append(Boxes(label, look, *boxes))
    names = tuple(printable(vehicles.name[at], 40) for at in order)
    panel = Panel("Vehicle, by arrival", course.axis, tuple(layers), names, row=14)
    return Figure(NAME, TITLE, (panel,), _table(course, order), tuple(_told(course, flow)))


def by_arrival(course: Course) -> tuple[IntArray, IntArray]:
    """The row of each stay, and which vehicle (at its first stay) each row is."""
    vehicles = course.data.vehicles
    firsts = np.flatnonzero(vehicles.is_first)
    order = firsts[np.argsort(vehicles.arrival[firsts], kind="stable")]
    place = np.zeros(len(vehicles), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[vehicles.first], order


def stretches(
    course: Course, row: IntArray, shade: IntArray, wanted: int, margin: float = 0.06
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray] | None:
    """Boxes of the visits of one shade, those that follow each other as one: begin, end, top, bottom."""
    step = course.data.visits.step
    at = np.flatnonzero(shade == wanted)
    if not len(at):
        return None
    at = at[np.lexsort((step[at], row[at]))]
    # Two stays of a vehicle may share a step: what is drawn twice is drawn once.
    new = np.concatenate([[True], (np.diff(row[at]) != 0) | (np.diff(step[at]) > 1)])
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(at)) - 1
    begin: FloatArray = step[at[first]] * np.float64(course.step)
    end: FloatArray = (step[at[last]] + 1) * np.float64(course.step)
    top = row[at[first]].astype(float)
    return begin, end, top + margin, top + 1 - margin


def _shades(flow: FloatArray) -> tuple[IntArray, list[tuple[str, Look]]]:
    """Of each visit its shade, and what each shade is: there, charging up to a power, giving back."""
    most = float(flow.max(initial=0.0))
    labels: list[tuple[str, Look]] = [("there, idle", IDLE)]
    shade = np.zeros(len(flow), dtype=np.int64)
    if most > NOTHING:
        count = 1 if np.ptp(flow[flow > NOTHING]) <= 1e-3 * most else SHADES
        level = np.ceil(np.clip(flow / most, 0.0, 1.0) * count - 1e-6).astype(np.int64)
        shade = np.where(flow > NOTHING, np.maximum(level, 1), 0)
        for at in range(1, count + 1):
            look = paler(CHARGE, 0.25 + 0.75 * at / count)
            labels.append(
                (f"up to {power(most * at / count)}" if count > 1 else f"charges, {power(most)}", look)
            )
    if (flow < -NOTHING).any():
        shade = np.where(flow < -NOTHING, len(labels), shade)
        labels.append(("gives back", DISCHARGE))
    return shade, labels


def _table(course: Course, order: IntArray) -> tuple[Column, ...]:
    vehicles, visits = course.data.vehicles, course.data.visits
    flow = course.of_visits("charge")

    def whole(values: FloatArray | BoolArray) -> FloatArray:
        return vehicles.of_whole(np.bincount(visits.vehicle, values, minlength=len(vehicles)).astype(float))

    there, busy, taken = whole(visits.presence)[order], whole(flow > NOTHING)[order], whole(flow)[order]
    return (
        Column("vehicle", "", tuple(printable(vehicles.name[at], 60) for at in order)),
        Column("there", "h", tuple((there * course.step).tolist())),
        Column("charging", "h", tuple((busy * course.step).tolist())),
        Column("charged", "kWh", tuple((taken * course.step).tolist())),
    )


def _told(course: Course, flow: FloatArray) -> Iterator[Sentence]:
    visits, vehicles = course.data.visits, course.data.vehicles
    count = int(vehicles.is_first.sum())
    there = float(visits.presence.sum()) * course.step
    busy = float(visits.presence[flow > NOTHING].sum()) * course.step
    average, part = hours_told(there / count), share(busy / there)
    if count == 1:
        text = f"The vehicle is there for {average}, and charges in {part} of it."
    else:
        text = (
            f"{count:,} vehicles are there for {average} each on average, and charge in {part} of that time."
        )
    yield Sentence("presence", text, {"count": count, "hours": there / count, "share": busy / there})
    given = flow < -NOTHING
    if given.any():
        back = float(-flow[given].sum()) * course.step
        givers = len(np.unique(vehicles.first[visits.vehicle[given]]))
        text = f"{plural(givers, 'vehicle')} {'gives' if givers == 1 else 'give'} back"
        yield Sentence("v2g", f"{text} {energy(back)} kWh.", {"givers": givers, "discharged": back})
