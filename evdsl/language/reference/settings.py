"""A setting as a row and as a list of facts: what it takes, its unit, its default and where it may lie."""

from __future__ import annotations

from evdsl.language.declaration import VEHICLE, Kind, Setting, Shape
from evdsl.language.units import NUMBER, TIME, format_value, symbol

HEAD = ("setting", "takes", "unit", "default", "range", "meaning", "example")
PLAIN = (
    Shape.CLOCK,
    Shape.INSTANT,
    Shape.PERIOD,
    Shape.WINDOWS,
    Shape.TEXT,
    Shape.REFERENCE,
    Shape.REFERENCES,
    Shape.COUNT,
)
"""Shapes of which a unit says nothing."""


def pattern(kind: Kind, inside: str = "...") -> str:
    """How a block is written: `port NAME { ... }`."""
    of = "BLOCK" if kind.of == VEHICLE else kind.of.upper()
    header = f"{kind.keyword}{' NAME' if kind.named else ''}{f' of {of}' if of else ''}"
    return f"{header} {{ {inside} }}" if kind.in_braces else f"{header} = csv({inside})"


def row(setting: Setting) -> tuple[str, ...]:
    """A setting as a row under `HEAD`."""
    return (
        f"`{setting.name}`",
        takes(setting),
        unit(setting),
        _code(setting.default) if setting.default is not None else "required" if setting.required else "",
        bounds(setting),
        setting.doc,
        _code(setting.example),
    )


def facts(setting: Setting) -> tuple[str, ...]:
    """A setting as points."""
    named = dict(zip(HEAD, row(setting), strict=True))
    titles = [title for title in ("takes", "unit", "default", "range", "example") if named[title]]
    return tuple(f"{title}: {named[title]}" for title in titles)


def takes(setting: Setting) -> str:
    """What may stand behind the `=`."""
    if setting.shape is Shape.PHASES and setting.choices:
        return f"{setting.shape.value}, or {_code(setting.choices[0])}"
    if setting.choices:
        return f"one of {', '.join(_code(choice) for choice in setting.choices)}"
    if setting.refers_to:
        return f"{setting.shape.value} of `{setting.refers_to}`"
    return (
        f"{setting.shape.value}, or a range `low .. high` to choose in"
        if setting.decidable
        else setting.shape.value
    )


def unit(setting: Setting) -> str:
    """The unit that its values have."""
    if setting.shape in PLAIN or setting.shape is Shape.CHOICE:
        return ""
    if setting.dimension == TIME:
        return "min, h"
    if setting.dimension == NUMBER:
        return "%" if setting.maximum == 1.0 else ""
    if setting.amperes:
        return f"{symbol(setting.dimension)}, or A of each phase"
    return "%/h" if setting.leaks else symbol(setting.dimension)


def bounds(setting: Setting) -> str:
    """Where its values may lie."""
    low, high = setting.minimum, setting.maximum
    if high is not None and high >= 1e12:
        high = None
    if low is None and high is None:
        return ""
    if low is not None and high is not None and not setting.above:
        return f"{_shown(low, setting)} .. {_shown(high, setting)}"
    least = "" if low is None else f"{'above' if setting.above else 'from'} {_shown(low, setting)}"
    most = "" if high is None else f"up to {_shown(high, setting)}"
    return ", ".join(part for part in (least, most) if part)


def _shown(bound: float, setting: Setting) -> str:
    if setting.dimension == NUMBER:
        return f"{bound * 100:g} %" if setting.maximum == 1.0 else f"{bound:,.0f}"
    if setting.leaks and bound:
        return f"{bound * 100:g} %/h"
    return format_value(bound, setting.dimension) if bound else "0"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""
