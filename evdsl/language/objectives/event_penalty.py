"""`event_penalty`: what is paid for drawing more in a call than it asks for.

    Σ_events penalty Σ_t Δ w[t] over[t],    over[t] >= g[t] - most[t],   over[t] >= 0

with w[t] the share of step t in the call, g[t] the power drawn and most[t] what may be (`evdsl explain
event`). Zero without an `event` that has a `penalty`.
"""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Curve, Word
from evdsl.language.devices.event import asked_by, keep_to_most, power_drawn
from evdsl.language.units import MONEY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    total = builder.zero()
    for event in builder.spec.of_kind("event"):
        steps = builder.data.events[event.name].steps
        if event.get("penalty") is None or not len(steps):
            continue
        name, place = event.name, event.place(asked_by(event))
        over = builder.variable(f"{name}.over", "step", len(steps), place)
        keep_to_most(builder, event, power_drawn(builder, event) - over)
        hours = builder.data.events[name].share[steps] * builder.spec.step
        total = total + builder.total(builder.scale(over, event.number("penalty") * hours))
    return total


WORD = Word(
    "event_penalty", MONEY, "what is paid for drawing too much in calls", expression, curve=Curve.CONVEX
)
