"""The numbers of a run that its reports tell: shares, indices of fairness, clocks, `let` quantities."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.objectives import word
from evdsl.language.spec import Spec, Stage
from evdsl.language.units import symbol
from evdsl.language.values import WordUse, leaves
from evdsl.optimization.rounding import cleared, unmet_of, worth
from evdsl.semantics.arithmetic import is_decided
from evdsl.verifier.requirements import let_value as worth_of_values

if TYPE_CHECKING:
    import xarray as xr

    from evdsl.data.data import Data
    from evdsl.optimization.result import Result

NOTICED = 0.005
"""kWh: what is missing below this is no shortfall to an operator, and rounds to zero."""

STEPS = ("parse", "check", "build", "solve", "verify")
"""What a run spends its time on, in order."""


def satisfactions(data: Data, schedule: xr.Dataset) -> FloatArray:
    """The share that each vehicle got of what it asked for, 0..1; 1 where it needs nothing."""
    need, unmet = data.vehicles.need, data.vehicles.of_whole(unmet_of(data, schedule))
    share = np.ones(len(need))
    asked = need > 0
    share[asked] = 1.0 - unmet[asked] / need[asked]
    return share


def jain(shares: FloatArray) -> float | None:
    """Jain's index `(Σ x)² / (n Σ x²)`, from 1/n to 1 where all are equal; `None` for nobody.

    R. Jain, D. Chiu, W. Hawe, "A Quantitative Measure of Fairness and Discrimination for Resource
    Allocation in Shared Computer Systems", DEC-TR-301 (1984).
    """
    if not len(shares):
        return None
    squares = len(shares) * float(np.square(shares).sum())
    return min(float(shares.sum()) ** 2 / squares, 1.0) if squares > 0 else 1.0


def gini(shares: FloatArray) -> float | None:
    """The Gini coefficient `Σ_ij |x_i - x_j| / (2 n Σ x)`, 0 where all are equal; `None` for nobody."""
    if not len(shares):
        return None
    total, count = float(shares.sum()), len(shares)
    if total <= 0:
        return 0.0
    # Over sorted values the double sum is a single one: x_(k) is the larger one k-1 times.
    rank = 2 * np.arange(1, count + 1) - count - 1
    return max(float(rank @ np.sort(shares)) / (count * total), 0.0)


def ports_held(schedule: xr.Dataset) -> list[list[str]]:
    """The names of the ports that each vehicle held, in order of the ports; empty for none."""
    port = schedule["port"]
    held: list[list[str]] = [[] for _ in range(schedule.sizes["vehicle"])]
    names = [str(name) for name in schedule["port_name"].values]
    if not names or not held:
        return held
    if port.dims == ("visit",):
        vehicle, number = schedule["visit_vehicle"].values, port.values
    else:
        vehicle, number = np.repeat(np.arange(len(held)), schedule.sizes["time"]), port.values.ravel()
    there = (number >= 0) & (number < len(names))
    for key in np.unique(vehicle[there] * len(names) + number[there]).tolist():
        held[int(key) // len(names)].append(names[int(key) % len(names)])
    return held


def over_time(schedule: xr.Dataset, name: str) -> FloatArray:
    """`charge` or `discharge` of all vehicles, shape (steps,), kW at the ports."""
    variable = schedule[name]
    if variable.dims == ("visit",):
        step: IntArray = schedule["visit_step"].values
        return np.asarray(np.bincount(step, variable.values, minlength=schedule.sizes["time"]), dtype=float)
    return np.asarray(variable.values.sum(axis=0), dtype=float)


def clock(data: Data, hours: float) -> datetime:
    """The wall clock with its offset from UTC after that many elapsed hours, to the second."""
    timeline = data.timeline
    utc = timeline.start_utc + timedelta(seconds=round(hours * 3600))
    return utc.replace(tzinfo=UTC).astimezone(timeline.zone)


def lets(result: Result) -> dict[str, tuple[float, str]]:
    """Value and unit of every `let` that depends on the schedule, where its words are known."""
    spec, known = result.spec, set(result.terms)
    if result.schedule is None:
        return {}
    decided = {name: value for name, value in spec.derived.items() if is_decided(value)}
    decided = {
        name: value
        for name, value in decided.items()
        if {leaf.name for leaf in leaves(value) if isinstance(leaf, WordUse)} <= known
    }
    found = worth_of_values(decided, spec, result.data, result.schedule)
    return {
        name: (cleared(amount.value, amount.scale), symbol(decided[name].dimension, spec.currency))
        for name, amount in found.items()
    }


def unit_of(name: str, spec: Spec) -> str:
    """The unit of an objective word, or of a term of a stage; empty for a plain number."""
    found = word(name)
    if found is not None:
        return symbol(found.dimension, spec.currency)
    term = next((term for term in spec.terms if term.name == name), None)
    return "" if term is None else symbol(term.value.dimension, spec.currency)


def final_value(stage: Stage, result: Result) -> float | None:
    """What a stage's expression is worth in the schedule of the last one; `None` where it is not known."""
    found = worth(stage, result.terms, result.verdict)
    return None if found is None else found.value


def seconds(result: Result, parse: float | None, check: float | None) -> dict[str, float | None]:
    """Seconds by step; `None` where it was not taken, or not measured."""
    known: dict[str, float | None] = {"parse": parse, "check": check, **result.seconds}
    return {name: known.get(name) for name in STEPS}
