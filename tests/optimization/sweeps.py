"""A small site that is swept, and what its jobs come to without a process."""

from __future__ import annotations

from pathlib import Path

from evdsl.optimization.sweep.job import Row, rows_of
from evdsl.optimization.sweep.plan import Conditions, Plan
from evdsl.optimization.sweep.prepare import Prepared, Settings, prepare
from evdsl.solver.solution import Options

TINY = """
station tiny {
    start   = 2024-03-12 18:00
    horizon = 6 h
    step    = 1 h
    seed    = 1
}
param gamma = 0.60 EUR/kWh
param limit = 11 kW
grid {
    import_limit = limit
    price        = { 00:00: 0.31 EUR/kWh, 21:00: 0.12 EUR/kWh }
}
class car {
    battery = 50 kWh
    charge  = 7.4 kW
    soc     = 5 % .. 100 %
}
fleet cars of car {
    count       = 3
    arrival     = normal(18:40, 20 min)
    stay        = normal(4 h, 30 min)
    soc_arrival = uniform(20 %, 60 %)
    soc_target  = 80 %
}
minimize cost + gamma * unmet
then minimize peak
"""


def prepared_of(
    path: Path, settings: Settings = (), seeds: tuple[range, ...] = (), **conditions: object
) -> Prepared:
    """The plan of a sweep over one spec, which has no mistake."""
    given: dict[str, object] = {"policies": ("optimum",), "backend": "highs", "options": Options(threads=1)}
    told = Conditions(**{**given, **conditions})  # type: ignore[arg-type]  # the fields of Conditions
    prepared, found = prepare([path], settings, seeds, told)
    assert prepared is not None, found
    return prepared


def rows_in_process(plan: Plan, folder: Path) -> list[Row]:
    """The rows of every job, in the order of the plan."""
    laid = [bundle.lay(folder / str(number)) for number, bundle in enumerate(plan.bundles)]
    return [row for job in plan.jobs() for row in rows_of(job, laid[job.spec], plan.conditions)]
