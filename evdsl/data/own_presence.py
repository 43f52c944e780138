"""A requirement about batteries of vehicles of which none is there when it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.sets import axis_of, step_part, vehicle_parts
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.requirement import OwnConstraint
from evdsl.language.sets import AnySet, Bound
from evdsl.language.spec import Spec
from evdsl.language.values import Aggregated, Operation, Quantity, Value

if TYPE_CHECKING:
    from evdsl.language.site import Site

STATES = ("energy", "soc")


def absent(spec: Spec, data: Site) -> list[Diagnostic]:
    """W107 for each requirement that has a state of a battery at no step at all; of one the first."""
    found = (_of(requirement, spec, data) for requirement in spec.requirements)
    return [finding for finding in found if finding is not None]


def _of(requirement: OwnConstraint, spec: Spec, data: Site) -> Diagnostic | None:
    bound = {binder.name: binder.over for binder in requirement.binders}
    for side in (requirement.left, requirement.right):
        for state, sets in _states(side, bound):
            if not _is_there(state, sets, spec, data):
                text = " ".join(state.span.text.split())
                message = f"`{requirement.name}` speaks of nothing: no vehicle of {text} is there then"
                help = "a battery has a state only while its vehicle is there: ask at other steps"
                return Diagnostic("W107", message, state.span, "", help)
    return None


def _states(value: Value, bound: Mapping[str, AnySet]) -> Iterator[tuple[Quantity, Mapping[str, AnySet]]]:
    """The states in a value, each with what its variables run over."""
    if isinstance(value, Quantity) and value.name in STATES and not value.owner:
        yield value, bound
    elif isinstance(value, Operation):
        for operand in value.operands:
            yield from _states(operand, bound)
    elif isinstance(value, Aggregated):
        yield from _states(value.body, {**bound, value.variable: value.over})


def _is_there(state: Quantity, sets: Mapping[str, AnySet], spec: Spec, data: Site) -> bool:
    names = [place.variable for place in state.places if isinstance(place, Bound)]
    axes = [axis_of(name, sets[name], spec, data) for name in names]
    step, _ = step_part(state.places[1], axes, spec)
    visits = data.visits
    asked = step.position[visits.step] >= 0
    parts = vehicle_parts(state.places[0], axes, spec, data)
    return any(bool(np.any(asked & (part.position[visits.vehicle] >= 0))) for part in parts)
