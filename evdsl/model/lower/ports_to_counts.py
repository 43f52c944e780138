"""Identical ports are counted, never indexed.

Paper's model: z[i,j] = 1 if item i (a stay that holds a port of the group) is on port j; Σ_j z[i,j] =
holds[i]; for every port and instant at most one item. This model: at every instant, Σ holds[i] over
the items that are there <= the number of ports.

Claim: the holds that satisfy one satisfy the other.

Proof. From z to counts: sum over ports. Back: items with holds = 1 are half-open intervals, and
no more than J overlap at any instant. Take them by begin and give each the lowest port that is free: when
one begins, at most J - 1 others are there, so a port is free. (Interval graphs are perfect.) Instants
at which an item begins suffice, since the set of those present only shrinks in between; of these only the
maximal sets are written, and none that cannot exceed the count.

Undo: `assigned`, that greedy colouring. It is called where the schedule is put together, since
vehicles whose port needs no choice are coloured with the others.
"""

from __future__ import annotations

import heapq

import numpy as np

from evdsl.data.reader import EDGE
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.combinatorial import Holding, Requirement
from evdsl.model.builder import ModelBuilder
from evdsl.model.capabilities import Capabilities
from evdsl.model.lower.rewrite import Outcome, Rewrite
from evdsl.model.program import Program


def cliques(begin: FloatArray, end: FloatArray) -> list[IntArray]:
    """The maximal sets of half-open intervals that overlap at an instant, as positions."""
    events = sorted(
        [(float(b), 1, i) for i, b in enumerate(begin) if end[i] > b + EDGE]
        + [(float(e) - EDGE, 0, i) for i, e in enumerate(end) if e > begin[i] + EDGE]
    )
    active: set[int] = set()
    found: list[IntArray] = []
    grown = False
    for _, begins, item in events:
        if begins:
            active.add(item)
            grown = True
        else:
            if grown:
                found.append(np.array(sorted(active)))
            active.discard(item)
            grown = False
    return found


def assigned(begin: FloatArray, end: FloatArray, preferred: IntArray, count: int) -> IntArray:
    """A port for each interval, such that none has two at once: lowest free, or the preferred one.

    Raises where more than `count` overlap, which the rows of the model do not allow.
    """
    result = np.full(len(begin), -1)
    free = list(range(count))
    busy: list[tuple[float, int]] = []
    for item in np.lexsort((np.arange(len(begin)), begin)):
        while busy and busy[0][0] <= begin[item] + EDGE:
            heapq.heappush(free, heapq.heappop(busy)[1])
        if not free:
            raise AssertionError("more stays overlap than there are ports")
        port = free[0]
        if preferred[item] >= 0 and preferred[item] in free:
            port = int(preferred[item])
            free.remove(port)
            heapq.heapify(free)
        else:
            heapq.heappop(free)
        result[item] = port
        heapq.heappush(busy, (float(end[item]), port))
    return result


def accepts(requirement: Requirement, _: Program, capabilities: Capabilities) -> bool:
    """Always, where the backend takes the binaries of `holds`."""
    return isinstance(requirement, Holding) and capabilities.integers


def apply(requirement: Requirement, program: Program) -> Outcome:
    """One row for each maximal set of overlapping items that could exceed its count."""
    assert isinstance(requirement, Holding)
    items: list[IntArray] = []
    limits: list[float] = []
    for group, count in enumerate(requirement.counts):
        mine = np.flatnonzero(np.asarray(requirement.group) == group)
        for clique in cliques(requirement.begin[mine], requirement.end[mine]):
            if len(clique) > count:
                items.append(mine[clique])
                limits.append(float(count))
    if items:
        rows = np.repeat(np.arange(len(items)), [len(item) for item in items])
        builder = ModelBuilder.going_on(program)
        entries = builder.pick(builder.need(requirement.variable), np.concatenate(items), "entry")
        held = builder.gather(entries, rows, "instant", len(items))
        builder.rows(requirement.name, held, "<=", limits, requirement.owner)
    total = int(np.sum(requirement.counts))
    return Outcome(f"{total} ports counted in {len(items)} rows, not indexed")


REWRITE = Rewrite("ports_to_counts", accepts, apply)
