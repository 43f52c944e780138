"""Semantic checks of a resolved spec, one a module; none needs data or numpy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evdsl.diagnostics.diagnostic import Diagnostic, has_errors
from evdsl.language.spec import Spec
from evdsl.semantics.checks import (
    battery,
    calendars,
    cells,
    charge_limited,
    cohorts,
    comes_once,
    curve,
    cuts,
    events,
    feeder_circle,
    free_size,
    idle_toggle,
    levels,
    meters,
    needs,
    origins,
    outages,
    own_constraints,
    phases,
    presence,
    reach,
    reward_left_out,
    scenarios,
    size,
    soc,
    stored,
    trips,
    unmet_free,
    unused,
    vehicle_values,
    voltage,
)

Check = Callable[[Spec], list[Diagnostic]]

OF_VALUES: tuple[Check, ...] = (
    soc.check,
    trips.check,
    stored.check,
    cohorts.check,
    levels.check,
    curve.check,
    meters.check,
    feeder_circle.check,
    vehicle_values.check,
    calendars.check,
    phases.check,
    outages.check,
    events.check,
    events.needs,
    scenarios.check,
)
"""What is wrong with what is there, said whatever else is wrong."""

OF_TIME: tuple[Check, ...] = (
    presence.check,
    size.check,
    cells.check,
    meters.against_steps,
    calendars.against_days,
    events.against_horizon,
    scenarios.against_steps,
)
"""The same, where the station has a clock."""

OF_ABSENCE: tuple[Check, ...] = (needs.check, charge_limited.check, battery.check, curve.needs, origins.check)
"""What is missing, said where every block and every setting was understood."""

OF_SENSE: tuple[Check, ...] = (
    idle_toggle.check,
    unmet_free.check,
    reward_left_out.check,
    free_size.check,
    unused.check,
    reach.check,
    cuts.check,
    comes_once.check,
    voltage.check,
    events.unweighed,
    own_constraints.check,
    scenarios.sense,
)
"""What is odd about a spec without errors."""

CHECKS: tuple[Check, ...] = (*OF_VALUES, *OF_TIME, *OF_ABSENCE, *OF_SENSE)


def run(spec: Spec, found: Sequence[Diagnostic], *, timed: bool, opaque: bool) -> list[Diagnostic]:
    """All findings on a spec that has these already: none that only follows from one of them."""
    chosen = [*OF_VALUES, *(OF_TIME if timed else ()), *(() if opaque else OF_ABSENCE)]
    more = [problem for check in chosen for problem in check(spec)]
    if not has_errors([*found, *more]):
        more += [problem for check in OF_SENSE for problem in check(spec)]
    return more
