"""A sweep as a picture, `.svg` or `.png`, drawn as all figures are (`evdsl.report.figures`).

Over a numeric setting: the mean of the first objective with its 95 % interval, a line for each policy; where
more is set, a panel for each combination of the rest. Without a numeric setting: what the optimum saves
against each rule, a dot for each job, with the mean and its interval; of the optimum alone, its objective.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.files import check_writable, store
from evdsl.language.arrays import FloatArray
from evdsl.optimization.policies import POLICIES
from evdsl.optimization.sweep.columns import numbers_of, stage_unit
from evdsl.optimization.sweep.intervals import Group, Mean, groups_of, mean_of
from evdsl.optimization.sweep.job import Row
from evdsl.optimization.sweep.plan import OPTIMUM
from evdsl.optimization.sweep.prepare import Prepared
from evdsl.report.figures import files
from evdsl.report.figures.figure import Curve, Dots, Figure, Layer, Look, Notes, NumberAxis, Panel
from evdsl.report.figures.looks import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILION
from evdsl.report.front.picture import ENDINGS, WIDTH
from evdsl.report.numbers import plural, printable

LOOKS = dict(
    zip(
        (OPTIMUM, *(one.name for one in POLICIES)),
        (
            (Look(BLUE), "circle"),
            (Look(GREY, (2, 2)), "square"),
            (Look(VERMILION, (6, 3)), "diamond"),
            (Look(GREEN, (3, 2)), "triangle-down"),
            (Look(PURPLE, (8, 3, 2, 3)), "triangle-up"),
            (Look(ORANGE, (12, 3)), "cross"),
        ),
        strict=True,
    )
)
"""Of each policy its line and its mark, which the colour-blind tell apart."""
MOST_PANELS, MOST_ROWS = 6, 30
ASIDE = 0.012
"""Of the span of a setting: how far policies stand beside each other, so that no interval hides another."""


def check_ending(path: str | Path) -> Diagnostic | None:
    """E609 for a picture that could not be written, asked before anything runs."""
    return check_writable(Path(path), ENDINGS, "the picture") or files.check_library()


def write(path: Path, prepared: Prepared, rows: Sequence[Row]) -> Diagnostic | None:
    """Stores the picture; what was there before is replaced only when all is written."""
    figure = figure_of(prepared, groups_of(rows))
    return store(path, lambda to: files.write(figure, to, WIDTH))


def figure_of(prepared: Prepared, groups: Sequence[Group]) -> Figure:
    """The figure of a sweep."""
    axis = next(
        (name for name, values in prepared.plan.settings if len(values) > 1 and numbers_of(values)), None
    )
    title, panels = _over(prepared, groups, axis) if axis else _by_seed(prepared, groups)
    nothing = Notes((("no run came to a figure",),), Look(BLACK), np.zeros(1), np.zeros(1), 8, -8)
    return Figure("sweep", title, tuple(panels) or (Panel("", NumberAxis(""), (nothing,)),), (), ())


def _over(prepared: Prepared, groups: Sequence[Group], axis: str) -> tuple[str, list[Panel]]:
    """Means of the first objective over a setting."""
    values = dict(prepared.plan.settings)[axis]
    read = numbers_of(values)
    assert read is not None
    at, unit = dict(zip(values, read[0], strict=True)), read[1]
    found: dict[tuple[str, ...], dict[str, list[tuple[float, Mean]]]] = {}
    for group in groups:
        mean = group.mean("stage_1")
        if mean is not None:
            rest = (group.spec, *(f"{n} = {v}" for n, v in group.set if n != axis))
            lines = found.setdefault(rest, {})
            lines.setdefault(group.policy, []).append((at[dict(group.set)[axis]], mean))
    shown = list(found.items())[:MOST_PANELS]
    width = ASIDE * (max(at.values()) - min(at.values()))
    along = f"{printable(axis, 40)}{f', {printable(unit, 20)}' if unit else ''}"
    panels = []
    for rest, lines in shown:
        layers: list[Layer] = []
        for order, (policy, means) in enumerate(lines.items()):
            aside = (order - (len(lines) - 1) / 2) * width
            layers += _line(policy, sorted(means, key=lambda one: one[0]), aside)
        several = [*rest[1:], *([rest[0]] if len(prepared.specs) > 1 else [])]
        told = [printable(", ".join(several), 60)] if several else []
        caption = "\n".join([*told, _objective(prepared)])
        panels.append(Panel(caption, NumberAxis(along), tuple(layers), height=240, from_zero=False))
    runs = max((group.counted for group in groups), default=0)
    seeds = f", mean of {plural(runs, 'seed')} with its 95\N{NO-BREAK SPACE}% interval" if runs > 1 else ""
    left = f"; {len(shown)} of {len(found)} combinations" if len(found) > len(shown) else ""
    return f"{_names(prepared)} over {printable(axis, 40)}{seeds}{left}", panels


def _line(policy: str, points: list[tuple[float, Mean]], aside: float) -> Iterator[Layer]:
    """The means of a policy, and their intervals."""
    look, shape = LOOKS[policy]
    x = np.array([at + aside for at, _ in points])
    y, half = (
        np.array(column) for column in zip(*((m.value, m.half or 0.0) for _, m in points), strict=True)
    )
    yield Curve(policy, look, x, y)
    yield Dots("", look, x, y, shape)
    yield Curve("", Look(look.colour), *strokes(x, x, y - half, y + half))


def scattered(line: int, count: int) -> FloatArray:
    """Where so many dots of a line stand: not all on it, so that equal ones are seen."""
    spread: FloatArray = line + np.float64(0.36) + 0.34 * ((np.arange(count) * 0.618034) % 1.0 - 0.5)
    return spread


def strokes(
    left: FloatArray, right: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """A stroke from each point to another one, with gaps between them."""
    gap = np.full(len(left), np.nan)
    return np.column_stack([left, right, gap]).ravel(), np.column_stack([low, high, gap]).ravel()


def _by_seed(prepared: Prepared, groups: Sequence[Group]) -> tuple[str, list[Panel]]:
    """What the optimum saves in each job against each rule; of the optimum alone, its objective."""
    rules = [group for group in groups if group.mean("saving") is not None]
    counted, column, scale = (rules, "saving", 100.0) if rules else (list(groups), "stage_1", 1.0)
    every = [group for group in counted if group.mean(column) is not None]
    shown = every[:MOST_ROWS]
    layers: list[Layer] = []
    names = []
    for line, group in enumerate(shown):
        values = np.array([scale * row[column] for row in group.rows if row.get(column) is not None])
        look, shape = LOOKS[group.policy]
        layers.append(Dots("", look, values, scattered(line, len(values)), shape))
        mean = mean_of(values.tolist())
        at, half = np.array([mean.value]), mean.half or 0.0
        below = np.array([line + 0.78])
        layers.append(Curve("", Look(BLACK), *strokes(at - half, at + half, below, below)))
        layers.append(Curve("", Look(BLACK), *strokes(at, at, below - 0.12, below + 0.12)))
        labels = [value for _, value in group.set] + ([group.spec] if len(prepared.specs) > 1 else [])
        names.append(", ".join([group.policy, *(printable(label, 28) for label in labels)]))
    if rules:
        label = f"saved of the objective of the rule, %\n{_objective(prepared, unit=False)}"
        title = f"{_names(prepared)}: what the optimum saves"
    else:
        label, title = _objective(prepared), f"{_names(prepared)}: the optimum"
    title += f", {len(shown)} of {len(every)} combinations" * (len(shown) < len(every))
    runs = max((group.counted for group in shown), default=0)
    if runs > 1:
        title += f"; each dot a seed of {runs}, below them the mean with its 95\N{NO-BREAK SPACE}% interval"
    return title, [Panel("", NumberAxis(label), tuple(layers), tuple(names), row=44)] if shown else []


def _names(prepared: Prepared) -> str:
    names = [printable(spec.name, 40) for spec in prepared.specs]
    return names[0] if len(names) == 1 else f"{len(names)} specs"


def _objective(prepared: Prepared, unit: bool = True) -> str:
    """The first objective, with its unit, where it is that of all specs."""
    told = {(spec.stages[0].text, stage_unit(spec), spec.stages[0].sense) for spec in prepared.specs}
    if len(told) > 1:
        return "first objective"
    expression, counted, _ = told.pop()
    return f"{printable(expression, 160)}{f', {counted}' if unit and counted else ''}"
