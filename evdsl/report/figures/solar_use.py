"""What became of the power that sun and wind gave: used at once, stored, exported, curtailed.

Step by step what is exported is taken to be of sun and wind first, then what storages take, and the rest is
used at once: this is the least that can have been used at once.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.devices.generation import available
from evdsl.report.figures.course import Course, column, joined
from evdsl.report.figures.figure import Figure, Look, NotDrawn, Panel, Sentence, stacked
from evdsl.report.figures.looks import EXPORT, GENERATION, IDLE, STORAGE
from evdsl.report.numbers import energy, share

NAME = "solar_use"
TITLE = "What becomes of sun and wind"
PARTS: tuple[tuple[str, Look], ...] = (
    ("used at once", GENERATION),
    ("stored", STORAGE),
    ("exported", EXPORT),
    ("curtailed", IDLE),
)


def figure(course: Course) -> Figure | NotDrawn:
    """The four shares over time, one upon the other: together what was there."""
    if not course.devices("solar", "wind"):
        return NotDrawn(NAME, TITLE, "there is no sun and no wind")
    parts = shares(course)
    if sum(float(one.sum()) for one in parts) * course.step <= 0.005:
        return NotDrawn(NAME, TITLE, "sun and wind give nothing")
    layers = stacked(course.edges, [(label, look, v) for (label, look), v in zip(PARTS, parts, strict=True)])
    table = (course.times(), *(column(label, "kW", v) for (label, _), v in zip(PARTS, parts, strict=True)))
    panel = Panel("Power, kW", course.axis, layers, height=160)
    return Figure(NAME, TITLE, (panel,), table, tuple(_told(course, parts)))


def shares(course: Course) -> list[FloatArray]:
    """By step, kW, in the order of `PARTS`."""
    devices = course.devices("solar", "wind")
    there = np.sum([available(course.data, device) for device in devices], axis=0)
    given = np.sum([course.power(device.name) for device in devices], axis=0)
    exported = np.minimum(course.power("export"), given)
    stores = np.zeros(len(given))
    for device in course.devices("storage"):
        stores += course.power(f"{device.name}.charge")
    stored = np.minimum(stores, given - exported)
    return [given - exported - stored, stored, exported, np.maximum(there - given, 0.0)]


def _told(course: Course, parts: list[FloatArray]) -> Iterator[Sentence]:
    sums = [float(one.sum()) * course.step for one in parts]
    total = sum(sums)
    words = [
        f"{share(v / total)} are {label}" for (label, _), v in zip(PARTS, sums, strict=True) if v > 0.005
    ]
    values = {label.replace(" ", "_"): v / total for (label, _), v in zip(PARTS, sums, strict=True)}
    text = f"Of {energy(total)} kWh that sun and wind could give {joined(words)}."
    yield Sentence("solar_use", text, {"total": total, **values})
