"""`require`: a constraint of the user's own, its names bound and its dimensions and shape checked.

What a requirement may speak of, a stage may weigh: a `Term` is such an expression in an objective.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from evdsl.diagnostics.source import Span
from evdsl.language.sets import AnySet, AsOne, Bound, GroupSet, VehicleSet
from evdsl.language.values import Aggregated, Operation, Quantity, Value, WordUse

TERMS = "objective"
"""What the rows and variables of the terms of the stages begin with, before the number of the term."""


@dataclass(frozen=True, slots=True)
class Binder:
    """`NAME in SET`: a variable, and what it runs over."""

    name: str
    over: AnySet
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Requirement:
    """`left relation right` for all values of the binders; `text` is the statement without its name.

    `series` are the params and lets that are asked for at single steps, by name.
    """

    name: str
    left: Value
    relation: str
    right: Value
    binders: tuple[Binder, ...]
    series: tuple[tuple[str, Value], ...]
    text: str
    span: Span

    @property
    def row(self) -> str:
        """The name of its rows in the model."""
        return f"require.{self.name}"

    def references(self) -> frozenset[str]:
        """The quantities and words in it, by name; powers of devices as `DEVICE.power`."""
        return references(self.left, self.right)

    def words(self) -> frozenset[str]:
        """The words of the objective in it."""
        return words_of(self.left, self.right)

    def ports(self) -> frozenset[str]:
        """The blocks of ports that it tells apart."""
        return ports_of(self.left, self.right, binders=self.binders)


@dataclass(frozen=True, slots=True)
class Term:
    """A part of an objective that is no word: `name` is how it is written, and what its weight goes by.

    `series` are the params and lets that are asked for at single steps, by name.
    """

    name: str
    value: Value
    series: tuple[tuple[str, Value], ...]

    def references(self) -> frozenset[str]:
        """The quantities and words in it, by name."""
        return references(self.value)

    def words(self) -> frozenset[str]:
        """The words of the objective in it."""
        return words_of(self.value)

    def ports(self) -> frozenset[str]:
        """The blocks of ports that it tells apart."""
        return ports_of(self.value)


def references(*values: Value) -> frozenset[str]:
    """The quantities and words in values, by name; powers of devices as `DEVICE.power`."""
    found: set[str] = set()
    for node in (node for value in values for node in nodes(value)):
        if isinstance(node, Quantity):
            found.add(f"{node.owner}.{node.name}" if node.owner else node.name)
        elif isinstance(node, WordUse):
            found.add(node.name)
    return frozenset(found)


def words_of(*values: Value) -> frozenset[str]:
    """The words of the objective in values."""
    found = (node for value in values for node in nodes(value))
    return frozenset(node.name for node in found if isinstance(node, WordUse))


def ports_of(*values: Value, binders: Iterable[Binder] = ()) -> frozenset[str]:
    """The blocks of ports that values, and what they run over, tell apart."""
    sets: list[object] = [binder.over for binder in binders]
    for node in (node for value in values for node in nodes(value)):
        if isinstance(node, Aggregated):
            sets.append(node.over)
        elif isinstance(node, Quantity):
            sets += [place.vehicles for place in node.places if isinstance(place, AsOne)]
    found: set[str] = set()
    for over in sets:
        if isinstance(over, VehicleSet):
            found |= set(over.ports)
        elif isinstance(over, GroupSet):
            found |= {port for group in over.groups for port in group.ports}
    return frozenset(found)


def nodes(value: Value) -> Iterator[Value]:
    """A value and all values inside it."""
    yield value
    if isinstance(value, Operation):
        for operand in value.operands:
            yield from nodes(operand)
    elif isinstance(value, Aggregated):
        yield from nodes(value.body)


def aggregate_depth(value: Value) -> int:
    """How many aggregates stand inside each other."""
    if isinstance(value, Operation):
        return max(aggregate_depth(operand) for operand in value.operands)
    return 1 + aggregate_depth(value.body) if isinstance(value, Aggregated) else 0


def variables(value: Value) -> frozenset[str]:
    """The bound variables that a value depends on; those that it binds itself are not among them."""
    if isinstance(value, Quantity):
        return frozenset(place.variable for place in value.places if isinstance(place, Bound))
    if isinstance(value, Operation):
        return frozenset().union(*(variables(operand) for operand in value.operands))
    if isinstance(value, Aggregated):
        return variables(value.body) - {value.variable}
    return frozenset()


def distinguished_ports(requirements: tuple[Requirement, ...], terms: tuple[Term, ...]) -> frozenset[str]:
    """The blocks of ports that any requirement, or any term of an objective, tells apart."""
    return frozenset().union(*(own.ports() for own in requirements), *(term.ports() for term in terms))
