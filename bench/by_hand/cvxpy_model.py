"""Power allocation in CVXPY, in vectors: a variable for each visit, sums by matrices of zeros and ones.

A dense `Variable((vehicles, steps))`, as many write it, has four times as many variables, and is slower.
"""

from __future__ import annotations

import cvxpy as cp
import numpy as np
from scipy import sparse

from bench.answer import Answer, Manner
from bench.arrays import Site
from bench.clock import Clock


def with_highs(site: Site, manner: Manner) -> Answer:
    """On HiGHS."""
    return _solve(site, {"solver": cp.HIGHS, "time_limit": manner.seconds})


def with_ecos(site: Site, manner: Manner) -> Answer:
    """On ECOS, which knows no time limit."""
    del manner
    return _solve(site, {"solver": cp.ECOS})


def _solve(site: Site, options: dict[str, object]) -> Answer:
    clock = Clock()
    with clock.phase("build"):
        visits = np.arange(len(site.at))
        ones = np.ones(len(visits))
        of_vehicle = sparse.csr_matrix((ones, (site.vehicle, visits)), (site.vehicles, len(visits)))
        of_step = sparse.csr_matrix((ones, (site.at, visits)), (site.steps, len(visits)))
        charge = cp.Variable(len(visits), nonneg=True)
        unmet = cp.Variable(site.vehicles, nonneg=True)
        rows = [charge <= site.power, site.step * (of_vehicle @ charge) + unmet >= site.demand]
        taken = of_step @ charge
        if site.has_devices:
            bought = cp.Variable(site.steps, nonneg=True)
            supply, more = _supply(site, bought)
            rows += [bought <= site.limit, supply == taken, *more]
            cost = (site.price * site.step) @ bought
        else:
            rows.append(taken <= site.limit)
            cost = (site.price[site.at] * site.step) @ charge
        problem = cp.Problem(cp.Minimize(cost + site.penalty * cp.sum(unmet)), rows)
    with clock.phase("solve"):
        try:
            problem.solve(**options)
        except cp.SolverError as error:
            return Answer(str(error), phases=clock.phases)
    size = problem.size_metrics
    is_optimal = problem.status == cp.OPTIMAL
    ended = {cp.OPTIMAL: "optimal", cp.USER_LIMIT: "limit"}.get(problem.status, problem.status)
    value = float(problem.value) if is_optimal else None
    rows_in_all = size.num_scalar_eq_constr + size.num_scalar_leq_constr
    return Answer(ended, value, None, size.num_scalar_variables, rows_in_all, 0, clock.phases)


def _supply(site: Site, bought: cp.Variable) -> tuple[cp.Expression, list[cp.Constraint]]:
    """What comes from the grid, the sun and the storage, with the rows of these."""
    supply, rows = bought, []
    if len(site.solar):
        sun = cp.Variable(site.steps, nonneg=True)
        supply, rows = supply + sun, [*rows, sun <= site.solar]
    if site.storage_capacity:
        taken, given = (cp.Variable(site.steps, nonneg=True) for _ in range(2))
        energy = cp.Variable(site.steps + 1, nonneg=True)
        gained = site.storage_efficiency * taken - given / site.storage_efficiency
        rows += [taken <= site.storage_power, given <= site.storage_power]
        rows += [energy <= site.storage_capacity, energy[1:] == energy[:-1] + site.step * gained]
        rows += [energy[0] == site.storage_initial, energy[-1] >= site.storage_initial]
        supply = supply + given - taken
    return supply, rows
