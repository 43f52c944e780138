"""The power of the optimum beside that of a rule which charges without a plan."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.units import symbol
from evdsl.optimization.rounding import difference
from evdsl.report.figures.course import NOTHING, Course, column
from evdsl.report.figures.figure import Curve, Figure, NotDrawn, Panel, Sentence, stacked
from evdsl.report.figures.looks import BASELINE, EXPORT, IMPORT, LIMIT
from evdsl.report.numbers import energy, power, printable, quantity, share

NAME = "against_rule"
TITLE = "Power at the connection, the optimum against a rule"


def figure(course: Course) -> Figure | NotDrawn:
    """The optimum as areas, the rule as a dashed line, export below zero."""
    if course.comparison is None:
        return NotDrawn(NAME, TITLE, "no rule was run")
    if course.rule is None:
        return NotDrawn(NAME, TITLE, "no rule meets the spec")
    rule = course.rule.policy.name
    other = course.rule.schedule
    best, ruled = net(course), course.power("import", other) - course.power("export", other)
    if max(np.abs(best).max(initial=0.0), np.abs(ruled).max(initial=0.0)) <= NOTHING:
        return NotDrawn(NAME, TITLE, "no power flows")
    areas = stacked(
        course.edges,
        [
            ("optimum, import", IMPORT, np.maximum(best, 0.0)),
            ("optimum, export", EXPORT, np.minimum(best, 0.0)),
        ],
    )
    top = max(float(best.max()), float(ruled.max()))
    limit, limits = course.given("import_limit"), []
    if limit is not None and top > NOTHING and limit.min() <= 1.5 * top:
        limits = [Curve("import limit", LIMIT, course.edges, np.where(limit <= 1.5 * top, limit, np.nan))]
    panel = Panel(
        "Power, kW", course.axis, (*areas, Curve(rule, BASELINE, course.edges, ruled), *limits), height=220
    )
    table = (course.times(), column("optimum", "kW", best), column(rule, "kW", ruled))
    title = f"Power at the connection, the optimum against {rule}"
    return Figure(NAME, title, (panel,), table, tuple(_told(course, best, ruled)))


def net(course: Course) -> FloatArray:
    """What is imported less what is exported, kW."""
    return course.power("import") - course.power("export")


def _told(course: Course, best: FloatArray, ruled: FloatArray) -> Iterator[Sentence]:
    yield from _worth(course)
    yield from _moved(course, best, ruled)
    yield _peaks(course, best, ruled)


def _worth(course: Course) -> Iterator[Sentence]:
    """What the optimum gains in the first stage, in its unit and as a share of what the rule reaches."""
    comparison, rule = course.comparison, course.rule
    assert comparison is not None
    assert rule is not None
    ours, theirs = comparison.best(), comparison.reached(rule)
    if ours is None or theirs is None:
        return
    stage, name = comparison.stage, rule.policy.name
    gain = stage.sign * difference(ours, theirs)
    unit, currency = symbol(stage.dimension, course.currency), course.currency
    what = printable(stage.text, 60)
    if gain == 0:
        text = f"In `{what}` the optimum is as good as {name}: {quantity(ours.value, unit, currency)}."
    else:
        better = "lower" if stage.sign > 0 else "higher"
        if gain < 0:
            better = "higher" if stage.sign > 0 else "lower"
        relative = f", {share(abs(gain) / abs(theirs.value))}" if ours.value * theirs.value > 0 else ""
        best, ruled = (quantity(one.value, unit, currency) for one in (ours, theirs))
        text = (
            f"With the optimum `{what}` is {quantity(abs(gain), unit, currency)}{relative} {better} than with"
            f" {name}: {best} instead of {ruled}."
        )
    values = {"optimum": ours.value, "rule": theirs.value, "gain": gain}
    if theirs.value:
        values["share"] = abs(gain) / abs(theirs.value)
    yield Sentence("against_rule", text, values)


def _moved(course: Course, best: FloatArray, ruled: FloatArray) -> Iterator[Sentence]:
    """How much is drawn at other times than by the rule, out of which hours most and into which."""
    step = course.step
    less, more = (float(np.maximum(one, 0.0).sum()) * step for one in (ruled - best, best - ruled))
    moved = min(less, more)
    if moved <= 0.005:
        return
    text = f"{energy(moved)} kWh are drawn at other times than with {_name(course)}"
    values = {"moved": moved}
    out, into = _stretch(course, ruled - best), _stretch(course, best - ruled)
    if out is not None and into is not None:
        values |= {"out_begin": out[0], "out_end": out[1], "in_begin": into[0], "in_end": into[1]}
        text += (
            f": less from {course.between(out[0], out[1])} above all, more from"
            f" {course.between(into[0], into[1])}"
        )
    yield Sentence("moved_from", f"{text}.", values)


def _name(course: Course) -> str:
    assert course.rule is not None
    return course.rule.policy.name


def _stretch(course: Course, less: FloatArray) -> tuple[float, float] | None:
    """The stretch of whole hours in which the difference adds up to most, among those of one sign."""
    per = max(round(1 / course.step), 1)
    starts = np.arange(0, len(less), per)
    hours = np.add.reduceat(less, starts) * course.step
    there = hours > 1e-3 * max(float(np.abs(hours).max()), NOTHING)
    if not there.any():
        return None
    edges = np.flatnonzero(np.diff(np.concatenate([[0], there.astype(int), [0]])))
    stretches = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    first, last = max(stretches, key=lambda one: float(hours[one[0] : one[1]].sum()))
    ends = np.append(starts, len(less)) * course.step
    return float(ends[first]), float(ends[last])


def _peaks(course: Course, best: FloatArray, ruled: FloatArray) -> Sentence:
    ours, theirs = max(float(best.max()), 0.0), max(float(ruled.max()), 0.0)
    if abs(ours - theirs) < 0.05:
        text = f"The highest import is {power(ours)} in both."
    else:
        text = f"The highest import is {power(ours)}, and {power(theirs)} with {_name(course)}."
    return Sentence("peaks", text, {"optimum": ours, "rule": theirs})
