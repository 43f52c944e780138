"""`demand_cost`: what is paid for the largest powers.

    demand_charge · peak    of the `grid`
    part_p · price · max(0, m_p - reached_p)    of each block `demand_charge` and each period p of it

with m_p the largest mean of an interval. Zero without either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Curve, Word
from evdsl.language.spec import Device
from evdsl.language.units import MONEY

if TYPE_CHECKING:
    from evdsl.language.site import Meter


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    grid = builder.spec.only("grid")
    charge = grid.number("demand_charge", 0.0) if grid is not None else 0.0
    total = builder.scale(builder.word("peak"), charge) if charge else builder.zero()
    for block in builder.spec.of_kind("demand_charge"):
        meter = builder.data.meters[block.name]
        if meter.price.any() and len(meter.period):
            billed = _billed(builder, block, meter)
            total = total + builder.total(builder.scale(billed, meter.per_kilowatt))
    return total


def _billed(builder: Builder, block: Device, meter: Meter) -> Linear:
    """What lies above what was reached, by period: at least the mean of each interval less that, and 0."""
    name, place = block.name, block.place("price")
    count = len(meter.period)
    billed = builder.variable(f"{name}.billed", "period", len(meter.part), place)
    power = builder.take(_metered(builder, block, meter), meter.step, "pair")
    means = builder.group_sum(builder.scale(power, meter.share), meter.interval, "interval", count)
    left = means - builder.take(billed, meter.period, "interval")
    builder.rows(f"{name}.mean", left, "<=", meter.reached[meter.period], place)
    return billed


def _metered(builder: Builder, block: Device, meter: Meter) -> Linear:
    """The power that is metered. Of a feeder what flows in: a mean may not be lessened by what flows out."""
    feeder = "".join(block.names("feeder"))
    if not feeder:
        return builder.need("import")
    flow = builder.need(f"{feeder}.flow")
    if not meter.averages:
        return flow
    place = block.place("feeder")
    inward = builder.variable(f"{block.name}.inward", "time", builder.spec.steps, place)
    builder.rows(f"{block.name}.inward", flow - inward, "<=", 0.0, place)
    return inward


WORD = Word("demand_cost", MONEY, "what the largest powers cost", expression, curve=Curve.CONVEX)
