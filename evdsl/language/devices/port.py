"""`port NAME`: `count` identical charge points.

A port serves one vehicle at a time and a vehicle uses one port. Identical ports are counted, never
indexed: the J! relabellings of J equal ports are one solution. With `hold_port` on, the stays that
hold a port of a group are intervals of time, and intervals of which no more than J overlap at any
instant can be given J ports (interval graphs are perfect: colouring by start needs as many colours as
the deepest overlap), so counting is exact. `evdsl.model.lower.ports_to_counts` writes the rows,
`evdsl.model.intervals` puts the names back.

`count` may change over time, `{ 00:00: 10, 12:00: 8 }`: so many are in order then, and at no instant more are
held. With `hold_port` a vehicle needs one that is in order for its whole stay. There are as many ports as the
largest number; one that is out of order is a stay that nobody may refuse, so counting stays exact
(`evdsl.model.outages`).

`efficiency` stands between the site and the port: a charge of p at the port takes p / η from the
site, a discharge of p gives it p · η.

`phases` are those that it uses, in order. With `rotate` the first charge point has L1 L2 L3, the next L2 L3
L1, the next L3 L1 L2, and so on. A class may say how many `phases` its vehicles use, m: on a port with n
these are the first k = min(m, n), and a vehicle takes at most

    min(class charge · k / m, port power · k / n)

so that neither carries more on a phase than it may; `min_power` and `rates` count by k / n as well. A class
that does not say uses all n, with its whole `charge`. A power may be given as the current of each phase: `16
A` is 16 · V · n, so 11.04 kW on three phases of 230 V and 3.68 kW on one.
"""

from __future__ import annotations

from evdsl.language.builder import Builder
from evdsl.language.combinatorial import PortAssignment
from evdsl.language.declaration import Kind, Setting, Shape
from evdsl.language.devices.feeder import FEEDER
from evdsl.language.devices.phases import PHASES_OF_PORTS
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
            outages=seats.outages,
            owner=owner,
        )
    )


KIND = Kind(
    keyword="port",
    doc="`count` identical charge points",
    settings=(
        Setting(
            "count",
            Shape.COUNTS,
            "how many there are; over time, how many are in order",
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
            amperes=True,
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
            amperes=True,
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
            amperes=True,
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
            amperes=True,
            minimum=0.0,
            above=True,
            example="[3.7 kW, 7.4 kW, 11 kW]",
        ),
        PHASES_OF_PORTS,
        FEEDER,
    ),
    build=build,
)
