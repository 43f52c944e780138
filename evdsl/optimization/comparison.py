"""The optimum beside the rules: each a whole schedule, held against the same independent check.

A rule may leave unmet what the spec demands, or pass a requirement by; then its schedule is not allowed, and
what it would cost says nothing about the optimum: it is told why, and no figure.

Like is compared with like: where drivers pay by the kWh and the optimum sells more than is asked for, every
rule sells each vehicle as much; else what is sold would stand for how it is charged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray
from evdsl.language.display import html_of
from evdsl.language.spec import Spec, Stage
from evdsl.model.ports import port_names
from evdsl.optimization.policies.dispatch import Dispatch, dispatch
from evdsl.optimization.policies.rule import Policy
from evdsl.optimization.result import Result
from evdsl.optimization.rounding import Worth, difference, share_of, words, worth
from evdsl.schedule.dataset import Flows, as_dataset
from evdsl.schedule.decisions import settled
from evdsl.schedule.energy import delivered_energy, energies, energy_on_arrival, missing_energy
from evdsl.schedule.sales import at_the_port, sold_beyond
from evdsl.verifier import Verdict, verify
from evdsl.version import VERSION


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule came to. `terms` are the objective words of its schedule, in canonical units."""

    policy: Policy
    schedule: xr.Dataset
    verdict: Verdict
    terms: Mapping[str, float]

    @property
    def is_allowed(self) -> bool:
        """Whether its schedule meets the spec, so that it may stand beside the optimum."""
        return self.verdict.ok


@dataclass(frozen=True, slots=True)
class Comparison:
    """The optimum and the rules, in the order asked for.

    `beyond` is what the optimum sold each vehicle beyond what it asked for, kWh.
    """

    optimum: Result
    ruled: tuple[RuleResult, ...]
    beyond: FloatArray

    def _repr_html_(self) -> str | None:
        """As a notebook shows it."""
        return html_of(self)

    @property
    def stage(self) -> Stage:
        """The objective that is compared: the first."""
        return self.optimum.spec.stages[0]

    @property
    def idle_storages(self) -> tuple[str, ...]:
        """Storages that no rule makes anything of."""
        names = (device.name for device in self.optimum.spec.of_kind("storage"))
        return tuple(n for n in names if not any(_works(ruled.schedule, n) for ruled in self.ruled))

    def best(self) -> Worth | None:
        """What the optimum is worth in the first stage."""
        return worth(self.stage, self.optimum.terms, self.optimum.verdict)

    def reached(self, ruled: RuleResult) -> Worth | None:
        """What a rule is worth in it; `None` where it is not allowed."""
        return worth(self.stage, ruled.terms, ruled.verdict) if ruled.is_allowed else None

    def loss(self, ruled: RuleResult) -> float | None:
        """What a rule loses against the optimum, in the unit of the objective; `None` without a figure."""
        best, reached = self.best(), self.reached(ruled)
        if best is None or reached is None:
            return None
        return self.stage.sign * difference(best, reached)

    def worse_by(self, ruled: RuleResult) -> float | None:
        """The loss as a share of the optimum; `None` without a figure, and where one pays and one earns.

        Of an optimum that earns 1 EUR a rule that pays 10 EUR would be 1100 % worse, which says nothing.
        """
        best, reached, lost = self.best(), self.reached(ruled), self.loss(ruled)
        if best is None or reached is None or lost is None or best.value * reached.value < 0:
            return None
        return share_of(lost, best)


def compare(optimum: Result, policies: Sequence[Policy]) -> Comparison:
    """Runs each rule on the spec and the data of a solved problem."""
    assert optimum.schedule is not None, "there is nothing to compare with"
    # A rule has no opinion on what is chosen: it gets what the optimum chose.
    spec, data = settled(optimum.spec, optimum.data, optimum.schedule)
    beyond = sold_beyond(spec, data, optimum.schedule)
    return Comparison(optimum, tuple(run(spec, data, policy, beyond) for policy in policies), beyond)


def run(spec: Spec, data: Data, policy: Policy, beyond: FloatArray | None = None) -> RuleResult:
    """The schedule of one rule, checked; `beyond` is what each vehicle is sold beyond what it asks for."""
    more = None if beyond is None else at_the_port(beyond, data)
    done = dispatch(spec, data, policy, more)
    schedule = as_dataset(_flows(spec, data, done), data, _facts(spec, data))
    verdict = verify(spec, schedule, data)
    return RuleResult(policy, schedule, verdict, words(spec, data, schedule, verdict))


def _works(schedule: xr.Dataset, storage: str) -> bool:
    flows = (schedule[f"{storage}.{flow}"].values for flow in ("charge", "discharge"))
    return any(bool((flow > 0).any()) for flow in flows)


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
        energy_departure=energy_on_arrival(gained, data) + gained,
        delivered=port,
        unmet=missing_energy(port, gained, data),
        imported=np.maximum(done.net, 0.0),
        exported=np.maximum(-done.net, 0.0),
        port_names=tuple(name for block in spec.of_kind("port") for name in port_names(block)),
        devices=done.devices,
    )
