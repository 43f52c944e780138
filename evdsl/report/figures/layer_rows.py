"""The rows of the layers of a panel: corners of steps, points, and shapes of boxes in pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.report.figures.figure import Area, Boxes, ClockAxis, Curve, Dots, Layer, Notes, Panel
from evdsl.report.figures.layout import Layout
from evdsl.report.figures.reduction import reduced


def layer_rows(layer: Layer, panel: Panel, place: Layout) -> list[dict[str, Any]]:
    """What one layer has as its dataset."""
    # In a panel with names what is upwards is counted in rows, from the top.
    row = place.height / len(panel.names) if panel.names else 1.0
    match layer:
        case Area():
            edges, (low, high) = reduced(layer.edges, (layer.low, layer.high), place.width)
            nothing = high - low <= 0  # what is not there has no outline
            low, high = np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)
            return [
                {"x": x, "low": y, "high": z} for x, y, z in zip(*_corners(edges, low, high), strict=True)
            ]
        case Curve():
            if layer.is_stepped:
                edges, (values,) = reduced(layer.x, (layer.y,), place.width)
                x, y = _corners(edges, values)
            else:
                x, y = _plain(layer.x), _plain(row * layer.y)
            return [{"i": i, "x": a, "y": b} for i, (a, b) in enumerate(zip(x, y, strict=True))]
        case Dots():
            return [{"x": a, "y": b} for a, b in zip(_plain(layer.x), _plain(row * layer.y), strict=True)]
        case Notes():
            columns = (_plain(layer.x), _plain(row * layer.y), layer.words)
            return [{"x": a, "y": b, "label": list(words)} for a, b, words in zip(*columns, strict=True)]
        case Boxes():
            return _box_rows(layer, panel, place)


def _box_rows(boxes: Boxes, panel: Panel, place: Layout) -> list[dict[str, Any]]:
    high = place.height / max(len(panel.names), 1)
    top, bottom = boxes.top * high, boxes.bottom * high
    if not isinstance(panel.axis, ClockAxis):
        columns = (boxes.begin, boxes.end, top, bottom)
        return [
            dict(zip(("begin", "end", "top", "bottom"), row, strict=True))
            for row in zip(*(_plain(one) for one in columns), strict=True)
        ]
    scale = place.width / panel.axis.timeline.horizon
    begin, end = boxes.begin * scale, boxes.end * scale
    corners = zip(*(np.round(one, 2).tolist() for one in (begin, end, top, bottom)), strict=True)
    # Round against the clock, as the identity projection asks: else a box is all but itself.
    shapes = [[[[a, c], [b, c], [b, d], [a, d], [a, c]]] for a, b, c, d in corners]
    geometry: Mapping[str, Any] = {"type": "MultiPolygon", "coordinates": shapes}
    return [{"type": "Feature", "properties": {}, "geometry": geometry}] if shapes else []


def _corners(edges: FloatArray, *values: FloatArray) -> tuple[list[float | None], ...]:
    """Steps as lines from corner to corner: begin and end of each stretch that holds its values, and gaps."""
    if not len(values[0]):
        return tuple([] for _ in range(len(values) + 1))
    filled = [np.nan_to_num(one, nan=np.inf) for one in values]
    changes = np.flatnonzero(np.any([np.diff(one) != 0 for one in _finite(filled)], axis=0)) + 1
    first = np.concatenate([[0], changes])
    last = np.concatenate([changes, [len(values[0])]])
    x = np.column_stack([edges[first], edges[last]]).ravel()
    return (_plain(x), *(_plain(np.repeat(one[first], 2)) for one in values))


def _finite(values: list[FloatArray]) -> list[FloatArray]:
    return [np.where(np.isinf(one), 1e300, one) for one in values]


def _plain(values: FloatArray) -> list[float | None]:
    """Numbers to nine digits, as JSON takes them."""
    return [float(f"{v:.9g}") + 0.0 if np.isfinite(v) else None for v in values.tolist()]
