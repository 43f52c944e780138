"""`initial_cost`: what the energy costs that storages begin with, money.

    Σ_s initial_price[s] · (energy of storage s at the start)

Where the `soc_initial` of a storage is a range, the energy at the start is a decision, and this is what a
plan pays for it; else it is a constant.
"""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Word
from evdsl.language.devices.storage import start
from evdsl.language.units import MONEY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    total = builder.zero()
    for device in builder.spec.of_kind("storage"):
        price = device.number("initial_price", 0.0)
        if price:
            total = total + price * start(builder, device)
    return total


WORD = Word(
    "initial_cost",
    MONEY,
    "what the energy costs that storages begin with",
    expression,
    needs=(("storage", "initial_price"),),
)
