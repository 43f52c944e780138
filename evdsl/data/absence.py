"""Whether what an objective weighs has a meaning: a battery has a state only while its vehicle is there.

Sums, means and extremes pass over what is absent; a mean or an extreme of nothing is absent itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.checks import STATES, is_ever_there, states_in
from evdsl.data.sets import Axis, axis_of, is_single, step_part, vehicle_parts
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.arrays import BoolArray
from evdsl.language.quantities import DECLARED
from evdsl.language.spec import Spec
from evdsl.language.values import Aggregated, Operation, Quantity, Value

if TYPE_CHECKING:
    from evdsl.language.site import Site


def absent_terms(spec: Spec, data: Site) -> list[Diagnostic]:
    """E407 for each term of an objective that has no value."""
    found: list[Diagnostic] = []
    for term in spec.terms:
        if _has_meaning(term.value, (), spec, data).all():
            continue
        states = (
            state for state, sets in states_in(term.value, {}) if not is_ever_there(state, sets, spec, data)
        )
        state = next(states, None)
        place = term.value.span if state is None else state.span
        text = " ".join(place.text.split())
        why = (
            "there is nothing that it could be taken of" if state is None else "the vehicle is not there then"
        )
        help = "a battery has a state only while its vehicle is there: ask at another step"
        found.append(Diagnostic("E407", f"`{text}` has no value: {why}", place, "", help))
    return found


def _has_meaning(value: Value, axes: Sequence[Axis], spec: Spec, data: Site) -> BoolArray:
    """In which cells of some axes a value has a meaning; of length 1 along those that do not matter."""
    whole = np.ones((1,) * len(axes), dtype=bool)
    match value:
        case Quantity(places=()):
            return whole
        case Quantity() if value.owner or "step" in DECLARED[value.name].over:
            return _of_step(value, axes, spec, data)
        case Aggregated():
            axis = axis_of(value.variable, value.over, spec, data)
            body = _has_meaning(value.body, [*axes, axis], spec, data)
            body = np.broadcast_to(body, (*body.shape[:-1], len(axis)))
            some = np.asarray(body.any(axis=-1))
            return np.ones_like(some) if value.function == "sum" else some
        case Operation(operands=operands):
            for operand in operands:
                whole = whole & _has_meaning(operand, axes, spec, data)
    return whole


def _of_step(asked: Quantity, axes: Sequence[Axis], spec: Spec, data: Site) -> BoolArray:
    """Inside the horizon, and of the state of a single vehicle while it is there."""
    step, steps = step_part(asked.places[-1], axes, spec)
    shape = [1] * len(axes)
    if step.axis is not None:
        shape[step.axis] = len(steps)
    inside = (steps >= 0).reshape(shape)
    if asked.owner or asked.name not in STATES:
        return inside
    parts = vehicle_parts(asked.places[0], axes, spec, data)
    if not is_single(asked.places[0], axes, parts, data):
        return inside
    who = parts[0]
    if who.axis is not None:
        shape[who.axis] = len(axes[who.axis])
    visits, there = data.visits, np.zeros(shape, dtype=bool)
    positions = {who.axis: who.position[visits.vehicle], step.axis: step.position[visits.step]}
    kept = (who.position[visits.vehicle] >= 0) & (step.position[visits.step] >= 0)
    cell = [
        positions[at][kept] if at in positions else np.zeros(int(kept.sum()), dtype=np.int64)
        for at in range(len(axes))
    ]
    if axes:
        there[tuple(cell)] = True
    else:
        there = np.asarray(kept.any())
    return inside & there
