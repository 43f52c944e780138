"""`dissatisfaction`: unmet energy weighed by priority, Σ_v priority[v] unmet[v], kWh."""

from __future__ import annotations

from evdsl.builder import Builder, Linear
from evdsl.schema import Curve, Word
from evdsl.units import ENERGY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    unmet = builder.get("unmet")
    if unmet is None:
        return builder.nothing()
    return builder.total(builder.scaled(unmet, builder.data.vehicles.priority))


WORD = Word(
    "dissatisfaction", ENERGY, "unmet energy times the vehicle's priority", expression, curve=Curve.CONVEX
)
