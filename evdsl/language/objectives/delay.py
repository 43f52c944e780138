"""`delay`: late energy, Σ_v,t Δ charge[v,t] · (hours from v's arrival to its part of step t), kWh h.

Making it small charges as early as the limits allow; as a last stage it breaks ties that way."""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Word
from evdsl.language.units import ENERGY_TIME


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    charge = builder.get("charge")
    if charge is None:
        return builder.zero()
    slots, vehicles, step = builder.slot_index.slots, builder.data.vehicles, builder.spec.step
    begin = vehicles.begin[slots.vehicle]
    waited = (slots.step * step).clip(min=begin) - begin
    return builder.total(builder.scale(charge, waited * step))


WORD = Word("delay", ENERGY_TIME, "energy times how late it comes", expression)
