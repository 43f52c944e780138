"""What an answer takes against the size of the site, as an SVG: matplotlib is needed, the extra `plot`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.cases import CASES
from bench.goals import best_matrix
from bench.measurement import Measurement

LINES = {
    "evdsl": ("#c4501b", "o", 2.4),
    "best matrix": ("#30343b", "s", 1.8),
    "matrix (choose)": ("#8a929c", "s", 1.2),
    "linopy": ("#1f6f8b", "D", 1.2),
    "CVXPY (ECOS)": ("#b279a2", "v", 1.2),
    "Pyomo (HiGHS)": ("#54a24b", "^", 1.2),
}
"""Color, mark and width of each line; the best matrix is that of the best algorithm at each size."""
PANELS = ("loose", "binding")


def points(measurements: Sequence[Measurement], panel: str) -> dict[str, list[tuple[int, float]]]:
    """The processor seconds of each line by the number of vehicles, where there is an answer."""
    found: dict[str, list[tuple[int, float]]] = {name: [] for name in LINES}
    for case in CASES:
        if case.family != f"allocation, {panel}":
            continue
        by_way = {one.way: one for one in measurements if one.case == case.name}
        best = best_matrix(by_way)
        for name in LINES:
            one = best if name == "best matrix" else by_way.get(name)
            if one is not None and one.is_optimal and one.processor:
                found[name].append((case.size, one.processor))
    return found


def draw(path: Path, measurements: Sequence[Measurement]) -> None:
    """Writes the picture."""
    import matplotlib

    settings: Any = {"svg.hashsalt": "bench", "svg.fonttype": "none", "font.size": 10.0}
    with matplotlib.rc_context(settings):
        figure = _figure(measurements)
        figure.savefig(path, format="svg", metadata={"Date": None})


def _figure(measurements: Sequence[Measurement]) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.2, 4.4), layout="constrained")
    axes = figure.subplots(1, len(PANELS), sharex=True, sharey=True)
    for axis, panel in zip(axes, PANELS, strict=True):
        for name, line in points(measurements, panel).items():
            color, mark, width = LINES[name]
            sizes, seconds = [size for size, _ in line], [each for _, each in line]
            axis.plot(sizes, seconds, color=color, marker=mark, linewidth=width, markersize=5, label=name)
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set_xlabel("vehicles")
        axis.xaxis.set_major_formatter("{x:,.0f}")
        axis.yaxis.set_major_formatter("{x:g}")
        axis.set_title({"loose": "loose limit, 11.3 kW a vehicle", "binding": "binding limit, 4 kW"}[panel])
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("processor seconds")
    axes[1].legend(frameon=False, loc="lower right")
    return figure
