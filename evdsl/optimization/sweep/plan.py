"""What a sweep runs: each spec with each combination of settings, each seed and each scenario, a job each.

The key of a job is that of all that its rows depend on: the bytes of the spec and of its files, what is set,
the seed, the scenario, the rules, the solver and what is asked of it, and the version of evdsl.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from itertools import product
from typing import Any, TypeAlias

from evdsl.optimization.sweep.bundle import Bundle
from evdsl.solver.solution import Options
from evdsl.version import VERSION

MAXIMUM_JOBS = 1_000_000
OPTIMUM = "optimum"
"""The policy beside the rules: what the solver finds."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Which draw of everything random a job is of; 0 is that of the spec as it stands.

    `antithetic` ones are opposites in pairs. Of one that is `alone` the control is run, and no policy.
    """

    number: int = 0
    antithetic: bool = False
    alone: bool = False


AS_IT_STANDS = Scenario()


@dataclass(frozen=True, slots=True)
class Job:
    """A run: the number of its spec, what is set, the seed, where it is not the spec's own, the scenario."""

    number: int
    spec: int
    set: tuple[tuple[str, str], ...]
    seed: int | None
    scenario: Scenario = AS_IT_STANDS


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds in every job. `options` have their seed from the spec of each job.

    In a simulation, `simulated`, what a rule comes to counts whether or not it breaks the spec, and an
    optimum that nobody asks for is solved only where a rule needs it. With `control` each run has the value
    of the control beside those of its policies.
    """

    policies: tuple[str, ...]
    backend: str
    options: Options
    enable: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    simulated: bool = False
    control: bool = False

    def record(self) -> dict[str, Any]:
        """As plain data."""
        return {**asdict(self), "options": {**asdict(self.options), "extra": dict(self.options.extra)}}

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Conditions:
        """From plain data."""
        lists = {name: tuple(record[name]) for name in ("policies", "enable", "disable")}
        options = {**record["options"], "without": tuple(record["options"]["without"])}
        return cls(**{**record, **lists, "options": Options(**options)})


Settings: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Params with the values that they are given, as they were typed."""


def count_of(specs: int, settings: Settings, seeds: Sequence[range]) -> int:
    """How many jobs there are of so many specs, counted before any is made."""
    each = math.prod(len(values) for _, values in settings)
    return specs * each * (sum(one.stop - one.start for one in seeds) if seeds else 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """All jobs of a sweep, or of a simulation; without `seeds` each spec has its own."""

    bundles: tuple[Bundle, ...]
    settings: Settings
    seeds: tuple[range, ...]
    conditions: Conditions
    scenarios: tuple[Scenario, ...] = (AS_IT_STANDS,)

    @property
    def count(self) -> int:
        """How many jobs there are."""
        return count_of(len(self.bundles), self.settings, self.seeds) * len(self.scenarios)

    def jobs(self) -> Iterator[Job]:
        """Every job: specs before settings, the last setting before the one above it, seeds, scenarios."""
        names = [name for name, _ in self.settings]
        number = 0
        for spec in range(len(self.bundles)):
            for values in product(*(values for _, values in self.settings)):
                given = tuple(zip(names, values, strict=True))
                for seed, scenario in product(self._seeds(), self.scenarios):
                    yield Job(number, spec, given, seed, scenario)
                    number += 1

    def keyed_jobs(self) -> Iterator[tuple[Job, str]]:
        """Every job with its key."""
        conditions = self.conditions.record()
        common = [json.dumps([bundle.digest, conditions, VERSION], sort_keys=True) for bundle in self.bundles]
        for job in self.jobs():
            said = f"{common[job.spec]}\n{json.dumps([sorted(job.set), job.seed, *astuple(job.scenario)])}"
            yield job, hashlib.sha256(said.encode()).hexdigest()

    def _seeds(self) -> Iterator[int | None]:
        if not self.seeds:
            yield None
        for seeds in self.seeds:
            yield from seeds
