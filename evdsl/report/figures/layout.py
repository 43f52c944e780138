"""Where the parts of a figure lie, in pixels: panels, their headers, and the legends that flow in these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from evdsl.report.figures.figure import Area, Figure, Layer, Panel

TITLE, CAPTION, SMALL = 14, 12, 11
"""Sizes of letters, in pixels."""
LINE, BELOW, RIGHT = 18, 40, 22
"""Pixels: of a line of the header, between views, and right of them."""
TALLEST = 720
"""Pixels of all rows with names; these are written where a row has `SMALL`."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a panel lies, in pixels: `width` by `height`, below a header, `left` from the edge."""

    left: int
    width: int
    header: int
    height: int
    title: tuple[str, ...]
    above: int
    """Pixels of the header that the panel before has for its axis."""

    @property
    def whole(self) -> int:
        """All of the width."""
        return self.left + self.width + RIGHT


def text_width(text: str, size: float, bold: bool = False) -> float:
    """About how many pixels a text takes, rather more than fewer."""
    narrow = sum(c in "iljtfrI.,:;'|()[] " for c in text)
    wide = sum(c in "mwMW@%" or ord(c) > 0x2E80 for c in text)
    return size * (0.57 * (len(text) - narrow - wide) + 0.32 * narrow + 0.92 * wide) * (1.06 if bold else 1.0)


def placed(figure: Figure, width: int, titled: bool) -> list[tuple[Panel, Layout]]:
    """Each panel with its place; all begin as far from the left, so that their clocks are one."""
    left = 46
    longest = max((text_width(name, SMALL) for panel in figure.panels for name in panel.names), default=0.0)
    if longest:
        left = int(min(max(left, longest + 10), max(0.28 * width, 130)))
    found = []
    for number, panel in enumerate(figure.panels):
        title = tuple(_wrap(figure.title, width)) if titled and number == 0 else ()
        height = int(panel.height)
        if panel.names:
            height = max(int(min(panel.row * len(panel.names), TALLEST)), 24)
        above = BELOW if number else 0
        place = Layout(left, width - left - RIGHT, 0, height, title, above)
        lines = len(title) + 1 + _key_lines(panel, place)
        found.append((panel, replace(place, header=above + lines * LINE + 8)))
    return found


def _wrap(title: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in title.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, TITLE, bold=True) <= width - 4:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of a legend, where it begins; pixels from the left of what is drawn."""

    label: str
    layer: Layer
    x: float
    y: float


def _entries(panel: Panel) -> list[tuple[str, Layer]]:
    """What the legend says: each thing that is told once, uppermost first where areas are stacked."""
    areas = [one for one in panel.layers if isinstance(one, Area) and one.label]
    others = [one for one in panel.layers if not isinstance(one, Area) and one.label]
    found: dict[str, Layer] = {}
    for layer in [*areas, *others]:
        found.setdefault(layer.label, layer)
    return list(found.items())


def _key_lines(panel: Panel, place: Layout) -> int:
    return len({key.y for key in flow(panel, place, 0.0)})


def flow(panel: Panel, place: Layout, top: float) -> Iterator[Key]:
    """The entries of the legend one after the other, in as many lines as they take, from `top` on."""
    x, y = -float(place.left), top
    for label, layer in _entries(panel):
        wide = 20 + text_width(label, SMALL) + 14
        if x > -place.left and x + wide - 14 > place.width + RIGHT:
            x, y = -float(place.left), y + LINE
        yield Key(label, layer, x, y)
        x += wide


def keys(panel: Panel, place: Layout) -> list[Key]:
    """The entries of the legend where they stand, below title and caption."""
    return list(flow(panel, place, place.above + (len(place.title) + 1) * LINE + LINE / 2))
