"""A simulation as a picture, `.svg` or `.png`: a dot for each run, below it the mean and its 95 % interval.

A row for each policy over the first objective; where there are several, a second panel has what each is more
than the first one in the same run.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.files import store
from evdsl.language.arrays import FloatArray
from evdsl.optimization.simulation.estimators import Estimate
from evdsl.optimization.simulation.simulation import Simulation
from evdsl.optimization.sweep.columns import stage_unit
from evdsl.report.figures import files
from evdsl.report.figures.figure import Curve, Dots, Figure, Layer, Look, Notes, NumberAxis, Panel
from evdsl.report.figures.looks import BLACK
from evdsl.report.front.picture import WIDTH
from evdsl.report.numbers import plural, printable
from evdsl.report.sweep.picture import LOOKS, scattered, strokes

MOST_DOTS = 2000


def write(path: Path, result: Simulation) -> Diagnostic | None:
    """Stores the picture; what was there before is replaced only when all is written."""
    figure = figure_of(result)
    return store(path, lambda to: files.write(figure, to, WIDTH))


def figure_of(result: Simulation) -> Figure:
    """The figure of a simulation."""
    spec = result.prepared.specs[0]
    stage, unit = spec.stages[0], stage_unit(spec)
    if not result.samples.count:
        nothing = Notes((("no run came to a figure",),), Look(BLACK), np.zeros(1), np.zeros(1), 8, -8)
        return Figure(
            "simulation", printable(spec.name, 40), (Panel("", NumberAxis(""), (nothing,)),), (), ()
        )
    told = f"{printable(stage.text, 120)}{f', {unit}' if unit else ''}"
    values = {name: result.samples.values(name) for name in result.policies}
    rows = [(name, found, result.mean(name)) for name, found in values.items() if found is not None]
    panels = [_panel(told, rows)]
    first = values[result.policies[0]]
    against: list[tuple[str, FloatArray, Estimate | None]] = []
    for name in result.policies[1:]:
        difference = result.difference(name)
        found = values[name]
        if difference is not None and found is not None and first is not None:
            against.append((name, found - first, difference[0]))
    if against:
        panels.append(
            _panel(f"more than {result.policies[0]} in the same run{f', {unit}' if unit else ''}", against)
        )
    title = f"{printable(spec.name, 40)}: each dot one of {plural(result.samples.count, 'run')}"
    title += ", below them the mean with its 95\N{NO-BREAK SPACE}% interval"
    return Figure("simulation", title, tuple(panels), (), ())


def _panel(label: str, rows: list[tuple[str, FloatArray, Estimate | None]]) -> Panel:
    layers: list[Layer] = []
    for line, (name, values, mean) in enumerate(rows):
        look, shape = LOOKS[name]
        shown = values[:MOST_DOTS]
        layers.append(Dots("", look, shown, scattered(line, len(shown)), shape))
        if mean is None:
            continue
        at, half = np.array([mean.mean]), mean.half or 0.0
        below = np.array([line + 0.78])
        layers.append(Curve("", Look(BLACK), *strokes(at - half, at + half, below, below)))
        layers.append(Curve("", Look(BLACK), *strokes(at, at, below - 0.12, below + 0.12)))
    return Panel("", NumberAxis(label), tuple(layers), tuple(name for name, _, _ in rows), row=44)
