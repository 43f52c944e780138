"""`dissatisfaction`: unmet energy weighed by priority, and what waiting in cohorts counts for, kWh.

    Σ_v priority[v] unmet[v] + Σ_k,t,i dissatisfaction[k,i] count[k,t,i]

with count[k,t,i] the vehicles of cohort k in state of need i (1 .. n) when step t begins.
"""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Curve, Word
from evdsl.language.devices.cohort import dissatisfactions, weighs_states
from evdsl.language.units import ENERGY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    unmet = builder.get("unmet")
    total = builder.zero()
    if unmet is not None:
        total = total + builder.total(builder.scale(unmet, builder.data.vehicles.priority))
    for device in builder.spec.of_kind("cohort"):
        if weighs_states(device):
            total = total + builder.total(builder.need(f"{device.name}.counted"))
            continue
        waiting = builder.total(builder.need(f"{device.name}.waiting"))
        total = total + dissatisfactions(device)[1] * waiting
    return total


WORD = Word(
    "dissatisfaction",
    ENERGY,
    "unmet energy by priority, and waiting in cohorts",
    expression,
    curve=Curve.CONVEX,
)
