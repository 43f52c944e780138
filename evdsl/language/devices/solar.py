"""`solar NAME`: generation from a roof or a field.

    available[t] = peak · profile[t]   or   power[t]                       kW
    0 <= power[t] <= available[t]            `curtailment` on
         power[t]  = available[t]            `curtailment` off: used, stored or exported

What it gives serves the site before it is exported; whether it may be exported is for the grid to say.
"""

from __future__ import annotations

from evdsl.language.builder import Builder
from evdsl.language.declaration import DEVICE, Kind
from evdsl.language.devices import generation


def build(builder: Builder) -> None:
    """What each roof gives."""
    generation.build(builder, "solar")


KIND = Kind(
    keyword="solar",
    doc="generation from a roof",
    family=DEVICE,
    gives=True,
    either=generation.EITHER,
    settings=generation.settings("80 kW", 'csv("solar.csv", column="power", unit="kW")'),
    build=build,
)
