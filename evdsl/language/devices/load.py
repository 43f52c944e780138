"""`load NAME`: other consumption of the site, `power[t]` kW at every step, which is not to be decided."""

from __future__ import annotations

from evdsl.language.builder import Builder
from evdsl.language.declaration import DEVICE, Kind, Setting, Shape
from evdsl.language.devices.feeder import FEEDER
from evdsl.language.devices.phases import PHASES
from evdsl.language.units import POWER


def build(builder: Builder) -> None:
    """A power that the site has to carry."""
    for device in builder.spec.of_kind("load"):
        power = builder.data.over_time(device.name, "power")
        builder.consume(power, device.name, "".join(device.names("feeder")))


KIND = Kind(
    keyword="load",
    doc="other consumption",
    family=DEVICE,
    settings=(
        Setting(
            "power",
            Shape.SERIES,
            "what it takes",
            POWER,
            required=True,
            minimum=0.0,
            relaxed_by="less",
            example="{ 00:00: 5 kW, 07:00: 40 kW, 19:00: 5 kW }",
        ),
        PHASES,
        FEEDER,
    ),
    build=build,
)
