"""The formulas of rows about what a battery takes as it fills; see `evdsl.model.taper`."""

from __future__ import annotations

from evdsl.model.formulas.declaration import KW, KWH, RowFormula, Term
from evdsl.model.formulas.trips import SPARE_BEFORE

OF_TAPERS: tuple[RowFormula, ...] = (
    RowFormula(
        "vehicle.taper",
        "v,t",
        KW,
        (
            Term(1, "charge", "(1 + falls[v,t])"),
            Term(1, "energy", "down[v,t]", at="t"),
            Term(-1, "energy", "up[v,t]", at="t"),
            Term(1, "vehicle.taper.energy", "down[v,t]", at="t"),
            Term(-1, "vehicle.taper.energy", "up[v,t]", at="t"),
            Term(1, "spare", "down[v,t]"),
            Term(-1, "spare", "up[v,t]"),
        ),
        "<=",
        "curve[v,t]",
        "one for each line of the curve; the state at first stands on the right, after a trip with `spare`",
    ),
    RowFormula(
        "vehicle.taper.rises",
        "v,t",
        KWH,
        (
            Term(1, "vehicle.taper.energy", at="t+1"),
            Term(-1, "vehicle.taper.energy", at="t"),
            Term(-1, "charge", "delta eta_c[v]"),
            SPARE_BEFORE,
        ),
        "=",
        "initial[v]",
        "the state at first stands on the right",
    ),
)
