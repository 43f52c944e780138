"""Frozen syntax nodes. Two nodes are equal when they say the same, wherever they stand.

Spans and the spelling of numbers do not count for equality, so that `parse(format(x)) == parse(x)`
can be asked of any file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from evdsl.diagnostics.source import Source, Span


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its unit: `0.157 EUR/kWh`; `unit` is empty for a plain number."""

    value: float
    unit: str
    span: Span = field(compare=False)
    digits: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    value: str
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of the day, in seconds after midnight."""

    seconds: int
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar date, with a time of the day where one was written."""

    when: datetime
    has_time: bool
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    text: str
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str
    operand: Expression
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Expression
    right: Expression
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Range:
    low: Expression
    high: Expression
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class ListOf:
    items: tuple[Expression, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: keys with their values. What a key may be is a matter of what the table is for."""

    entries: tuple[tuple[Expression, Expression], ...]
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call; `name` is empty where it stands by position."""

    name: str
    value: Expression
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    function: Name
    arguments: tuple[Argument, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Binder:
    variable: Name
    over: Expression
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`sum(v in vans: charge[v, t])`."""

    function: Name
    binder: Binder
    body: Expression
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Attribute:
    owner: Expression
    name: Name
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Index:
    owner: Expression
    indices: tuple[Argument, ...]
    span: Span = field(compare=False)


Expression: TypeAlias = (
    Number
    | Text
    | Clock
    | Date
    | Name
    | Unary
    | Binary
    | Range
    | ListOf
    | Table
    | Call
    | Aggregate
    | Attribute
    | Index
)


@dataclass(frozen=True, slots=True)
class Setting:
    name: Name
    value: Expression
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Block:
    """`KIND [NAME] [of CLASS] { ... }`; `header` is the part before the brace."""

    kind: Name
    name: Name | None
    of: Name | None
    body: tuple[Statement, ...]
    span: Span = field(compare=False)
    header: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Declaration:
    """`KIND NAME [of CLASS] = EXPR`: a block read from data."""

    kind: Name
    name: Name
    of: Name | None
    value: Expression
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Param:
    name: Name
    value: Expression
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Let:
    name: Name
    value: Expression
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Toggle:
    on: bool
    names: tuple[Name, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Objective:
    """One stage: `[then] minimize EXPR [allowing EXPR]`."""

    then: bool
    sense: str
    value: Expression
    allowing: Expression | None
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Requirement:
    name: Name
    left: Expression
    relation: str
    right: Expression
    binders: tuple[Binder, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Include:
    path: Text
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Pareto:
    first: Expression
    second: Expression
    points: Expression | None
    span: Span = field(compare=False)


Statement: TypeAlias = (
    Setting | Block | Declaration | Param | Let | Toggle | Objective | Requirement | Include | Pareto
)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its `#`; `alone` where nothing else stands on its line."""

    text: str
    line: int = field(compare=False)
    alone: bool = field(compare=False)


@dataclass(frozen=True, slots=True)
class File:
    """A file as far as it could be read; `unread` holds the names that stand in the rest."""

    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
    source: Source = field(compare=False)
    unread: frozenset[str] = frozenset()


def children(node: object) -> list[object]:
    """The nodes directly below a node."""
    found: list[object] = []
    for name in node.__slots__:  # type: ignore[attr-defined]  # every node is a slotted dataclass
        value = getattr(node, name)
        pending = list(value) if isinstance(value, tuple) else [value]
        for item in pending:
            if isinstance(item, tuple):
                found.extend(item)
            elif hasattr(item, "span"):
                found.append(item)
    return found


def depth_exceeds(node: object, limit: int) -> bool:
    """Whether nodes hang below each other in more than `limit` levels; asked without recursion."""
    level = [node]
    for _ in range(limit):
        level = [child for parent in level for child in children(parent)]
        if not level:
            return False
    return True
