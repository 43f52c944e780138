"""The two axes of a front: `pareto EXPR, EXPR [points N]`, each expression with the way it is to go.

An expression is made small, unless its words say that it is better large. A word counts with its sign: in
`cost - revenue` less cost and more revenue are better, and both make the expression small; `-co2` is made
large. A term such as `delivered[van]` counts by what it speaks of. Where the words disagree, as in
`cost + revenue`, it is made small.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evdsl.language.objectives import word
from evdsl.language.spec import Device, Pareto, Stage
from evdsl.language.steps import Horizon
from evdsl.language.units import NUMBER
from evdsl.language.values import Const, Value, WordUse, leaves
from evdsl.semantics.curvature import spoken_of
from evdsl.semantics.evaluate import evaluate
from evdsl.semantics.objective import linear_form, stage_of, weighed
from evdsl.semantics.scope import Scope
from evdsl.syntax import ast

POINTS = 11
"""Points of a front that does not say how many: both ends, and nine between them."""

FEWEST, MOST = 2, 101

LARGE = ("delivered[]", "energy[]", "soc[]")
"""Quantities that are better large; of any other, an axis is made small."""


def read_front(
    statements: Sequence[ast.Statement], devices: Sequence[Device], horizon: Horizon | None, scope: Scope
) -> Pareto | None:
    """The front that a spec asks for; what stands in its way is reported."""
    written = [statement for statement in statements if isinstance(statement, ast.Pareto)]
    if not written:
        return None
    first = written[0]
    for again in written[1:]:
        message = f"a front is asked for twice, first on line {first.span.line}"
        scope.report("E207", message, again.span, "", "keep one of them")
    for objective in (statement for statement in statements if isinstance(statement, ast.Objective)):
        what = f"`{'then ' * objective.then}{objective.sense}`"
        message = (
            f"{what} stands beside `pareto`: a spec asks for a best schedule or for a front, not for both"
        )
        scope.report("E402", message, objective.span, "", "keep one of them")
    axes = [_axis(expression, devices, horizon, scope) for expression in (first.first, first.second)]
    points = _points(first, scope)
    if axes[0] is None or axes[1] is None:
        return None
    return Pareto(axes[0], axes[1], points, first.span)


def _axis(
    expression: ast.Expression, devices: Sequence[Device], horizon: Horizon | None, scope: Scope
) -> Stage | None:
    value = weighed(expression, devices, horizon, scope)
    stage = None if value is None else _stage(expression, value, scope)
    scope.local = None
    return stage


def _stage(expression: ast.Expression, value: Value, scope: Scope) -> Stage | None:
    for use in leaves(value):
        declared = word(use.name) if isinstance(use, WordUse) else None
        if declared is not None and declared.order:
            plain = next(iter(declared.parts))
            message = f"`{declared.name}` is an order of schedules, and no axis of a front"
            scope.report("E404", message, use.span, "", f"write `{plain}`")
            return None
    objective = ast.Objective(False, _sense(value), expression, None, expression.span)
    return stage_of(objective, value, 0.0, scope)


def _sense(value: Value) -> str:
    """`maximize` where every word of the expression makes it better large, else `minimize`."""
    form = linear_form(value)
    signs: set[bool] = set()
    for name, weight in (form.weights if form is not None else {}).items():
        declared = word(name)
        if declared is not None and weight:
            signs.add((declared.better == "large") == (weight > 0))
        elif form is not None and name in form.terms and weight:
            signs |= set(_ways(form.terms[name], 1 if weight > 0 else -1))
    return "maximize" if signs == {True} else "minimize"


def _ways(term: Value, sign: int) -> Iterator[bool]:
    """Of each word and quantity of a term, whether the whole is better large as far as it goes."""
    for name, factor in spoken_of(term, sign):
        declared = word(name)
        better = declared.better if declared is not None else "large" if name in LARGE else "small"
        if factor:
            yield (better == "large") == (factor > 0)


def _points(front: ast.Pareto, scope: Scope) -> int:
    if front.points is None:
        return POINTS
    value = evaluate(front.points, scope)
    if value is None:
        return POINTS
    span, help = front.points.span, f"write `points {POINTS}`"
    if not isinstance(value, Const) or value.dimension != NUMBER:
        scope.report("E305", "the number of points of a front is a plain number", span, "", help)
    elif value.value != int(value.value) or not FEWEST <= value.value <= MOST:
        message = f"a front has {FEWEST} to {MOST} points, and {value.value:g} are asked for"
        scope.report("E308", message, span, "", help)
    else:
        return int(value.value)
    return POINTS
