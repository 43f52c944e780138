"""`peak`: the largest import of the horizon, kW: peak >= import[t] at every step, made small."""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Curve, Word
from evdsl.language.units import POWER


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    grid = builder.spec.only("grid")
    owner = grid.header if grid is not None else builder.spec.source_span()
    peak = builder.single("peak", owner)
    builder.rows("site.peak", builder.need("import") - peak, "<=", 0.0, owner)
    return peak


WORD = Word("peak", POWER, "the largest import", expression, curve=Curve.CONVEX)
