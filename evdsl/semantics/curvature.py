"""Whether a requirement is linear: a largest value may be kept small, and a smallest one large.

`left <= right` is convex where `left - right` is: where every `max` and every convex word in it has a
factor that is not negative, and every `min` and concave word one that is not positive. Then it says the
same as linear rows: `max(t in S: f) <= x` is `f <= z` for all t, with `z <= x`. With the other sign it would
say that one of many is large enough, which no linear row says; `==` says both at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from evdsl.diagnostics.source import Span
from evdsl.language.declaration import Curve
from evdsl.language.objectives import word
from evdsl.language.quantities import OF_DEVICES, QUANTITIES
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
            part = f"{name}(...)" if name in ("max", "min") else name
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
    declared = word(name)
    assert declared is not None
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
            declared = QUANTITIES.get(name)
            if owner:
                kinds = [kind[name] for kind in OF_DEVICES.values() if name in kind] if owner != "let" else []
                return 1 if kinds and not any(kind.negative for kind in kinds) else None
            return 1 if declared is not None and not declared.negative else None
        case Aggregated(body=body):
            return sign_of(body)
        case Operation(operator=operator, operands=(left, right)):
            first, second = sign_of(left), sign_of(right)
            if operator in ("*", "/"):
                return _times(first, second)
            return first if operator == "+" and first == second else None
    return None


def _times(first: int | None, second: int | None) -> int | None:
    if first == 0 or second == 0:
        return 0
    return None if first is None or second is None else first * second
