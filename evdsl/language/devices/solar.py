"""`solar NAME`: generation from a roof or a field.

    available[t] = peak · profile[t]   or   power[t]                       kW
    0 <= power[t] <= available[t]            `curtailment` on
         power[t]  = available[t]            `curtailment` off: used, stored or exported

What it gives serves the site before it is exported; whether it may be exported is for the grid to say.
"""

from __future__ import annotations

from evdsl.language.devices import generation

KIND = generation.kind(
    "solar", "generation from a roof", "80 kW", 'csv("solar.csv", column="power", unit="kW")'
)
