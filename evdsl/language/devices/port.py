"""`port NAME`: `count` identical charge points.

A port serves one vehicle at a time and a vehicle uses one port. Identical ports are counted, never
indexed: the J! relabellings of J equal ports are one solution. With `hold_port` on, the stays that
hold a port of a group are intervals of time, and intervals of which no more than J overlap at any
instant can be given J ports (interval graphs are perfect: colouring by start needs as many colours as
the deepest overlap), so counting is exact. `evdsl.model.lower.ports_to_counts` writes the rows,
`evdsl.model.intervals` puts the names back.

`efficiency` stands between the site and the port: a charge of p at the port takes p / η from the
site, a discharge of p gives it p · η.
"""

from __future__ import annotations

from evdsl.language.builder import Builder
from evdsl.language.combinatorial import PortAssignment
from evdsl.language.declaration import Kind, Setting, Shape
from evdsl.language.devices.feeder import FEEDER
from evdsl.language.units import NUMBER, POWER


def build(builder: Builder) -> None:
    """Who holds a port, where that is to be decided: one binary for each stay and group of ports."""
    seats = builder.slot_index
    if not seats.gate:
        return
    owner = builder.spec.of_kind("port")[0].header
    holds = builder.variable(seats.gate, "seat", len(seats.port_choices), owner, binary=True)
    used = builder.group_sum(holds, seats.port_choices.chooser, "chooser", seats.choosers)
    builder.rows("port.one", used, "<=", 1.0, owner)
    builder.demand(
        PortAssignment(
            name="port.count",
            variable=seats.gate,
            group=seats.port_choices.group,
            begin=seats.port_choices.begin,
            end=seats.port_choices.end,
            counts=seats.counts,
            owner=owner,
        )
    )


KIND = Kind(
    keyword="port",
    doc="`count` identical charge points",
    settings=(
        Setting(
            "count",
            Shape.COUNT,
            "how many there are",
            default="1",
            minimum=0.0,
            maximum=1e6,
            relaxed_by="more",
            example="24",
        ),
        Setting(
            "power",
            Shape.CONSTANT,
            "the largest charging power",
            POWER,
            required=True,
            minimum=0.0,
            relaxed_by="more",
            example="22 kW",
        ),
        Setting(
            "discharge",
            Shape.CONSTANT,
            "the largest discharging power",
            POWER,
            default="0 kW",
            minimum=0.0,
            relaxed_by="more",
            example="11 kW",
        ),
        Setting(
            "efficiency",
            Shape.CONSTANT,
            "between the site and the port",
            NUMBER,
            default="100 %",
            minimum=0.01,
            maximum=1.0,
            example="98 %",
        ),
        Setting(
            "min_power",
            Shape.CONSTANT,
            "the least power above zero, where `min_power` is on",
            POWER,
            default="0 kW",
            minimum=0.0,
            relaxed_by="less",
            example="4.1 kW",
        ),
        Setting(
            "rates",
            Shape.NUMBERS,
            "the powers above zero that are allowed, where `min_power` is on; without it, all",
            POWER,
            minimum=0.0,
            above=True,
            example="[3.7 kW, 7.4 kW, 11 kW]",
        ),
        FEEDER,
    ),
    build=build,
)
