"""What each vehicle asked for, what it got and what it lacks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.optimization.rounding import unmet_of
from evdsl.report.facts import NOTICED, gini, jain, satisfactions
from evdsl.report.figures.course import Course, column, joined
from evdsl.report.figures.figure import (
    Area,
    Boxes,
    Column,
    Curve,
    Figure,
    Layer,
    NotDrawn,
    NumberAxis,
    Panel,
    Sentence,
)
from evdsl.report.figures.looks import BASELINE, CHARGE, MISSING, OPTIMUM
from evdsl.report.numbers import energy, plural, printable, share

NAME = "demand"
TITLE = "What each vehicle asked for, and what it lacks"
NAMED = 40
"""Vehicles up to which each has a row with its name."""


def figure(course: Course) -> Figure | NotDrawn:
    """Bars by vehicle, or areas from the largest demand where there are many; then the shares, sorted."""
    vehicles = course.data.vehicles
    asking = np.flatnonzero(vehicles.need > 0)
    if not len(asking):
        return NotDrawn(NAME, TITLE, "no single vehicle asks for energy")
    missing = vehicles.of_whole(unmet_of(course.data, course.schedule))
    if len(asking) == 1 and missing.sum() <= NOTICED:
        return NotDrawn(NAME, TITLE, "one vehicle asks for energy, and gets it")
    order = asking[np.lexsort((-vehicles.need[asking], -missing[asking]))]
    need, lack = vehicles.need[order], np.minimum(missing[order], vehicles.need[order])
    panels = [_bars(course, order, need, lack) if len(order) <= NAMED else _areas(need, lack)]
    shares = satisfactions(course.data, course.schedule)[order]
    if float(shares.min()) < 1 - 1e-6 and len(order) > 1:
        panels.append(_shares(course, order, shares))
    table = (
        Column("vehicle", "", tuple(printable(vehicles.name[at], 60) for at in order)),
        column("asked", "kWh", need),
        column("got of it", "kWh", need - lack),
        column("missing", "kWh", lack),
        column("share", "1", shares),
    )
    return Figure(NAME, TITLE, tuple(panels), table, tuple(_told(course, order, need, lack, shares)))


def _bars(course: Course, order: IntArray, need: FloatArray, lack: FloatArray) -> Panel:
    rows = np.arange(len(order), dtype=np.float64)
    names = tuple(printable(course.data.vehicles.name[at], 40) for at in order)
    layers = [Boxes("got", CHARGE, np.zeros(len(order)), need - lack, rows + 0.12, rows + 0.88)]
    if lack.any():
        layers.append(Boxes("missing", MISSING, need - lack, need, rows + 0.3, rows + 0.7))
    caption = "Vehicle, the one that lacks most on top"
    return Panel(caption, NumberAxis("kWh asked for"), tuple(layers), names, row=16)


def _areas(need: FloatArray, lack: FloatArray) -> Panel:
    order = np.argsort(-need, kind="stable")
    edges, got = np.arange(len(need) + 1, dtype=np.float64), (need - lack)[order]
    layers: list[Layer] = [Area("got", CHARGE, edges, np.zeros(len(need)), got)]
    if lack.any():
        layers.append(Area("missing", MISSING, edges, got, need[order]))
    return Panel("Energy asked for, kWh", NumberAxis("vehicles, from the largest demand"), tuple(layers))


def _shares(course: Course, order: IntArray, shares: FloatArray) -> Panel:
    edges = np.arange(len(order) + 1, dtype=np.float64)
    curves: list[Layer] = [Curve("optimum", OPTIMUM, edges, 100 * np.sort(shares))]
    if course.rule is not None:
        ruled = satisfactions(course.data, course.rule.schedule)[order]
        curves.append(Curve(course.rule.policy.name, BASELINE, edges, 100 * np.sort(ruled)))
    return Panel(
        "Share of what was asked for, %",
        NumberAxis("vehicles, from the least share"),
        tuple(curves),
        height=140,
    )


def _told(
    course: Course, order: IntArray, need: FloatArray, lack: FloatArray, shares: FloatArray
) -> Iterator[Sentence]:
    asked, missed, short = float(need.sum()), float(lack.sum()), lack > NOTICED
    everyone, several = plural(len(order), "vehicle"), len(order) > 1
    if not short.any():
        text = (
            f"{everyone} {'ask' if several else 'asks'} for {energy(asked)} kWh, and all of it is delivered."
        )
        yield Sentence("all_served", text, {"asked": asked, "count": len(order)})
        return
    some, names = int(short.sum()), course.data.vehicles.name
    worst = [f"`{printable(names[at], 30)}`" for at in order[: min(some, 3)]]
    text = (
        f"Of {energy(asked)} kWh asked for {energy(missed)} are missing ({share(missed / asked)}), at"
        f" {some:,} of {everyone}, most at {joined(worst)}."
    )
    values = {"asked": asked, "missing": missed, "share": missed / asked, "short": some, "count": len(order)}
    yield Sentence("short", text, values)
    if several:
        least, even, uneven = float(shares.min()), jain(shares) or 0.0, gini(shares) or 0.0
        text = f"The worst off gets {share(least)} of what it asked for; Jain's index is {even:.3f}"
        yield Sentence(
            "fairness", f"{text}, Gini's {uneven:.3f}.", {"worst": least, "jain": even, "gini": uneven}
        )
