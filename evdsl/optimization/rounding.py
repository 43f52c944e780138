"""What of a number is rounding: one rule for every report, and for every ratio that is taken.

A value whose terms have the absolute values that add up to s is known to

    ROUNDING · (s + 1 unit)

since solvers keep rows to a millionth of what stands in them, and a later stage may spend a millionth, and a
millionth of a unit, of what an earlier one reached (`evdsl.optimization.stages`). A value that is no more is
zero; two that differ by no more are the same, and the one is 0 % worse; by what is zero nothing is divided.

The terms of a word are those that cancel in it: of `unmet` what is asked for and what is delivered, at the
connection all that is taken and given behind it. Those of an expression are its words, each with its weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray
from evdsl.language.objectives import word
from evdsl.language.spec import Spec, Stage

if TYPE_CHECKING:
    import xarray as xr

    from evdsl.verifier import Verdict

ROUNDING = 2e-6


@dataclass(frozen=True, slots=True)
class Worth:
    """What an expression is worth in a schedule; `unit` and `size` say to what it is known."""

    value: float
    size: float
    unit: float = 1.0


def rounding(size: float, unit: float = 1.0) -> float:
    """By what a value may be off whose terms are of that size together."""
    return ROUNDING * (abs(size) + unit)


def cleared(value: float, size: float, unit: float = 1.0) -> float:
    """The value, or zero where it is rounding."""
    return 0.0 if abs(value) <= rounding(size, unit) else value


def unmet_of(data: Data, schedule: xr.Dataset) -> FloatArray:
    """What each vehicle lacks of what it asks for, kWh, without rounding."""
    unmet = np.asarray(schedule["unmet"].values, dtype=float)
    return np.where(np.abs(unmet) <= ROUNDING * (data.vehicles.need + 1.0), 0.0, unmet)


def words(spec: Spec, data: Data, schedule: xr.Dataset, verdict: Verdict) -> dict[str, float]:
    """The words of a schedule, with what is rounding at zero."""
    sizes = dict(verdict.sizes)
    for name, size in _cancelling(spec, data, schedule):
        if name in sizes:
            sizes[name] = max(sizes[name], size)
    for name in verdict.terms:
        declared = word(name)
        if declared is not None and declared.parts:
            parts = sum(abs(w) * sizes.get(part, 0.0) for part, w in declared.parts.items())
            sizes[name] = max(sizes[name], parts)
    return {name: cleared(value, sizes[name]) for name, value in verdict.terms.items()}


def _cancelling(spec: Spec, data: Data, schedule: xr.Dataset) -> list[tuple[str, float]]:
    """The words in which demand and delivery, or what is taken and given on the site, cancel."""
    vehicles = data.vehicles
    found = [
        ("unmet", float(vehicles.need.sum())),
        ("dissatisfaction", float((vehicles.need * vehicles.priority).sum())),
        ("fairness", 1.0),
        ("lexfairness", 1.0),
        ("fairness_gap", 1.0),
    ]
    through = _through(spec, schedule)
    peak = float(through.max(initial=0.0))
    found += [("peak", peak), ("export_peak", peak), ("curtailed", spec.step * float(through.sum()))]
    for name, setting in (("energy_cost", "price"), ("export_revenue", "feed_in"), ("co2", "carbon")):
        rate = data.over_time("grid", setting)
        if rate is not None:
            found.append((name, spec.step * float(np.abs(rate) @ through)))
    spared = data.over_time("grid", "export_carbon")
    if spared is not None:
        found.append(("co2", spec.step * float(spared @ through)))
    grid = spec.only("grid")
    charges: list[float] = []
    if grid is not None and grid.get("demand_charge") is not None:
        charges.append(grid.number("demand_charge") * peak)
    for block in spec.of_kind("demand_charge"):
        meter = data.meters[block.name]
        most = np.maximum(meter.largest(through), meter.reached)
        charges.append(float(meter.per_kilowatt @ most))
    for event in spec.of_kind("event"):
        hours = spec.step * data.events[event.name].share
        for word_of, setting in (("event_penalty", "penalty"), ("event_revenue", "reward")):
            found.append((word_of, float(hours @ through) * event.number(setting, 0.0)))
    if charges:
        found.append(("demand_cost", sum(charges)))
    return found


def _through(spec: Spec, schedule: xr.Dataset) -> FloatArray:
    """All that is taken and given on the site in each step, kW, whichever way it flows."""
    total = np.zeros(spec.steps)
    for name in ("charge", "discharge"):
        flow = schedule[name]
        power = np.abs(np.asarray(flow.values, dtype=float))
        if flow.dims == ("visit",):
            total += np.bincount(schedule["visit_step"].values, power, minlength=spec.steps)
        else:
            total += power.sum(axis=0)
    for device in spec.devices:
        if device.kind != "feeder" and device.name in schedule and schedule[device.name].dims == ("time",):
            total += np.abs(np.asarray(schedule[device.name].values, dtype=float))
    return total


def worth(stage: Stage, terms: Mapping[str, float], verdict: Verdict | None) -> Worth | None:
    """What a schedule with these words is worth in a stage; `None` where a word of it is not known."""
    if not set(stage.weights) <= set(terms):
        return None
    sizes = {} if verdict is None else verdict.sizes
    value = stage.constant + sum(weight * terms[name] for name, weight in stage.weights.items())
    size = abs(stage.constant) + sum(abs(w) * sizes.get(name, 0.0) for name, w in stage.weights.items())
    # A hundredth of a unit of the heaviest word, as stages are kept: 1e-8 kWh of `unmet` is rounding.
    unit = max([1.0, *(abs(weight) / 100 for weight in stage.weights.values())])
    return Worth(cleared(value, size, unit), size, unit)


def worth_of_word(name: str, terms: Mapping[str, float], verdict: Verdict | None) -> Worth | None:
    """What a word is worth in a schedule with these words; `None` where it is not known."""
    if name not in terms:
        return None
    return Worth(terms[name], 0.0 if verdict is None else verdict.sizes.get(name, 0.0))


def difference(one: Worth, other: Worth) -> float:
    """By how much the second is more than the first; zero where that is rounding."""
    return cleared(other.value - one.value, max(one.size, other.size), max(one.unit, other.unit))


def share_of(part: float, whole: Worth) -> float | None:
    """A difference as a share of a value: 0 of whatever it is where it is none, `None` of nothing."""
    if part == 0:
        return 0.0
    return part / abs(whole.value) if whole.value else None
