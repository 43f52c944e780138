"""`wear`: the cost of battery wear, by energy discharged at the port, or by a storage at the site.

Σ_v,t Δ wear[v] discharge[v,t] + Σ_s,t Δ wear[s] discharge[s,t]
"""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Word
from evdsl.language.units import MONEY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    discharge, step = builder.get("discharge"), builder.spec.step
    total = builder.zero()
    if discharge is not None:
        slots = builder.slot_index.slots
        price = builder.data.vehicles.wear[slots.vehicle[slots.outward]]
        total = total + builder.total(builder.scale(discharge, price * step))
    for device in builder.spec.of_kind("storage"):
        worn = device.number("wear")
        if worn:
            total = total + worn * step * builder.total(builder.need(f"{device.name}.discharge"))
    return total


WORD = Word("wear", MONEY, "the cost of battery wear", expression)
