"""What of a spec is probably not meant, where only its data show it.

A requirement may speak of batteries of vehicles of which none is there when it is asked. A tariff's file may
have a demand charge, which only counts where the `grid` has the setting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.monthly_charges import days_of_horizon, two_charges
from evdsl.data.readers.tariff import Tariff, tariff_in
from evdsl.data.sets import axis_of, step_part, vehicle_parts
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.objectives import word
from evdsl.language.requirement import Requirement
from evdsl.language.sets import AnySet, Bound
from evdsl.language.spec import Spec
from evdsl.language.values import Aggregated, FileTariff, Operation, Quantity, Value, leaves

if TYPE_CHECKING:
    from evdsl.language.site import Site

STATES = ("energy", "soc")


def state_never_exists(spec: Spec, data: Site) -> list[Diagnostic]:
    """W107 for each requirement that has a state of a battery at no step at all; of one the first."""
    found = (_never_exists(requirement, spec, data) for requirement in spec.requirements)
    return [finding for finding in found if finding is not None]


def _never_exists(requirement: Requirement, spec: Spec, data: Site) -> Diagnostic | None:
    bound = {binder.name: binder.over for binder in requirement.binders}
    for side in (requirement.left, requirement.right):
        for state, sets in states_in(side, bound):
            if not is_ever_there(state, sets, spec, data):
                text = " ".join(state.span.text.split())
                message = f"`{requirement.name}` speaks of nothing: no vehicle of {text} is there then"
                help = "a battery has a state only while its vehicle is there: ask at other steps"
                return Diagnostic("W107", message, state.span, "", help)
    return None


def states_in(value: Value, bound: Mapping[str, AnySet]) -> Iterator[tuple[Quantity, Mapping[str, AnySet]]]:
    """The states in a value, each with what its variables run over."""
    if isinstance(value, Quantity) and value.name in STATES and not value.owner:
        yield value, bound
    elif isinstance(value, Operation):
        for operand in value.operands:
            yield from states_in(operand, bound)
    elif isinstance(value, Aggregated):
        yield from states_in(value.body, {**bound, value.variable: value.over})


def is_ever_there(state: Quantity, sets: Mapping[str, AnySet], spec: Spec, data: Site) -> bool:
    """Whether any vehicle that is meant is there at any step that is meant."""
    names = [place.variable for place in state.places if isinstance(place, Bound)]
    axes = [axis_of(name, sets[name], spec, data) for name in names]
    step, _ = step_part(state.places[1], axes, spec)
    visits = data.visits
    asked = step.position[visits.step] >= 0
    parts = vehicle_parts(state.places[0], axes, spec, data)
    return any(bool(np.any(asked & (part.position[visits.vehicle] >= 0))) for part in parts)


def unused_demand_charge(spec: Spec, timeline: Timeline) -> list[Diagnostic]:
    """W109 where the price has a charge on a day of the horizon, and an objective weighs the demand cost."""
    grid = spec.only("grid")
    price = grid.get("price") if grid is not None else None
    if grid is None or price is None or not _is_weighed(spec):
        return []
    if "demand_charge" in grid.given or spec.of_kind("demand_charge"):
        return []
    days = days_of_horizon(timeline)
    for leaf in leaves(price):
        tariff = tariff_in(leaf.path, leaf.shown, leaf.span) if isinstance(leaf, FileTariff) else None
        if not isinstance(leaf, FileTariff) or not isinstance(tariff, Tariff):
            continue
        charge = max(tariff.demand_charge_on(day) for day in days)
        if charge > 0.0:
            message = f'"{leaf.shown}" has a demand charge, and the `grid` has none: the peak costs nothing'
            help = _how_to_bill(leaf, tariff, days, charge, spec.currency)
            return [Diagnostic("W109", message, leaf.span, "", help)]
    return []


def _how_to_bill(leaf: FileTariff, tariff: Tariff, days: list[date], charge: float, currency: str) -> str:
    """A block that takes the charges of the file, where they can be read in one way only."""
    if any(two_charges(tariff, day) is not None for day in days):
        return f"add `demand_charge = {charge:g} {currency}/kW` to the `grid`, or 0 to leave it out"
    unit = f"{leaf.unit.partition('/')[0]}/kW"
    said = f', unit="{unit}"' if unit != "USD/kW" else ""
    block = f'demand_charge monthly = tariff("{leaf.shown}"{said})'
    return f"add `{block}`, or `demand_charge = 0 {currency}/kW` to the `grid` to leave it out"


def _is_weighed(spec: Spec) -> bool:
    stages = (*spec.stages, *((spec.pareto.first, spec.pareto.second) if spec.pareto is not None else ()))
    weighed = [name for stage in stages for name in stage.words]
    return any(name == "demand_cost" or "demand_cost" in _parts(name) for name in weighed)


def _parts(name: str) -> frozenset[str]:
    declared = word(name)
    return frozenset(declared.parts) if declared is not None else frozenset()
