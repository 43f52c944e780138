"""`event_revenue`: what calls pay for energy that is not drawn.

    Σ_events reward Σ_t Δ w[t] saved[t],    saved[t] <= B[t] - g[t],   and <= min(reduce, B[t]) with `reduce`

with w[t] the share of step t in the call, g[t] the power drawn and B[t] the baseline (`evdsl explain event`).
What is drawn above the baseline is taken off it. Zero without an `event` that has a `reward`.
"""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Curve, Word
from evdsl.language.devices.event import power_drawn
from evdsl.language.units import MONEY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    total = builder.zero()
    for event in builder.spec.of_kind("event"):
        steps = builder.data.events[event.name].steps
        if event.get("reward") is None or not len(steps):
            continue
        name, place = event.name, event.place("reward")
        baseline, most = builder.data.baseline(event)[steps], builder.data.asked(event)[steps]
        saved = builder.variable(f"{name}.saved", "step", len(steps), place, lower=float("-inf"), upper=most)
        builder.rows(f"{name}.saved", saved + power_drawn(builder, event), "<=", baseline, place)
        hours = builder.data.events[name].share[steps] * builder.spec.step
        total = total + builder.total(builder.scale(saved, event.number("reward") * hours))
    return total


WORD = Word(
    "event_revenue",
    MONEY,
    "what calls pay for energy that is not drawn",
    expression,
    curve=Curve.CONCAVE,
    better="large",
)
