"""Which sockets are out of order when, as a plan leaves them: no schedule says it, only how many they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evdsl.language.arrays import BoolArray
from evdsl.language.devices import series_key
from evdsl.report.figures.course import Course


@dataclass(frozen=True, slots=True)
class Outage:
    """A socket by its number among all, and the steps from and until which it is out of order."""

    port: int
    begin: int
    end: int


def outages(course: Course) -> list[Outage]:
    """As many sockets as are out of order, of those that nobody holds in a step.

    The one is taken that is left free for longest, of such the last; it stays out of order for as long as it
    is free and one has to be. A step in which a socket changes hands may have fewer.
    """
    found: list[Outage] = []
    free, first = _free(course), 0
    for block in course.spec.of_kind("port"):
        count = course.data.over_time(series_key(block), "count")
        if count is not None:
            out = _chosen(free[first : first + block.port_count], block.port_count - count)
            for number, row in enumerate(out):
                edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(int), [0]])))
                found += [Outage(first + number, int(a), int(b)) for a, b in edges.reshape(-1, 2)]
        first += block.port_count
    return found


def _free(course: Course) -> BoolArray:
    """Of each port whether nobody holds it in a step; shape (ports, steps)."""
    free = np.ones((course.schedule.sizes["port_name"], course.spec.steps), dtype=np.bool_)
    port = course.of_visits("port").astype(int)
    at = port >= 0
    free[port[at], course.data.visits.step[at]] = False
    return free


def _chosen(free: BoolArray, missing: np.ndarray) -> BoolArray:
    """Of some ports which are out of order in each step, as many as are missing; shape (ports, steps)."""
    ports, steps = free.shape
    lasts = np.zeros((ports, steps + 1), dtype=np.int64)
    for step in reversed(range(steps)):
        lasts[:, step] = np.where(free[:, step], lasts[:, step + 1] + 1, 0)
    chosen = np.zeros((ports, steps), dtype=np.bool_)
    before = np.zeros(ports, dtype=np.bool_)
    for step in range(steps):
        order = sorted(range(ports), key=lambda p, t=step, b=before: (not b[p], -lasts[p, t], -p))  # type: ignore[misc]  # no types of defaults
        taken = [port for port in order if free[port, step]][: int(missing[step])]
        chosen[taken, step] = True
        before = chosen[:, step]
    return chosen
