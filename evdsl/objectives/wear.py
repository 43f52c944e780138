"""`wear`: the cost of battery wear, Σ_v,t Δ wear[v] discharge[v,t], by energy discharged at the port."""

from __future__ import annotations

from evdsl.builder import Builder, Linear
from evdsl.schema import Word
from evdsl.units import MONEY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    discharge = builder.get("discharge")
    if discharge is None:
        return builder.nothing()
    slots = builder.seats.slots
    price = builder.data.vehicles.wear[slots.vehicle[slots.outward]]
    return builder.total(builder.scaled(discharge, price * builder.spec.step))


WORD = Word("wear", MONEY, "the cost of battery wear", expression)
