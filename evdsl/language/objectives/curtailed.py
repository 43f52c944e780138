"""`curtailed`: generation that is not used, Σ_t Δ (available[t] - power[t]) over solar and wind, kWh."""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Word
from evdsl.language.devices import generation
from evdsl.language.units import ENERGY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    total, step = builder.zero(), builder.spec.step
    for keyword in generation.KEYWORDS:
        for device in builder.spec.of_kind(keyword):
            used = builder.total(builder.need(f"{device.name}.power"))
            total = total + generation.available_energy(builder, device) - step * used
    return total


WORD = Word("curtailed", ENERGY, "generation that is not used", expression)
