"""The size of a sum, and its rest without the terms that cannot be seen beside the others.

Solvers take rows whose coefficients are far apart for what they are not: with
`1e-6 import + 1e5 peak <= b` SCIP calls a stage infeasible whose schedule is at hand. Where x lies in
lower..upper, the term c x moves by at most |c| (upper - lower). The smallest terms that together move by
no more than `room` are left out, each counted as the least it can be. What held the row still does; what
holds it now misses it by at most `room`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evdsl.program import Program, Values, value_of


def size_of(expression: Any, values: Values, program: Program) -> float:
    """The sum of the absolute values of the terms of a scalar expression at a point."""
    terms = expression.data.assign(coeffs=abs(expression.coeffs), const=abs(expression.const))
    point = {name: np.abs(np.asarray(array, dtype=float)) for name, array in values.items()}
    return value_of(type(expression)(terms, program.model), point, program.model)


def without_dust(expression: Any, sign: float, room: float, program: Program) -> tuple[Any, float]:
    """The rest of a scalar expression, and the least of `sign` times what was left out."""
    model = program.model
    labels = np.asarray(expression.vars.values)
    coefficients = sign * np.nan_to_num(np.asarray(expression.coeffs.values, dtype=float))
    lower, upper = np.zeros(labels.shape), np.zeros(labels.shape)
    for variable in model.variables.data.values():
        own = np.asarray(variable.labels.values).ravel()
        if not own.size:
            continue
        mine = (labels >= own.min()) & (labels <= own.max()) & (labels >= 0)
        place = np.searchsorted(own, labels[mine])
        lower[mine] = np.broadcast_to(variable.lower.values, variable.labels.shape).ravel()[place]
        upper[mine] = np.broadcast_to(variable.upper.values, variable.labels.shape).ravel()[place]
    size = np.abs(coefficients)
    moves = np.multiply(size, upper - lower, out=np.zeros_like(size), where=size > 0)
    order = np.argsort(moves, kind="stable")
    dust = np.zeros(labels.shape, dtype=bool)
    dust[order[np.cumsum(moves[order]) <= room]] = True
    dust &= labels >= 0
    if not dust.any():
        return expression, 0.0
    ends = np.where(coefficients > 0, lower, upper)
    kept = expression.data.assign(
        coeffs=expression.coeffs.where(~dust), vars=expression.vars.where(~dust, -1)
    )
    return type(expression)(kept, model), float((coefficients[dust] * ends[dust]).sum())
