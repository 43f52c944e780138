"""`elsewhere_cost`: what is paid for energy that must be charged on the road, money.

    Σ_k elsewhere · en_route[k]

over the trips of classes with a price `elsewhere` (`evdsl.language.devices.trip`).
"""

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Curve, Word
from evdsl.language.units import MONEY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    bought, vehicles = builder.get("elsewhere"), builder.data.vehicles
    if bought is None:
        return builder.zero()
    price = vehicles.elsewhere[vehicles.buys.nonzero()[0]]
    return builder.total(builder.scale(bought, price))


WORD = Word(
    "elsewhere_cost", MONEY, "what is paid for energy charged on the road", expression, curve=Curve.CONVEX
)
