"""Every objective word of the language."""

from __future__ import annotations

from evdsl.objectives import (
    co2,
    cost,
    delay,
    demand_cost,
    discharged,
    dissatisfaction,
    energy_cost,
    export_revenue,
    fairness,
    peak,
    unmet,
    wear,
)
from evdsl.schema import Word

WORDS: tuple[Word, ...] = (
    cost.WORD,
    energy_cost.WORD,
    export_revenue.WORD,
    demand_cost.WORD,
    wear.WORD,
    co2.WORD,
    unmet.WORD,
    dissatisfaction.WORD,
    peak.WORD,
    discharged.WORD,
    delay.WORD,
    fairness.WORD,
)

PLANNED: dict[str, str] = {
    "revenue": "what drivers pay, less what they are paid",
    "profit": "revenue less cost",
    "v2g_profit": "what discharged energy earns, less rewards, losses and wear",
    "fairness_gap": "the best-served vehicle's share less the worst-served one's",
    "lexfairness": "the worst-served share, then the second worst, and so on",
    "curtailed": "generation that is thrown away",
}
"""Words of the language that this version does not build, with what they will be."""


def word(name: str) -> Word | None:
    """The word of that name."""
    return next((word for word in WORDS if word.name == name), None)
