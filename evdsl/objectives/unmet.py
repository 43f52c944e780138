"""`unmet`: the energy that was asked for and not delivered, Σ_v unmet[v], kWh."""

from __future__ import annotations

from evdsl.builder import Builder, Linear
from evdsl.schema import Curve, Word
from evdsl.units import ENERGY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    unmet = builder.get("unmet")
    return builder.nothing() if unmet is None else builder.total(unmet)


WORD = Word("unmet", ENERGY, "energy asked for and not delivered", expression, curve=Curve.CONVEX)
