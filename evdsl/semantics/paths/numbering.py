"""Which random numbers a series is drawn with: those of its name, else of the setting that it stands in.

A named series is one path wherever its name is used: a price that a `let` names is the same in the `grid` and
in a `require`. (A distribution is not: each vehicle has numbers of its own anyway.)
"""

from __future__ import annotations

from dataclasses import replace

from evdsl.diagnostics.source import Span
from evdsl.language.values import DerivedSeries, ListValue, Operation, Value


def number_paths(value: Value, stream: str = "") -> Value:
    """A value with its random series numbered from the left, and named; those that have a name keep it."""
    return _numbered(value, stream, {})


def _numbered(value: Value, stream: str, known: dict[Span, int]) -> Value:
    match value:
        case Operation() | DerivedSeries():
            operands = tuple(_numbered(operand, stream, known) for operand in value.operands)
            value = replace(value, operands=operands)
        case ListValue():
            return replace(value, items=tuple(_numbered(item, stream, known) for item in value.items))
    if not isinstance(value, DerivedSeries) or not value.is_random or value.stream:
        return value
    # What stands twice in a value, as the operand of `abs` does, was written once.
    index = known.setdefault(value.span, len(known) + 1)
    return replace(value, stream=stream, index=index)
