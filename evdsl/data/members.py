"""Whether the single vehicles that a spec names are there: `log["1_1_194"]` is known from its file alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean, excerpt
from evdsl.diagnostics.source import Span
from evdsl.language.requirement import nodes
from evdsl.language.sets import AnySet, AsOne, Member, VehicleSet
from evdsl.language.site import Vehicles
from evdsl.language.spec import Spec
from evdsl.language.values import Aggregated, Quantity, Value


def missing_members(spec: Spec, groups: Sequence[Vehicles]) -> list[Diagnostic]:
    """E203 for each vehicle that a block has not."""
    names = {
        spec.devices[int(group.owner[0])].name: tuple(np.array(group.name)[group.is_first])
        for group in groups
        if len(group)
    }
    found: dict[Member, Diagnostic] = {}
    for member, span in _members(spec):
        known = names.get(member.block, ())
        if member in found or member.name in known:
            continue
        message = f'`{member.block}` has no vehicle "{excerpt(member.name, 60)}"'
        numbered = member.name.startswith((f"{member.block}.", f"{member.block}@"))
        help = "" if numbered else did_you_mean(member.name, known)
        if not help and known:
            help = f"it has {len(known)}, the first is `{member.block}[{_written(known[0], member.block)}]`"
        found[member] = Diagnostic("E203", message, span, "", help)
    return list(found.values())


def _written(name: str, block: str) -> str:
    """What stands in brackets for a vehicle: its number, its day, both, or its name in quotes."""
    if name.startswith(f"{block}@"):
        return name.removeprefix(f"{block}@")
    return name.removeprefix(f"{block}.").replace("@", ", ") if name.startswith(f"{block}.") else f'"{name}"'


def _members(spec: Spec) -> Iterator[tuple[Member, Span]]:
    """Every single vehicle that is named, with where that is."""
    for own in spec.requirements:
        for binder in own.binders:
            yield from ((member, binder.span) for member in _of(binder.over))
    values = [side for own in spec.requirements for side in (own.left, own.right)]
    for value in (*values, *(term.value for term in spec.terms), *spec.derived.values()):
        yield from _inside(value)


def _inside(value: Value) -> Iterator[tuple[Member, Span]]:
    for node in nodes(value):
        if isinstance(node, Aggregated):
            yield from ((member, node.span) for member in _of(node.over))
        elif isinstance(node, Quantity):
            for place in node.places:
                if isinstance(place, AsOne):
                    yield from ((member, node.span) for member in place.vehicles.members)


def _of(over: AnySet) -> tuple[Member, ...]:
    return over.members if isinstance(over, VehicleSet) else ()
