"""`co2`: the emissions of imported energy, less those that exported energy spares elsewhere; kg.

    co2 = Σ_t Δ (carbon[t] import[t] - export_carbon[t] export[t])

Without `export_carbon` exports spare nothing.
"""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Word
from evdsl.language.units import MASS


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    data, step = builder.data, builder.spec.step
    carbon, spared = data.over_time("grid", "carbon"), data.over_time("grid", "export_carbon")
    assert carbon is not None, "checks.needs refuses the word without it"
    caused = builder.total(builder.scale(builder.need("import"), carbon * step))
    export = builder.get("export")
    if export is None or spared is None:
        return caused
    return caused - builder.total(builder.scale(export, spared * step))


WORD = Word("co2", MASS, "the emissions of imported energy", expression, needs=(("grid", "carbon"),))
