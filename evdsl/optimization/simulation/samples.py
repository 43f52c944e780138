"""The rows of runs as numbers: of each policy a value a run, over the runs in which all policies have one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.optimization.simulation.estimators import (
    Control,
    Estimate,
    antithetic,
    beta_of,
    controlled,
    plain,
)
from evdsl.optimization.sweep.job import Row

FIRST_STAGE = "stage_1"


@dataclass(frozen=True, slots=True)
class Samples:
    """The runs that count, by scenario; `controls` has a value of each of them, where the control is run."""

    scenarios: IntArray
    rows: Mapping[str, tuple[Row, ...]]
    controls: FloatArray | None

    @property
    def count(self) -> int:
        """How many runs there are."""
        return len(self.scenarios)

    def values(self, policy: str, column: str = FIRST_STAGE) -> FloatArray | None:
        """A column of a policy; `None` where a run lacks it."""
        found = [row.get(column) for row in self.rows[policy]]
        return None if None in found else np.asarray(found, dtype=float)


def samples_of(rows: Iterable[Row], policies: Sequence[str]) -> Samples:
    """The runs among these rows in which every policy has a value of the first stage."""
    by_scenario: dict[int, dict[str, Row]] = {}
    for row in rows:
        by_scenario.setdefault(row["scenario"], {})[row["policy"]] = row
    counted = {
        scenario: run
        for scenario, run in sorted(by_scenario.items())
        if all(name in run and run[name].get(FIRST_STAGE) is not None for name in policies)
    }
    controls = [run[policies[0]].get("control") for run in counted.values()]
    return Samples(
        np.array(list(counted), dtype=np.int64),
        {name: tuple(run[name] for run in counted.values()) for name in policies},
        None if None in controls else np.asarray(controls, dtype=float),
    )


@dataclass(frozen=True, slots=True)
class Method:
    """How means are taken; with the control there are `further` draws of it, and a `pilot`."""

    variance: str
    further: FloatArray | None = None
    pilot: Samples | None = None

    def estimate(self, samples: Samples, values: FloatArray, of_pilot: FloatArray | None) -> Estimate:
        """The mean of values of the runs; `of_pilot` are the same of the pilot's."""
        if self.variance == "antithetic":
            return antithetic(values, (samples.scenarios + 1) // 2)
        if self.variance == "control" and self.pilot is not None and of_pilot is not None:
            assert samples.controls is not None, "the way is plain where a run has no control"
            assert self.further is not None, "as above"
            assert self.pilot.controls is not None, "as above"
            beta = beta_of(of_pilot, self.pilot.controls)
            return controlled(values, Control(samples.controls, self.further, beta))
        return plain(values)

    def mean(self, samples: Samples, policy: str, column: str = FIRST_STAGE) -> Estimate | None:
        """Of a column of a policy; `None` where a run lacks it, or where there is no run."""
        values = samples.values(policy, column)
        if values is None or not len(values):
            return None
        of_pilot = None if self.pilot is None else self.pilot.values(policy, column)
        return self.estimate(samples, values, of_pilot)

    def difference(self, samples: Samples, policy: str, first: str) -> tuple[Estimate, Estimate | None]:
        """What the first stage of a policy is more than that of the first one, and the same as its share.

        Both are paired by run. A share d / |f| of two means has the error of the mean of d - (d / f) f, over
        |f|; there is none of a mean that is nothing.
        """
        values, others = samples.values(policy), samples.values(first)
        assert values is not None, "it is among what every run has"
        assert others is not None, "as above"
        pilot = (None, None) if self.pilot is None else (self.pilot.values(policy), self.pilot.values(first))
        here = None if pilot[0] is None or pilot[1] is None else pilot[0] - pilot[1]
        told = self.estimate(samples, values - others, here)
        base = self.estimate(samples, others, pilot[1])
        if not base.mean:
            return told, None
        ratio = told.mean / base.mean
        left = None if here is None or pilot[1] is None else here - ratio * pilot[1]
        share = self.estimate(samples, values - others - ratio * others, left)
        half = None if share.half is None else share.half / abs(base.mean)
        return told, Estimate(told.runs, told.mean / abs(base.mean), half, share.reduced)
