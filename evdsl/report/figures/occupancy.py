"""How many vehicles are there, and how many of them charge."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.model.outages import ports_in_order
from evdsl.report.figures.course import NOTHING, Course, column, hours_told, windows
from evdsl.report.figures.figure import Area, Curve, Figure, Layer, NotDrawn, Panel, Sentence
from evdsl.report.figures.looks import CHARGE, IDLE, LIMIT
from evdsl.report.numbers import decimals

NAME = "occupancy"
TITLE = "Vehicles that are there, and those of them that charge"


def figure(course: Course) -> Figure | NotDrawn:
    """Two areas of which one lies in the other, with the ports that there are."""
    there, charging = counts(course)
    if not there.any():
        return NotDrawn(NAME, TITLE, "no vehicle is there")
    nobody = np.zeros(len(there))
    layers: list[Layer] = [
        Area("there", IDLE, course.edges, nobody, there),
        Area("charging", CHARGE, course.edges, nobody, charging),
    ]
    ports = ports_in_order(course.spec, course.data)
    if 0 < ports.max() <= 1.5 * there.max():
        name = "ports" if not np.ptp(ports) else "ports in order"
        layers.append(Curve(name, LIMIT, course.edges, ports))
    panel = Panel("Vehicles", course.axis, tuple(layers))
    table = (course.times(), column("there", "vehicles", there), column("charging", "vehicles", charging))
    return Figure(NAME, TITLE, (panel,), table, tuple(_told(course, there, charging, ports)))


def counts(course: Course) -> tuple[FloatArray, FloatArray]:
    """Vehicles in each step, by the share of it for which they are there; of a cohort those that it has."""
    visits, steps = course.data.visits, course.spec.steps
    busy = course.of_visits("charge") > NOTHING
    there = course.presence()
    charging = np.bincount(visits.step[busy], visits.presence[busy], minlength=steps).astype(float)
    for cohort in course.spec.of_kind("cohort"):
        for state in range(len(course.data.cohorts[cohort.name])):
            there = there + course.power(f"{cohort.name}.count.{state}")
            charging = charging + course.power(f"{cohort.name}.charging.{state}")
    return there, charging


def _told(course: Course, there: FloatArray, charging: FloatArray, ports: FloatArray) -> Iterator[Sentence]:
    for kind, values, verb in (("occupancy_peak", there, "there"), ("charging_peak", charging, "charging")):
        most = float(values.max())
        at = int(np.flatnonzero(values >= most * (1 - 1e-9))[0]) * course.step
        if most <= 0:
            yield Sentence(kind, "No vehicle charges.", {"most": 0.0})
            continue
        if most <= 1 and not course.spec.of_kind("cohort"):
            text = f"There is never more than one vehicle {verb}."
        else:
            text = f"Most vehicles are {verb} at {course.at(at)}: {_count(most)}."
        yield Sentence(kind, text, {"most": most, "at": at})
    if ports.any() and not course.spec.of_kind("cohort"):
        over = there > ports + 1e-9
        if over.any():
            stretches, hours = windows(over, course.step), float(over.sum()) * course.step
            begin, end = stretches[0]
            longest = "longest from" if len(stretches) > 1 else "from"
            few = "than there are ports" if not np.ptp(ports) else "than ports are in order"
            text = f"For {hours_told(hours)} more are there {few}, {longest}"
            told = {"hours": hours, "begin": begin, "end": end}
            yield Sentence("more_than_ports", f"{text} {course.between(begin, end)}.", told)


def _count(value: float) -> str:
    """`12`, or of a cohort and of steps in which somebody comes or goes `3.5`."""
    whole = abs(value - round(value)) < 0.005
    return decimals(value, 0) if whole else f"{decimals(value, 1)}, the mean of the step"
