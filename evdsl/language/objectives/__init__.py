"""Every objective word of the language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evdsl.language.declaration import Word
from evdsl.language.objectives import (
    co2,
    cost,
    curtailed,
    delay,
    demand_cost,
    discharged,
    dissatisfaction,
    elsewhere_cost,
    end_value,
    energy_cost,
    event_penalty,
    event_revenue,
    export_peak,
    export_revenue,
    fairness,
    fairness_gap,
    initial_cost,
    lexfairness,
    peak,
    profit,
    revenue,
    unmet,
    v2g_profit,
    waiting_time,
    wear,
)

if TYPE_CHECKING:
    from evdsl.language.spec import Stage

WORDS: tuple[Word, ...] = (
    cost.WORD,
    energy_cost.WORD,
    export_revenue.WORD,
    demand_cost.WORD,
    wear.WORD,
    end_value.WORD,
    elsewhere_cost.WORD,
    event_penalty.WORD,
    event_revenue.WORD,
    initial_cost.WORD,
    revenue.WORD,
    profit.WORD,
    v2g_profit.WORD,
    co2.WORD,
    unmet.WORD,
    dissatisfaction.WORD,
    peak.WORD,
    export_peak.WORD,
    discharged.WORD,
    curtailed.WORD,
    delay.WORD,
    waiting_time.WORD,
    fairness.WORD,
    fairness_gap.WORD,
    lexfairness.WORD,
)


def word(name: str) -> Word | None:
    """The word of that name."""
    return next((word for word in WORDS if word.name == name), None)


def declared_word(name: str) -> Word:
    """A word that a resolved stage weighs. Raises `LookupError` for another name: no mistake of a user's."""
    found = word(name)
    if found is None:
        raise LookupError(name)
    return found


def base_weights(stage: Stage) -> dict[str, float]:
    """The weights of the words that are no sums, positive where a small value is wanted.

    What stands inside a term of the stage is not among them.
    """
    weights: dict[str, float] = {}
    for name, weight in stage.weights.items():
        declared = word(name)
        if declared is None:
            continue
        for part, share in (declared.parts or {name: 1.0}).items():
            weights[part] = weights.get(part, 0.0) + stage.sign * weight * share
    return weights
