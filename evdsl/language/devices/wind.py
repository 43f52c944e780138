"""`wind NAME`: generation from a turbine.

    available[t] = peak · profile[t]   or   power[t]                       kW
    0 <= power[t] <= available[t]            `curtailment` on
         power[t]  = available[t]            `curtailment` off: used, stored or exported

The physics are those of `solar`.
"""

from __future__ import annotations

from evdsl.language.builder import Builder
from evdsl.language.declaration import DEVICE, Kind
from evdsl.language.devices import generation


def build(builder: Builder) -> None:
    """What each turbine gives."""
    generation.build(builder, "wind")


KIND = Kind(
    keyword="wind",
    doc="generation from a turbine",
    family=DEVICE,
    gives=True,
    either=generation.EITHER,
    settings=generation.settings("150 kW", 'csv("wind.csv", column="power", unit="kW")'),
    build=build,
)
