"""Whether the schedules of several scenarios are one plan, and worth together what is claimed of it.

    Σ_s p_s = 1,   p_s >= 0
    charge[battery, t] and whatever else is shared is the same in all scenarios
    what a range leaves open is chosen alike in all
    f = (1 - w) Σ_s p_s f_s + w · (mean of the worst 1 - level of the f_s)

Each f_s is worked out again from the flows of its scenario, and the mean of the worst by sorting them: they
are gone through from the worst on until `1 - level` is used up, the last one as far as it is still needed.
Each schedule is checked by itself beforehand (`evdsl.verifier.verify`); nothing that the model says of the
tail is looked at.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray
from evdsl.language.decisions import decisions
from evdsl.language.spec import VEHICLE_BLOCKS, Spec
from evdsl.verifier import Verdict
from evdsl.verifier.tolerance import tolerance
from evdsl.verifier.violations import Violation

if TYPE_CHECKING:
    import xarray as xr

EXACT = 1e-9
CLAIM_SLACK = 2e-6
"""Of the scale: what schedules are settled to, scenario by scenario."""
STAGE_SLACK = 1e-5
"""As of a single schedule, by what a row that keeps an earlier stage may be missed."""
FLOWS_OF = {"storage": (".charge", ".discharge"), "solar": ("",), "wind": ("",)}
"""By kind of device the variables of a schedule that are decided of it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One scenario: what it is about, its schedule and the check of that, how much it counts, its name."""

    spec: Spec
    data: Data
    schedule: xr.Dataset
    verdict: Verdict
    weight: float
    name: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a stage of a plan is said to be worth; `size` is what its rounding is measured by."""

    value: float
    size: float


