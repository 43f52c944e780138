"""`fleet NAME of CLASS`: `count` vehicles drawn from distributions.

The `count` may be drawn too, as `poisson(30)`, `round(normal(30, 5))` or `choice([20, 40])`: once for a seed,
and again where it lies below 0. A fleet that comes on several `days` has the same count on each.

Each `(seed, block, setting)` has a random stream of its own, so adding a block or a setting never
changes another's vehicles. A draw that has no meaning (a stay that is not above zero, an arrival outside the
horizon, a state of charge outside 0..1, a negative energy) is drawn again: distributions are
truncated to what can be.
"""

from evdsl.language.declaration import VEHICLE, Kind, Setting, Shape
from evdsl.language.devices.vehicle import DAYS, DEMANDS, VISIT

KIND = Kind(
    keyword="fleet",
    doc="`count` vehicles drawn from distributions",
    of="class",
    family=VEHICLE,
    either=DEMANDS,
    settings=(
        Setting(
            "count",
            Shape.DRAWN_COUNT,
            "how many vehicles",
            required=True,
            minimum=0.0,
            maximum=1e6,
            example="30",
        ),
        *VISIT,
        DAYS,
    ),
)
