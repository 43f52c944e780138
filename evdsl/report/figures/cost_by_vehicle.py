"""What the energy of each vehicle costs, the optimum against a rule.

Of each vehicle its part of the import at the price of each step, less its part of what the export earns
(`evdsl.schedule.account`). What is paid for power (`demand_cost`) is nobody's alone and is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.report.figures.course import Course, column
from evdsl.report.figures.figure import Column, Curve, Figure, NotDrawn, NumberAxis, Panel, Sentence
from evdsl.report.figures.looks import BASELINE, OPTIMUM
from evdsl.report.numbers import money, plural, printable
from evdsl.schedule.account import account_of

if TYPE_CHECKING:
    import xarray as xr

NAME = "cost_by_vehicle"
TITLE = "Cost of energy by vehicle"
LEAST = 0.005


def figure(course: Course) -> Figure | NotDrawn:
    """Sorted from the dearest, each run by itself, and the means by hour of arrival."""
    first = np.flatnonzero(course.data.vehicles.is_first)
    if course.given("price") is None:
        return NotDrawn(NAME, TITLE, "the spec has no price")
    if len(first) < 2:
        return NotDrawn(NAME, TITLE, "one vehicle comes" if len(first) else "no single vehicle comes")
    runs = [("optimum", OPTIMUM, costs(course, course.schedule)[first])]
    if course.rule is not None:
        runs.append((course.rule.policy.name, BASELINE, costs(course, course.rule.schedule)[first]))
    edges = np.arange(len(first) + 1, dtype=float)
    sorted_ = tuple(Curve(label, look, edges, -np.sort(-values)) for label, look, values in runs)
    panels = [Panel(f"Cost of energy, {course.currency}", NumberAxis("vehicles, from the dearest"), sorted_)]
    hour = arrival_hours(course)[first]
    if len(np.unique(hour)) > 1:
        means = tuple(Curve(label, look, *_by_hour(hour, values)) for label, look, values in runs)
        panels.append(
            Panel(
                f"Mean by hour of arrival, {course.currency}",
                NumberAxis("hour of arrival on the clock"),
                means,
                height=150,
            )
        )
    title = (
        TITLE
        if course.rule is None
        else f"Cost of energy by vehicle, the optimum against {course.rule.policy.name}"
    )
    names = Column("vehicle", "", tuple(printable(course.data.vehicles.name[at], 60) for at in first))
    table = (names, *(column(label, course.currency, values) for label, _, values in runs))
    return Figure(
        NAME, title, tuple(panels), table, tuple(_told(course, [v for _, _, v in runs], first.tolist()))
    )


def costs(course: Course, schedule: xr.Dataset) -> FloatArray:
    """Of each vehicle, in money, at its first stay."""
    found = np.zeros(len(course.data.vehicles))
    for party in account_of(course.spec, course.data, schedule, {}).parties:
        if party.vehicle >= 0:
            found[party.vehicle] = party.money.energy_cost - party.money.export_revenue
    return found


def arrival_hours(course: Course) -> FloatArray:
    """The whole hour of the wall clock in which each comes."""
    timeline = course.data.timeline
    return np.array([np.floor(timeline.wall_hours(float(at)) + 1e-9) for at in course.data.vehicles.arrival])


def _by_hour(hour: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    edges = np.arange(hour.min(), hour.max() + 2)
    place = (hour - hour.min()).astype(int)
    count = np.bincount(place, minlength=len(edges) - 1)
    total = np.bincount(place, values, minlength=len(edges) - 1)
    return edges, np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _told(course: Course, runs: list[FloatArray], first: list[int]) -> Iterator[Sentence]:
    ours, currency, names = runs[0], course.currency, course.data.vehicles.name
    mean, most = float(ours.mean()), int(ours.argmax())
    text = (
        f"The energy of a vehicle costs {money(mean, currency)} on average; that of"
        f" `{printable(names[first[most]], 30)}` costs most, {money(float(ours[most]), currency)}."
    )
    yield Sentence("who_paid", text, {"mean": mean, "most": float(ours[most])})
    if len(runs) < 2:
        return
    assert course.rule is not None
    rule, less = course.rule.policy.name, runs[1] - ours
    cheaper, dearer = int((less > LEAST).sum()), int((less < -LEAST).sum())
    mean_rule = float(runs[1].mean())
    have = "has" if cheaper == 1 else "have"
    text = (
        f"With {rule} it is {money(mean_rule, currency)} on average; {cheaper:,} of"
        f" {plural(len(ours), 'vehicle')} {have} cheaper energy with the optimum, {dearer:,} dearer."
    )
    values = {"mean": mean_rule, "cheaper": cheaper, "dearer": dearer, "count": len(ours)}
    yield Sentence("who_pays_less", text, values)
