"""How many cells a requirement has: vehicles times steps, before anything is allocated for them."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.calendar import dates_of_block
from evdsl.language.counts import most_of
from evdsl.language.requirement import Requirement, variables
from evdsl.language.sets import AnySet, GroupSet, VehicleSet
from evdsl.language.spec import Spec
from evdsl.language.values import Aggregated, Operation, Value

MAXIMUM_CELLS = 20_000_000
"""Of one requirement: two thousand vehicles in a month of steps of 5 min; the check of a schedule takes
2 GB for them."""


def check(spec: Spec) -> list[Diagnostic]:
    """E410 for each requirement with too many, as far as vehicles are not counted in files."""
    blocks = {}
    for device in (*spec.of_kind("fleet"), *spec.of_kind("vehicle")):
        days = len(dates_of_block(spec, device.get("days"))) if "days" in device.given else 1
        count = most_of(device.get("count")) if device.kind == "fleet" else 1.0
        blocks[device.name] = int(count) * days
    return beyond(spec, blocks)


def beyond(spec: Spec, vehicles: Mapping[str, int]) -> list[Diagnostic]:
    """E410 for each requirement and term with too many, given how many vehicles each block has."""
    found: list[Diagnostic] = []
    for requirement in spec.requirements:
        cells = _cells(requirement, spec, vehicles)
        if cells > MAXIMUM_CELLS:
            fact = f"`{requirement.name}` speaks of {cells:,} vehicles and steps"
            message = f"{fact}, and {MAXIMUM_CELLS:,} can be planned"
            help = "name a set, such as `charge[vans, t]`, instead of adding up its vehicles, or take fewer"
            found.append(Diagnostic("E410", message, requirement.span, "", help))
    for term in spec.terms:
        cells = _largest(term.value, {}, spec, vehicles)
        if cells > MAXIMUM_CELLS:
            message = (
                f"`{term.name}` speaks of {cells:,} vehicles and steps, and {MAXIMUM_CELLS:,} can be planned"
            )
            help = "name a set, such as `charge[vans, t]`, instead of adding up its vehicles, or take fewer"
            found.append(Diagnostic("E410", message, term.value.span, "", help))
    return found


def _cells(requirement: Requirement, spec: Spec, vehicles: Mapping[str, int]) -> int:
    sizes = {binder.name: _size(binder.over, spec, vehicles) for binder in requirement.binders}
    both = variables(requirement.left) | variables(requirement.right)
    most = prod(sizes[name] for name in both)
    return max(
        [most, *(_largest(side, sizes, spec, vehicles) for side in (requirement.left, requirement.right))]
    )


def _largest(value: Value, sizes: Mapping[str, int], spec: Spec, vehicles: Mapping[str, int]) -> int:
    """Of a value and all inside it: the product of the sizes of what it depends on."""
    own = prod(sizes[name] for name in variables(value))
    if isinstance(value, Aggregated):
        inner = {**sizes, value.variable: _size(value.over, spec, vehicles)}
        return max(own, _largest(value.body, inner, spec, vehicles))
    if isinstance(value, Operation):
        return max([own, *(_largest(operand, sizes, spec, vehicles) for operand in value.operands)])
    return own


def _size(over: AnySet, spec: Spec, vehicles: Mapping[str, int]) -> int:
    """How many members a set has at most."""
    if isinstance(over, VehicleSet):
        return sum(vehicles.get(block, 1) for block in over.blocks) + len(over.members)
    return len(over.groups) if isinstance(over, GroupSet) else spec.steps
