"""Tables: what their keys are, and what they then say.

All keys of a table are of one kind, which is read off the text: no name of the spec is meant in a key. Which
kinds a setting takes is said by its declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evdsl.language.declaration import Key
from evdsl.language.units import NUMBER
from evdsl.language.values import ChargeTable, Const, Daily, Value
from evdsl.semantics.scope import Scope
from evdsl.syntax import ast

Evaluate = Callable[[ast.Expression, Scope], Value | None]

EXAMPLES = {
    Key.CLOCK: "a clock time such as `07:00`",
    Key.CHARGE: "a state of charge such as `50 %`",
}


@dataclass(frozen=True, slots=True)
class _Order:
    """How the keys of a kind follow each other, and what is said where they do not."""

    end: float
    message: str


ORDERS = {
    Key.CLOCK: _Order(24.0, "the times of a daily table go upwards and lie below 24:00"),
    Key.CHARGE: _Order(float("inf"), "the states of charge of a table go upwards"),
}


def read_table(table: ast.Table, scope: Scope, evaluate: Evaluate) -> Value | None:
    """The value of a table; `None` where a finding has been reported."""
    kind = _kind(table, scope)
    entries: list[tuple[float, float]] = []
    first: Value | None = None
    sound = kind is not None
    for key, expression in table.entries:
        value = evaluate(expression, scope)
        if value is None or kind is None or key.span in scope.misread:
            sound = False
        elif not isinstance(value, Const):
            help = "read what changes from day to day from a file: `csv(...)`"
            what = "a daily table" if kind is Key.CLOCK else "a table"
            scope.report("E305", f"the values of {what} are constants", expression.span, "", help)
            sound = False
        elif first is not None and value.dimension != first.dimension:
            _report_odd_entry(value, scope.unit(first.dimension), scope)
            sound = False
        else:
            place, order = _place(key), ORDERS[kind]
            if place >= order.end or (entries and place <= entries[-1][0]):
                help = "order the entries, one for each " + ("time" if kind is Key.CLOCK else "of them")
                scope.report("E305", order.message, key.span, "", help)
                sound = False
            else:
                entries.append((place, value.value))
                first = first or value
    if not sound or first is None:
        return None
    form = Daily if kind is Key.CLOCK else ChargeTable
    return form(tuple(entries), first.dimension, table.span)


def kind_of(key: ast.Expression) -> Key | None:
    """What a key is; `None` where it is none."""
    match key:
        case ast.Clock():
            return Key.CLOCK
        case ast.Number(unit="%"):
            return Key.CHARGE
    return None


def _place(key: ast.Expression) -> float:
    """Hours after midnight, or a share of the battery."""
    if isinstance(key, ast.Clock):
        return key.seconds / 3600
    assert isinstance(key, ast.Number), "`kind_of` knows no other"
    return key.value / 100


def _kind(table: ast.Table, scope: Scope) -> Key | None:
    """The kind of all keys; what is none, or of another kind than the first, is reported."""
    kinds = [kind_of(key) for key, _ in table.entries]
    known = [kind for kind in kinds if kind is not None]
    first = next((kind for kind in known if kind in scope.keys), known[0] if known else None)
    sound = True
    for (key, _), kind in zip(table.entries, kinds, strict=True):
        if kind is None:
            scope.report(
                "E305", f"`{_text(key)}` is no key of a table", key.span, "", _to_mend(key, first, scope)
            )
        elif kind is not first:
            assert first is not None, "this key has a kind"
            message = f"`{_text(key)}` is {_article(kind)}, in a table by {first.value}"
            scope.report("E305", message, key.span, "", f"write {EXAMPLES[first]} in each entry")
        sound = sound and kind is first and kind is not None
    return first if sound else None


def _to_mend(key: ast.Expression, beside: Key | None, scope: Scope) -> str:
    kinds: Sequence[Key] = (beside,) if beside is not None else scope.keys
    if isinstance(key, ast.Number) and not key.unit:
        written = {Key.CHARGE: f"`{key.digits} %` for a state of charge"}
        if key.value == int(key.value) and 0 <= key.value < 24:
            written[Key.CLOCK] = f"`{int(key.value):02}:00` for a clock time"
        choices = [written[kind] for kind in kinds if kind in written]
        if choices:
            return f"write {' or '.join(choices)}"
    return f"write {', or '.join(EXAMPLES[kind] for kind in kinds)}"


def _article(kind: Key) -> str:
    return f"a {kind.value}"


def _text(key: ast.Expression) -> str:
    return " ".join(key.span.text.split())[:60]


def _report_odd_entry(value: Value, unit: str, scope: Scope) -> None:
    """Reports an entry of a table that is not of the dimension of those before it."""
    if value.dimension == NUMBER:
        message = f"{scope.shown(value)} has no unit, in a table of {unit}"
        scope.report("E303", message, value.span, "no unit", f"write `{scope.shown(value)} {unit}`")
    else:
        message = f"{scope.shown(value)} is {scope.describe(value.dimension)}, in a table of {unit}"
        scope.report("E301", message, value.span, "", f"give every entry in {unit}")
