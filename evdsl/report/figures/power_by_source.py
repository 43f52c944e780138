"""Where the power of the site comes from, step by step, against the limits of its connection."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evdsl.language.arrays import BoolArray, FloatArray
from evdsl.report.figures.course import NOTHING, Course, column, hours_told, windows
from evdsl.report.figures.figure import Curve, Figure, Layer, Look, NotDrawn, Panel, Sentence, stacked
from evdsl.report.figures.looks import DISCHARGE, EXPORT, GENERATION, IMPORT, LIMIT, STORAGE
from evdsl.report.numbers import decimals, energy, power, printable
from evdsl.report.run.summary import AT_LIMIT

NAME = "power_by_source"
TITLE = "Power at the connection by source"


def figure(course: Course) -> Figure | NotDrawn:
    """Import and what is generated and given back upwards, export downwards, with the limits."""
    parts = _sources(course)
    if not any(np.abs(values).max(initial=0.0) > NOTHING for _, _, values in parts):
        return NotDrawn(NAME, TITLE, "no power flows")
    edges = course.edges
    layers: tuple[Layer, ...] = (*stacked(edges, parts), *_limits(course, parts))
    table = [course.times()]
    table += [column(label, "kW", np.abs(values)) for label, _, values in parts]
    for setting in ("import_limit", "export_limit"):
        limit = course.given(setting)
        if limit is not None:
            table.append(column(setting.replace("_", " "), "kW", limit))
    return Figure(
        NAME,
        TITLE,
        (Panel("Power, kW", course.axis, layers, height=220),),
        tuple(table),
        tuple(_told(course)),
    )


def _sources(course: Course) -> list[tuple[str, Look, FloatArray]]:
    found = [("import", IMPORT, course.power("import"))]
    found += [
        (printable(device.name, 30), GENERATION, course.power(device.name))
        for device in course.devices("solar", "wind")
    ]
    found += [
        (f"from {printable(device.name, 30)}", STORAGE, course.power(f"{device.name}.discharge"))
        for device in course.devices("storage")
    ]
    found.append(("from vehicles", DISCHARGE, course.power("discharge")))
    found.append(("export, below zero", EXPORT, -course.power("export")))
    return [(label, look, values) for label, look, values in found if np.abs(values).max(initial=0) > NOTHING]


def _limits(course: Course, parts: list[tuple[str, Look, FloatArray]]) -> list[Curve]:
    """A limit is drawn where it is near enough to be seen beside what flows."""
    found: list[tuple[str, FloatArray]] = []
    for way, sign in (("import", 1.0), ("export", -1.0)):
        limit = course.given(f"{way}_limit")
        flows = np.sum([np.maximum(sign * values, 0.0) for _, _, values in parts], axis=0)
        top = float(flows.max(initial=0.0))
        if limit is not None and top > NOTHING and limit.min(initial=np.inf) <= 1.5 * top:
            found.append((way, sign * np.where(limit <= 1.5 * top, limit, np.nan)))
    label = f"{' and '.join(way for way, _ in found)} limit"
    return [Curve("" if at else label, LIMIT, course.edges, shown) for at, (_, shown) in enumerate(found)]


def _told(course: Course) -> Iterator[Sentence]:
    imported = course.power("import")
    yield _peak_when(course, imported)
    yield from _at_limit(course, imported)
    yield from _mean_price_paid(course, imported)


def _peak_when(course: Course, imported: FloatArray) -> Sentence:
    total, most = float(imported.sum()) * course.step, float(imported.max(initial=0.0))
    if most <= NOTHING:
        return Sentence("peak_when", "Nothing is imported.", {"imported": 0.0})
    at = int(np.flatnonzero(imported >= most * (1 - AT_LIMIT))[0]) * course.step
    text = f"The site imports {energy(total)} kWh, most at {course.at(at)}: {power(most)}."
    return Sentence("peak_when", text, {"imported": total, "peak": most, "at": at})


def at_limit(flow: FloatArray, limit: FloatArray) -> BoolArray:
    """The steps in which a flow has reached its limit; a limit of nothing is reached by what flows alone."""
    full: BoolArray = (flow >= limit * (1 - AT_LIMIT) - 1e-9) & ((limit > 0) | (flow > 0))
    return full


def _at_limit(course: Course, imported: FloatArray) -> Iterator[Sentence]:
    limit, most = course.given("import_limit"), float(imported.max(initial=0.0))
    if limit is None or most <= NOTHING:
        return
    full = at_limit(imported, limit)
    if not full.any():
        nearest = float((imported[limit > 0] / limit[limit > 0]).max(initial=0.0))
        of = f"the import limit of {power(float(limit[0]))}" if np.ptp(limit) == 0 else "its import limit"
        values = {"nearest": nearest, "limit": float(limit.max())}
        yield Sentence("never_reached", f"It never reaches {of}.", values)
        return
    hours, longest = float(full.sum()) * course.step, windows(full, course.step)
    text = f"It stands at its import limit for {hours_told(hours)}"
    begin, end = longest[0]
    text += (
        f", longest from {course.between(begin, end)}."
        if len(longest) > 1
        else f", {course.between(begin, end)}."
    )
    yield Sentence("at_limit", text, {"hours": hours, "begin": begin, "end": end})


def _mean_price_paid(course: Course, imported: FloatArray) -> Iterator[Sentence]:
    price, total = course.given("price"), float(imported.sum())
    if price is None or total * course.step <= NOTHING or np.ptp(price) == 0:
        return
    paid = float(price @ imported) / total
    unit = f"{course.currency}/kWh"
    text = f"An imported kWh costs {decimals(paid, 3)} {unit} on average"
    values = {"paid": paid}
    there = course.presence()
    if there.sum() > 0:
        # With what was possible, and not with the mean of the day: nobody is there at night.
        mean = float(price @ there) / float(there.sum())
        values["while_there"] = mean
        text += f"; while vehicles were there the mean price was {decimals(mean, 3)}"
    yield Sentence("mean_price_paid", f"{text}.", values)
