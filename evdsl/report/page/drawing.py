"""A figure on a page: drawn for a desk and for a phone, with its sentences and its table.

What vl-convert draws is read as XML and made anew of elements and attributes that draw, and of no other: so
there is nothing in it that could act, whatever a later version of it writes. What is not known is a mistake
of the program and raises.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from evdsl.report.figures.figure import Cell, Figure
from evdsl.report.figures.files import svg
from evdsl.report.numbers import decimals
from evdsl.report.page.html import Element, clean, element
from evdsl.report.page.tables import folded, scrolled

WIDE, NARROW = 1030, 350
"""Pixels: a page on a desk, and on a phone."""
SVG = "{http://www.w3.org/2000/svg}"
DRAWING = frozenset("svg g path line rect circle text tspan defs clipPath linearGradient stop".split())
LOOKS = frozenset(
    "width height viewBox x y x1 y1 x2 y2 cx cy r dx dy d transform fill stroke opacity display id "
    "clip-path offset gradientUnits font-family font-size font-weight font-style text-anchor fill-opacity "
    "fill-rule stroke-opacity stroke-width stroke-dasharray stroke-dashoffset stroke-linejoin "
    "stroke-linecap stroke-miterlimit stop-color stop-opacity".split()
)
DROPPED = frozenset("class role version aria-hidden aria-label aria-roledescription pointer-events".split())
"""Attributes that say nothing here: the picture as a whole has its words."""
WITHIN = re.compile(r"url\(#([\w-]+)\)")
TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d[+-]\d\d:\d\d")


def drawn(figure: Figure, level: str = "h3") -> Element:
    """A figure with its title, both pictures, its sentences and its numbers."""
    said = " ".join(sentence.text for sentence in figure.sentences)
    label = f"{figure.title}. {said}".strip()
    pictures = [
        picture(svg(figure, width, titled=False), f"{figure.name}-{name}", name, label)
        for name, width in (("wide", WIDE), ("narrow", NARROW))
    ]
    return element(
        "section",
        element(level, figure.title),
        element("figure", *pictures, element("figcaption", said)),
        folded("Numbers of this figure", _numbers(figure)),
    )


def _numbers(figure: Figure) -> Element:
    titles = [f"{column.name} ({column.unit})" if column.unit else column.name for column in figure.table]
    cells = ([_cell(cell) for cell in column.cells] for column in figure.table)
    return scrolled(titles, list(zip(*cells, strict=True)), f"Numbers of the figure: {figure.title}")


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return TIME.sub(r"\1 \2", cell)
        case int():
            return f"{cell:,}"
    return decimals(cell, 2, 6)


def picture(text: str, prefix: str, kind: str, label: str) -> Element:
    """The SVG as an element, its names made those of this page by a prefix."""
    # What vl-convert writes has no document type, and so no entities.
    root = _copied(ElementTree.fromstring(text), prefix)
    root.set("class", kind)
    root.set("role", "img")
    root.set("aria-label", clean(label))
    return root


def _copied(source: ElementTree.Element, prefix: str) -> Element:
    tag = source.tag.removeprefix(SVG)
    if tag not in DRAWING or not source.tag.startswith(SVG):
        raise ValueError(f"a picture has an element `{source.tag}`")
    looks: dict[str, str] = {}
    for name, value in source.attrib.items():
        if name in DROPPED:
            continue
        if name not in LOOKS or ("url(" in value and not WITHIN.fullmatch(value)):
            raise ValueError(f"a picture has an attribute `{name}` = `{value[:40]}`")
        looks[name] = f"{prefix}-{value}" if name == "id" else WITHIN.sub(rf"url(#{prefix}-\1)", value)
    made = element(tag, source.text)
    made.attrib.update(looks)
    for child in source:
        made.append(_copied(child, prefix))
        if child.tail and child.tail.strip():
            made[-1].tail = child.tail
    return made
