"""Power allocation in Pyomo, with a rule for each family of rows, on HiGHS within the process (APPSI)."""

from __future__ import annotations

import pyomo.environ as pyo
from pyomo.contrib import appsi

from bench.answer import Answer, Manner
from bench.arrays import Site
from bench.clock import Clock


def solve(site: Site, manner: Manner) -> Answer:
    """The optimum of a site without ports."""
    clock = Clock()
    with clock.phase("build"):
        model = _model(site)
    with clock.phase("solve"):
        solver = appsi.solvers.Highs()
        solver.config.time_limit = manner.seconds
        solver.config.load_solution = False
        found = solver.solve(model)
        condition = found.termination_condition
        is_optimal = condition == appsi.base.TerminationCondition.optimal
        if is_optimal:
            found.solution_loader.load_vars()
    ended = {"optimal": "optimal", "maxTimeLimit": "limit"}.get(condition.name, condition.name)
    columns = sum(1 for _ in model.component_data_objects(pyo.Var))
    rows = sum(1 for _ in model.component_data_objects(pyo.Constraint))
    value = float(pyo.value(model.cost)) if is_optimal else None
    return Answer(ended, value, None, columns, rows, 0, clock.phases)


def _model(site: Site) -> pyo.ConcreteModel:
    of_vehicle: list[list[int]] = [[] for _ in range(site.vehicles)]
    of_step: list[list[int]] = [[] for _ in range(site.steps)]
    for visit, (vehicle, at) in enumerate(zip(site.vehicle.tolist(), site.at.tolist(), strict=True)):
        of_vehicle[vehicle].append(visit)
        of_step[at].append(visit)
    power, asked, limit = site.power.tolist(), site.demand.tolist(), site.limit.tolist()
    price, at_visit = (site.price * site.step).tolist(), site.at.tolist()
    model = pyo.ConcreteModel()
    model.visits, model.vehicles = pyo.RangeSet(0, len(power) - 1), pyo.RangeSet(0, site.vehicles - 1)
    model.steps = pyo.RangeSet(0, site.steps - 1)
    model.charge = pyo.Var(model.visits, bounds=lambda _, s: (0, power[s]))
    model.unmet = pyo.Var(model.vehicles, bounds=lambda _, i: (0, asked[i]))
    model.demand = pyo.Constraint(
        model.vehicles,
        rule=lambda m, i: (
            site.step * pyo.quicksum(m.charge[s] for s in of_vehicle[i]) + m.unmet[i] >= asked[i]
        ),
    )
    late = site.penalty * pyo.quicksum(model.unmet[i] for i in model.vehicles)
    if not site.has_devices:
        model.limit = pyo.Constraint(
            [t for t in model.steps if of_step[t]],
            rule=lambda m, t: pyo.quicksum(m.charge[s] for s in of_step[t]) <= limit[t],
        )
        model.cost = pyo.Objective(
            expr=pyo.quicksum(price[at_visit[s]] * model.charge[s] for s in model.visits) + late
        )
        return model
    model.bought = pyo.Var(model.steps, bounds=lambda _, t: (0, limit[t]))
    if len(site.solar):
        model.sun = pyo.Var(model.steps, bounds=lambda _, t: (0, float(site.solar[t])))
    if site.storage_capacity:
        _add_storage(site, model)

    def balance(m: pyo.ConcreteModel, t: int) -> object:
        supply = m.bought[t] + (m.sun[t] if len(site.solar) else 0)
        supply += m.given[t] - m.taken[t] if site.storage_capacity else 0
        return supply == pyo.quicksum(m.charge[s] for s in of_step[t])

    model.balance = pyo.Constraint(model.steps, rule=balance)
    model.cost = pyo.Objective(expr=pyo.quicksum(price[t] * model.bought[t] for t in model.steps) + late)
    return model


def _add_storage(site: Site, model: pyo.ConcreteModel) -> None:
    last, start = site.steps - 1, site.storage_initial
    model.taken = pyo.Var(model.steps, bounds=(0, site.storage_power))
    model.given = pyo.Var(model.steps, bounds=(0, site.storage_power))
    model.energy = pyo.Var(
        model.steps, bounds=lambda _, t: (start if t == last else 0, site.storage_capacity)
    )

    def state(m: pyo.ConcreteModel, t: int) -> object:
        gained = site.storage_efficiency * m.taken[t] - m.given[t] / site.storage_efficiency
        return m.energy[t] == (m.energy[t - 1] if t else start) + site.step * gained

    model.state = pyo.Constraint(model.steps, rule=state)
