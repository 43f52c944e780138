"""A front as a picture, `.svg` or `.png`: the points that were computed, and what they prove.

Each mark is a verified schedule. The grey area is what a computed point beats: its edge is a staircase and
no line from point to point, since between two points nothing was computed. matplotlib is needed for it,
an optional dependency: `pip install 'evdsl[plot]'`.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.units import symbol
from evdsl.report.front.text import axis_label, axis_names, is_share
from evdsl.report.numbers import plural, printable, quantity, share
from evdsl.report.width import wrapped

if TYPE_CHECKING:
    from evdsl.language.spec import Stage
    from evdsl.optimization.front import Front

ENDINGS = (".svg", ".png")

WHOLE = 1000
"""Characters of a label: there is room for more than one line."""

INK, FRONT, END, BEATEN, EDGE = "#30343b", "#1f6f8b", "#c4501b", "#e8ebee", "#c3c9d0"


def check_library() -> Diagnostic | None:
    """E609 where matplotlib is missing, said before anything is solved."""
    if find_spec("matplotlib") is not None:
        return None
    help = "install it with `pip install 'evdsl[plot]'`, or store the table: `--out front.csv`"
    return Diagnostic("E609", "a picture needs matplotlib, which is not installed", None, "", help)


def draw(path: Path, front: Front, form: str) -> None:
    """Writes the picture; `form` is `svg` or `png`."""
    import matplotlib

    settings: Any = {"svg.hashsalt": front.data.digest, "svg.fonttype": "none", "font.size": 10.0}
    with matplotlib.rc_context(settings):
        figure = _figure(front)
        # The same front is the same file.
        figure.savefig(path, format=form, dpi=160, metadata={"Date": None} if form == "svg" else None)


def _figure(front: Front) -> Any:
    from matplotlib.figure import Figure

    first, second = front.axes
    shares = [is_share(stage) for stage in (first, second)]
    scale = [100.0 if is_one else 1.0 for is_one in shares]
    points = [(p.values[0] * scale[0], p.values[1] * scale[1]) for p in front.points]
    figure = Figure(figsize=(7.2, 4.8), layout="constrained")
    axes = figure.add_subplot()
    axes.margins(0.14)
    inner = [(at, p.proven) for at, p in zip(points, front.points, strict=True) if not p.end]
    ends = [(at, p.end) for at, p in zip(points, front.points, strict=True) if p.end]
    kinds = ((True, FRONT, "Pareto-optimal schedule"), (False, "white", "not proven optimal"))
    for proven, face, label in kinds:
        these = [at for at, sure in inner if sure is proven]
        if these:
            style: Any = {"color": FRONT, "markerfacecolor": face, "markersize": 6, "clip_on": False}
            axes.plot(*zip(*these, strict=True), "o", label=label, **style)
    axes.plot(
        *zip(*(at for at, _ in ends), strict=True),
        "D",
        color=END,
        markersize=8,
        clip_on=False,
        label="end of the front",
    )
    # No share is below zero; a mark on the edge is drawn whole.
    if shares[0]:
        axes.set_xlim(left=max(axes.get_xlim()[0], 0.0))
    if shares[1]:
        axes.set_ylim(bottom=max(axes.get_ylim()[0], 0.0))
    _beaten(axes, points, (first.sign, second.sign))
    names = {
        "first": f"best {axis_names(front)[0]}",
        "second": f"best {axis_names(front)[1]}",
        "both": "best in both",
    }
    right, up = first.sign > 0, second.sign > 0
    for (x, y), end in ends:
        # No step passes behind a label: the first one stands in the beaten area, the other one before it.
        side = 1 if end == "first" else -1
        axes.annotate(
            f"{names[end]}\n{_told(front, first, x)}, {_told(front, second, y)}",
            (x, y),
            xytext=((10 if right else -10) * (side > 0), side * (7 if up else -7)),
            textcoords="offset points",
            ha="left" if right == (side > 0) else "right",
            va="bottom" if up == (side > 0) else "top",
            color=END,
            fontsize=9,
        )
    axes.set_xlabel(_folded(axis_label(front, 0, WHOLE), 80))
    axes.set_ylabel(_folded(axis_label(front, 1, WHOLE), 50))
    count = plural(len(front.points), "point")
    part = "" if len(front.points) + front.same + front.dominated >= front.asked else ", not complete"
    axes.set_title(f"{printable(front.spec.name, 40)}: {count}, each verified{part}", loc="left", color=INK)
    for edge in ("top", "right"):
        axes.spines[edge].set_visible(False)
    axes.set_axisbelow(True)
    # The corner that is beaten by most has room.
    corner: Any = f"{'upper' if second.sign > 0 else 'lower'} {'right' if first.sign > 0 else 'left'}"
    axes.legend(frameon=False, fontsize=9, loc=corner)
    return figure


def _beaten(axes: Any, points: list[tuple[float, float]], signs: tuple[float, float]) -> None:
    """The area in which every schedule is beaten by a point, out to the edges of the picture."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    far_x, far_y = (right if signs[0] > 0 else left), (high if signs[1] > 0 else low)
    corners = [(points[0][0], far_y)]
    for before, after in zip(points, [*points[1:], None], strict=True):
        corners.append(before)
        corners.append((far_x if after is None else after[0], before[1]))
    corners.append((far_x, far_y))
    axes.fill(
        *zip(*corners, strict=True),
        facecolor=BEATEN,
        edgecolor=EDGE,
        zorder=0,
        label="beaten by a point",
        linewidth=0.8,
    )
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)


def _folded(label: str, width: int) -> str:
    """A label in lines that fit beside the axis: no expression is cut."""
    return "\n".join(wrapped(label, width, ""))


def _told(front: Front, stage: Stage, value: float) -> str:
    """A value on an axis with its unit."""
    currency = front.spec.currency
    if is_share(stage):
        return share(round(value / 100, 5))
    return quantity(value, symbol(stage.dimension, currency), currency)
