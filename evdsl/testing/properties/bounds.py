"""What bounds an optimum: the model without its integers, and the multipliers of its rows.

**Relaxation.** Every schedule of a model with integers is one of the model without them, so the best of the
latter is at least as good. It is asked through SciPy, which has a HiGHS of its own and reads the arrays.

**Shadow prices.** Let y be optimal multipliers of a linear program with the sides and bounds b, and v(b) its
least value. For any other b' the same y are multipliers of that program as well (costs and rows are the
same), so weak duality gives v(b') >= v(b) + y (b' - b). With a limit changed by h and by -h:

    v(k + h) - v(k)  >=  slope · h        v(k) - v(k - h)  <=  slope · h

So the slope that `evdsl explain` tells lies between the finite differences of either side, and is both
of them where they agree. The other values come from the changed spec as text, through everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from evdsl.language.declaration import Setting, Shape
from evdsl.language.devices import KINDS
from evdsl.language.units import CURRENT, POWER
from evdsl.model.matrix import ModelMatrix
from evdsl.optimization.explanation.relaxation import lagrangian
from evdsl.optimization.explanation.variant import (
    Optimum,
    Session,
    Variant,
    VariantModel,
    same_shape,
    stage_model,
)
from evdsl.optimization.result import StageResult
from evdsl.solver.solution import Options, Status
from evdsl.syntax import ast
from evdsl.testing.generate import nodes
from evdsl.testing.generate.edits import in_file, with_settings
from evdsl.testing.properties.invariant import IdleError, Invariant
from evdsl.testing.properties.invariants import NEAR
from evdsl.testing.trial import Trial, backend_of

STEP = 0.125
"""kW, or A, by which a limit is changed: so much that what it is worth is more than a solver's rounding."""

LIMIT, TIGHT = "import_limit", 0.4
"""The limit that is made to bind, and what is left of the largest import."""

MOST = 3
"""Limits of a spec that are changed, those that have a price first."""


def relaxation_bounds(trial: Trial) -> str | None:
    """Without its integers the model is no worse; where it has no point, the spec has none either."""
    result = trial.run()
    matrix = _posed(trial).matrix
    if not matrix.is_discrete or result.status is Status.UNBOUNDED:
        raise IdleError
    ended, least = _relaxed(matrix)
    if ended == "infeasible":
        return "the relaxation is infeasible, and the spec is not" if result.stages else None
    if ended != "optimal" or not result.stages or result.stages[0].shares is not None:
        raise IdleError
    reached = result.stages[0]
    value, room = _least(reached), _room(reached)
    bound = least + _posed(trial).offset
    if value >= bound - room:
        return None
    return f"the first stage is worth {value:.9g}, and its relaxation no less than {bound:.9g}"


def shadow_prices_hold(trial: Trial) -> str | None:
    """What a limit is worth by its multipliers lies between what more and less of it are worth."""
    trial = _tightened(trial)
    result, backend = trial.run(), backend_of(trial.solvers[0])
    if result.status is not Status.OPTIMAL or not backend.capabilities.duals:
        raise IdleError
    reached, posed = result.stages[0], _posed(trial)
    if posed.matrix.is_discrete or reached.shares is not None:
        raise IdleError
    answer = Session(backend, Options(time_limit=trial.limit)).solve(posed.matrix)
    if answer is None or answer.duals is None:
        raise IdleError
    nudges = sorted(_nudges(trial, posed, answer), key=lambda nudge: -abs(nudge.rise))
    if not any(nudge.rise for nudge in nudges):
        raise IdleError
    for nudge in nudges[:MOST]:
        other = nudge.trial.run()
        if not other.stages:
            if other.status is Status.INFEASIBLE:
                continue
            return f"with {nudge.shown} the spec is {other.status.value}"
        change = _least(other.stages[0]) - _least(reached)
        if change < nudge.rise - _room(reached) - _room(other.stages[0]):
            said = f"by the multipliers it changes by {nudge.rise:.9g} or more"
            return f"with {nudge.shown} the first stage changes by {change:.9g}, and {said}"
    return None


