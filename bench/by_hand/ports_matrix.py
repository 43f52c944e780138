"""Fewer ports than vehicles, with energy in both ways, as a matrix made by hand; in two forms.

`counted`: a binary for each vehicle that gets a port, and no more of them at once than there are ports.
`papers`: the model of the papers, with z[t,i,j] for vehicle i at port j in step t, charging and discharging,
and one x[i,j] for the whole stay. The first is what somebody writes who sees that equal ports need no names.
"""

from __future__ import annotations

import numpy as np

from bench.answer import Answer, Manner
from bench.arrays import Site
from bench.by_hand.highs import Program, solved
from bench.clock import Clock


def counted(site: Site, manner: Manner) -> Answer:
    """With ports that are counted."""
    return _solve(site, manner, 1, site.ports)


def papers(site: Site, manner: Manner) -> Answer:
    """With a variable for each port."""
    return _solve(site, manner, site.ports, 1)


def _solve(site: Site, manner: Manner, ports: int, room: int) -> Answer:
    clock = Clock()
    with clock.phase("build"):
        program = Program()
        visits = len(site.at)
        gives = bool(site.back.any())
        # One entry for each port and visit.
        port = np.repeat(np.arange(ports), visits)
        visit = np.tile(np.arange(visits), ports)
        vehicle, at = site.vehicle[visit], site.at[visit]
        size, each = len(visit), np.arange(ports * visits)
        charge = program.add_columns(size, -site.tariff * site.step, upper=site.power[visit])
        holds = program.add_columns(ports * site.vehicles, upper=1.0, whole=True)
        held = holds[port * site.vehicles + vehicle]
        out = net_out = None
        if not gives:
            program.add_rows(size, -np.inf, 0.0, (each, charge, 1.0), (each, held, -site.power[visit]))
        else:
            paid = (site.reward + site.wear) * site.step
            out = program.add_columns(size, paid, upper=site.back[visit])
            ins = program.add_columns(size, upper=1.0, whole=True)
            outs = program.add_columns(size, upper=1.0, whole=True)
            program.add_rows(size, -np.inf, 0.0, (each, charge, 1.0), (each, ins, -site.power[visit]))
            program.add_rows(size, -np.inf, 0.0, (each, out, 1.0), (each, outs, -site.back[visit]))
            program.add_rows(size, -np.inf, 0.0, (each, ins, 1.0), (each, outs, 1.0), (each, held, -1.0))
            net_out = (at, out, -1.0)
        _add_ports(site, program, holds, ports, room)
        _add_energies(site, program, visit, charge, out)
        _add_grid(site, program, (at, charge, 1.0), net_out)
    # The site maximizes its profit.
    return solved(program, manner, clock, -1.0)


def _add_ports(site: Site, program: Program, holds: np.ndarray, ports: int, room: int) -> None:
    """A vehicle has one port at most; a port serves as many at once as there is room for.

    There are most at once when somebody comes, so there is a row for each arrival.
    """
    every = np.tile(np.arange(site.vehicles), ports)
    program.add_rows(site.vehicles, -np.inf, 1.0, (every, holds, 1.0))
    there = (site.begin <= site.begin[:, None]) & (site.begin[:, None] < site.end)
    when, who = np.nonzero(there)
    for number in range(ports):
        mine = holds[number * site.vehicles : (number + 1) * site.vehicles]
        program.add_rows(site.vehicles, -np.inf, float(room), (when, mine[who], 1.0))


def _add_energies(
    site: Site, program: Program, visit: np.ndarray, charge: np.ndarray, out: np.ndarray | None
) -> None:
    """What is in each battery, and what is missing of its target at departure."""
    visits, first = np.arange(len(site.at)), np.flatnonzero(np.diff(site.vehicle, prepend=-1))
    last = np.flatnonzero(np.diff(site.vehicle, append=site.vehicles))
    there = site.vehicle[first]
    energy = program.add_columns(len(visits), lower=site.low[site.vehicle], upper=site.high[site.vehicle])
    before = np.zeros(len(visits))
    before[first] = site.initial[there]
    later = np.setdiff1d(visits, first)
    terms = [
        (visits, energy, 1.0),
        (later, energy[later - 1], -1.0),
        (visit, charge, -site.step * site.efficiency),
    ]
    if out is not None:
        terms.append((visit, out, site.step / site.efficiency))
    program.add_rows(len(visits), before, before, *terms)
    unmet = program.add_columns(len(there), site.penalty)
    every = np.arange(len(there))
    program.add_rows(len(there), site.target[there], np.inf, (every, energy[last], 1.0), (every, unmet, 1.0))


def _add_grid(site: Site, program: Program, *net: tuple[np.ndarray, np.ndarray, float] | None) -> None:
    """What is imported and exported in each step; both at once never pays, as what is sold is cheaper."""
    steps = np.arange(site.steps)
    bought = program.add_columns(site.steps, site.price * site.step, upper=site.limit)
    terms = [(steps, bought, -1.0), *(term for term in net if term is not None)]
    if len(site.feed_in):
        sold = program.add_columns(site.steps, -site.feed_in * site.step, upper=site.export_limit)
        terms.append((steps, sold, 1.0))
    program.add_rows(site.steps, 0.0, 0.0, *terms)
