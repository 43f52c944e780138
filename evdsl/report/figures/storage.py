"""What the storages of the site take, give and hold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Device
from evdsl.report.figures.course import NOTHING, Course, column
from evdsl.report.figures.figure import Column, Curve, Figure, NotDrawn, Panel, Sentence, stacked
from evdsl.report.figures.looks import CHARGE, DISCHARGE, LIMIT, OPTIMUM
from evdsl.report.numbers import energy, printable, share

NAME = "storage"
TITLE = "Storage: what it takes and gives, and how full it is"
SHOWN = 3


def figure(course: Course) -> Figure | NotDrawn:
    """Two panels for each storage: power, and energy against its capacity."""
    storages = course.devices("storage")
    if not storages:
        return NotDrawn(NAME, TITLE, "there is no storage")
    used = [one for one in storages if any(flow.max() > NOTHING for flow in _flows(course, one))]
    if not used:
        return NotDrawn(NAME, TITLE, "no storage is used")
    panels: list[Panel] = []
    table: list[Column] = [course.times()]
    for device in used:
        takes, gives = _flows(course, device)
        name = printable(device.name, 30)
        held = course.power(f"{device.name}.energy")
        table += [
            column(f"into {name}", "kW", takes),
            column(f"from {name}", "kW", gives),
            column(f"in {name} at the start", "kWh", held),
        ]
        if len(panels) < 2 * SHOWN:
            panels += _panels(course, device, takes, gives, held)
    told = [one for device in used[:2] for one in _told(course, device)]
    return Figure(NAME, TITLE, tuple(panels), tuple(table), tuple(told))


def _flows(course: Course, device: Device) -> tuple[FloatArray, FloatArray]:
    return course.power(f"{device.name}.charge"), course.power(f"{device.name}.discharge")


def _panels(
    course: Course, device: Device, takes: FloatArray, gives: FloatArray, held: FloatArray
) -> list[Panel]:
    areas = stacked(course.edges, [("takes", CHARGE, takes), ("gives, below zero", DISCHARGE, -gives)])
    end = float(course.schedule[f"{device.name}.energy_end"])
    capacity = np.full(course.spec.steps, device.number("capacity"))
    name = printable(device.name, 30)
    # Energy is between steps and not in them: it goes straight from one edge to the next.
    state = Curve("held", OPTIMUM, course.edges, np.append(held, end))
    limit = Curve("capacity", LIMIT, course.edges, capacity)
    return [
        Panel(f"{name}: power, kW", course.axis, areas, height=120),
        Panel(f"{name}: energy, kWh", course.axis, (state, limit), height=120),
    ]


def _told(course: Course, device: Device) -> Iterator[Sentence]:
    takes, gives = (float(flow.sum()) * course.step for flow in _flows(course, device))
    capacity = device.number("capacity")
    end = float(course.schedule[f"{device.name}.energy_end"])
    held = np.append(course.power(f"{device.name}.energy"), end)
    low, high = float(held.min()) / capacity, float(held.max()) / capacity
    text = (
        f"`{printable(device.name, 30)}` takes {energy(takes)} kWh and gives {energy(gives)} kWh;"
        f" it is between {share(low)} and {share(high)} full."
    )
    values = {"takes": takes, "gives": gives, "low": low, "high": high}
    yield Sentence("storage_cycle", text, values)
