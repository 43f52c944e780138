"""The optimum beside the rules: each a whole schedule, held against the same independent check.

A rule may leave unmet what the spec demands, or run a storage to another state than is asked for; then its
schedule does not meet the spec, and that is said with it instead of its being left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from evdsl.data.data import Data
from evdsl.language.spec import Spec, Stage
from evdsl.model.ports import port_names
from evdsl.optimization.policies.dispatch import Dispatch, dispatch
from evdsl.optimization.policies.rule import Policy
from evdsl.optimization.result import Result
from evdsl.schedule.dataset import Flows, as_dataset
from evdsl.schedule.energy import delivered_energy, energies, missing_energy
from evdsl.verifier import Verdict, verify
from evdsl.version import VERSION


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule came to. `terms` are the objective words of its schedule."""

    policy: Policy
    schedule: xr.Dataset
    verdict: Verdict

    @property
    def terms(self) -> Mapping[str, float]:
        """The objective words, in canonical units."""
        return self.verdict.terms


@dataclass(frozen=True, slots=True)
class Comparison:
    """The optimum and the rules, in the order asked for."""

    optimum: Result
    ruled: tuple[RuleResult, ...]


def compare(optimum: Result, policies: Sequence[Policy]) -> Comparison:
    """Runs each rule on the spec and the data of a solved problem."""
    spec, data = optimum.spec, optimum.data
    return Comparison(optimum, tuple(run(spec, data, policy) for policy in policies))


def run(spec: Spec, data: Data, policy: Policy) -> RuleResult:
    """The schedule of one rule, checked."""
    schedule = as_dataset(_flows(spec, data, dispatch(spec, data, policy.allot)), data, _facts(spec, data))
    return RuleResult(policy, schedule, verify(spec, schedule, data))


def side_value(stage: Stage, terms: Mapping[str, float]) -> float | None:
    """What a schedule is worth in a stage; `None` where a word of it is not known."""
    if not set(stage.weights) <= set(terms):
        return None
    return stage.constant + sum(weight * terms[name] for name, weight in stage.weights.items())


def _facts(spec: Spec, data: Data) -> dict[str, object]:
    return {
        "evdsl": VERSION,
        "spec": spec.name,
        "digest": data.digest,
        "zone": spec.zone,
        "step_hours": spec.step,
        "currency": spec.currency,
    }


def _flows(spec: Spec, data: Data, done: Dispatch) -> Flows:
    """The schedule of a dispatch: energies, what is delivered and what is missing."""
    none = np.zeros(len(data.visits))
    port, gained = delivered_energy(done.charge, none, data)
    return Flows(
        charge=done.charge,
        discharge=none,
        energy=energies(done.charge, none, data),
        port=done.port,
        energy_departure=data.vehicles.initial + gained,
        delivered=port,
        unmet=missing_energy(port, gained, data),
        imported=np.maximum(done.net, 0.0),
        exported=np.maximum(-done.net, 0.0),
        port_names=tuple(name for block in spec.of_kind("port") for name in port_names(block)),
        devices=done.devices,
    )
