"""Whether a requirement or an objective is linear: a largest value may be kept small, a smallest one large.

`left <= right` is convex where `left - right` is: where every `max` and every convex word in it has a
factor that is not negative, and every `min` and concave word one that is not positive. Then it says the
same as linear rows: `max(t in S: f) <= x` is `f <= z` for all t, with `z <= x`. With the other sign it would
say that one of many is large enough, which no linear row says; `==` says both at once.

A term of an objective is the same: in `minimize f` each `max` in it is a value that lies above all of its
arguments and is pushed down. That is asked of the expression alone, not of what is feasible: with binaries
in the rest of the model it is as exact as without.
"""

from __future__ import annotations

from collections.abc import Iterator

from evdsl.diagnostics.source import Span
from evdsl.language.declaration import Curve
from evdsl.language.objectives import declared_word, word
from evdsl.language.quantities import DECLARED, OF_DEVICES, QUANTITIES
from evdsl.language.requirement import Term
from evdsl.language.spec import Stage
from evdsl.language.values import Aggregated, Const, Operation, Quantity, Value, WordUse
from evdsl.semantics.arithmetic import is_decided
from evdsl.semantics.scope import Scope

Bent = tuple[str, Curve, int | None, Span]
"""What is bent, how, the sign of its factor (`None`: not known before the data are read), and its place."""


def is_linear(left: Value, relation: str, right: Value, scope: Scope) -> bool:
    """Whether every bent part stands on its side; the first that does not is reported."""
    direction = -1 if relation == ">=" else 1
    for name, curve, sign, span in (*bent(left, direction), *bent(right, -direction)):
        if sign == 0:
            continue
        declared = word(name)
        if declared is not None and declared.order:
            message = f"`{name}` is an order of schedules, and no quantity that could be required"
            help = f"write `maximize {name}` as a stage, or require `{next(iter(declared.parts))} >= ...`"
            scope.report("E404", message, span, "", help)
            return False
        convex = curve is Curve.CONVEX
        if relation == "==":
            message = f"`{name}` cannot be set equal to a value: only one of its sides is a linear problem"
            part = f"{name}(...)" if name in ("max", "min", "abs") else name
            help = f"write `{part} {'<=' if convex else '>='} ...`"
        elif sign is None:
            message = f"`{name}` is multiplied by data that may be below zero, and has one linear side only"
            help = "multiply it by a constant"
        elif (sign > 0) == convex:
            continue
        else:
            does = "small" if convex else "large"
            message = f"`{name}` can only be kept {does}: its other side is not a linear problem"
            help = _instead(name, convex)
        scope.report("E403", message, span, "", help)
        return False
    return True


def is_linear_in(term: Term, direction: int, scope: Scope) -> bool:
    """Whether a term that is made small (1) or large (-1) is a linear problem; what keeps it is reported."""
    for name, curve, sign, span in bent(term.value, direction):
        convex = curve is Curve.CONVEX
        other = "large" if convex else "small"
        if sign is None:
            message = f"`{name}` is multiplied by data that may be below zero, and has one linear side only"
            help = "multiply it by a constant"
        elif sign == 0 or (sign > 0) == convex:
            continue
        else:
            message = f"`{name}` is made {other} here, and only its other side is a linear problem"
            does = "adds to what is minimized, or is taken off what is maximized"
            if not convex:
                does = "adds to what is maximized, or is taken off what is minimized"
            help = f"turn its sign: it can be weighed where it {does}"
            if name in ("max", "min"):
                opposite = "min" if convex else "max"
                help = f"{help}; what is made {other} may have a `{opposite}`"
        scope.report("E403", message, span, "", help)
        return False
    return True


def spoken_of(value: Value, sign: int | None) -> Iterator[tuple[str, int | None]]:
    """The words and decided quantities in a value, with the sign of the factor of each.

    The value rises with what has the sign 1, falls with what has -1, and may do either with what has none.
    """
    match value:
        case WordUse(name=name):
            yield name, sign
        case Quantity(name=name, owner=owner, decided=True):
            yield f"{owner}.{name}" if owner else f"{name}[]", sign
        case Aggregated(body=body):
            yield from spoken_of(body, sign)
        case Operation(operator="min" | "max", operands=operands):
            for operand in operands:
                yield from spoken_of(operand, sign)
        case Operation(operator="+" | "-" as operator, operands=(left, right)):
            yield from spoken_of(left, sign)
            yield from spoken_of(right, _times(sign, -1 if operator == "-" else 1))
        case Operation(operands=(left, right)):
            yield from spoken_of(left, _times(sign, sign_of(right)))
            yield from spoken_of(right, _times(sign, sign_of(left)))


