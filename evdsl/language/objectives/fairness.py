"""`fairness`: the worst-served vehicle's share, 0..1.

The share of vehicle v is 1 - unmet[v] / need[v], the need being the energy asked for; vehicles that
need nothing do not count. fairness <= share[v] for every v, made large: exact max-min. The rows are
written with the larger of a kWh and the need before them, so that their numbers are those of other rows
for a need of a Wh as for one of a GWh:

    k[v] / need[v] · unmet[v] + k[v] · fairness <= k[v],   k[v] = max(need[v], 1 kWh)
"""

from __future__ import annotations

from typing import Any

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Curve, Word
from evdsl.language.units import NUMBER


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    unmet = builder.get("unmet")
    needs = builder.data.vehicles.need
    counted = (needs > 0).nonzero()[0]
    place = builder.spec.source_span()
    fairness = builder.variable("fairness", "one", 1, place, upper=1.0)
    if unmet is not None and len(counted):
        size = row_size(needs[counted])
        lost = builder.scale(unmet_of(builder, counted), size / needs[counted])
        worst = builder.scale(each(builder, fairness, "served", len(counted)), size)
        builder.rows("site.fairness", lost + worst, "<=", size, place)
    return builder.total(fairness)


def unmet_of(builder: Builder, vehicles: Any, dimension: str = "served") -> Linear:
    """What these vehicles lack; of one that makes trips, over all its stays."""
    unmet, first = builder.need("unmet"), builder.data.vehicles.first
    if builder.data.vehicles.is_first.all():
        return builder.take(unmet, vehicles, dimension)
    number = first * 0 - 1
    number[vehicles] = range(len(vehicles))
    return builder.group_sum(unmet, number[first], dimension, len(vehicles))


def row_size(needs: Any) -> Any:
    """What a row about a share is multiplied by: `k` above."""
    return needs.clip(min=1.0)


def each(builder: Builder, one: Linear, dimension: str, count: int) -> Linear:
    """The same single decision for each of `count` labels."""
    return builder.take(one, [0] * count, dimension)


WORD = Word(
    "fairness", NUMBER, "the worst-served vehicle's share", expression, curve=Curve.CONCAVE, better="large"
)
