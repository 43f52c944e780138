"""Identical ports are counted, never indexed.

Paper's model: z[i,j] = 1 if item i (a stay that holds a port of the group) is on port j; Σ_j z[i,j] =
holds[i]; for every port and instant at most one item. This model: at every instant, Σ holds[i] over
the items that are there <= the number of ports, less the outages that are there.

Claim: the holds that satisfy one satisfy the other.

Proof. From z to counts: sum over ports. Back: items with holds = 1 are half-open intervals, no more than J of
which overlap at any instant, and `evdsl.model.intervals` gives them J ports. An outage is an item whose holds
is 1 (`evdsl.model.outages`). Only the maximal sets of items are written, and none that cannot exceed the
count.

Undo: `intervals.assigned`. It is called where the schedule is put together, since vehicles whose port needs
no choice are given theirs with the others.
"""

from __future__ import annotations

import numpy as np

from evdsl.language.arrays import IntArray
from evdsl.language.combinatorial import Combinatorial, PortAssignment
from evdsl.model.builder import ModelBuilder
from evdsl.model.capabilities import Capabilities
from evdsl.model.intervals import cliques
from evdsl.model.lower.rewrite import Rewrite, Rewritten
from evdsl.model.program import Program


def accepts(requirement: Combinatorial, _: Program, capabilities: Capabilities) -> bool:
    """Always, where the backend takes the binaries of `holds`."""
    return isinstance(requirement, PortAssignment) and capabilities.integers


def apply(requirement: Combinatorial, program: Program) -> Rewritten:
    """One row for each maximal set of overlapping items that could exceed its count."""
    assert isinstance(requirement, PortAssignment)
    items: list[IntArray] = []
    limits: list[float] = []
    for group, count in enumerate(requirement.counts):
        mine, outages = np.flatnonzero(np.asarray(requirement.group) == group), requirement.outages
        out = outages.group == group
        begin = np.append(requirement.begin[mine], outages.begin[out])
        end = np.append(requirement.end[mine], outages.end[out])
        for clique in cliques(begin, end):
            there = clique[clique < len(mine)]
            left = count - (len(clique) - len(there))
            if len(there) > left:
                items.append(mine[there])
                limits.append(float(left))
    if items:
        rows = np.repeat(np.arange(len(items)), [len(item) for item in items])
        builder = ModelBuilder.extending(program)
        entries = builder.take(builder.need(requirement.variable), np.concatenate(items), "entry")
        held = builder.group_sum(entries, rows, "instant", len(items))
        builder.rows(requirement.name, held, "<=", limits, requirement.owner)
    total = int(np.sum(requirement.counts))
    return Rewritten(f"{total} ports counted in {len(items)} rows, not indexed")


REWRITE = Rewrite("ports_to_counts", accepts, apply)
