"""A simulation from Python: `evdsl.simulate(...)`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from evdsl.language.spec import Spec
from evdsl.optimization.simulation.estimators import VARIANCES
from evdsl.optimization.simulation.prepare import prepare_simulation
from evdsl.optimization.simulation.question import Question, most_runs
from evdsl.optimization.simulation.simulation import Simulation, run_simulation
from evdsl.optimization.sweep.dataset import conditions_of, executor, source_of
from evdsl.optimization.sweep.plan import OPTIMUM
from evdsl.semantics.load import SpecError
from evdsl.solver.solution import Options

if TYPE_CHECKING:
    from evdsl.optimization.sweep.cluster import Client


def simulate(
    spec: Spec | str | Path,
    runs: int = 100,
    policies: Sequence[str] = (OPTIMUM,),
    *,
    variance: str = "plain",
    error: float | None = None,
    seed: int | None = None,
    set: Mapping[str, str | float] | None = None,  # the name that the command line has
    backend: str = "auto",
    options: Options | None = None,
    enable: Sequence[str] = (),
    disable: Sequence[str] = (),
    data: str | Path | Sequence[str | Path] = (),
    jobs: int | None = None,
    dask: Client | str | None = None,
    journal: str | Path | None = None,
) -> Simulation:
    """Draws everything random again in each of so many `runs`, and holds policies against the first of them.

    `policies` are `optimum` and the names of rules; all have the same draws in each run. `variance` is
    `plain`, `antithetic` or `control`; with an `error` it ends where the mean of each policy is known to this
    share of it. `mean(policy)` of what comes back has the mean with its 95 % interval, `difference(policy)`
    what a policy is more than the first, and `runs` the table as an `xarray.Dataset`.

    It runs on `jobs` processes (default: one for each core), or on the cluster `dask`, a client or an
    address. A `journal` is a file that keeps what is done: what it has is not run again. A spec that was
    read with overrides is given by its path, with these here. Raises `SpecError` for what is wrong with the
    spec, `ValueError` for what is wrong with an argument, `LookupError` for an unknown solver and
    `RuntimeError` where a cluster is lost.
    """
    conditions = conditions_of(policies, backend, options, enable, disable)
    conditions = replace(conditions, simulated=True, control=variance == "control")
    most = most_runs(variance)
    if isinstance(runs, bool) or not isinstance(runs, int) or not 1 <= runs <= most:
        raise ValueError(f"`runs` is {runs!r}; it is to be a whole number from 1 to {most:,}")
    if variance not in VARIANCES:
        raise ValueError(f"there is no way `{variance}`; there are {', '.join(VARIANCES)}")
    if variance == "antithetic" and runs % 2:
        raise ValueError(f"antithetic runs come in pairs, and {runs} is odd")
    if error is not None and not 0 < error < 1:
        raise ValueError(f"`error` is {error!r}; it is to lie above 0 and below 1")
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int) or seed < 0):
        raise ValueError(f"`seed` is {seed!r}; it is to be a whole number from 0")
    settings = {name: str(value) for name, value in (set or {}).items()}
    source, beside = source_of(spec, "simulate")
    folders = [data] if isinstance(data, str | Path) else data
    among = (*beside, *(Path(folder) for folder in folders))
    prepared, found = prepare_simulation(source, settings, seed, conditions, among)
    if prepared is None:
        raise SpecError(found)
    with executor(jobs, dask, journal) as (where, stored, known):
        result = run_simulation(prepared, Question(runs, variance, error), where, stored, known)
    if result.interrupted:
        raise KeyboardInterrupt
    if result.message:
        raise RuntimeError(result.message)
    return result
