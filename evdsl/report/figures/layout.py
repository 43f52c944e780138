"""Where the parts of a figure lie, in pixels: panels, their headers, and the legends that flow in these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from evdsl.report.figures.figure import Area, ClockAxis, Figure, Layer, NumberAxis, Panel
from evdsl.report.figures.reduction import columns_of

TITLE, CAPTION, SMALL = 14, 12, 11
"""Sizes of letters, in pixels."""
LINE, BELOW, RIGHT = 18, 26, 22
"""Pixels: of a line of words, of the labels below an axis, and right of what is drawn."""
BETWEEN, PADDING = 14, 6
"""Pixels between panels, and around them all."""
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
    caption: tuple[str, ...]
    axis: tuple[str, ...]
    """Lines of the title of the figure, of what stands upwards, and of what goes along."""
    above: int
    """Pixels of the header that the panel before has for its axis."""

    @property
    def whole(self) -> int:
        """All of the width."""
        return self.left + self.width + RIGHT

    @property
    def below(self) -> int:
        """Pixels that the axis takes."""
        return BELOW + LINE * len(self.axis)

    @property
    def bottom(self) -> int:
        """Where the axis ends, from the top of what is drawn."""
        return self.height + self.below


def text_width(text: str, size: float, bold: bool = False) -> float:
    """About how many pixels a text takes, rather more than fewer."""
    narrow = sum(c in "iljtfrI.,:;'|()[] " for c in text)
    wide = sum(c in "mwMW@%" or ord(c) > 0x2E80 for c in text)
    return size * (0.57 * (len(text) - narrow - wide) + 0.32 * narrow + 0.92 * wide) * (1.06 if bold else 1.0)


def placed(figure: Figure, width: int, titled: bool) -> list[tuple[Panel, Layout]]:
    """Each panel with its place; all begin as far from the left, so that their clocks are one."""
    width, left = width - 2 * PADDING, 46
    longest = max((text_width(name, SMALL) for panel in figure.panels for name in panel.names), default=0.0)
    if longest:
        left = int(min(max(left, longest + 10), max(0.28 * width, 130)))
    found: list[tuple[Panel, Layout]] = []
    for number, panel in enumerate(figure.panels):
        title = _wrap(figure.title, width, TITLE) if titled and number == 0 else ()
        inside = width - left - RIGHT
        caption = _wrap(panel.caption + _means(panel, inside), width, CAPTION)
        axis = _wrap(panel.axis.caption, inside, SMALL) if isinstance(panel.axis, NumberAxis) else ()
        height = int(panel.height)
        if panel.names:
            height = max(int(min(panel.row * len(panel.names), TALLEST)), 24)
        above = found[-1][1].below + BETWEEN if number else 0
        place = Layout(left, inside, 0, height, title, caption, axis, above)
        lines = len(title) + len(caption) + _key_lines(panel, place)
        found.append((panel, replace(place, header=above + lines * LINE + 8)))
    return found


def _wrap(text: str, width: int, size: int) -> tuple[str, ...]:
    """Words in lines of that many pixels; what is a line of its own stays one."""
    lines: list[str] = []
    for part in text.split("\n"):
        begun = False
        for word in part.split(" "):
            longer = f"{lines[-1]} {word}" if begun else word
            if begun and text_width(longer, size, bold=size == TITLE) <= width - 4:
                lines[-1] = longer
            elif word:
                lines.append(word)
                begun = True
    return tuple(lines)


def _means(panel: Panel, width: int) -> str:
    """What is to be said where a column of pixels stands for many steps: a peak within it is not seen."""
    if not isinstance(panel.axis, ClockAxis) or panel.names:
        return ""
    timeline = panel.axis.timeline
    columns = columns_of(timeline.steps, width)
    if columns == timeline.steps:
        return ""
    hours = timeline.horizon / columns
    return f", means of {hours:.1f} h" if hours >= 1 else f", means of {hours * 60:.0f} min"


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
    return list(flow(panel, place, place.above + (len(place.title) + len(place.caption)) * LINE + LINE / 2))
