"""`v2g_profit`: what the grid pays for what vehicles give, less rewards, losses and wear; money.

    Σ_v,t Δ discharge[v,t] (η_port worth[t] - v2g_reward[t] - wear - price[t] (1 / (η_c η_d) - 1))

`worth` is `feed_in` where the grid has one, else `price`: r^grid of the aggregator models in the
literature. The losses of the round trip are valued at the price of the step. What is charged back is
part of `energy_cost`.
"""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Word
from evdsl.language.units import MONEY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    discharge = builder.get("discharge")
    if discharge is None:
        return builder.zero()
    data, slots = builder.data, builder.slot_index.slots
    price, feed_in = data.over_time("grid", "price"), data.over_time("grid", "feed_in")
    assert price is not None, "checks.needs refuses the word without it"
    worth = price if feed_in is None else feed_in
    at = slots.outward
    who, when = slots.vehicle[at], slots.step[at]
    vehicles = data.vehicles
    losses = 1.0 / (vehicles.charge_efficiency * vehicles.discharge_efficiency) - 1.0
    rewards = data.of_classes(builder.spec, "v2g_reward")[vehicles.category[who], when]
    each = slots.efficiency[at] * worth[when] - rewards - vehicles.wear[who] - price[when] * losses[who]
    return builder.total(builder.scale(discharge, builder.spec.step * each))


WORD = Word(
    "v2g_profit",
    MONEY,
    "what the grid pays for discharged energy, less rewards, losses and wear",
    expression,
    needs=(("grid", "price"),),
    better="large",
)
