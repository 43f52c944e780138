"""For how long how much is imported: the curve of duration, with the plan and without."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.report.figures.course import NOTHING, Course, column, hours_told
from evdsl.report.figures.figure import Column, Curve, Figure, NotDrawn, NumberAxis, Panel, Sentence
from evdsl.report.figures.looks import BASELINE, OPTIMUM
from evdsl.report.numbers import power

NAME = "duration"
TITLE = "For how long how much is imported"


def figure(course: Course) -> Figure | NotDrawn:
    """The import of each step, from the highest on."""
    imported = course.power("import")
    if imported.max(initial=0.0) <= NOTHING:
        return NotDrawn(NAME, TITLE, "nothing is imported")
    if np.ptp(imported) <= NOTHING:
        return NotDrawn(NAME, TITLE, "the import is constant")
    runs = [("optimum", OPTIMUM, -np.sort(-imported))]
    if course.rule is not None:
        ruled = course.power("import", course.rule.schedule)
        runs.append((course.rule.policy.name, BASELINE, -np.sort(-ruled)))
    curves = tuple(Curve(label, look, course.edges, values) for label, look, values in runs)
    panel = Panel("Import, kW", NumberAxis("hours, from the highest import"), curves, height=160)
    table = (
        Column("hours", "h", tuple(course.edges[:-1].tolist())),
        *(column(label, "kW", values) for label, _, values in runs),
    )
    return Figure(NAME, TITLE, (panel,), table, tuple(_told(course, [values for _, _, values in runs])))


def _told(course: Course, runs: list[FloatArray]) -> Iterator[Sentence]:
    for at, values in enumerate(runs):
        most = float(values.max())
        if most <= NOTHING:
            continue
        near = float((values >= 0.9 * most).sum()) * course.step
        some = float((values > NOTHING).sum()) * course.step
        who = "The optimum" if not at else (course.rule.policy.name if course.rule else "")
        text = (
            f"{who} imports for {hours_told(some)}, and within a tenth of its highest import,"
            f" {power(most)}, for {hours_told(near)}."
        )
        kind = "duration" if not at else "duration_of_rule"
        yield Sentence(kind, text, {"most": most, "near": near, "hours": some})
