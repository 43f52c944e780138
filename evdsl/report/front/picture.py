"""A front as a picture, `.svg` or `.png`: the points that were computed, and what they prove.

Each mark is a verified schedule. The grey area is what a computed point beats: its edge is a staircase and
no line from point to point, since between two points nothing was computed. It is the figure `front` of
`evdsl.report.figures`, under a title of its own.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from evdsl.report.figures import front as of_points
from evdsl.report.figures.figure import Figure
from evdsl.report.figures.files import write
from evdsl.report.numbers import plural, printable

if TYPE_CHECKING:
    from evdsl.optimization.front import Front

ENDINGS = (".svg", ".png")
WIDTH = 720
"""Pixels, as wide as a page of a paper or of the documentation has it."""


def draw(path: Path, front: Front) -> None:
    """Writes the picture in the form that the name says."""
    figure = of_points.of_front(front)
    assert isinstance(figure, Figure), "a front without points is not stored"
    count = plural(len(front.points), "point")
    part = "" if len(front.points) + front.same + front.dominated >= front.asked else ", not complete"
    title = f"{printable(front.spec.name, 40)}: {count}, each verified{part}"
    write(replace(figure, title=title), path, WIDTH)
