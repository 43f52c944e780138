"""Who takes the power: each block of vehicles, each cohort and each load, one upon the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.report.figures.course import NOTHING, Course, column
from evdsl.report.figures.figure import Figure, Look, NotDrawn, Panel, Sentence, stacked
from evdsl.report.figures.looks import LOAD, MOST, SERIES, STORAGE
from evdsl.report.numbers import energy, printable, share

NAME = "power_by_block"
TITLE = "Who takes the power"


def figure(course: Course) -> Figure | NotDrawn:
    """Loads below, since they are not decided; then vehicles by their block, then what storages take."""
    takers = _takers(course)
    if len(takers) < 2:
        return NotDrawn(NAME, TITLE, "one block takes all" if takers else "no power is taken")
    layers = stacked(course.edges, takers)
    table = (course.times(), *(column(label, "kW", values) for label, _, values in takers))
    panel = Panel("Power taken, kW", course.axis, layers)
    return Figure(NAME, TITLE, (panel,), table, tuple(_told(course, takers)))


def _takers(course: Course) -> list[tuple[str, Look, FloatArray]]:
    visits, vehicles, steps = course.data.visits, course.data.vehicles, course.spec.steps
    charge = course.of_visits("charge")
    found = [(device.name, LOAD, course.power(device.name)) for device in course.devices("load")]
    blocks: list[tuple[str, FloatArray]] = []
    for at, device in enumerate(course.spec.devices):
        if device.kind == "cohort":
            blocks.append((device.name, course.power(device.name)))
        mine = vehicles.owner[visits.vehicle] == at
        if mine.any():
            blocks.append(
                (device.name, np.bincount(visits.step[mine], charge[mine], minlength=steps).astype(float))
            )
    blocks.sort(key=lambda one: -float(one[1].sum()))
    if len(blocks) > MOST:
        rest = np.sum([values for _, values in blocks[MOST - 1 :]], axis=0)
        blocks = [*blocks[: MOST - 1], (f"{len(blocks) - MOST + 1} more blocks", rest)]
    found += [(name, look, values) for (name, values), look in zip(blocks, SERIES, strict=False)]
    found += [
        (f"into {device.name}", STORAGE, course.power(f"{device.name}.charge"))
        for device in course.devices("storage")
    ]
    return [(printable(name, 30), look, v) for name, look, v in found if v.max(initial=0.0) > NOTHING]


def _told(course: Course, takers: list[tuple[str, Look, FloatArray]]) -> Iterator[Sentence]:
    sums = [float(values.sum()) * course.step for _, _, values in takers]
    total, most = sum(sums), int(np.argmax(sums))
    text = (
        f"`{takers[most][0]}` takes most, {energy(sums[most])} of {energy(total)} kWh"
        f" ({share(sums[most] / total)})."
    )
    yield Sentence("largest_taker", text, {"most": sums[most], "total": total, "share": sums[most] / total})
    load = sum(v for v, (_, look, _) in zip(sums, takers, strict=True) if look is LOAD)
    if load > NOTHING and load < total:
        text = f"{share(load / total)} of what is taken is load that no plan can move."
        yield Sentence("fixed_load", text, {"load": load, "share": load / total})
