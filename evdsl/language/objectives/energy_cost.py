"""`energy_cost`: what the imported energy costs, Σ_t Δ price[t] import[t]."""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Word
from evdsl.language.units import MONEY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    price = builder.data.over_time("grid", "price")
    assert price is not None, "checks.needs refuses the word without it"
    return builder.total(builder.scale(builder.need("import"), price * builder.spec.step))


WORD = Word("energy_cost", MONEY, "the cost of imported energy", expression, needs=(("grid", "price"),))
