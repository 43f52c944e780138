"""`cost`: energy_cost - export_revenue + demand_cost + wear - end_value + elsewhere_cost
+ event_penalty - event_revenue + initial_cost.

It is what the station pays to others, less what exports earn. What drivers pay (`tariff`) and what they are
paid (`v2g_reward`) is not in it: that is `revenue`, and both together are `profit`. Weigh `profit` where a
class has a `v2g_reward`, else a plan discharges where drivers are paid more than it earns.
"""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Word
from evdsl.language.units import MONEY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    total = builder.zero()
    for name, weight in PARTS.items():
        total = total + weight * builder.word(name)
    return total


PARTS = {
    "energy_cost": 1.0,
    "export_revenue": -1.0,
    "demand_cost": 1.0,
    "wear": 1.0,
    "end_value": -1.0,
    "elsewhere_cost": 1.0,
    "event_penalty": 1.0,
    "event_revenue": -1.0,
    "initial_cost": 1.0,
}

WORD = Word(
    "cost", MONEY, "all costs less what exports earn", expression, needs=(("grid", "price"),), parts=PARTS
)
