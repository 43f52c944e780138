"""The objective: each stage as a weighted sum of words, its dimension and its direction checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evdsl import ast
from evdsl.evaluate import Scope, evaluate
from evdsl.objectives import WORDS, word
from evdsl.schema import Curve
from evdsl.source import Source, Span
from evdsl.spec import Stage
from evdsl.units import NUMBER
from evdsl.values import Const, Operation, RangeValue, TextValue, Value, WordUse, leaves


def read_stages(
    statements: Sequence[ast.Statement], scope: Scope, source: Source
) -> tuple[Stage, ...]:
    """All stages in order; what is missing, out of order or bent the wrong way is reported."""
    objectives = [s for s in statements if isinstance(s, ast.Objective)]
    if not objectives and not any(isinstance(s, ast.Pareto) for s in statements):
        if not scope.unread:
            end = len(source.text.rstrip())
            words = ", ".join(w.name for w in WORDS)
            help = f"add a line such as `minimize cost`; words are {words}"
            scope.report("E401", "nothing is minimized or maximized", Span(source, end, end), "", help)
        return ()
    stages: list[Stage] = []
    for index, objective in enumerate(objectives):
        if bool(index) != objective.then:
            message = "a later stage begins with `then`" if index else "the first stage has no `then`"
            help = f"write `then {objective.sense} ...`" if index else f"write `{objective.sense} ...`"
            scope.report("E402", message, objective.span, "", help)
        stage = _stage(objective, scope)
        if stage is not None:
            stages.append(stage)
    return tuple(stages)


def linear_form(value: Value) -> tuple[dict[str, float], float] | None:
    """Weights of the words, and the constant, of `Σ weight · word + constant`; `None` if it is none."""
    match value:
        case Const():
            return {}, value.value
        case WordUse(name=name):
            return {name: 1.0}, 0.0
        case Operation(operator=operator, operands=(left, right)) if operator in "+-*/":
            first, second = linear_form(left), linear_form(right)
            if first is None or second is None:
                return None
            return _combined(operator, first, second)
    return None


def _combined(
    operator: str, first: tuple[Mapping[str, float], float], second: tuple[Mapping[str, float], float]
) -> tuple[dict[str, float], float] | None:
    if operator in "+-":
        sign = 1.0 if operator == "+" else -1.0
        weights = dict(first[0])
        for name, weight in second[0].items():
            weights[name] = weights.get(name, 0.0) + sign * weight
        return weights, first[1] + sign * second[1]
    if operator == "/":
        if second[0] or second[1] == 0:
            return None
        return {name: weight / second[1] for name, weight in first[0].items()}, first[1] / second[1]
    if first[0] and second[0]:
        return None
    weights, scale = (first, second[1]) if first[0] else (second, first[1])
    return {name: weight * scale for name, weight in weights[0].items()}, first[1] * second[1]


def _stage(objective: ast.Objective, scope: Scope) -> Stage | None:
    value = evaluate(objective.value, scope)
    allowing = _allowing(objective, scope)
    if value is None:
        return None
    form = None if isinstance(value, TextValue | RangeValue) else linear_form(value)
    if form is None:
        message = "the objective is a sum of words weighed by constants"
        scope.report("E404", message, value.span, "", "such as `cost + 0.4 EUR/kWh * unmet`")
        return None
    weights = {name: weight for name, weight in form[0].items() if weight}
    if not weights:
        message = "the objective is a constant: no decision changes it"
        names = ", ".join(w.name for w in WORDS)
        scope.report("E401", message, value.span, "", f"use one of {names}")
        return None
    if not _right_sides(objective, value, weights, scope):
        return None
    text = " ".join(objective.value.span.text.split())
    return Stage(objective.sense, weights, form[1], value.dimension, allowing, text, objective.span)


def _right_sides(objective: ast.Objective, value: Value, weights: Mapping[str, float], scope: Scope) -> bool:
    direction = 1.0 if objective.sense == "minimize" else -1.0
    sound = True
    for name, weight in weights.items():
        found = word(name)
        assert found is not None
        for part, share in (found.parts or {name: 1.0}).items():
            inner = word(part)
            assert inner is not None
            effect = direction * weight * share
            wrong = (inner.curve is Curve.CONVEX and effect < 0) or (inner.curve is Curve.CONCAVE and effect > 0)
            if wrong:
                place = next((leaf.span for leaf in leaves(value) if isinstance(leaf, WordUse) and leaf.name == name), value.span)
                better = "minimize" if inner.curve is Curve.CONVEX else "maximize"
                message = f"`{part}` can only be {better}d: the other side of it is not a linear problem"
                scope.report("E403", message, place, "", f"write `{better} {part}`, or turn the sign")
                sound = False
    return sound


def _allowing(objective: ast.Objective, scope: Scope) -> float:
    if objective.allowing is None:
        return 0.0
    value = evaluate(objective.allowing, scope)
    if value is None:
        return 0.0
    if not isinstance(value, Const) or value.dimension != NUMBER or not 0 <= value.value <= 1:
        message = "what earlier stages give way by is a share between 0 % and 100 %"
        scope.report("E305", message, objective.allowing.span, "", "write `allowing 1 %`")
        return 0.0
    return value.value
