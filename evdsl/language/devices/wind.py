"""`wind NAME`: generation from a turbine.

    available[t] = peak · profile[t]   or   power[t]                       kW
    0 <= power[t] <= available[t]            `curtailment` on
         power[t]  = available[t]            `curtailment` off: used, stored or exported

The physics are those of `solar`.
"""

from __future__ import annotations

from evdsl.language.devices import generation

KIND = generation.kind(
    "wind", "generation from a turbine", "150 kW", 'csv("wind.csv", column="power", unit="kW")'
)