def _tightened(trial: Trial) -> Trial:
    """The spec with less connection than it uses, so that a limit has a price; as it is where none can be."""
    result = trial.run()
    peak = result.terms.get("peak", 0.0)
    if result.status is not Status.OPTIMAL or peak <= 2 * STEP:
        return trial
    limit = nodes.number(round(TIGHT * peak, 3), "kW")

    def limited(node: Any) -> Any:
        if not isinstance(node, ast.Block) or node.kind.text != "grid":
            return node
        body = [one for one in node.body if not (isinstance(one, ast.Setting) and one.name.text == LIMIT)]
        return replace(node, body=(*body, nodes.setting(LIMIT, limit)))

    file = in_file(trial, limited)
    if file is None:
        return trial
    other = trial.changed(file)
    return other if other.has_no_errors and other.run().status is Status.OPTIMAL else trial


@dataclass(frozen=True, slots=True)
class _Nudge:
    """A spec with a little more or less of a limit, and the least that its value rises by the multipliers."""

    shown: str
    trial: Trial
    rise: float


def _nudges(trial: Trial, posed: VariantModel, answer: Optimum) -> Iterator[_Nudge]:
    for declared in KINDS:
        for setting in declared.settings:
            if not _is_limit(setting):
                continue
            for step in (STEP, -STEP):
                file = with_settings(trial, declared.keyword, _more(setting, step))
                if file is None:
                    continue
                other = trial.changed(file)
                if not other.has_no_errors:
                    continue
                moved = _posed(other).matrix
                if _sides_only(posed.matrix, moved):
                    rise = lagrangian(posed.matrix, moved, answer, 1.0)[0]
                    shown = f"`{setting.name}` of every {declared.keyword} {step:+g} {_unit(setting)}"
                    yield _Nudge(shown, other, rise)


def _is_limit(setting: Setting) -> bool:
    amount = setting.shape in (Shape.CONSTANT, Shape.SERIES)
    return bool(setting.relaxed_by) and amount and setting.dimension in (POWER, CURRENT)


def _unit(setting: Setting) -> str:
    return "A" if setting.dimension == CURRENT else "kW"


def _more(setting: Setting, step: float) -> Callable[[ast.Setting], ast.Setting]:
    def changed(each: ast.Setting) -> ast.Setting:
        if each.name.text != setting.name:
            return each
        return replace(each, value=_sum(each.value, step, _unit(setting)))

    return changed


def _sum(value: ast.Expression, step: float, unit: str) -> ast.Expression:
    if isinstance(value, ast.Table):
        return replace(value, entries=tuple((when, _sum(each, step, unit)) for when, each in value.entries))
    return nodes.binary("+" if step > 0 else "-", value, nodes.number(abs(step), unit))


def _sides_only(first: ModelMatrix, second: ModelMatrix) -> bool:
    """Whether two models differ in sides and bounds alone, and in some of them; both without integers."""
    if second.is_discrete or not same_shape(first, second):
        return False
    if abs(first.rows - second.rows).nnz or (first.cost != second.cost).any():
        return False
    pairs = (
        (first.lower, second.lower),
        (first.upper, second.upper),
        (first.row_lower, second.row_lower),
        (first.row_upper, second.row_upper),
    )
    return any((one != other).any() for one, other in pairs)


def _relaxed(matrix: ModelMatrix) -> tuple[str, float]:
    """How the model without its integers ends, and its least value."""
    lower = np.where(matrix.semicontinuous, np.minimum(matrix.lower, 0.0), matrix.lower)
    rows = LinearConstraint(matrix.rows, matrix.row_lower, matrix.row_upper)
    found = milp(
        matrix.cost, bounds=Bounds(lower, matrix.upper), constraints=[rows] if rows.A.shape[0] else []
    )
    ends = {0: "optimal", 2: "infeasible", 3: "unbounded"}
    return ends.get(found.status, "stopped"), float(found.fun) if found.status == 0 else float("nan")


def _least(reached: StageResult) -> float:
    """What is made small: the value of a stage without its constant, its negative where it is made large."""
    return reached.stage.sign * (reached.value - reached.stage.constant)


def _room(reached: StageResult) -> float:
    return NEAR * max(1.0, abs(reached.value), reached.size)


def _posed(trial: Trial) -> VariantModel:
    return stage_model(Variant(trial.spec, trial.data), backend_of(trial.solvers[0]), ())


def _has_stage(trial: Trial) -> bool:
    return bool(trial.spec.stages)


BOUNDS: tuple[Invariant, ...] = (
    Invariant(
        "relaxation", "without integers the optimum is no worse", relaxation_bounds, applies=_has_stage
    ),
    Invariant(
        "shadow_prices", "a limit is worth what its multiplier says", shadow_prices_hold, applies=_has_stage
    ),
)
"""What a campaign holds some specs against, as it does with relations."""
