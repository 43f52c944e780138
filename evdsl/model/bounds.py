"""Expressions between the bounds of their variables, down to the terms that cannot be seen beside others.

Solvers take rows whose coefficients are far apart for what they are not: with
`1e-6 import + 1e5 peak <= b` SCIP calls a stage infeasible whose schedule is at hand. Where x lies in
lower..upper, the term c x moves by at most |c| (upper - lower). The smallest terms that together move by
no more than `room` are left out, each counted as the least it can be. What held the row still does; what
holds it now misses it by at most `room`.
"""

from __future__ import annotations

from dataclasses import replace

import linopy
import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.model.linear import Linear, per_term
from evdsl.model.point import Values, by_label, value_of
from evdsl.model.program import Program


def bounds_along(expression: Linear, model: linopy.Model) -> tuple[FloatArray, FloatArray]:
    """The most and the least that the bounds of its variables let each entry of an expression be."""
    lower, upper = (
        by_label({name: getattr(variable, side).values for name, variable in model.variables.items()}, model)
        for side in ("lower", "upper")
    )
    rising, falling = expression.signed(1.0), expression.signed(-1.0)
    most = rising.at(upper) + falling.at(lower) + expression.constant
    least = rising.at(lower) + falling.at(upper) + expression.constant
    return most, least


def least_possible(expression: Linear, sign: float, model: linopy.Model) -> float:
    """The least value of `sign * expression` that the bounds of its variables allow, rows aside."""
    return float(bounds_along(sign * expression, model)[1][0])


def magnitude(expression: Linear, values: Values, program: Program) -> float:
    """The sum of the absolute values of the terms of a single expression at a point."""
    sizes = replace(
        expression, coefficient=np.abs(expression.coefficient), constant=np.abs(expression.constant)
    )
    point = {name: np.abs(np.asarray(array, dtype=float)) for name, array in values.items()}
    for follows in program.consequences if program.spec.terms else ():
        point[follows.name] = follows.sizes(point, program.model)
    return value_of(sizes, point, program.model)


def drop_negligible(expression: Linear, sign: float, room: float, program: Program) -> tuple[Linear, float]:
    """The rest of a single expression, and the least of `sign` times what was left out."""
    each = per_term(sign * expression)
    most, least = bounds_along(each, program.model)
    moves = most - least
    order = np.argsort(moves, kind="stable")
    dust = np.zeros(len(moves), dtype=bool)
    dust[order[np.cumsum(moves[order]) <= room]] = True
    if not dust.any():
        return expression, 0.0
    kept = replace(
        expression,
        row=expression.row[~dust],
        label=expression.label[~dust],
        coefficient=expression.coefficient[~dust],
    )
    return kept, float(least[dust].sum())
