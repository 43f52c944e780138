"""`unmet`: the energy that was asked for and not delivered, Σ_v unmet[v], kWh."""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Curve, Word
from evdsl.language.units import ENERGY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    unmet = builder.get("unmet")
    return builder.zero() if unmet is None else builder.total(unmet)


WORD = Word("unmet", ENERGY, "energy asked for and not delivered", expression, curve=Curve.CONVEX)
