"""What feeders and phases carry, against what they may."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.devices.phases import LABELS
from evdsl.language.spec import Device
from evdsl.report.figures.course import NOTHING, Course, column, hours_told, windows
from evdsl.report.figures.figure import Column, Curve, Figure, Layer, NotDrawn, Panel, Sentence, stacked
from evdsl.report.figures.looks import EXPORT, IMPORT, LIMIT, SERIES
from evdsl.report.figures.power_by_source import at_limit
from evdsl.report.numbers import decimals, power, printable, share
from evdsl.report.run.phases import currents

NAME = "feeders"
TITLE = "What feeders and phases carry, against their limits"
SHOWN = 6


def figure(course: Course) -> Figure | NotDrawn:
    """A panel for each feeder, and one for each node with a limit on its phases."""
    feeders = course.devices("feeder")
    nodes = list(currents(course.result, course.schedule))
    if not feeders and not nodes:
        return NotDrawn(NAME, TITLE, "no feeder and no phase has a limit")
    panels: list[Panel] = []
    table: list[Column] = [course.times()]
    for device in feeders:
        flow, limit = course.power(device.name), _limit(course, device)
        name = printable(device.name, 30)
        table += [column(name, "kW", flow), column(f"{name}, limit", "kW", limit)]
        areas = stacked(
            course.edges, [("flow", IMPORT, np.maximum(flow, 0)), ("back", EXPORT, np.minimum(flow, 0))]
        )
        limits: list[Layer] = [Curve("limit", LIMIT, course.edges, limit)]
        if (flow < -NOTHING).any():
            limits.append(Curve("", LIMIT, course.edges, -limit))
        panels.append(Panel(f"{name}: power, kW", course.axis, (*areas, *limits), height=120))
    for node, current in nodes:
        panels.append(_phases(course, node, current))
        name = _node(node)
        table += [column(f"{name}, {label}", "A", row) for label, row in zip(LABELS, current, strict=True)]
    told = [one for device in feeders for one in _feeder_told(course, device)]
    told += [one for node, current in nodes for one in _phases_told(course, node, current)]
    return Figure(NAME, TITLE, tuple(panels[:SHOWN]), tuple(table), tuple(told[:4]))


def _limit(course: Course, device: Device) -> FloatArray:
    limit = course.data.over_time(device.name, "limit")
    assert limit is not None, "the setting is required"
    return limit


def _node(node: Device) -> str:
    return "connection" if node.kind == "grid" else printable(node.name, 30)


def _phase_limit(course: Course, node: Device) -> FloatArray | None:
    return course.data.over_time("grid" if node.kind == "grid" else node.name, "phase_limit")


def _phases(course: Course, node: Device, current: FloatArray) -> Panel:
    layers: list[Layer] = [
        Curve(label, look, course.edges, row)
        for label, look, row in zip(LABELS, SERIES, current, strict=False)
    ]
    limit = _phase_limit(course, node)
    if limit is not None:
        layers.append(Curve("limit", LIMIT, course.edges, limit))
        if (current < -NOTHING).any():
            layers.append(Curve("", LIMIT, course.edges, -limit))
    return Panel(f"{_node(node)}: current by phase, A", course.axis, tuple(layers), height=180)


def _feeder_told(course: Course, device: Device) -> Iterator[Sentence]:
    flow, limit = np.abs(course.power(device.name)), _limit(course, device)
    name, most = printable(device.name, 30), float(flow.max())
    if most <= NOTHING:
        yield Sentence("feeder_idle", f"`{name}` carries nothing.", {"most": 0.0})
        return
    at = int(flow.argmax()) * course.step
    full = at_limit(flow, limit)
    text = f"`{name}` carries {power(most)} at most, at {course.at(at)}"
    values = {"most": most, "at": at}
    if full.any():
        hours = float(full.sum()) * course.step
        begin, end = windows(full, course.step)[0]
        values |= {"hours": hours, "begin": begin, "end": end}
        text += f"; it is at its limit for {hours_told(hours)}, longest from {course.between(begin, end)}"
    else:
        text += ", and is never at its limit"
    yield Sentence("feeder", f"{text}.", values)


def _phases_told(course: Course, node: Device, current: FloatArray) -> Iterator[Sentence]:
    size = np.abs(current)
    phase, step = np.unravel_index(int(size.argmax()), size.shape)
    most, at = float(size[phase, step]), float(step) * course.step
    if most < 0.05:
        return
    text = f"{LABELS[int(phase)]} carries most, {decimals(most, 1)} A at {course.at(at)}"
    values = {"most": most, "at": at}
    limit = _phase_limit(course, node)
    if limit is not None:
        full = [at_limit(row, limit) for row in size]
        hours = [float(one.sum()) * course.step for one in full]
        if any(hours):
            longest = int(np.argmax(hours))
            values |= {"hours": hours[longest]}
            text += f"; {LABELS[longest]} is at its limit longest, for {hours_told(hours[longest])}"
        else:
            near = float((size / np.maximum(limit, NOTHING)).max())
            values |= {"near": near}
            text += (
                f", {share(near)} of what it may" if np.ptp(limit) == 0 else ", and no phase is at its limit"
            )
    yield Sentence("phases", f"{text}.", values)
