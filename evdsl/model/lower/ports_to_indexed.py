"""The model as papers write it: a binary for each item and each port. Kept to test the counting.

    Σ_j z[i,j] = holds[i];   Σ_{i present} z[i,j] <= 1 for every port j and instant

An outage is an item whose holds is 1.

J equal ports make J! copies of every solution, so this is chosen only where `ports_to_counts` is left out.
"""

from __future__ import annotations

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.combinatorial import Combinatorial, PortAssignment
from evdsl.model.builder import ModelBuilder
from evdsl.model.capabilities import Capabilities
from evdsl.model.intervals import cliques
from evdsl.model.lower.rewrite import Rewrite, Rewritten
from evdsl.model.program import Program


def accepts(requirement: Combinatorial, _: Program, capabilities: Capabilities) -> bool:
    """Where the backend takes integers."""
    return isinstance(requirement, PortAssignment) and capabilities.integers


def apply(requirement: Combinatorial, program: Program) -> Rewritten:
    """Adds z, its sums, and one row for each port and maximal set of overlapping items."""
    assert isinstance(requirement, PortAssignment)
    outages, stays = requirement.outages, len(requirement.group)
    group = np.append(np.asarray(requirement.group, dtype=np.int64), outages.group)
    begin = np.append(requirement.begin, outages.begin)
    end = np.append(requirement.end, outages.end)
    counts = np.asarray(requirement.counts)
    item = np.repeat(np.arange(len(group)), counts[group])
    port = np.concatenate([np.arange(counts[g]) for g in group]) if len(group) else np.zeros(0, dtype=int)
    if not len(item):
        return Rewritten("no ports")
    builder, owner = ModelBuilder.extending(program), requirement.owner
    z = builder.variable("on_port", "pair", len(item), owner, binary=True)
    holds = builder.take(builder.need(requirement.variable), np.arange(stays), "seat")
    chosen = builder.group_sum(z, np.where(item < stays, item, -1), "seat", stays)
    builder.rows(f"{requirement.name}.chosen", holds - chosen, "==", 0.0, owner)
    if len(outages):
        broken = builder.group_sum(z, np.where(item < stays, -1, item - stays), "outage", len(outages))
        builder.rows(f"{requirement.name}.outage", broken, "==", 1.0, owner)
    rows, entries = _conflicts(group, begin, end, counts, item, port)
    if len(rows):
        together = builder.group_sum(builder.take(z, entries, "entry"), rows, "conflict", int(rows.max()) + 1)
        builder.rows(requirement.name, together, "<=", 1.0, owner)
    return Rewritten(f"{len(item)} binaries, one for each stay and port", binaries=True)


def _conflicts(
    of_item: IntArray, begin: FloatArray, end: FloatArray, counts: IntArray, item: IntArray, port: IntArray
) -> tuple[IntArray, IntArray]:
    """For each port and maximal set: the number of the row, and the positions in z."""
    rows: list[int] = []
    entries: list[int] = []
    row = 0
    where = {(int(i), int(j)): k for k, (i, j) in enumerate(zip(item, port, strict=True))}
    for group, count in enumerate(counts):
        mine = np.flatnonzero(of_item == group)
        for clique in cliques(begin[mine], end[mine]):
            for j in range(int(count)) if len(clique) > 1 else ():
                members = [where[int(i), j] for i in mine[clique]]
                entries += members
                rows += [row] * len(members)
                row += 1
    return np.array(rows, dtype=int), np.array(entries, dtype=int)


REWRITE = Rewrite("ports_to_indexed", accepts, apply)
