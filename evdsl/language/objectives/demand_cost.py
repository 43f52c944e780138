"""`demand_cost`: the demand charge, demand_charge · peak; zero without `demand_charge`."""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Curve, Word
from evdsl.language.units import MONEY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    grid = builder.spec.only("grid")
    charge = grid.number("demand_charge", 0.0) if grid is not None else 0.0
    return builder.scale(builder.word("peak"), charge) if charge else builder.zero()


WORD = Word("demand_cost", MONEY, "the price of the peak", expression, curve=Curve.CONVEX)
