"""Means of a sweep with their intervals, and what the optimum saves against each rule, paired by job.

The interval of a mean over n runs is that of Student's t at 95 %:

    x̄ ± t(0.975, n - 1) · s / √n

It holds for seeds that are independent draws; there is none of a single run. The saving of a rule is a
number of each job, (rule - optimum) / |rule| of the first objective in its sense, since both have the same
draws: its interval is that of the differences and not that of two means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evdsl.optimization.sweep.job import FAILED, Row

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Mean:
    """Of `runs` values; `half` is half of the interval, `None` for a single value."""

    runs: int
    value: float
    half: float | None


@dataclass(frozen=True, slots=True)
class Failure:
    """Rows without figures that are alike but for numbers: how many, and the reason of the first."""

    status: str
    policy: str
    reason: str
    count: int
    first: Row


@dataclass(frozen=True, slots=True)
class Group:
    """The runs of one spec, combination of settings and policy."""

    spec: str
    set: tuple[tuple[str, str], ...]
    policy: str
    rows: tuple[Row, ...]

    @property
    def counted(self) -> int:
        """How many have figures."""
        return sum(row["status"] not in FAILED for row in self.rows)

    @property
    def unproven(self) -> int:
        """How many of these are of jobs whose optimum a limit of time broke off."""
        return sum(row["status"] not in FAILED and not row.get("proven") for row in self.rows)

    def mean(self, column: str) -> Mean | None:
        """Of a column; `None` where no row has it."""
        values = [row[column] for row in self.rows if row.get(column) is not None]
        return mean_of(values) if values else None


def mean_of(values: Sequence[float]) -> Mean:
    """The mean of some values with its interval."""
    count, array = len(values), np.asarray(values, dtype=float)
    middle = float(array.mean())
    if count < 2:
        return Mean(count, middle, None)
    from scipy.stats import t

    error = float(array.std(ddof=1)) / count**0.5
    return Mean(count, middle, float(t.ppf((1 + LEVEL) / 2, count - 1)) * error)


def groups_of(rows: Iterable[Row]) -> list[Group]:
    """The rows by spec, settings and policy, in their order."""
    found: dict[tuple[str, tuple[tuple[str, str], ...], str], list[Row]] = {}
    for row in rows:
        found.setdefault((row["spec"], settings_of(row), row["policy"]), []).append(row)
    return [Group(*key, tuple(these)) for key, these in found.items()]


def settings_of(row: Row) -> tuple[tuple[str, str], ...]:
    """What is set in a row, by name."""
    return tuple((name[4:], value) for name, value in row.items() if name.startswith("set."))


def failures_of(rows: Iterable[Row]) -> list[Failure]:
    """The rows without figures by policy and reason, the most frequent first."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        if row["status"] in FAILED:
            # Names of drawn vehicles are numbered too.
            pattern = re.sub(r"[\d.,:]*\d", "#", row["reason"])
            found.setdefault((row["status"], row["policy"], pattern), []).append(row)
    told = [
        Failure(status, policy, these[0]["reason"], len(these), these[0])
        for (status, policy, _), these in found.items()
    ]
    return sorted(told, key=lambda one: -one.count)
