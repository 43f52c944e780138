"""`export_peak`: the largest export of the horizon, kW: export_peak >= export[t] at every step, made small.

Nothing is exported where the connection takes nothing back: the word is zero there.
"""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Curve, Word
from evdsl.language.units import POWER


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    export = builder.get("export")
    if export is None:
        return builder.zero()
    grid = builder.spec.only("grid")
    owner = grid.header if grid is not None else builder.spec.source_span()
    peak = builder.single("export_peak", owner)
    builder.rows("site.export_peak", export - peak, "<=", 0.0, owner)
    return peak


WORD = Word("export_peak", POWER, "the largest export", expression, curve=Curve.CONVEX)
