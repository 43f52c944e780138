"""A sweep from Python: its rows as an `xarray.Dataset` over what was set, the seeds and the policies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Source
from evdsl.language.spec import Spec
from evdsl.optimization.policies import POLICIES
from evdsl.optimization.sweep.cluster import connect
from evdsl.optimization.sweep.columns import FLAGS, TEXTS, columns_of, numbers_of, units_of
from evdsl.optimization.sweep.job import Row
from evdsl.optimization.sweep.journal import Journal
from evdsl.optimization.sweep.local import cores
from evdsl.optimization.sweep.plan import MAXIMUM_JOBS, OPTIMUM, Conditions, Settings, count_of
from evdsl.optimization.sweep.prepare import Prepared, prepare
from evdsl.optimization.sweep.run import Here, SweepResult, run_sweep
from evdsl.semantics.load import SpecError
from evdsl.semantics.resolve import Overrides, resolve
from evdsl.solver.discovery import backend_of, refuse_unknown_options
from evdsl.solver.solution import Options

if TYPE_CHECKING:
    from evdsl.optimization.sweep.cluster import Client


Given = Spec | str | Path
"""A spec, or where its text is."""


def sweep(
    spec: Given | Sequence[Given],
    set: Mapping[str, Sequence[str | float]] | None = None,
    seeds: Iterable[int] | None = None,
    policies: Sequence[str] = (OPTIMUM,),
    *,
    backend: str = "auto",
    options: Options | None = None,
    enable: Sequence[str] = (),
    disable: Sequence[str] = (),
    data: str | Path | Sequence[str | Path] = (),
    jobs: int | None = None,
    dask: Client | str | None = None,
    journal: str | Path | None = None,
) -> xr.Dataset:
    """Every combination of settings and seeds: the optimum beside charging rules, on the same draws.

    Several specs are the first dimension, `spec`: each has a name of its own and all that is `set`, and they
    count in one currency.

    `set` has values by the name of a param, `{"gamma": ["0.2 EUR/kWh", "0.3 EUR/kWh"]}`; without `seeds`
    the spec has its own. `policies` are `optimum` and the names of rules. The dataset has the dimensions of
    `set`, `seed` and `policy`, and the variables of the table of `evdsl sweep`: every objective word,
    `stage_1`, ..., `saving` (what the optimum saves of the first objective of a rule, as a share of that),
    `status`, `reason`, sizes, with `units` among their attributes. Values of a setting that are numbers of
    one unit are numbers along its dimension. A run that fails has its `status` and `reason`, and NaN for
    figures.

    It runs on `jobs` processes (default: one for each core), or on the cluster `dask`, a client or an
    address. A `journal` is a file that keeps what is done: what it has is not run again. A spec that was
    read with overrides is given by its path, with these here. Raises `SpecError` for what is wrong with the
    spec, `ValueError` for what is wrong with an argument, `LookupError` for an unknown solver and
    `RuntimeError` where a cluster is lost.
    """
    conditions = conditions_of(policies, backend, options, enable, disable)
    settings = _settings(set or {})
    several = not isinstance(spec, Given)
    sources = [source_of(one) for one in ([spec] if isinstance(spec, Given) else spec)]
    if not sources:
        raise ValueError("`spec` names none; give `sweep` one spec, or a list of them")
    ranges = () if seeds is None else _ranges(seeds)
    count = count_of(len(sources), settings, ranges)
    if count > MAXIMUM_JOBS:
        raise ValueError(f"the sweep has {count:,} runs, and {MAXIMUM_JOBS:,} are run at most")
    folders = [data] if isinstance(data, str | Path) else data
    beside = dict.fromkeys(folder for _, own in sources for folder in own)
    among = (*beside, *(Path(folder) for folder in folders))
    prepared, found = prepare([given for given, _ in sources], settings, ranges, conditions, among)
    if prepared is None:
        raise SpecError(found)
    names = [one.source.name for one in prepared.specs]
    if len(dict.fromkeys(names)) < len(names):
        raise ValueError(f"each spec is named once, and these are {', '.join(names)}")
    if several and not ranges and len(dict.fromkeys(one.seed for one in prepared.specs)) > 1:
        raise ValueError("the specs have seeds of their own, which differ: say `seeds`")
    result = _run(prepared, jobs, dask, journal)
    return dataset(prepared, result, several)


def dataset(prepared: Prepared, result: SweepResult, several: bool = False) -> xr.Dataset:
    """The rows of a whole sweep over its dimensions, of which `spec` is one where there are several."""
    plan = prepared.plan
    spec = prepared.specs[0]
    seeds = [seed for one in plan.seeds for seed in one] or [spec.seed]
    names = columns_of(prepared)
    units = units_of(prepared)
    coordinates: dict[str, Any] = {}
    if several:
        coordinates["spec"] = ("spec", [one.source.name for one in prepared.specs])
    for name, values in plan.settings:
        # A param may have the name of a column.
        axis = f"set.{name}" if name in (*names, "seed", "policy", "spec") else name
        numbers = numbers_of(values)
        if numbers is None:
            coordinates[axis] = (axis, list(values))
        else:
            coordinates[axis] = (axis, numbers[0], {"units": numbers[1]} if numbers[1] else {})
    coordinates["seed"] = ("seed", np.asarray(seeds))
    coordinates["policy"] = ("policy", list(plan.conditions.policies))
    axes = tuple(coordinates)
    shape = tuple(len(coordinates[axis][1]) for axis in axes)
    variables: dict[str, Any] = {}
    for name in names:
        if name in ("spec", "seed", "policy") or name.startswith("set."):
            continue
        array = array_of(name, [row.get(name) for row in result.rows])
        attributes = {"units": units[name]} if name in units else {}
        variables[name] = (axes, array.reshape(shape), attributes)
    about: dict[str, Any] = {"currency": spec.currency}
    if not several:
        stages = [f"{stage.sense} {stage.text}" for stage in spec.stages]
        about = {"spec": spec.name} | about | {"stages": stages}
    return xr.Dataset(variables, coordinates, about)


def array_of(name: str, column: Sequence[Any]) -> np.ndarray[Any, Any]:
    """A column of the table: texts, flags, or numbers with NaN where there is none."""
    if name in TEXTS:
        return np.asarray([text or "" for text in column], dtype=object)
    if name in FLAGS:
        return np.asarray([bool(value) for value in column])
    return np.asarray([np.nan if value is None else value for value in column], dtype=float)


def _run(
    prepared: Prepared, jobs: int | None, dask: Client | str | None, journal: str | Path | None
) -> SweepResult:
    with executor(jobs, dask, journal) as (where, stored, known):
        result = run_sweep(prepared.plan, where, stored, known)
    if result.interrupted:
        raise KeyboardInterrupt
    if result.message:
        raise RuntimeError(result.message)
    return result


@contextmanager
def executor(
    jobs: int | None, dask: Client | str | None, journal: str | Path | None
) -> Iterator[tuple[Here | Client, Journal | None, dict[str, list[Row]]]]:
    """Where runs are made, and the journal with what is in it. Raises `ValueError` and `RuntimeError`."""
    if jobs is not None and jobs < 1:
        raise ValueError(f"`jobs` is {jobs!r}; it is to be a whole number from 1")
    where = Here(jobs or cores()) if dask is None else _client(dask)
    try:
        if journal is None:
            yield where, None, {}
            return
        opened = Journal.open(Path(journal))
        if isinstance(opened, Diagnostic):
            raise ValueError(opened.message)
        stored, known = opened
        with stored:
            yield where, stored, known
    finally:
        if isinstance(dask, str) and not isinstance(where, Here):
            where.close()  # type: ignore[no-untyped-call]  # has no types of its own


def _client(dask: Client | str) -> Client:
    if not isinstance(dask, str):
        return dask
    client = connect(dask)
    if isinstance(client, Diagnostic):
        raise RuntimeError(f"{client.message}; {client.help}")
    return client


def conditions_of(
    policies: Sequence[str],
    backend: str,
    options: Options | None,
    enable: Sequence[str],
    disable: Sequence[str],
) -> Conditions:
    """What holds in every run. Raises `ValueError`, and `LookupError` for an unknown solver."""
    if isinstance(policies, str):
        raise ValueError(f'`policies` is {policies!r}; it is to be a list, such as ["{policies}"]')
    known = [OPTIMUM, *(one.name for one in POLICIES)]
    unknown = [name for name in policies if name not in known]
    if unknown:
        raise ValueError(f"there is no policy `{unknown[0]}`; there are {', '.join(known)}")
    if not policies or len(dict.fromkeys(policies)) < len(policies):
        raise ValueError("`policies` names at least one, and each once")
    if not isinstance(backend, str):
        raise ValueError("`backend` is a name: processes and clusters load the solver by it")
    options = options or Options()
    refuse_unknown_options(backend_of(backend), options)
    # As the command has it: an answer is not to depend on the number of cores.
    options = replace(options, threads=options.threads or 1)
    return Conditions(tuple(policies), backend, options, tuple(enable), tuple(disable))


def _settings(given: Mapping[str, Sequence[str | float]]) -> Settings:
    found = []
    for name, values in given.items():
        if isinstance(values, str) or not len(values):
            raise ValueError(f'`set` has {name!r}: {values!r}; it is to be a list, such as ["{values}"]')
        texts = tuple(str(value) for value in values)
        if len(dict.fromkeys(texts)) < len(texts):
            raise ValueError(f"`set` gives {name!r} a value twice")
        found.append((name, texts))
    return tuple(found)


def _ranges(seeds: Iterable[int]) -> tuple[range, ...]:
    if isinstance(seeds, range) and seeds.step == 1 and seeds.start >= 0 and len(seeds):
        return (seeds,)
    found = [int(seed) for seed in seeds]
    if not found or min(found) < 0 or len(dict.fromkeys(found)) < len(found):
        raise ValueError("`seeds` are whole numbers from 0, at least one, and each once")
    return tuple(range(seed, seed + 1) for seed in found)


def source_of(spec: Spec | str | Path, caller: str = "sweep") -> tuple[Source | Path | str, tuple[Path, ...]]:
    """The text of a spec and the folders beside its own; a spec is what its text says, without overrides."""
    if not isinstance(spec, Spec):
        return spec, ()
    folders = spec.folders[1:]
    again, _ = resolve(spec.source, Overrides(folders=folders))
    if again is None or again.digest != spec.digest:
        help = f"give `{caller}` its path, and what is set, enabled and disabled"
        raise ValueError(f"the spec was read with overrides: {help}")
    return spec.source, folders
