"""All figures of a run in the order of reading, and those that would say nothing with the reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evdsl.report.figures import (
    against_rule,
    arrivals,
    availability,
    cohort_states,
    cost_by_vehicle,
    cost_parts,
    demand,
    duration,
    feeders,
    front,
    occupancy,
    port_gantt,
    power_by_block,
    power_by_source,
    price_and_carbon,
    solar_use,
    state_of_charge,
    storage,
)
from evdsl.report.figures.course import Course
from evdsl.report.figures.figure import Figure, NotDrawn

if TYPE_CHECKING:
    from evdsl.optimization.comparison import Comparison, RuleResult
    from evdsl.optimization.front import Front
    from evdsl.optimization.result import Result

FIGURES: tuple[tuple[str, Callable[[Course], Figure | NotDrawn]], ...] = (
    (power_by_source.NAME, power_by_source.figure),
    (price_and_carbon.NAME, price_and_carbon.figure),
    (against_rule.NAME, against_rule.figure),
    (power_by_block.NAME, power_by_block.figure),
    (port_gantt.NAME, port_gantt.figure),
    (cost_parts.NAME, cost_parts.figure),
    (cost_by_vehicle.NAME, cost_by_vehicle.figure),
    (availability.NAME, availability.figure),
    (occupancy.NAME, occupancy.figure),
    (arrivals.NAME, arrivals.figure),
    (demand.NAME, demand.figure),
    (cohort_states.NAME, cohort_states.figure),
    (state_of_charge.NAME, state_of_charge.figure),
    (storage.NAME, storage.figure),
    (feeders.NAME, feeders.figure),
    (solar_use.NAME, solar_use.figure),
    (duration.NAME, duration.figure),
    (front.NAME, front.figure),
)
"""By name, in the order of reading."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """The figures of a run, and those that are not drawn."""

    figures: tuple[Figure, ...]
    not_drawn: tuple[NotDrawn, ...]

    def figure(self, name: str) -> Figure | None:
        """The figure of that name, where it is drawn."""
        return next((one for one in self.figures if one.name == name), None)


def gallery(
    result: Result,
    comparison: Comparison | None = None,
    *,
    rule: str = "fifs",
    front: Front | None = None,
    names: Sequence[str] | None = None,
) -> Gallery:
    """The figures of a solved run, all or those of these names.

    `rule` is the one that the optimum stands against; where that one is not allowed or was not run, the first
    that is. Without a schedule there is none.
    """
    if result.schedule is None:
        return Gallery((), ())
    chosen = None if comparison is None else _rule(comparison, rule)
    course = Course(result.as_chosen, result.schedule, comparison, chosen, front)
    made = [draw(course) for name, draw in FIGURES if names is None or name in names]
    return Gallery(
        tuple(one for one in made if isinstance(one, Figure)),
        tuple(one for one in made if isinstance(one, NotDrawn)),
    )


def _rule(comparison: Comparison, name: str) -> RuleResult | None:
    allowed = [one for one in comparison.ruled if one.is_allowed]
    return next((one for one in allowed if one.policy.name == name), next(iter(allowed), None))
