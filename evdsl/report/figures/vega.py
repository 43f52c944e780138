"""A figure as Vega-Lite: a plain dict without rows, and the rows of its datasets, both for a width in pixels.

Views stand one below the other, each with its own header, in which the legend flows; what is written there,
beneath the axis of the clock and beside rows with names are marks with data, so that no word of a person is
part of the structure: not as a field, not in an expression and not as a signal. Vega knows the zone of a
browser alone, so the axis of the clock is one of hours, with its labels as rows. Boxes over time are one
shape for each shade (`geoshape`), since a mark for each takes a browser ten times as long
(`docs/design/figures.md`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from evdsl.report.figures.figure import Area, Boxes, ClockAxis, Curve, Dots, Figure, Layer, Notes, Panel
from evdsl.report.figures.layer_rows import layer_rows
from evdsl.report.figures.layout import (
    BELOW,
    CAPTION,
    LINE,
    PADDING,
    RIGHT,
    SMALL,
    TITLE,
    Layout,
    flow,
    keys,
    placed,
)
from evdsl.report.figures.ticks import clock_ticks

Structure = dict[str, Any]
Rows = dict[str, list[dict[str, Any]]]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
FONT = "Helvetica, Arial, sans-serif"
INK, QUIET, GRID = "#1F2328", "#57606A", "#E4E7EA"
OPACITY = 0.75
NOTE_LINE = 14
GAPS = "break-paths-show-domains"


def vega_lite(figure: Figure, width: int, *, titled: bool = True) -> Structure:
    """The whole specification, with its rows: what `vl-convert`, Altair and a browser draw."""
    told = " ".join([f"{figure.title}.", *(one.text for one in figure.sentences)])
    datasets = rows(figure, width, titled=titled)
    return {**structure(figure, width, titled=titled), "description": told, "datasets": datasets}


def structure(figure: Figure, width: int, *, titled: bool = True) -> Structure:
    """The specification without rows: the same for all runs whose figures have the same layers."""
    views: list[Structure] = []
    for number, (panel, place) in enumerate(placed(figure, width, titled)):
        views += [_header(f"p{number}", panel, place), _view(f"p{number}", panel, place)]
    views[-1]["layer"].insert(0, _unseen(f"p{len(figure.panels) - 1}_frame"))
    return {
        "$schema": SCHEMA,
        "background": "white",
        "padding": PADDING,
        "autosize": {"type": "pad", "contains": "padding"},
        "bounds": "flush",
        "spacing": 0,
        "vconcat": views,
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "aria": False,
            "axis": {
                "labelFontSize": SMALL,
                "labelColor": QUIET,
                "titleFontSize": SMALL,
                "titleFontWeight": "normal",
                "titleColor": QUIET,
            },
        },
    }


def rows(figure: Figure, width: int, *, titled: bool = True) -> Rows:
    """The rows of each dataset that the structure of that width names."""
    found: Rows = {}
    for number, (panel, place) in enumerate(placed(figure, width, titled)):
        key = f"p{number}"
        found |= _header_rows(key, panel, place)
        if number == len(figure.panels) - 1:
            frame = {"x": -place.left, "x2": place.width + RIGHT, "y": 0, "y2": place.bottom}
            found[f"{key}_frame"] = [frame]
        if place.axis:
            found[f"{key}_axis"] = [
                {"label": line, "x": place.width / 2, "y": place.height + BELOW + LINE * (at + 0.5)}
                for at, line in enumerate(place.axis)
            ]
        if isinstance(panel.axis, ClockAxis):
            ticks = clock_ticks(panel.axis.timeline, place.width)
            found[f"{key}_clock"] = [{"at": round(at, 6), "label": label} for at, label in ticks]
            found[f"{key}_span"] = [{"at": 0.0}, {"at": round(panel.axis.timeline.horizon, 6)}]
        if panel.names:
            high = place.height / len(panel.names)
            found[f"{key}_names"] = [
                {"label": name, "y": (row + 0.5) * high} for row, name in enumerate(panel.names)
            ]
        for at, layer in enumerate(panel.layers):
            found[f"{key}_l{at}"] = layer_rows(layer, panel, place)
    return found


def _header_rows(key: str, panel: Panel, place: Layout) -> Rows:
    entries = keys(panel, place)
    found: Rows = {f"{key}_edge": [{"x": -place.left, "x2": place.width + RIGHT, "y": 0, "y2": place.header}]}
    y = place.above + LINE / 2
    for name, lines in (("title", place.title), ("caption", place.caption)):
        if lines:
            found[f"{key}_{name}"] = [
                {"label": line, "x": -place.left, "y": y + at * LINE} for at, line in enumerate(lines)
            ]
            y += LINE * len(lines)
    if entries:
        found[f"{key}_keys"] = [{"label": one.label, "x": one.x + 20, "y": one.y} for one in entries]
    for at, one in enumerate(entries):
        box = {"x": one.x, "x2": one.x + 15, "y": one.y, "y0": one.y - 5, "y1": one.y + 5}
        found[f"{key}_key{at}"] = [box]
    return found


def _header(key: str, panel: Panel, place: Layout) -> Structure:
    """Title, caption and legend; a rectangle that is not seen makes every figure as wide as it is asked."""
    marks: list[Structure] = [_unseen(f"{key}_edge")]
    if place.title:
        marks.append(_words(f"{key}_title", {"fontSize": TITLE, "fontWeight": "bold", "limit": place.whole}))
    if place.caption:
        marks.append(_words(f"{key}_caption", {"fontSize": CAPTION, "limit": place.whole}))
    entries = list(flow(panel, place, 0.0))
    if entries:
        marks.append(_words(f"{key}_keys", {"fontSize": SMALL, "limit": place.whole - 20}))
    marks += [{"data": {"name": f"{key}_key{at}"}, **_swatch(one.layer)} for at, one in enumerate(entries)]
    return {"width": place.width, "height": place.header, "layer": marks}


def _unseen(name: str) -> Structure:
    return {
        "data": {"name": name},
        "mark": {"type": "rect", "opacity": 0},
        "encoding": _pixels("x", "x2", "y", "y2"),
    }


def _words(name: str, style: Structure) -> Structure:
    return {
        "data": {"name": name},
        "mark": {"type": "text", "align": "left", "baseline": "middle", "color": INK, **style},
        "encoding": {**_pixels("x", "y"), "text": {"field": "label"}},
    }


def _view(key: str, panel: Panel, place: Layout) -> Structure:
    marks: list[Structure] = []
    if isinstance(panel.axis, ClockAxis):
        marks += _clock(key, place)
    if panel.names:
        marks += _name_labels(key, place, panel)
    elif panel.from_zero:
        zero = {"y": {"datum": 0, **_y(place, True)}}
        marks.append({"mark": {"type": "rule", "stroke": QUIET, "strokeWidth": 1}, "encoding": zero})
    if place.axis:
        marks.append(_words(f"{key}_axis", {"fontSize": SMALL, "align": "center", "limit": place.whole}))
    marks += [_mark(f"{key}_l{at}", layer, panel, place) for at, layer in enumerate(panel.layers)]
    return {"width": place.width, "height": place.height, "layer": marks}


def _pixels(*channels: str) -> Structure:
    return {
        one: {"field": one, "type": "quantitative", "scale": None} if len(one) == 1 else {"field": one}
        for one in channels
    }


def _swatch(layer: Layer) -> Structure:
    look = layer.look
    position = _pixels("x", "x2", "y")
    if isinstance(layer, Curve):
        return {"mark": _stroke("rule", layer), "encoding": position}
    if isinstance(layer, Dots):
        mark = {
            "type": "point",
            "shape": layer.shape,
            "filled": True,
            "color": look.colour,
            "size": 50,
            "xOffset": 7,
            "opacity": 1,
        }
        return {"mark": mark, "encoding": _pixels("x", "y")}
    boxes = {
        "x": position["x"],
        "x2": position["x2"],
        "y": {"field": "y0", "type": "quantitative", "scale": None},
        "y2": {"field": "y1"},
    }
    return {"mark": _fill("rect", look.colour, isinstance(layer, Area)), "encoding": boxes}


def _stroke(kind: str, curve: Curve) -> Structure:
    mark: Structure = {"type": kind, "stroke": curve.look.colour, "strokeWidth": curve.look.width}
    if curve.look.dash:
        mark["strokeDash"] = list(curve.look.dash)
    return mark


def _fill(kind: str, colour: str, is_area: bool) -> Structure:
    mark: Structure = {"type": kind, "fill": colour, "fillOpacity": OPACITY if is_area else 1.0}
    if is_area:
        mark |= {"stroke": INK, "strokeWidth": 0.5}
    return mark


def _clock(key: str, place: Layout) -> Iterator[Structure]:
    at = {"field": "at", **_x(place)}
    bottom = place.height
    # The axis goes from the first edge to the last, whatever is drawn above it.
    yield {
        "data": {"name": f"{key}_span"},
        "mark": {"type": "line", "stroke": QUIET, "strokeWidth": 1},
        "encoding": {"x": at, "y": {"value": bottom}},
    }
    yield {
        "data": {"name": f"{key}_clock"},
        "mark": {"type": "rule", "stroke": GRID, "strokeWidth": 1},
        "encoding": {"x": at, "y": {"value": 0}, "y2": {"value": bottom + 4}},
    }
    yield {
        "data": {"name": f"{key}_clock"},
        "mark": {"type": "text", "baseline": "top", "fontSize": SMALL, "color": QUIET},
        "encoding": {"x": at, "y": {"value": bottom + 7}, "text": {"field": "label"}},
    }


def _name_labels(key: str, place: Layout, panel: Panel) -> Iterator[Structure]:
    if place.height / len(panel.names) < SMALL:
        return
    mark = {"type": "text", "align": "right", "baseline": "middle", "fontSize": SMALL, "color": INK}
    yield {
        "data": {"name": f"{key}_names"},
        "mark": {**mark, "limit": place.left - 8},
        "encoding": {"x": {"value": -6}, **_pixels("y"), "text": {"field": "label"}},
    }


def _x(place: Layout, of_numbers: bool = False) -> Structure:
    scale = {"nice": of_numbers, "zero": False, "range": [0, place.width]}
    axis: Structure = {"title": None, "format": ",.12~g", "grid": True, "gridColor": GRID}
    axis["tickCount"] = max(3, place.width // 110)
    return {"type": "quantitative", "scale": scale, "axis": axis if of_numbers else None}


def _y(place: Layout, from_zero: bool) -> Structure:
    return {
        "type": "quantitative",
        "scale": {"nice": 5, "zero": from_zero, "range": [place.height, 0]},
        "axis": {
            "title": None,
            "format": ",.12~g",
            "tickCount": 5,
            "grid": True,
            "gridColor": GRID,
            "domain": False,
            "ticks": False,
            "labelPadding": 6,
            "labelLimit": place.left - 8,
        },
    }


def _mark(name: str, layer: Layer, panel: Panel, place: Layout) -> Structure:
    along = _x(place, of_numbers=not isinstance(panel.axis, ClockAxis))
    up = {"type": "quantitative", "scale": None} if panel.names else _y(place, panel.from_zero)
    x = {"field": "x", **along}
    match layer:
        case Area(look=look, low=low):
            mark: Structure = {**_fill("area", look.colour, True), "invalid": GAPS}
            if len(low) > place.width / 2:  # outlines would be all that is seen
                mark["strokeWidth"] = 0.15
            encoding = {"x": x, "y": {"field": "low", **up}, "y2": {"field": "high"}}
        case Curve():
            mark = {**_stroke("line", layer), "strokeJoin": "round", "invalid": GAPS}
            encoding = {"x": x, "y": {"field": "y", **up}, "order": {"field": "i", "type": "quantitative"}}
        case Dots(look=look, shape=shape):
            mark = {
                "type": "point",
                "shape": shape,
                "filled": True,
                "color": look.colour,
                "size": 80,
                "opacity": 1,
            }
            encoding = {"x": x, "y": {"field": "y", **up}}
        case Notes(look=look, across=across, down=down, words=words):
            if down < 0:  # the last of several lines is nearest
                down -= NOTE_LINE * (max(map(len, words)) - 1)
            mark = {"type": "text", "color": look.colour, "fontSize": SMALL, "lineHeight": NOTE_LINE}
            mark |= {"align": "left" if across > 0 else "right", "dx": across, "dy": down}
            mark["baseline"] = "line-top" if down > 0 else "line-bottom"
            encoding = {"x": x, "y": {"field": "y", **up}, "text": {"field": "label"}}
        case Boxes(look=look) if isinstance(panel.axis, ClockAxis):
            return {
                "data": {"name": name},
                "projection": {"type": "identity", "scale": 1, "translate": [0, 0]},
                "mark": {"type": "geoshape", "fill": look.colour, "stroke": None},
            }
        case Boxes(look=look):
            mark = {"type": "rect", "fill": look.colour}
            encoding = {
                "x": {"field": "begin", **along},
                "x2": {"field": "end"},
                "y": {"field": "top", "type": "quantitative", "scale": None},
                "y2": {"field": "bottom"},
            }
    return {"data": {"name": name}, "mark": mark, "encoding": encoding}
