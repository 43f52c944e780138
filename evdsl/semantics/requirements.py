"""`require NAME: EXPR <= EXPR [for v in SET, t in SET]`: the user's own constraint, read and checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evdsl.diagnostics.source import Span
from evdsl.language.quantities import SHARED_BY
from evdsl.language.requirement import Binder, Requirement, nodes
from evdsl.language.spec import Device
from evdsl.language.steps import Horizon
from evdsl.language.tolerances import ROUNDING
from evdsl.language.values import (
    SERIES,
    Aggregated,
    Calendar,
    Const,
    Daily,
    Operation,
    Quantity,
    Value,
    WordUse,
)
from evdsl.semantics.arithmetic import same_kind
from evdsl.semantics.curvature import is_linear
from evdsl.semantics.evaluate import evaluate
from evdsl.semantics.quantity import MAXIMUM_NESTED, is_free
from evdsl.semantics.scope import Local, Scope
from evdsl.semantics.sets import set_of
from evdsl.syntax import ast


def read_requirements(
    statements: Sequence[ast.Statement], devices: Sequence[Device], horizon: Horizon | None, scope: Scope
) -> tuple[Requirement, ...]:
    """All requirements in order; what is wrong with one is reported, and the next is read all the same."""
    found: list[Requirement] = []
    places: dict[str, Span] = {}
    for statement in statements:
        if not isinstance(statement, ast.Requirement):
            continue
        name, span = statement.name.text, statement.name.span
        if name in places:
            message = f"the requirement `{name}` is there twice, first on line {places[name].line}"
            scope.report("E207", message, span, "", "give each a name of its own")
        places.setdefault(name, span)
        scope.local = Local(devices, horizon)
        requirement = _requirement(statement, scope)
        scope.local = None
        if requirement is not None:
            found.append(requirement)
    return tuple(found)


def _requirement(statement: ast.Requirement, scope: Scope) -> Requirement | None:
    local = scope.local
    assert local is not None
    if len(statement.binders) > MAXIMUM_NESTED:
        message = f"`{statement.name.text}` has more than {MAXIMUM_NESTED} variables"
        scope.report("E004", message, statement.span, "", "a requirement runs over vehicles and steps")
        return None
    binders: list[Binder] = []
    for binder in statement.binders:
        over = set_of(binder.over, scope)
        if over is None or not is_free(binder.variable, scope):
            return None
        local.binders[binder.variable.text] = over
        binders.append(Binder(binder.variable.text, over, binder.span))
    left, right = evaluate(statement.left, scope), evaluate(statement.right, scope)
    if left is None or right is None:
        return None
    place = statement.left.span.to(statement.right.span)
    if not same_kind(left, right, statement.relation, place, scope):
        return None
    if not all(is_plain(side, "a requirement", scope) for side in (left, right)):
        return None
    if not is_linear(left, statement.relation, right, scope) or _never(statement, left, right, scope):
        return None
    series = tuple(sorted(local.series.items()))
    text = " ".join(statement.span.text.split(":", 1)[1].split())
    name, relation = statement.name.text, statement.relation
    return Requirement(name, left, relation, right, tuple(binders), series, text, statement.span)


def is_plain(side: Value, what: str, scope: Scope) -> bool:
    """Whether a value is made of numbers, words and quantities; a series needs its step."""
    for value in _ends(side):
        if not isinstance(value, Const | WordUse | Quantity):
            message = f"{scope.shown(value)} is no single number"
            help = f"{what} speaks of numbers, words and quantities such as `import[t]`"
            if isinstance(value, (Calendar, Daily, *SERIES)):
                help = f"ask for it at a step: `{scope.shown(value)}[t]`, if it is a param or a let"
            scope.report("E305", message, value.span, "", help)
            return False
        if what != "a let" and isinstance(value, Quantity) and value.name in SHARED_BY:
            text = " ".join(value.span.text.split())
            message = f"`{text}` is a share of the whole: a quotient of decisions, which {what} cannot have"
            help = f"write `{value.name}`, which is of all; shares may stand in a `let`, for reports"
            scope.report("E404", message, value.span, "", help)
            return False
    return True


def _ends(side: Value) -> Iterator[Value]:
    return (value for value in nodes(side) if not isinstance(value, Operation | Aggregated))


def _never(statement: ast.Requirement, left: Value, right: Value, scope: Scope) -> bool:
    """E414 where two constants do not stand to each other as is asked."""
    if not isinstance(left, Const) or not isinstance(right, Const) or holds(left, statement.relation, right):
        return False
    message = f"`{statement.name.text}` never holds: both sides are constants"
    scope.report("E414", message, statement.span, "", "speak of what is decided, such as `import[t]`")
    return True


def holds(left: Const, relation: str, right: Const) -> bool:
    """Whether two constants stand to each other as is asked."""
    difference = left.value - right.value
    slack = ROUNDING * max(abs(left.value), abs(right.value))
    if relation == "==":
        return abs(difference) <= slack
    return difference * (1 if relation == "<=" else -1) <= slack
