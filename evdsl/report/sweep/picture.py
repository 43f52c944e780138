"""A sweep as a picture, `.svg` or `.png`.

Over a numeric setting: the mean of the first objective with its 95 % interval, a line for each policy; where
more is set, a panel for each combination of the rest. Without a numeric setting: what the optimum saves
against each rule, a dot for each job, with the mean and its interval; of the optimum alone, its objective.
matplotlib is needed for it, an optional dependency: `pip install 'evdsl[plot]'`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.files import check_writable, store
from evdsl.optimization.policies import POLICIES
from evdsl.optimization.sweep.columns import numbers_of, stage_unit
from evdsl.optimization.sweep.intervals import Group, Mean, groups_of, mean_of
from evdsl.optimization.sweep.job import Row
from evdsl.optimization.sweep.plan import OPTIMUM
from evdsl.optimization.sweep.prepare import Prepared
from evdsl.report.front.picture import ENDINGS, check_library
from evdsl.report.numbers import plural, printable
from evdsl.report.width import wrapped

INK, GRID = "#30343b", "#e4e7ea"
# Okabe and Ito's colours, which the colour-blind tell apart; each policy has one and a mark.
LOOKS = dict(
    zip(
        (OPTIMUM, *(one.name for one in POLICIES)),
        zip(("#0072b2", "#999999", "#d55e00", "#009e73", "#cc79a7", "#e69f00"), "osD^vP", strict=True),
        strict=True,
    )
)
MOST_PANELS, MOST_ROWS = 6, 30


def check_ending(path: str | Path) -> Diagnostic | None:
    """E609 for a picture that could not be written, asked before anything runs."""
    return check_writable(Path(path), ENDINGS, "the picture") or check_library()


def write(path: Path, prepared: Prepared, rows: Sequence[Row]) -> Diagnostic | None:
    """Stores the picture; what was there before is replaced only when all is written."""
    return store(path, lambda to: _draw(to, prepared, rows, path.suffix.lower().removeprefix(".")))


def _draw(path: Path, prepared: Prepared, rows: Sequence[Row], form: str) -> None:
    import matplotlib

    salt = hashlib.sha256("".join(bundle.digest for bundle in prepared.plan.bundles).encode()).hexdigest()
    settings: Any = {"svg.hashsalt": salt, "svg.fonttype": "none", "font.size": 10.0}
    with matplotlib.rc_context(settings):
        axis = next(
            (name for name, values in prepared.plan.settings if len(values) > 1 and numbers_of(values)), None
        )
        figure = _over(prepared, groups_of(rows), axis) if axis else _by_seed(prepared, groups_of(rows))
        # The same sweep is the same file.
        figure.savefig(path, format=form, dpi=160, metadata={"Date": None} if form == "svg" else None)


def _over(prepared: Prepared, groups: Sequence[Group], axis: str) -> Any:
    """Means of the first objective over a setting."""
    from matplotlib.figure import Figure

    values = dict(prepared.plan.settings)[axis]
    read = numbers_of(values)
    assert read is not None
    at, unit = dict(zip(values, read[0], strict=True)), read[1]
    panels: dict[tuple[str, ...], dict[str, list[tuple[float, Mean]]]] = {}
    for group in groups:
        mean = group.mean("stage_1")
        if mean is not None:
            rest = (group.spec, *(f"{n} = {v}" for n, v in group.set if n != axis))
            lines = panels.setdefault(rest, {})
            lines.setdefault(group.policy, []).append((at[dict(group.set)[axis]], mean))
    shown = list(panels.items())[:MOST_PANELS]
    across = min(len(shown), 3) or 1
    down = -(-len(shown) // across) or 1
    size = (7.2 if across == 1 else 4.2 * across, 4.6 if down == 1 and across == 1 else 3.6 * down + 0.6)
    figure = Figure(figsize=size, layout="constrained")
    plots = figure.subplots(down, across, squeeze=False, sharex=True)
    for axes in plots.flat[len(shown) :]:
        axes.set_visible(False)
    width = 0.012 * (max(at.values()) - min(at.values()))
    for number, (rest, lines) in enumerate(shown):
        axes = plots.flat[number]
        for order, (policy, means) in enumerate(lines.items()):
            # Beside each other, so that intervals of policies do not cover each other.
            aside = (order - (len(lines) - 1) / 2) * width
            points = sorted(means, key=lambda one: one[0])
            color, mark = LOOKS[policy]
            axes.errorbar(
                [x + aside for x, _ in points],
                [mean.value for _, mean in points],
                [mean.half or 0.0 for _, mean in points],
                color=color,
                marker=mark,
                markersize=5,
                linewidth=1.3,
                capsize=3,
                label=policy,
            )
        several = list(rest[1:]) + ([rest[0]] if len(prepared.specs) > 1 else [])
        if several:
            axes.set_title(printable(", ".join(several), 60), fontsize=9, color=INK, loc="left")
        _plain(axes)
        if number % across == 0:
            axes.set_ylabel(_objective(prepared, 44))
        if number >= len(shown) - across:
            axes.set_xlabel(f"{printable(axis, 40)}{f', {printable(unit, 20)}' if unit else ''}")
    runs = max((group.counted for group in groups), default=0)
    seeds = f", mean of {plural(runs, 'seed')} with its 95\N{NO-BREAK SPACE}% interval" if runs > 1 else ""
    left = f"; {len(shown)} of {len(panels)} combinations" if len(panels) > len(shown) else ""
    figure.suptitle(
        f"{_names(prepared)} over {printable(axis, 40)}{seeds}{left}", x=0.01, ha="left", color=INK
    )
    if shown:
        named = {
            label: line
            for axes in plots.flat
            for line, label in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        # Beneath, where no interval passes behind it.
        figure.legend(
            named.values(), named.keys(), loc="outside lower center", ncols=6, frameon=False, fontsize=9
        )
    return figure


def _by_seed(prepared: Prepared, groups: Sequence[Group]) -> Any:
    """What the optimum saves in each job against each rule; of the optimum alone, its objective."""
    from matplotlib.figure import Figure

    rules = [group for group in groups if group.mean("saving") is not None]
    shown, column, scale = (rules, "saving", 100.0) if rules else (list(groups), "stage_1", 1.0)
    every = [group for group in shown if group.mean(column) is not None]
    shown = every[:MOST_ROWS]
    figure = Figure(figsize=(7.2, 1.6 + 0.62 * max(len(shown), 1)), layout="constrained")
    axes = figure.add_subplot()
    names = []
    for line, group in enumerate(shown):
        values = [scale * row[column] for row in group.rows if row.get(column) is not None]
        color, mark = LOOKS[group.policy]
        # Not all on the line, so that equal ones are seen.
        spread = [line + 0.28 * ((number * 0.618034) % 1.0 - 0.5) - 0.1 for number in range(len(values))]
        axes.plot(values, spread, mark, color=color, markersize=4, alpha=0.6, markeredgewidth=0)
        mean = mean_of(values)
        axes.errorbar(
            [mean.value], [line + 0.28], xerr=[mean.half or 0.0], fmt="|", color=INK, capsize=4, markersize=9
        )
        labels = [value for _, value in group.set] + ([group.spec] if len(prepared.specs) > 1 else [])
        names.append("\n".join([group.policy, *(printable(label, 28) for label in labels)]))
    axes.set_yticks(range(len(shown)), names)
    axes.set_ylim(len(shown) - 0.4, -0.5)
    if rules:
        label = f"saved of the objective of the rule, %\n{_objective(prepared, 80, unit=False)}"
        title = f"{_names(prepared)}: what the optimum saves"
    else:
        label, title = _objective(prepared, 80), f"{_names(prepared)}: the optimum"
    axes.set_xlabel(label)
    title += f", {len(shown)} of {len(every)} combinations" * (len(shown) < len(every))
    runs = max((group.counted for group in shown), default=0)
    seeds = (
        f"; each dot a seed of {runs}, below them the mean with its 95\N{NO-BREAK SPACE}% interval"
        if runs > 1
        else ""
    )
    figure.suptitle("\n".join(wrapped(f"{title}{seeds}", 84, "")), x=0.01, ha="left", color=INK, fontsize=11)
    _plain(axes)
    return figure


def _plain(axes: Any) -> None:
    for edge in ("top", "right"):
        axes.spines[edge].set_visible(False)
    axes.grid(visible=True, color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def _names(prepared: Prepared) -> str:
    names = [printable(spec.name, 40) for spec in prepared.specs]
    return names[0] if len(names) == 1 else f"{len(names)} specs"


def _objective(prepared: Prepared, width: int, unit: bool = True) -> str:
    """The first objective, with its unit, where it is that of all specs."""
    told = {(spec.stages[0].text, stage_unit(spec), spec.stages[0].sense) for spec in prepared.specs}
    if len(told) > 1:
        return "first objective"
    expression, counted, _ = told.pop()
    after = f", {counted}" if unit and counted else ""
    return "\n".join(wrapped(f"{printable(expression, 160)}{after}", width, ""))
