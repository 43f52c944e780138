"""Figures as files: the table as CSV, the picture as SVG and PNG.

Pictures are drawn by vl-convert, an optional dependency: `pip install 'evdsl[plot]'`. It has Vega-Lite and
its fonts in itself, asks no network and starts no browser. The same figure is the same file.
"""

from __future__ import annotations

import csv as csv_writer
import io
import json
from importlib.util import find_spec
from pathlib import Path

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.report.figures.figure import Cell, Figure
from evdsl.report.figures.vega import vega_lite
from evdsl.report.spreadsheet import inert

ENDINGS = (".svg", ".png", ".csv")
WIDE, NARROW = 1180, 350
"""Pixels: a page on a desk, and on a phone."""


def check_library() -> Diagnostic | None:
    """E609 where vl-convert is missing, said before anything is solved."""
    if find_spec("vl_convert") is not None:
        return None
    help = "install it with `pip install 'evdsl[plot]'`, or store the table: a name that ends in `.csv`"
    return Diagnostic("E609", "a picture needs vl-convert, which is not installed", None, "", help)


def svg(figure: Figure, width: int = WIDE, *, titled: bool = True) -> str:
    """The picture as the text of an SVG; without its title where the page has one."""
    import vl_convert

    text: str = vl_convert.vegalite_to_svg(json.dumps(vega_lite(figure, width, titled=titled)))
    return text


def png(figure: Figure, width: int = WIDE, *, titled: bool = True, scale: float = 2.0) -> bytes:
    """The picture as a PNG, `scale` dots for each pixel."""
    import vl_convert

    specification = json.dumps(vega_lite(figure, width, titled=titled))
    drawn: bytes = vl_convert.vegalite_to_png(specification, scale=scale)
    return drawn


def csv(figure: Figure) -> str:
    """The numbers of the picture: a header with units, then the rows."""
    text = io.StringIO()
    writer = csv_writer.writer(text, lineterminator="\n")
    writer.writerow(_cell(f"{one.name} ({one.unit})" if one.unit else one.name) for one in figure.table)
    for row in zip(*(column.cells for column in figure.table), strict=True):
        writer.writerow(_cell(value) for value in row)
    return text.getvalue()


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    return inert(value) if isinstance(value, str) else repr(value)


def write(figure: Figure, path: Path, width: int = WIDE) -> None:
    """Stores the figure in the form that the ending of the name says."""
    match path.suffix.lower():
        case ".csv":
            path.write_text(csv(figure), encoding="utf-8", newline="")
        case ".svg":
            path.write_text(svg(figure, width), encoding="utf-8")
        case _:
            path.write_bytes(png(figure, width))