def directions(stage: Stage) -> Iterator[tuple[str, int | None]]:
    """What the terms of a stage speak of, as `spoken_of` gives it, in the sense of making small."""
    for term in stage.terms:
        yield from spoken_of(term.value, 1 if stage.sign * stage.weights[term.name] > 0 else -1)


def _instead(name: str, convex: bool) -> str:
    """What to write for a part that stands on the wrong side."""
    if name in ("max", "min"):
        other, side = ("min", ">=") if convex else ("max", "<=")
        return f"ask it of all: `{other}(...) {side} ...`, or of all together: `sum(...) {side} ...`"
    if name.startswith("unmet["):
        return f"write `{name} <= ...`, or `{name.replace('unmet', 'delivered')} <= ...`"
    return f"write `{name} {'<=' if convex else '>='} ...`"


def bent(value: Value, sign: int | None) -> Iterator[Bent]:
    """The parts of a value that are not linear, with the sign of the factor that each ends up with."""
    match value:
        case WordUse(name=name, span=span):
            for curve, share in curves(name, 1.0).items():
                yield name, curve, _times(sign, 1 if share > 0 else -1), span
        case Quantity(name=name, owner="", span=span) if name in QUANTITIES:
            if QUANTITIES[name].curve is not Curve.LINEAR:
                yield " ".join(span.text.split()), QUANTITIES[name].curve, sign, span
        case Aggregated(function=function, body=body, span=span):
            if function in ("max", "min") and is_decided(body):
                yield function, Curve.CONVEX if function == "max" else Curve.CONCAVE, sign, span
            yield from bent(body, sign)
        case Operation(operator="min" | "max" as operator, operands=operands, span=span):
            if is_decided(value):
                shown = "abs" if span.text.startswith("abs") else operator
                yield shown, Curve.CONVEX if operator == "max" else Curve.CONCAVE, sign, span
            for operand in operands:
                yield from bent(operand, sign)
        case Operation(operator=operator, operands=operands):
            yield from _inside(operator, operands, sign)


def _inside(operator: str, operands: tuple[Value, ...], sign: int | None) -> Iterator[Bent]:
    if operator in ("+", "-"):
        yield from bent(operands[0], sign)
        yield from bent(operands[1], _times(sign, -1 if operator == "-" else 1))
    elif operator in ("*", "/"):
        yield from bent(operands[0], _times(sign, sign_of(operands[1])))
        yield from bent(operands[1], _times(sign, sign_of(operands[0])))


def curves(name: str, weight: float) -> dict[Curve, float]:
    """How a word is bent, through the words that it is a sum of, with the sign of the weight."""
    declared = declared_word(name)
    found: dict[Curve, float] = {}
    if declared.curve is not Curve.LINEAR:
        found[declared.curve] = weight
    for part, share in declared.parts.items():
        found |= curves(part, weight * share)
    return found


def sign_of(value: Value) -> int | None:
    """The sign of data: -1, 0 or 1 (which also stands for what may be zero); `None` where it is not known."""
    match value:
        case Const(value=number):
            return (number > 0) - (number < 0)
        case Quantity(name=name, owner=owner):
            declared = DECLARED.get(name)
            if owner:
                kinds = [kind[name] for kind in OF_DEVICES.values() if name in kind] if owner != "let" else []
                return 1 if kinds and not any(kind.negative for kind in kinds) else None
            return 1 if declared is not None and not declared.negative else None
        case Aggregated(body=body):
            return sign_of(body)
        case Operation(operator="above"):
            return 1
        case Operation(operator=operator, operands=(left, right)):
            first, second = sign_of(left), sign_of(right)
            if operator in ("*", "/"):
                return _times(first, second)
            return first if operator in ("+", "min", "max") and first == second else None
    return None


def _times(first: int | None, second: int | None) -> int | None:
    if first == 0 or second == 0:
        return 0
    return None if first is None or second is None else first * second
