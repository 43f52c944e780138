"""`station`: the site and its clock. Exactly one.

The horizon is cut into steps of equal elapsed length Δ. `start` is local to `zone`. `24 h` are 24
elapsed hours; `1 d` is a calendar day, of 23 or 25 hours when the clocks change.

`rounding` says how an arrival or a departure between two steps counts. With presence[v,t] the share
of step t during which vehicle v is there:

- `exact`: presence is that share, and the vehicle can take that share of the step's energy;
- `floor`: both ends go down to the start of their step;
- `inward`: only steps of whole presence count.
"""

from evdsl.language.declaration import Kind, Setting, Shape
from evdsl.language.units import TIME, VOLTAGE

KIND = Kind(
    keyword="station",
    doc="the site and its clock; exactly one",
    single=True,
    settings=(
        Setting(
            "start",
            Shape.INSTANT,
            "when the horizon begins, local to `zone`",
            required=True,
            example="2024-03-12",
        ),
        Setting(
            "horizon",
            Shape.CONSTANT,
            "how long is planned",
            TIME,
            required=True,
            above=True,
            minimum=0.0,
            maximum=1e12,  # `evdsl.semantics.times.horizon` says more of one that is too long
            example="24 h",
        ),
        Setting(
            "step",
            Shape.CONSTANT,
            "the length of one step",
            TIME,
            default="15 min",
            above=True,
            minimum=0.0,
            example="15 min",
        ),
        Setting(
            "zone",
            Shape.TEXT,
            "the time zone, as in the IANA database",
            default='"UTC"',
            example='"Europe/Rome"',
        ),
        Setting("seed", Shape.COUNT, "the seed of all random draws", default="0", minimum=0.0, example="7"),
        Setting(
            "voltage",
            Shape.CONSTANT,
            "of a phase to neutral, which says what an ampere is worth; without it, 230 V",
            VOLTAGE,
            above=True,
            minimum=0.0,
            maximum=100.0,
            example="230 V",
        ),
        Setting("currency", Shape.CHOICE, "the currency, where no price says it", example="EUR"),
        Setting(
            "rounding",
            Shape.CHOICE,
            "what becomes of arrivals and departures between steps",
            default="exact",
            choices=("exact", "floor", "inward"),
            example="exact",
        ),
        Setting(
            "holidays",
            Shape.DATES,
            "the dates that are `holiday` in tables by day and in `days`",
            example="[2024-12-25, 2024-12-26]",
        ),
    ),
)
