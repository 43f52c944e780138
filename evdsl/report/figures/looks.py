"""How each thing looks, the same in every figure.

Okabe and Ito's colours, which the colour-blind tell apart (https://jfly.uni-koeln.de/color/). A colour is
never alone: lines differ in their dashes too, and areas are outlined and stand in the order of their legend.
"""

from __future__ import annotations

from collections.abc import Iterable

from evdsl.report.figures.figure import Look

BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, YELLOW, BLACK, GREY = "#CC79A7", "#56B4E9", "#F0E442", "#000000", "#8A8F96"

IMPORT = CHARGE = OPTIMUM = Look(BLUE)
GENERATION = Look(ORANGE)
DISCHARGE = EXPORT = Look(GREEN)
STORAGE = Look(YELLOW)
BASELINE = Look(VERMILION, (6, 3), 1.8)
PRICE = Look(PURPLE, (), 2.0)
FEED_IN = Look(PURPLE, (2, 3), 2.0)
CARBON = Look(SKY, (), 2.0)
LIMIT = Look(BLACK, (5, 4), 1.4)
LOAD = Look(GREY)
IDLE = Look("#D9DDE2")
OUT_OF_ORDER = Look("#4A4E54")
MISSING = Look(VERMILION)

SERIES = (
    Look(BLUE),
    Look(ORANGE, (8, 3)),
    Look(GREEN, (3, 2)),
    Look(PURPLE, (8, 3, 2, 3)),
    Look(SKY, (1, 2)),
    Look(VERMILION, (12, 3)),
    Look(YELLOW, (5, 5)),
    Look(GREY, (2, 6)),
)
"""Of classes, blocks and states: as many as can be told apart."""

MOST = len(SERIES)


def numbered(count: int) -> Iterable[Look]:
    """A look for each of at most `MOST` things."""
    return SERIES[:count]


def paler(look: Look, share: float = 0.35) -> Look:
    """The same with so much of its colour left, on white."""
    parts = [int(look.colour[at : at + 2], 16) for at in (1, 3, 5)]
    return Look(
        "#" + "".join(f"{round(255 - share * (255 - part)):02X}" for part in parts), look.dash, look.width
    )
