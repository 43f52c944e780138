"""A cohort over time: how many vehicles are in each state, and how many of them charge."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.report.figures.course import NOTHING, Course, column
from evdsl.report.figures.figure import Boxes, Column, Curve, Figure, Layer, Look, NotDrawn, Panel, Sentence
from evdsl.report.figures.looks import BLUE, SERIES, paler
from evdsl.report.numbers import decimals, energy, printable, share

NAME = "cohort_states"
TITLE = "Vehicles of the cohort by state, and those that charge"
LINES = 5
"""States up to which each is a line; more are a map of shades, in which no line hides another."""
SHADES = 8


def figure(course: Course) -> Figure | NotDrawn:
    """Two panels for each cohort."""
    cohorts = course.spec.of_kind("cohort")
    if not cohorts:
        return NotDrawn(NAME, TITLE, "there is no cohort")
    panels: list[Panel] = []
    table: list[Column] = [course.times()]
    for cohort in cohorts:
        name = printable(cohort.name, 30)
        count, charging = courses(course, cohort.name)
        few = len(count) <= LINES
        for what, values, first in (("vehicles there", count, 0), ("charging", charging, 1)):
            panels.append((_lines if few else _map)(course, f"{name}: {what}", values[first:], first))
            table += [
                column(f"{name}, {what}, state {s + first}", "vehicles", v)
                for s, v in enumerate(values[first:])
            ]
    told = [one for cohort in cohorts for one in _told(course, cohort.name)]
    return Figure(NAME, TITLE, tuple(panels), tuple(table), tuple(told))


def courses(course: Course, name: str) -> tuple[FloatArray, FloatArray]:
    """By state (0 is full) and step: vehicles there, and those that charge."""
    states = range(len(course.data.cohorts[name]))
    count, charging = (
        np.array([course.power(f"{name}.{what}.{state}") for state in states])
        for what in ("count", "charging")
    )
    return count, charging


def _lines(course: Course, caption: str, values: FloatArray, first: int) -> Panel:
    curves: tuple[Layer, ...] = tuple(
        Curve(_state(at + first), SERIES[at], course.edges, row) for at, row in enumerate(values)
    )
    return Panel(f"{caption}, vehicles", course.axis, curves, height=150)


def _map(course: Course, caption: str, values: FloatArray, first: int) -> Panel:
    most = float(values.max())
    shade = np.zeros(values.shape, dtype=int)
    if most > NOTHING:
        shade = np.ceil(np.clip(values / most, 0, 1) * SHADES - 1e-9).astype(int)
    boxes: list[Layer] = []
    for level in range(1, SHADES + 1):
        begin, end, row = [], [], []
        for at, line in enumerate(shade == level):
            change = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(int), [0]])))
            begin += change[::2].tolist()
            end += change[1::2].tolist()
            row += [at] * (len(change) // 2)
        if begin:
            top = np.array(row, dtype=np.float64)
            starts, ends = (np.array(one, dtype=np.float64) * course.step for one in (begin, end))
            look = paler(Look(BLUE), 0.12 + 0.88 * level / SHADES)
            boxes.append(
                Boxes(f"up to {decimals(most * level / SHADES, 1)}", look, starts, ends, top, top + 1)
            )
    names = tuple(_state(at + first) for at in range(len(values)))
    return Panel(f"{caption}, darker for more", course.axis, tuple(boxes), names, row=16)


def _state(number: int) -> str:
    return "full" if number == 0 else f"state {number}"


def _told(course: Course, name: str) -> Iterator[Sentence]:
    count, charging = courses(course, name)
    waiting = count[1:].sum(axis=0)
    mean, most = float(waiting.mean()), float(waiting.max())
    at = int(waiting.argmax()) * course.step
    shown = printable(name, 30)
    text = (
        f"`{shown}` has {decimals(mean, 1)} vehicles in need on average, and {decimals(most, 1)} at most, at"
        f" {course.at(at)}."
    )
    yield Sentence("cohort_waiting", text, {"mean": mean, "most": most, "at": at})
    busy = charging.sum(axis=1)
    if busy.sum() > NOTHING and len(busy) > 2:
        state = int(busy.argmax())
        part = float(busy[state] / busy.sum())
        taken = float(course.power(name).sum()) * course.step
        text = f"It takes {energy(taken)} kWh; of the time that vehicles charge, {share(part)} is spent in"
        text += f" state {state}, the most."
        yield Sentence("dominating_state", text, {"energy": taken, "state": state, "share": part})
