"""The objective: each stage as a weighted sum of words, its dimension and its direction checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import isfinite

from evdsl.diagnostics.diagnostic import suggest
from evdsl.diagnostics.source import Source, Span
from evdsl.language.declaration import Curve
from evdsl.language.objectives import WORDS, word
from evdsl.language.spec import Stage
from evdsl.language.units import NUMBER
from evdsl.language.values import Const, Operation, RangeValue, TextValue, Value, WordUse, leaves
from evdsl.semantics.evaluate import evaluate, weighed
from evdsl.semantics.scope import Scope
from evdsl.syntax import ast

STAGE = re.compile(r"^[ \t]*(?:(?:then[ \t]+)?(?:minim|maxim)i[sz]e|pareto)\b", re.MULTILINE)


def read_stages(
    statements: Sequence[ast.Statement], scope: Scope, sources: Sequence[Source]
) -> tuple[Stage, ...]:
    """All stages in order; what is missing, out of order or bent the wrong way is reported."""
    objectives = [s for s in statements if isinstance(s, ast.Objective)]
    written = sum(len(STAGE.findall(source.text)) for source in sources)
    if not objectives and not any(isinstance(s, ast.Pareto) for s in statements):
        if not written and not _misspelled(scope):
            end = len(sources[0].text.rstrip())
            help = f"add a line such as `minimize cost`; words are {', '.join(w.name for w in WORDS)}"
            place = Span(sources[0], end, end)
            scope.report("E401", "nothing is minimized or maximized", place, "", help)
        return ()
    stages: list[Stage] = []
    for index, objective in enumerate(objectives):
        # Where a stage could not be read, nothing is known of the order of the others.
        if bool(index) != objective.then and written <= len(objectives):
            message = "a later stage begins with `then`" if index else "the first stage has no `then`"
            help = f"write `then {objective.sense} ...`" if index else f"write `{objective.sense} ...`"
            scope.report("E402", message, objective.span, "", help)
        elif objective.allowing is not None and not index and not objective.then:
            message = "the first stage allows nothing: no earlier stage gives way to it"
            help = "write `allowing` behind a later stage: `then minimize ... allowing 1 %`"
            scope.report("E402", message, objective.allowing.span, "", help)
        stage = _stage(objective, scope)
        if stage is not None:
            stages.append(stage)
    return tuple(stages)


def _misspelled(scope: Scope) -> bool:
    """Whether an objective may be in what could not be read."""
    return scope.incomplete or any(suggest(name, ["minimize", "maximize", "pareto"]) for name in scope.unread)


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
    form, scale = (first, second[1]) if first[0] else (second, first[1])
    return {name: weight * scale for name, weight in form[0].items()}, first[1] * second[1]


def _stage(objective: ast.Objective, scope: Scope) -> Stage | None:
    value = weighed(objective.value, scope)
    allowing = _allowing(objective, scope)
    return None if value is None else stage_of(objective, value, allowing, scope)


def stage_of(objective: ast.Objective, value: Value, allowing: float, scope: Scope) -> Stage | None:
    """An objective whose expression is evaluated, as a stage; what keeps it from being one is reported."""
    form = None if isinstance(value, TextValue | RangeValue) else linear_form(value)
    if form is None:
        message = "the objective is a sum of words weighed by constants"
        scope.report("E404", message, value.span, "", "write a sum such as `cost + 0.40 EUR/kWh * unmet`")
        return None
    if not all(isfinite(number) for number in (*form[0].values(), form[1])):
        message = "the weights of the objective are too large for a number"
        scope.report("E307", message, value.span, "", "write smaller numbers")
        return None
    weights = {name: weight for name, weight in form[0].items() if weight}
    if not weights:
        message = "the objective is a constant: no decision changes it"
        scope.report("E401", message, value.span, "", f"use one of {', '.join(w.name for w in WORDS)}")
        return None
    if not _alone(objective, value, form, scope) or not _right_sides(objective, value, weights, scope):
        return None
    text = " ".join(objective.value.span.text.split())
    return Stage(objective.sense, weights, form[1], value.dimension, allowing, text, objective.span)


def _alone(
    objective: ast.Objective, value: Value, form: tuple[Mapping[str, float], float], scope: Scope
) -> bool:
    """Whether a word that orders schedules stands alone and unweighed, and is maximized."""
    uses = [leaf for leaf in leaves(value) if isinstance(leaf, WordUse)]
    for use in uses:
        declared = word(use.name)
        if declared is None or not declared.order:
            continue
        plain = next(iter(declared.parts))
        if form == ({use.name: 1.0}, 0.0) and objective.sense == "maximize":
            return True
        if form == ({use.name: 1.0}, 0.0) or form == ({use.name: -1.0}, 0.0):
            message = f"`{use.name}` can only be maximized, as it stands: it is an order of schedules"
            then = "then " if objective.then else ""
            scope.report("E403", message, use.span, "", f"write `{then}maximize {use.name}`")
        else:
            message = f"`{use.name}` stands alone in its stage: no sum weighs an order of schedules"
            help = f"write `maximize {use.name}` and the rest as `then ...`, or weigh `{plain}` instead"
            scope.report("E404", message, use.span, "", help)
        return False
    return True


def _right_sides(objective: ast.Objective, value: Value, weights: Mapping[str, float], scope: Scope) -> bool:
    """Whether each word is made small or large as its shape allows; a sum counts by its parts."""
    direction = 1.0 if objective.sense == "minimize" else -1.0
    effects: dict[str, float] = {}
    within: dict[str, str] = {}
    for name, weight in weights.items():
        found = word(name)
        assert found is not None
        for part, share in (found.parts or {name: 1.0}).items():
            effects[part] = effects.get(part, 0.0) + direction * weight * share
            within.setdefault(part, name)
    sound = True
    for part, effect in effects.items():
        inner = word(part)
        assert inner is not None
        wrong = (inner.curve is Curve.CONVEX and effect < 0) or (inner.curve is Curve.CONCAVE and effect > 0)
        if wrong:
            name = within[part]
            uses = (leaf.span for leaf in leaves(value) if isinstance(leaf, WordUse) and leaf.name == name)
            better = "minimize" if inner.curve is Curve.CONVEX else "maximize"
            inside = f"`{name}` contains `{part}`, which" if name != part else f"`{part}`"
            message = f"{inside} can only be {better}d: its other side is not a linear problem"
            help = f"write `{'then ' * objective.then}{better} {name}`, or turn its sign"
            if objective.span == objective.value.span:  # an axis of a front, which has no sense of its own
                help = f"turn the sign of `{name}`"
            scope.report("E403", message, next(uses, value.span), "", help)
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
