"""`demand_charge NAME`: the price of the largest power that a meter sees.

The meter takes the mean of what is imported, or of what flows into a `feeder`, over each `interval`. Of a
period p (`per`) that is m_p at most, in the intervals inside the horizon and the `window`, and

    demand_cost = Σ_blocks Σ_p part_p · price · max(0, m_p - reached_p),      reached_p = 0 but for the first

Intervals begin on the wall clock, at midnight and each `interval` after it. One that is cut by the window or
by the horizon is averaged over what is left of it. Without `interval` each step is one, and so it is where
steps are longer: what a plan does not know cannot be averaged. What flows out of a feeder counts as nothing.

With `days` it meters on these days alone, from midnight to midnight: of a `window` that goes round midnight
the hours before and those behind it are each of the day that they lie on.

`reached` is what was paid for already in the period that holds the start. That is no longer a choice, so it
is not in `cost`: the report tells what is paid with it and without.

`demand_charge NAME = tariff("file.json", interval=15 min)` takes the prices of a tariff's file: of each month
one, for the largest mean of its days, weekdays and weekends together. Days with a charge of 0 are not
metered. `interval`, `reached`, `feeder` and `partial` may stand behind the name of the file.

`part_p` is 1, or with `partial = days` the share of the days of p that the horizon holds. Any number of
blocks may meter the same power at different times. `demand_charge` of the `grid` is the short form of one
with a price alone.
"""

from __future__ import annotations

from evdsl.language.declaration import Kind, Setting, Shape
from evdsl.language.units import MONEY_PER_POWER, POWER, TIME

KIND = Kind(
    keyword="demand_charge",
    doc="a price of the largest power in an interval",
    from_tariff=True,
    settings=(
        Setting(
            "price",
            Shape.CONSTANT,
            "of the largest mean of an interval, in each period",
            MONEY_PER_POWER,
            required=True,
            minimum=0.0,
            example="12 EUR/kW",
        ),
        Setting(
            "interval",
            Shape.CONSTANT,
            "what the meter takes the mean over, a multiple of the step; without it, the step",
            TIME,
            minimum=0.0,
            above=True,
            maximum=24.0,
            example="15 min",
        ),
        Setting(
            "per",
            Shape.CHOICE,
            "what is paid for: each month or day of the calendar, or the horizon once",
            default="horizon",
            choices=("horizon", "month", "day"),
            example="month",
        ),
        Setting(
            "reached",
            Shape.CONSTANT,
            "what was paid for already in the period that holds the start",
            POWER,
            default="0 kW",
            minimum=0.0,
            example="6 kW",
        ),
        Setting(
            "window",
            Shape.WINDOWS,
            "the times of day at which it meters; without it, always",
            example="12:00 .. 18:00",
        ),
        Setting(
            "days",
            Shape.DAYS,
            "the days on which it meters, from midnight to midnight; without it, all",
            example="mon .. fri",
        ),
        Setting(
            "feeder",
            Shape.REFERENCE,
            "the feeder whose flow it meters; without it, the connection",
            refers_to="feeder",
            example="east",
        ),
        Setting(
            "partial",
            Shape.CHOICE,
            "what is paid for a period that the horizon cuts: all of the price, or its days' share",
            default="full",
            choices=("full", "days"),
            example="days",
        ),
    ),
)
