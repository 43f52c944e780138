"""`feeder NAME`: a limit inside the site, such as a cable or a transformer.

Ports and devices name the feeder that they hang on, feeders the feeder above them; what names none hangs
on the connection. With takes(f) what hangs on f, site side, kW:

    flow[f,t] = Σ_{i in takes(f)} power[i,t] + Σ_{g below f} flow[g,t]
    -limit[t] <= flow[f,t] <= limit[t]

A cable carries as much in either direction. A `limit` that is a range, `40 kW .. 200 kW`, is chosen: one
number for the whole horizon. With a `phase_limit` no phase of it carries more than that current either; on
each it carries what hangs on that phase (`evdsl explain grid` has the model). Ports count with their
losses: what they take from the site.
"""

from __future__ import annotations

from collections.abc import Sequence

from evdsl.language.builder import Builder
from evdsl.language.declaration import DEVICE, Kind, Setting, Shape
from evdsl.language.devices.phases import phase_limit
from evdsl.language.spec import Device
from evdsl.language.units import POWER


def build(builder: Builder) -> None:
    """The flow of each feeder; those below come first, since they are part of it."""
    for feeder in upwards(builder.spec.of_kind("feeder")):
        _flow(builder, feeder)


def upwards(feeders: Sequence[Device]) -> list[Device]:
    """The feeders, each before the one that it hangs on; no more than those if they hang in a circle."""
    above = {feeder.name: "".join(feeder.names("feeder")) for feeder in feeders}
    waiting = dict.fromkeys(above, 0)
    for name in above.values():
        if name in waiting:
            waiting[name] += 1
    by_name = {feeder.name: feeder for feeder in feeders}
    order = [name for name, below in waiting.items() if not below]
    for name in order:
        parent = above[name]
        if parent in waiting:
            waiting[parent] -= 1
            if not waiting[parent]:
                order.append(parent)
    return [by_name[name] for name in order]


def _flow(builder: Builder, feeder: Device) -> None:
    limit = builder.data.over_time(feeder.name, "limit")
    assert limit is not None, "the setting is required"
    place = feeder.place("limit")
    flow = builder.variable(
        f"{feeder.name}.flow", "time", builder.spec.steps, place, lower=-limit, upper=limit
    )
    if feeder.decides("limit"):
        most = builder.chosen(feeder, "limit")
        builder.rows(f"{feeder.name}.limit_in", flow - most, "<=", 0.0, place)
        builder.rows(f"{feeder.name}.limit_out", flow + most, ">=", 0.0, place)
    left = flow
    for power in builder.decided_powers(feeder.name):
        left = left - power
    builder.rows(f"{feeder.name}.balance", left, "==", builder.given_powers(feeder.name), feeder.header)
    builder.consume(flow, feeder.name, "".join(feeder.names("feeder")))


FEEDER = Setting(
    "feeder",
    Shape.REFERENCE,
    "the feeder that it hangs on; without it, the connection",
    refers_to="feeder",
    example="east",
)

KIND = Kind(
    keyword="feeder",
    doc="a limit inside the site",
    family=DEVICE,
    settings=(
        Setting(
            "limit",
            Shape.SERIES,
            "the largest power in either direction",
            POWER,
            required=True,
            minimum=0.0,
            relaxed_by="more",
            decidable=True,
            example="80 kW",
        ),
        phase_limit("the largest current on each phase, in either direction"),
        FEEDER,
    ),
    build=build,
)
