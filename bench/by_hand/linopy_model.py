"""Power allocation in linopy as its pages show it: labelled arrays, with a mask where nobody is there."""

from __future__ import annotations

import linopy
import numpy as np
import pandas as pd
import xarray as xr

from bench.answer import Answer, Manner
from bench.arrays import Site
from bench.clock import Clock


def solve(site: Site, manner: Manner) -> Answer:
    """The optimum of a site without ports."""
    clock = Clock()
    with clock.phase("build"):
        vehicle, time = pd.RangeIndex(site.vehicles, name="vehicle"), pd.RangeIndex(site.steps, name="time")
        most = np.zeros((site.vehicles, site.steps))
        most[site.vehicle, site.at] = site.power
        upper = xr.DataArray(most, coords=[vehicle, time])
        price = xr.DataArray(site.price * site.step, coords=[time])
        limit, asked = xr.DataArray(site.limit, coords=[time]), xr.DataArray(site.demand, coords=[vehicle])
        model = linopy.Model()
        charge = model.add_variables(0, upper, mask=upper > 0, name="charge")
        unmet = model.add_variables(0, asked, name="unmet")
        model.add_constraints(site.step * charge.sum("time") + unmet >= asked, name="demand")
        if site.has_devices:
            bought = model.add_variables(0, limit, name="import")
            balance = bought - charge.sum("vehicle")
            if len(site.solar):
                sun = xr.DataArray(site.solar, coords=[time])
                balance = balance + model.add_variables(0, sun, name="solar")
            if site.storage_capacity:
                balance = balance + _add_storage(site, model, time)
            model.add_constraints(balance == 0, name="balance")
            cost = (price * bought).sum()
        else:
            model.add_constraints(charge.sum("vehicle") <= limit, name="limit")
            cost = (price * charge).sum()
        model.add_objective(cost + site.penalty * unmet.sum())
    with clock.phase("solve"):
        status, condition = model.solve(
            "highs", io_api="direct", output_flag=False, time_limit=manner.seconds, progress=False
        )
    is_optimal = (status, condition) == ("ok", "optimal")
    ended = "optimal" if is_optimal else "limit" if condition == "time_limit" else condition
    value = float(model.objective.value) if is_optimal else None
    return Answer(ended, value, None, int(model.nvars), int(model.ncons), 0, clock.phases)


def _add_storage(site: Site, model: linopy.Model, time: pd.RangeIndex) -> linopy.LinearExpression:
    """What the storage gives less what it takes, in each step."""
    most = xr.DataArray(np.full(site.steps, site.storage_power), coords=[time])
    taken, given = (model.add_variables(0, most, name=name) for name in ("taken", "given"))
    least = np.zeros(site.steps)
    least[-1] = site.storage_initial
    energy = model.add_variables(
        xr.DataArray(least, coords=[time]), site.storage_capacity, coords=[time], name="energy"
    )
    gained = site.step * site.storage_efficiency * taken - site.step / site.storage_efficiency * given
    later = slice(1, None)
    now, before = energy.isel(time=later), energy.shift(time=1).isel(time=later)
    model.add_constraints(now - before - gained.isel(time=later) == 0, name="energy")
    start = energy.isel(time=0) - gained.isel(time=0)
    model.add_constraints(start == site.storage_initial, name="first_energy")
    return given - taken
