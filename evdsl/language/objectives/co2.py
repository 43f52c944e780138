"""`co2`: the emissions of imported energy, Σ_t Δ carbon[t] import[t], kg. Exports earn nothing."""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Word
from evdsl.language.units import MASS


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    carbon = builder.data.over_time("grid", "carbon")
    assert carbon is not None, "checks.needs refuses the word without it"
    return builder.total(builder.scale(builder.need("import"), carbon * builder.spec.step))


WORD = Word("co2", MASS, "the emissions of imported energy", expression, needs=(("grid", "carbon"),))
