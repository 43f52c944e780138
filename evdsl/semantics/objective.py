"""The objective: each stage as a weighted sum of words and of other terms, its direction checked.

A term is what a `require` may speak of beside words: `max(peak, 6 kW)`, `unmet[first]`, a sum over steps. It
stays whole, and goes by the way it is written; a sum of terms is taken apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from evdsl.diagnostics.diagnostic import suggest
from evdsl.diagnostics.source import Source, Span
from evdsl.language.declaration import Curve
from evdsl.language.objectives import WORDS, declared_word, word
from evdsl.language.requirement import Term
from evdsl.language.spec import Device, Stage
from evdsl.language.steps import Horizon
from evdsl.language.units import NUMBER
from evdsl.language.values import Aggregated, Const, Operation, Quantity, Value, WordUse, leaves
from evdsl.semantics.arithmetic import is_decided
from evdsl.semantics.curvature import is_linear_in
from evdsl.semantics.evaluate import evaluate
from evdsl.semantics.requirements import is_plain
from evdsl.semantics.scope import Local, Scope
from evdsl.syntax import ast

STAGE = re.compile(r"^[ \t]*(?:(?:then[ \t]+)?(?:minim|maxim)i[sz]e|pareto)\b", re.MULTILINE)


def weighed(
    expression: ast.Expression, devices: Sequence[Device], horizon: Horizon | None, scope: Scope
) -> Value | None:
    """The value of an objective, or of an axis of a front; series that it asks for are in `scope.local`."""
    scope.local = Local(devices, horizon, is_let=True)
    return evaluate(expression, scope)


def read_stages(
    statements: Sequence[ast.Statement],
    devices: Sequence[Device],
    horizon: Horizon | None,
    scope: Scope,
    sources: Sequence[Source],
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
        stage = _stage(objective, devices, horizon, scope)
        if stage is not None:
            stages.append(stage)
    return tuple(stages)


def _misspelled(scope: Scope) -> bool:
    """Whether an objective may be in what could not be read."""
    return scope.incomplete or any(suggest(name, ["minimize", "maximize", "pareto"]) for name in scope.unread)


@dataclass(frozen=True, slots=True)
class Form:
    """`Σ weight · name + constant`: names are those of words, or of `terms` as they are written."""

    weights: Mapping[str, float]
    constant: float
    terms: Mapping[str, Value]


def linear_form(value: Value) -> Form | None:
    """An expression as a weighted sum; `None` where it is no quantity."""
    match value:
        case Const():
            return Form({}, value.value, {})
        case WordUse(name=name):
            return Form({name: 1.0}, 0.0, {})
        case Operation(operator=operator, operands=(left, right)) if operator in "+-*/":
            first, second = linear_form(left), linear_form(right)
            if first is None or second is None:
                return None
            return _combined(operator, first, second) or _whole(value)
        case Quantity() | Aggregated() | Operation():
            return _whole(value)
    return None


def _whole(value: Value) -> Form:
    """An expression as one term; named by its text."""
    name = " ".join(value.span.text.split())
    return Form({name: 1.0}, 0.0, {name: value})


def _combined(operator: str, first: Form, second: Form) -> Form | None:
    """A sum, or a multiple by a constant; `None` for any other product."""
    if operator in "+-":
        sign = 1.0 if operator == "+" else -1.0
        weights = dict(first.weights)
        for name, weight in second.weights.items():
            weights[name] = weights.get(name, 0.0) + sign * weight
        return Form(weights, first.constant + sign * second.constant, {**first.terms, **second.terms})
    if operator == "/":
        if second.weights or second.constant == 0:
            return None
        divided = {name: weight / second.constant for name, weight in first.weights.items()}
        return Form(divided, first.constant / second.constant, first.terms)
    if first.weights and second.weights:
        return None
    form, scale = (first, second.constant) if first.weights else (second, first.constant)
    weighed = {name: weight * scale for name, weight in form.weights.items()}
    return Form(weighed, first.constant * second.constant, form.terms)


def _stage(
    objective: ast.Objective, devices: Sequence[Device], horizon: Horizon | None, scope: Scope
) -> Stage | None:
    allowing = _allowing(objective, scope)
    value = weighed(objective.value, devices, horizon, scope)
    stage = None if value is None else stage_of(objective, value, allowing, scope)
    scope.local = None
    return stage


def stage_of(objective: ast.Objective, value: Value, allowing: float, scope: Scope) -> Stage | None:
    """An objective whose expression is evaluated, as a stage; what keeps it from being one is reported."""
    if not is_plain(value, "an objective", scope):
        return None
    form = linear_form(value)
    assert form is not None, "it is made of numbers, words and quantities"
    if not all(isfinite(number) for number in (*form.weights.values(), form.constant)):
        message = "the weights of the objective are too large for a number"
        scope.report("E307", message, value.span, "", "write smaller numbers")
        return None
    weights = {name: weight for name, weight in form.weights.items() if weight}
    if not any(name not in form.terms or is_decided(form.terms[name]) for name in weights):
        message = "the objective is a constant: no decision changes it"
        scope.report("E401", message, value.span, "", f"use one of {', '.join(w.name for w in WORDS)}")
        return None
    series = () if scope.local is None else tuple(sorted(scope.local.series.items()))
    terms = tuple(Term(name, form.terms[name], series) for name in weights if name in form.terms)
    if not _alone(objective, value, form, scope) or not _right_sides(objective, value, weights, scope):
        return None
    direction = 1 if objective.sense == "minimize" else -1
    for term in terms:
        if not is_linear_in(term, direction if weights[term.name] > 0 else -direction, scope):
            return None
    text = " ".join(objective.value.span.text.split())
    return Stage(
        objective.sense, weights, form.constant, value.dimension, allowing, text, objective.span, terms
    )


def _alone(objective: ast.Objective, value: Value, form: Form, scope: Scope) -> bool:
    """Whether a word that orders schedules stands alone and unweighed, and is maximized."""
    uses = [leaf for leaf in leaves(value) if isinstance(leaf, WordUse)]
    plain_form = None if form.constant or form.terms else dict(form.weights)
    for use in uses:
        declared = word(use.name)
        if declared is None or not declared.order:
            continue
        plain = next(iter(declared.parts))
        if plain_form == {use.name: 1.0} and objective.sense == "maximize":
            return True
        if plain_form in ({use.name: 1.0}, {use.name: -1.0}):
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
        if found is None:
            continue  # a term, which is looked at as a whole
        for part, share in (found.parts or {name: 1.0}).items():
            effects[part] = effects.get(part, 0.0) + direction * weight * share
            within.setdefault(part, name)
    told: set[str] = set()  # of a sum with two such parts the first is enough
    for part, effect in effects.items():
        inner = declared_word(part)
        wrong = (inner.curve is Curve.CONVEX and effect < 0) or (inner.curve is Curve.CONCAVE and effect > 0)
        if wrong and within[part] not in told:
            name = within[part]
            uses = (leaf.span for leaf in leaves(value) if isinstance(leaf, WordUse) and leaf.name == name)
            better = "minimize" if inner.curve is Curve.CONVEX else "maximize"
            inside = f"`{name}` contains `{part}`, which" if name != part else f"`{part}`"
            message = f"{inside} can only be {better}d: its other side is not a linear problem"
            help = f"write `{'then ' * objective.then}{better} {name}`, or turn its sign"
            if objective.span == objective.value.span:  # an axis of a front, which has no sense of its own
                help = f"turn the sign of `{name}`"
            scope.report("E403", message, next(uses, value.span), "", help)
            told.add(name)
    return not told


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