@dataclass(frozen=True, slots=True)
class ScenariosVerdict:
    """What the check of several schedules together found."""

    violations: tuple[Violation, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.violations


def verify_scenarios(
    samples: Sequence[Sample],
    share: Sequence[str],
    risk: tuple[float, float] | None,
    claims: Sequence[Claim],
    chosen_alike: bool = True,
) -> ScenariosVerdict:
    """Checks what holds the schedules of scenarios together; `risk` is the level and the weight of aversion.

    `claims` are those of the stages in order, as far as they were reached.
    `chosen_alike` where there is one plan: schedules that have nothing in common choose each for itself.
    """
    found: list[Violation] = []
    weights = np.array([sample.weight for sample in samples], dtype=float)
    if (weights < 0).any() or abs(float(weights.sum()) - 1.0) > EXACT:
        message = f"the weights of the scenarios are not negative and add up to {float(weights.sum()):.9g}"
        found.append(Violation("scenario-weights", "", None, abs(float(weights.sum()) - 1.0), "", message))
    for name in share:
        _check_shared(name, samples, found)
    if chosen_alike:
        _check_chosen(samples, found)
    for index, claim in enumerate(claims):
        values = np.array([_worth(sample, index) for sample in samples])
        _check_value(index, values, weights, risk if index == 0 else None, claim, samples[0].spec, found)
    return ScenariosVerdict(tuple(found))


def worst_mean(values: FloatArray, weights: FloatArray, level: float, sign: float) -> float:
    """The mean of the worst `1 - level`: from the worst on, the last one as far as it is still needed."""
    left, total = 1.0 - level, 0.0
    for at in np.argsort(-sign * values, kind="stable"):
        part = min(float(weights[at]), left)
        total += part * float(values[at])
        left -= part
        if left <= 0.0:
            break
    return total / (1.0 - level - max(left, 0.0))


def _worth(sample: Sample, index: int) -> float:
    """What a stage is worth, with the words as the check has worked them out from the flows."""
    stage, terms = sample.spec.stages[index], sample.verdict.terms
    return stage.constant + sum(weight * terms.get(name, 0.0) for name, weight in stage.weights.items())


def _check_value(
    index: int,
    values: FloatArray,
    weights: FloatArray,
    risk: tuple[float, float] | None,
    claim: Claim,
    spec: Spec,
    found: list[Violation],
) -> None:
    """That a stage is worth what it claims; an earlier one has given way by no more than later ones allow."""
    sign, later = spec.stages[index].sign, spec.stages[index + 1 :]
    worth = float(weights @ values)
    if risk is not None:
        level, weight = risk
        worth = (1.0 - weight) * worth + weight * worst_mean(values, weights, level, sign)
    off = abs(worth - claim.value)
    slack = CLAIM_SLACK * (1.0 + claim.size + float(np.abs(values).max()))
    if later:
        off = (worth - claim.value) * sign
        largest = max([1.0, *map(abs, spec.stages[index].weights.values())])
        slack += (max(stage.allowing for stage in later) + STAGE_SLACK) * abs(
            claim.value
        ) + STAGE_SLACK * largest
    if not off <= slack:
        what = f"stage {index + 1} of the plan"
        message = f"{what} is claimed to be worth {claim.value:.10g}, and its schedules give {worth:.10g}"
        found.append(Violation("claimed-value", "", None, abs(off), "", message))


def _check_shared(name: str, samples: Sequence[Sample], found: list[Violation]) -> None:
    """That what is shared is the same in the schedule of each scenario as in that of the first."""
    first = samples[0]
    for variable in _variables_of(name, first.spec):
        wanted = _flow(first, name, variable)
        for sample in samples[1:]:
            flow = _flow(sample, name, variable)
            if flow.shape != wanted.shape:
                message = f"`{name}` is shared, and scenario {sample.name} has other steps of it"
                found.append(Violation("shared", "", None, float("nan"), "", message))
                continue
            off = np.abs(flow - wanted) - tolerance(wanted)
            if flow.size and not (off <= 0).all():
                at = int(np.argmax(np.where(np.isnan(off), np.inf, off)))
                values = (
                    f"{wanted.flat[at]:.6g} kW in scenario {first.name}, {flow.flat[at]:.6g} in {sample.name}"
                )
                message = f"`{name}` is shared, and `{variable}` is {values}"
                step = at % samples[0].spec.steps
                size = float(np.abs(flow - wanted).flat[at])
                found.append(Violation("shared", "", step, size, "kW", message))


def _variables_of(name: str, spec: Spec) -> tuple[str, ...]:
    if name == "import":
        return ("import",)
    device = next(device for device in spec.devices if device.name == name and device.kind != "class")
    if device.kind in VEHICLE_BLOCKS:
        return ("charge", "discharge")
    return tuple(f"{name}{flow}" for flow in FLOWS_OF[device.kind])


def _flow(sample: Sample, name: str, variable: str) -> FloatArray:
    """A flow of a schedule; of a block of vehicles that of each of them in each step."""
    values = np.asarray(sample.schedule[variable].values, dtype=float)
    if variable not in ("charge", "discharge"):
        return values
    owners = [device.name for device in sample.spec.devices]
    mine = np.array([owners[at] == name for at in sample.data.vehicles.owner], dtype=bool)
    if sample.schedule[variable].dims == ("visit",):
        mine = mine[sample.data.visits.vehicle]
    return np.asarray(values[mine], dtype=float)


def _check_chosen(samples: Sequence[Sample], found: list[Violation]) -> None:
    """That what ranges leave open is chosen alike."""
    said = [json.loads(str(sample.schedule.attrs.get("chosen", "{}"))) for sample in samples]
    for name in [decision.name for decision in decisions(samples[0].spec)]:
        first = said[0].get(name, {})
        for sample, other in zip(samples[1:], said[1:], strict=True):
            value, wanted = (float(one.get(name, {}).get("value", np.nan)) for one in (other, said[0]))
            off = abs(value - wanted)
            if not off <= float(tolerance(wanted)):
                shown = f"{wanted:.8g} in scenario {samples[0].name} and {value:.8g} in {sample.name}"
                message = f"`{name}` is chosen before the scenario is known, and is {shown}"
                found.append(Violation("chosen", "", None, off, str(first.get("unit", "")), message))
