"""A requirement that no decision changes, that holds for nothing, or that binds what it does not use."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.counts import most_of
from evdsl.language.requirement import Binder, Requirement, Term, nodes, variables
from evdsl.language.sets import AnySet, GroupSet, VehicleSet
from evdsl.language.spec import VEHICLE_BLOCKS, Spec
from evdsl.language.steps import horizon_of, steps_of
from evdsl.language.values import Aggregated, Const
from evdsl.semantics.arithmetic import is_decided


def check(spec: Spec) -> list[Diagnostic]:
    """W105, W107 and W108; of one requirement the first."""
    found = [_check(requirement, spec) for requirement in spec.requirements]
    found += [_nothing(term, spec) for term in spec.terms]
    return [finding for finding in found if finding is not None]


def _nothing(term: Term, spec: Spec) -> Diagnostic | None:
    """W107 where a term of an objective adds up nothing."""
    for node in nodes(term.value):
        reason = _empty(node.over, spec) if isinstance(node, Aggregated) else ""
        if reason:
            help = "give it something to weigh, or leave it out"
            return Diagnostic("W107", f"`{term.name}` speaks of nothing: {reason}", node.span, "", help)
    return None


def _check(requirement: Requirement, spec: Spec) -> Diagnostic | None:
    name, sides = requirement.name, (requirement.left, requirement.right)
    if not any(is_decided(side) for side in sides):
        constant = all(isinstance(side, Const) for side in sides)
        fact = "always holds: both sides are constants" if constant else "tests the data: it has no decision"
        help = "speak of what is decided, such as `import[t]`, or remove the line"
        return Diagnostic("W108", f"`{name}` {fact}", requirement.span, "", help)
    inner = (node for side in sides for node in nodes(side) if isinstance(node, Aggregated))
    sets = [(binder.over, binder.span) for binder in requirement.binders]
    sets += [(node.over, node.span) for node in inner]
    for over, span in sets:
        reason = _empty(over, spec)
        if reason:
            help = "give it something to hold for, or remove the line"
            return Diagnostic("W107", f"`{name}` speaks of nothing: {reason}", span, "", help)
    return _unused(requirement, frozenset().union(*map(variables, sides)))


def _unused(requirement: Requirement, used: frozenset[str]) -> Diagnostic | None:
    idle = next((binder for binder in requirement.binders if binder.name not in used), None)
    if idle is None:
        return None
    message = f"nothing in `{requirement.name}` uses `{idle.name}`"
    return Diagnostic("W105", message, idle.span, "", _example(idle))


def _example(binder: Binder) -> str:
    example = "delivered" if isinstance(binder.over, VehicleSet | GroupSet) else "import"
    return f"use it, as in `{example}[{binder.name}]`, or leave it out"


def _empty(over: AnySet, spec: Spec) -> str:
    """Why a set is empty; an empty text where it is not, or where that depends on a file."""
    if isinstance(over, GroupSet):
        return "" if over.groups else "there are no such blocks"
    if isinstance(over, VehicleSet):
        blocks = [d for d in spec.devices if d.kind in VEHICLE_BLOCKS and over.includes(d.name)]
        there = any(device.kind != "fleet" or most_of(device.get("count")) > 0 for device in blocks)
        return "" if there else "there are no such vehicles"
    return "" if steps_of(over, horizon_of(spec)) else "no step of the horizon begins then"
