"""`end_value`: what the energy that is left in batteries is worth, money.

    Σ_v end_value[v] · (energy of v at departure) + Σ_s end_value[s] · (energy of storage s at the end)

All of the energy counts, not what is above that on arrival: the difference is a constant.
"""

from __future__ import annotations

from evdsl.language import stays
from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Word
from evdsl.language.units import MONEY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    return _vehicles(builder) + _storages(builder)


def _vehicles(builder: Builder) -> Linear:
    vehicles, slots, step = builder.data.vehicles, builder.slot_index.slots, builder.spec.step
    worth = vehicles.end_value
    start = stays.known_start(vehicles)
    total = builder.zero() + float((worth * start)[worth != 0].sum())
    decided = builder.get("spare")
    if decided is not None:
        # Only the last stay of a vehicle is worth something.
        total = total + builder.total(builder.scale(decided, worth[~vehicles.is_first]))
    charge, discharge = builder.get("charge"), builder.get("discharge")
    if charge is not None and worth.any():
        gain = (worth * vehicles.charge_efficiency)[slots.vehicle]
        total = total + builder.total(builder.scale(charge, step * gain))
    if discharge is not None and worth.any():
        loss = (worth / vehicles.discharge_efficiency)[slots.vehicle[slots.outward]]
        total = total - builder.total(builder.scale(discharge, step * loss))
    return total


def _storages(builder: Builder) -> Linear:
    total = builder.zero()
    for device in builder.spec.of_kind("storage"):
        worth = device.number("end_value", 0.0)
        if worth:
            last = builder.take(builder.need(f"{device.name}.energy"), [builder.spec.steps - 1], "end")
            total = total + worth * builder.total(last)
    return total


WORD = Word("end_value", MONEY, "what the energy left in batteries is worth", expression, better="large")
