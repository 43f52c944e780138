"""One job: a spec with what is set and its seed is solved, the rules run on the same data. It never raises.

It gives a row for each policy, a dictionary of numbers and texts:

| | |
|---|---|
| `spec`, `set.NAME`, `seed`, `policy` | whose row it is; settings as they were typed |
| `scenario` | of a simulation: which draw of everything random |
| `status` | of the optimum how its solve ended, of a rule `done` or `not_allowed`; and see below |
| `reason` | why there are no figures |
| `verified` | whether its schedule passed the independent check |
| `proven` | whether the optimum of the job is proven, within the gap that was asked for |
| `stage_1`, ... | what the expression of each stage is worth in the final schedule |
| `control` | of a simulation: what the first stage is worth under `uncontrolled`, alone on the same draw |
| `saving` | of a rule: what the optimum saves of its `stage_1`, as a share of that |
| `cost`, ... | every objective word |
| `charged` | what vehicles and cohorts get at the ports, less what they give back |
| `vehicles`, `steps` | who comes (of cohorts their arrivals, rounded) and how many steps there are |
| `variables`, `integers`, `rows` | of the model of the optimum, as it went to the solver |
| `solver`, `seconds` | whose answer it is; what building, solving and checking took |
| `digest` | of the spec and its data, as `evdsl solve --json` has it |

`no_optimum` is the status of a rule where the optimum has no schedule, `mistake` that of all where the spec
or its data have errors with what is set, `out_of_memory` and `died` where the process did not live to the
end, `bug` where this program failed. All numbers are in canonical units. A rule sells as much beyond what is
asked as the optimum of its job, which is therefore solved where rules alone are asked for too
(`evdsl.optimization.comparison`).

In a simulation a rule that breaks the spec is `broken` and has figures, and a rule that needs nothing of the
optimum, since drivers pay nothing and nothing is left to be chosen, is run whether there is one or not.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Source
from evdsl.language.arrays import FloatArray
from evdsl.language.decisions import decisions
from evdsl.language.objectives import WORDS
from evdsl.language.spec import Spec
from evdsl.optimization.comparison import run as run_rule
from evdsl.optimization.policies import policy
from evdsl.optimization.problem import compile_spec
from evdsl.optimization.result import Result
from evdsl.optimization.rounding import difference, share_of, worth
from evdsl.optimization.sweep.bundle import LaidBundle
from evdsl.optimization.sweep.plan import OPTIMUM, Conditions, Job
from evdsl.schedule.decisions import settled
from evdsl.schedule.sales import sold_beyond
from evdsl.semantics.resolve import Overrides, resolve
from evdsl.solver.solution import Status
from evdsl.verifier import Verdict

if TYPE_CHECKING:
    import xarray as xr

Row: TypeAlias = dict[str, Any]

FAILED = frozenset(
    "infeasible unbounded stopped error not_allowed no_optimum mistake out_of_memory died bug".split()
)
"""Statuses of rows without figures."""
CONTROL = "uncontrolled"
"""The rule whose value, on the same draws, tells how far a run lies from the mean."""
OUT_OF_MEMORY = "the memory does not hold what there is to solve"


def rows_of(job: Job, laid: LaidBundle, conditions: Conditions) -> list[Row]:
    """The rows of a job, in the order of the policies."""
    try:
        return _rows(job, laid, conditions)
    except Exception as error:  # a mistake of this program in one run is not to end the others
        # A library that finds no memory for itself, or for a thread, says so in its own way.
        if isinstance(error, MemoryError) or "allocate memory" in str(error) or "new thread" in str(error):
            return failed_rows(job, laid.shown, conditions, "out_of_memory", OUT_OF_MEMORY)
        why = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return failed_rows(job, laid.shown, conditions, "bug", why)


def failed_rows(job: Job, shown: str, conditions: Conditions, status: str, reason: str) -> list[Row]:
    """The rows of a job that has no figures."""
    common = _common(job, shown)
    names = (CONTROL,) if job.scenario.alone else conditions.policies
    return [
        {**common, "policy": name, "status": status, "reason": reason, "verified": False} for name in names
    ]


def _common(job: Job, shown: str) -> Row:
    common = {"spec": shown, **{f"set.{name}": value for name, value in job.set}, "seed": job.seed}
    return {**common, "scenario": job.scenario.number} if job.scenario.number else common


def _rows(job: Job, laid: LaidBundle, conditions: Conditions) -> list[Row]:
    path = Path(laid.path)
    source = Source(laid.shown, path.read_text(encoding="utf-8"), path)
    folders = tuple(Path(folder) for folder in laid.folders)
    overrides = Overrides(dict(job.set), conditions.enable, conditions.disable, job.seed, folders)
    spec, found = resolve(source, overrides)
    if spec is None:
        return failed_rows(job, laid.shown, conditions, "mistake", _told(found))
    spec = replace(spec, scenario=job.scenario.number, antithetic=job.scenario.antithetic)
    started = time.perf_counter()
    data, found = load_data(spec)
    if data is None:
        return failed_rows(job, laid.shown, conditions, "mistake", _told(found))
    common = {**_common(job, laid.shown), "seed": spec.seed, **_sizes(spec, data)}
    if conditions.control:
        common["control"] = control_of(spec, data)
        common["seconds_of_control"] = time.perf_counter() - started
    if job.scenario.alone:
        return [{**common, "policy": CONTROL, "status": "done", "reason": ""}]
    needed = OPTIMUM in conditions.policies or not conditions.simulated or _needs_optimum(spec, data)
    problem = compile_spec(spec, data) if needed else None
    options = conditions.options.seeded(spec.seed)
    result = None if problem is None else problem.run(conditions.backend, options)
    return [{**common, **row} for row in _of_policies(spec, data, result, conditions)]


def _of_policies(spec: Spec, data: Data, result: Result | None, conditions: Conditions) -> Iterator[Row]:
    """The row of each policy; without a `result` nobody asked for the optimum, and no rule needs it."""
    simulated = conditions.simulated
    schedule = None if result is None else result.schedule
    beyond = None if schedule is None else sold_beyond(spec, data, schedule)
    constant, known = (spec, data) if result is None else settled(spec, data, schedule)
    common: Row = {}
    if result is not None:
        common["proven"] = result.status in (Status.OPTIMAL, Status.WITHIN_GAP)
    for name in conditions.policies:
        row = {**common, "policy": name}
        if name == OPTIMUM:
            assert result is not None, "it is asked for"
            yield {**row, **_of_optimum(result)}
        elif schedule is None and result is not None and (not simulated or _needs_optimum(spec, data)):
            why = f"the optimum has no schedule: {_why(result)}"
            yield {**row, "status": "no_optimum", "reason": why, "verified": False}
        else:
            yield {**row, **_of_rule(name, constant, known, result, beyond, simulated)}


def _needs_optimum(spec: Spec, data: Data) -> bool:
    """Whether a rule sells as much as the optimum, or has what that chose."""
    return bool(decisions(spec)) or bool(np.any(data.of_classes(spec, "tariff")))


def control_of(spec: Spec, data: Data) -> float | None:
    """What the first stage is worth under the rule `uncontrolled`, run alone; `None` where it is not known.

    It is a number of the draws: the rule may break the spec, and has the low ends of what is left to choose.
    """
    rule = policy(CONTROL)
    assert rule is not None, "it is one of them"
    constant, known = settled(spec, data, None)
    ruled = run_rule(constant, known, rule)
    reached = worth(spec.stages[0], ruled.terms, ruled.verdict)
    return None if reached is None or not isfinite(reached.value) else reached.value


def _told(found: Sequence[Diagnostic]) -> str:
    """The first error, and how many there are beside it."""
    errors = [one for one in found if one.is_error]
    first = errors[0]
    place = f" ({first.span})" if first.span is not None else ""
    more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
    return f"{first.code}: {first.message}{place}{more}"


def _sizes(spec: Spec, data: Data) -> Row:
    arriving = sum(float(arrivals.sum()) for arrivals in data.cohorts.values())
    coming = int(data.vehicles.is_first.sum()) + round(arriving)
    return {"vehicles": coming, "steps": spec.steps, "digest": data.digest}


def _charged(spec: Spec, schedule: xr.Dataset) -> float:
    """What vehicles and cohorts get at the ports, less what they give back, kWh."""
    vehicles = float(schedule["delivered"].sum()) if "delivered" in schedule else 0.0
    cohorts = (float(schedule[device.name].sum()) for device in spec.of_kind("cohort"))
    return vehicles + spec.step * sum(cohorts)


def _why(result: Result) -> str:
    return result.message or result.status.value


def _of_optimum(result: Result) -> Row:
    row = {
        "status": result.status.value,
        "verified": result.verdict is not None and result.verdict.ok,
        **result.size,
        "solver": result.backend,
        "seconds": sum(result.seconds.values()),
    }
    if not result.status.has_schedule:
        return {**row, "reason": _why(result)}
    reason = "" if result.status is Status.OPTIMAL else result.message
    assert result.schedule is not None, "the status says so"
    row["charged"] = _charged(result.spec, result.schedule)
    return {**row, "reason": reason, **_figures(result.spec, result.terms, result.verdict)}


def _of_rule(
    name: str, spec: Spec, data: Data, optimum: Result | None, beyond: FloatArray | None, simulated: bool
) -> Row:
    chosen = policy(name)
    assert chosen is not None, "names of rules are checked before anything runs"
    started = time.perf_counter()
    ruled = run_rule(spec, data, chosen, beyond)
    seconds = time.perf_counter() - started
    why = ""
    if not ruled.is_allowed:
        first = ruled.verdict.violations[0]
        why = f"{first.rule}: {' '.join(first.message.split())}"
        if not simulated:
            return {"status": "not_allowed", "reason": why, "verified": False, "seconds": seconds}
    stage = spec.stages[0]
    best = None if optimum is None else worth(stage, optimum.terms, optimum.verdict)
    reached = worth(stage, ruled.terms, ruled.verdict)
    saved = None
    if best is not None and reached is not None and ruled.is_allowed:
        saved = share_of(stage.sign * difference(best, reached), reached)
    figures = _figures(spec, ruled.terms, ruled.verdict)
    return {
        "status": "done" if ruled.is_allowed else "broken",
        "reason": why,
        "verified": ruled.is_allowed,
        "seconds": seconds,
        "saving": saved,
        "charged": _charged(spec, ruled.schedule),
        **figures,
    }


def _figures(spec: Spec, terms: Mapping[str, float], verdict: Verdict | None) -> Row:
    """What each stage and each word is worth; what is not known is left out."""
    found: Row = {}
    for number, stage in enumerate(spec.stages, 1):
        reached = worth(stage, terms, verdict)
        if reached is not None:
            found[f"stage_{number}"] = reached.value
    found |= {word.name: terms[word.name] for word in WORDS if word.name in terms}
    return {name: float(value) for name, value in found.items() if isfinite(value)}
