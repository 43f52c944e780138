"""`profit`: revenue - cost."""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Word
from evdsl.language.objectives import cost, revenue
from evdsl.language.units import MONEY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    return builder.word("revenue") - builder.word("cost")


PARTS = {"revenue": 1.0, **{name: -weight for name, weight in cost.PARTS.items()}}

WORD = Word(
    "profit",
    MONEY,
    "what drivers pay less all costs",
    expression,
    needs=(*revenue.WORD.needs, *cost.WORD.needs),
    or_needs=revenue.WORD.or_needs,
    parts=PARTS,
    better="large",
)
