"""Vehicles as counts by state of need, as a matrix made by hand, as `c_cohorts/cohorts.evs` has them.

min  Σ_t price_t δ p Σ_i c_i(t) + g Σ_t Σ_{i >= 1} x_i(t)
p Σ_i c_i(t) <= limit,   0 <= c(t) <= x(t),   x(t+1) = A x(t) + a(t) + B c(t),   x(0) = 0
"""

from __future__ import annotations

import numpy as np

from bench.answer import Answer, Manner
from bench.arrays import Site
from bench.by_hand.highs import Program, solved
from bench.clock import Clock


def solve(site: Site, manner: Manner) -> Answer:
    """The optimum of a cohort; `power` is that of one vehicle, `penalty` what one in need costs in a step."""
    clock = Clock()
    with clock.phase("build"):
        program = Program()
        states, steps = site.arrivals.shape
        power, n = float(site.power[0]), states - 1
        state, at = (each.ravel() for each in np.meshgrid(np.arange(states), np.arange(steps), indexing="ij"))
        every = np.arange(states * steps)
        there = program.add_columns(len(every), np.where(state > 0, site.penalty, 0.0), lower=-np.inf)
        charging = program.add_columns(len(every), site.price[at] * site.step * power)
        stay = 1 - (n + 1 - state) / (n + 2)
        later = every[at > 0]
        come = np.where(at > 0, site.arrivals[state, at - 1], 0.0)
        below = later[state[later] < n]
        program.add_rows(
            len(every),
            come,
            come,
            (every, there, 1.0),
            (later, there[later - 1], -stay[later]),
            # Who is charged leaves its state for the one below; a full vehicle stays full.
            (later[state[later] > 0], charging[later[state[later] > 0] - 1], 1.0),
            (below, charging[below + steps - 1], -1.0),
        )
        program.add_rows(len(every), -np.inf, 0.0, (every, charging, 1.0), (every, there, -1.0))
        program.add_rows(steps, -np.inf, site.limit, (at, charging, power))
    return solved(program, manner, clock)
