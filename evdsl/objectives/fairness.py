"""`fairness`: the worst-served vehicle's share, 0..1.

The share of vehicle v is 1 - unmet[v] / need[v], the need being the energy asked for; vehicles that
need nothing do not count. fairness <= share[v] for every v, made large: exact max-min."""

from __future__ import annotations

from evdsl.builder import Builder, Linear
from evdsl.schema import Curve, Word
from evdsl.units import NUMBER


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    unmet = builder.get("unmet")
    needs = builder.data.vehicles.need
    counted = (needs > 0).nonzero()[0]
    place = builder.spec.of_kind("station")[0].header
    fairness = builder.single("fairness", place, upper=1.0)
    if unmet is not None and len(counted):
        lost = builder.scaled(builder.pick(unmet, counted, "served"), 1.0 / needs[counted])
        builder.rows("site.fairness", lost + fairness, "<=", 1.0, place)
    return fairness


WORD = Word(
    "fairness", NUMBER, "the worst-served vehicle's share", expression, curve=Curve.CONCAVE, better="large"
)
