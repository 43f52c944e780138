"""Power allocation as a matrix made by hand, with solar, a storage, least powers and charging in one go.

    min  Σ_t price_t δ import_t + g Σ_i unmet_i
    δ Σ_t y_it + unmet_i >= demand_i,   Σ_i y_it <= limit_t,   0 <= y_it <= power_it

with g the price of what is missing. Where there is solar or a storage, what is imported is a column of its
own; without them it is Σ_i y_it. A storage with losses needs no binaries at prices above zero.
"""

from __future__ import annotations

import numpy as np

from bench.answer import Answer, Manner
from bench.arrays import Site
from bench.by_hand.highs import Program, solved
from bench.clock import Clock


def solve(site: Site, manner: Manner) -> Answer:
    """The optimum of a site without ports."""
    clock = Clock()
    with clock.phase("build"):
        program = Program()
        at_step = 0.0 if site.has_devices else site.price[site.at] * site.step
        charge = program.add_columns(len(site.at), at_step, upper=site.power)
        unmet = program.add_columns(site.vehicles, site.penalty, upper=site.demand)
        every = np.arange(site.vehicles)
        program.add_rows(
            site.vehicles, site.demand, np.inf, (site.vehicle, charge, site.step), (every, unmet, 1.0)
        )
        if site.has_devices:
            _add_devices(site, program, charge)
        else:
            program.add_rows(site.steps, -np.inf, site.limit, (site.at, charge, 1.0))
        if site.least or site.in_one_go:
            _add_levels(site, program, charge)
    return solved(program, manner, clock)


def _add_devices(site: Site, program: Program, charge: np.ndarray) -> None:
    """import + solar + given = charged + taken in each step, and the energies of the storage."""
    steps = np.arange(site.steps)
    bought = program.add_columns(site.steps, site.price * site.step, upper=site.limit)
    terms = [(steps, bought, 1.0), (site.at, charge, -1.0)]
    if len(site.solar):
        terms.append((steps, program.add_columns(site.steps, upper=site.solar), 1.0))
    if site.storage_capacity:
        taken = program.add_columns(site.steps, upper=site.storage_power)
        given = program.add_columns(site.steps, upper=site.storage_power)
        least = np.zeros(site.steps)
        least[-1] = site.storage_initial
        energy = program.add_columns(site.steps, lower=least, upper=site.storage_capacity)
        terms += [(steps, taken, -1.0), (steps, given, 1.0)]
        first = np.where(steps == 0, site.storage_initial, 0.0)
        program.add_rows(
            site.steps,
            first,
            first,
            (steps, energy, 1.0),
            (steps[1:], energy[:-1], -1.0),
            (steps, taken, -site.step * site.storage_efficiency),
            (steps, given, site.step / site.storage_efficiency),
        )
    program.add_rows(site.steps, 0.0, 0.0, *terms)


def _add_levels(site: Site, program: Program, charge: np.ndarray) -> None:
    """A binary says whether a vehicle charges; then no less than the least power, and begun once at most."""
    size = len(site.at)
    visits = np.arange(size)
    on = program.add_columns(size, upper=1.0, whole=True)
    program.add_rows(size, -np.inf, 0.0, (visits, charge, 1.0), (visits, on, -site.power))
    program.add_rows(size, 0.0, np.inf, (visits, charge, 1.0), (visits, on, -_least(site)))
    if not site.in_one_go:
        return
    begun = program.add_columns(size, upper=1.0)
    later = visits[1:][site.vehicle[1:] == site.vehicle[:-1]]
    program.add_rows(size, 0.0, np.inf, (visits, begun, 1.0), (visits, on, -1.0), (later, on[later - 1], 1.0))
    program.add_rows(site.vehicles, -np.inf, 1.0, (site.vehicle, begun, 1.0))


def _least(site: Site) -> np.ndarray:
    """The least power of each visit: less where the vehicle is there for a part of the step alone."""
    return site.least * site.power / site.power.max()
