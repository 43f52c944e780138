"""`discharged`: the energy that vehicles gave back, Σ_v,t Δ discharge[v,t] at the port, kWh."""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Word
from evdsl.language.units import ENERGY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    discharge = builder.get("discharge")
    if discharge is None:
        return builder.zero()
    return builder.scale(builder.total(discharge), builder.spec.step)


WORD = Word("discharged", ENERGY, "energy that vehicles gave back", expression)
