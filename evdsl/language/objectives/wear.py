"""`wear`: the cost of battery wear, by energy discharged at the port, or by a storage at the site.

Σ_v,t Δ wear[v] discharge[v,t] + Σ_s,t Δ wear[s] discharge[s,t]
"""

from __future__ import annotations

from typing import Any

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Word
from evdsl.language.units import MONEY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    discharge, step = builder.get("discharge"), builder.spec.step
    total = builder.zero()
    if discharge is not None:
        total = total + builder.total(builder.scale(discharge, wear_rate(builder)))
    for device in builder.spec.of_kind("storage"):
        worn = device.number("wear")
        if worn:
            total = total + worn * step * builder.total(builder.need(f"{device.name}.discharge"))
    return total


def wear_rate(builder: Builder) -> Any:
    """What a kW discharged in a slot wears: Δ wear of its vehicle."""
    slots = builder.slot_index.slots
    return builder.spec.step * builder.data.vehicles.wear[slots.vehicle[slots.outward]]


WORD = Word("wear", MONEY, "the cost of battery wear", expression)
