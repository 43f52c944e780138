"""`event NAME`: a call to draw less power for a while, what it pays and what is paid for drawing more.

A call is on from `from` to `to`, or for as long as it `lasts`: each day of the horizon where `from` is a
clock time, on those of `days` alone where it has them; once where it is a date. An end that is no later on
the clock lies on the next day, and what the horizon cuts is left out. With w[t] the share of step t inside,
g[t] the power that is drawn in it (import less export of the connection, or the flow of the `feeder`) and
B[t] the `baseline`, kW, in each step with w[t] > 0:

    g[t] <= most[t] + over[t],    most[t] = limit[t]                             with `limit`
                                  most[t] = B[t] - min(reduce, B[t])             with `reduce`
    over[t] = 0 without `penalty`, else event_penalty = penalty Σ_t Δ w[t] over[t],   over[t] >= 0
    saved[t] <= B[t] - g[t],      saved[t] <= min(reduce, B[t])                  with `reduce`
    event_revenue = reward Σ_t Δ w[t] saved[t]

So without a `penalty` the limit is kept, and with one it is paid for. `saved` is free in sign: what is drawn
above the baseline is taken off the reward. A step that is half inside keeps the whole limit on its mean and
counts half of its energy.

The baseline is a series of the spec, as of the last days alike, and never a decision: a plan that chose it
would draw more beforehand to be paid for less. Of several calls at once the rows of all hold, and all are
paid.
"""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import DEVICE, Kind, Setting, Shape
from evdsl.language.spec import Device
from evdsl.language.units import MONEY_PER_ENERGY, POWER, TIME


def build(builder: Builder) -> None:
    """What may be drawn at most where nothing is paid for more."""
    for event in builder.spec.of_kind("event"):
        steps = builder.data.events[event.name].steps
        if event.get("penalty") is None and len(steps):
            keep_to_most(builder, event, power_drawn(builder, event))


def asked_by(event: Device) -> str:
    """The setting that says how much may be drawn."""
    return "limit" if event.get("reduce") is None else "reduce"


def keep_to_most(builder: Builder, event: Device, drawn: Linear) -> None:
    """The row of each step in a call: so much is drawn at most."""
    most = builder.data.most_drawn(event)[builder.data.events[event.name].steps]
    builder.rows(f"{event.name}.most", drawn, "<=", most, event.place(asked_by(event)))


def power_drawn(builder: Builder, event: Device) -> Linear:
    """What is drawn in each step in a call, kW: of the connection net of what it gives, or of a feeder."""
    feeder = "".join(event.names("feeder"))
    if feeder:
        drawn = builder.need(f"{feeder}.flow")
    else:
        export = builder.get("export")
        drawn = builder.need("import") if export is None else builder.need("import") - export
    return builder.take(drawn, builder.data.events[event.name].steps, "step")


RULES = ("uncontrolled", "fifs", "edf", "llf", "round_robin")
"""Rules of `compare`, as which a baseline is not built."""

KIND = Kind(
    keyword="event",
    doc="a call to draw less power for a while",
    family=DEVICE,
    either=(("to", "lasts"), ("limit", "reduce")),
    settings=(
        Setting(
            "from",
            Shape.CLOCK,
            "when it begins: a time of each day, or a date once",
            required=True,
            example="17:00",
        ),
        Setting("to", Shape.CLOCK, "when it ends", example="19:00"),
        Setting(
            "lasts",
            Shape.CONSTANT,
            "how long it lasts",
            TIME,
            minimum=0.0,
            above=True,
            maximum=8766.0,
            example="2 h",
        ),
        Setting(
            "days",
            Shape.DAYS,
            "the days on which it begins; without it, all",
            example="mon .. fri",
        ),
        Setting(
            "limit",
            Shape.SERIES,
            "the most that may be drawn meanwhile",
            POWER,
            minimum=0.0,
            relaxed_by="more",
            example="60 kW",
        ),
        Setting(
            "reduce",
            Shape.CONSTANT,
            "by how much less than the baseline is to be drawn",
            POWER,
            minimum=0.0,
            relaxed_by="less",
            example="40 kW",
        ),
        Setting(
            "baseline",
            Shape.SERIES,
            "what would be drawn without the call",
            POWER,
            minimum=0.0,
            planned=RULES,
            example="100 kW",
        ),
        Setting(
            "feeder",
            Shape.REFERENCE,
            "the feeder whose flow counts; without it, the connection",
            refers_to="feeder",
            example="east",
        ),
        Setting(
            "reward",
            Shape.CONSTANT,
            "what is paid for energy below the baseline",
            MONEY_PER_ENERGY,
            minimum=0.0,
            example="0.50 EUR/kWh",
        ),
        Setting(
            "penalty",
            Shape.CONSTANT,
            "what energy above the most costs; without it, no more may be drawn",
            MONEY_PER_ENERGY,
            minimum=0.0,
            above=True,
            example="2 EUR/kWh",
        ),
    ),
    planned={"chance": "whether it comes", "notice": "how long before it is known"},
    build=build,
)
