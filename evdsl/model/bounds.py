"""The size of a sum, and its rest without the terms that cannot be seen beside the others.

Solvers take rows whose coefficients are far apart for what they are not: with
`1e-6 import + 1e5 peak <= b` SCIP calls a stage infeasible whose schedule is at hand. Where x lies in
lower..upper, the term c x moves by at most |c| (upper - lower). The smallest terms that together move by
no more than `room` are left out, each counted as the least it can be. What held the row still does; what
holds it now misses it by at most `room`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evdsl.model.linear import Linear, by_term
from evdsl.model.program import Program, Values, bounds_along, value_of


def size_of(expression: Linear, values: Values, program: Program) -> float:
    """The sum of the absolute values of the terms of a single expression at a point."""
    sizes = replace(
        expression, coefficient=np.abs(expression.coefficient), constant=np.abs(expression.constant)
    )
    point = {name: np.abs(np.asarray(array, dtype=float)) for name, array in values.items()}
    return value_of(sizes, point, program.model)


def without_dust(expression: Linear, sign: float, room: float, program: Program) -> tuple[Linear, float]:
    """The rest of a single expression, and the least of `sign` times what was left out."""
    each = by_term(sign * expression)
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
