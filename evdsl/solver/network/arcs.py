"""A linear program as a network: what can be seen on its matrix, whatever devices it came from.

A program is a network where its rows and columns can be scaled so that each column has a 1 and a -1, or one
of them alone: a column is an arc, a row a node that keeps its balance, and one more node, the ground, takes
what single entries bring. Vehicles that ask for energy, limits and feeders in a tree, solar, import,
export, `unmet`, and a storage without losses are such; a storage with losses has a loop whose gain is not
one, and a peak that is billed a column with an entry for each step.

Recognition. A column with the entries a in row p and b in row q is an arc where s_p a = -s_q b for the
factors s of the rows. So s is carried along a spanning tree of the rows, from 1 at its roots, and then held
against every column; where it does not fit one of them, no factors do, since the tree left no choice but
that of its roots. With g = |s_p a| the flow of the arc is f = g x, its cost c / g.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.model.matrix import ModelMatrix

EQUAL = 1e-12
"""Factors that differ by less, relatively, are the same: products along a tree of rows are rounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """`minimize cost @ flow` where each node keeps `outflow - inflow == supply` and `0 <= flow <= capacity`.

    Nodes are the rows in their order and then the ground, the last. Arcs are the columns in their order,
    then one for each row that is no equation. `gain` is the flow of an arc by a unit of its column,
    negative where the arc is counted from the column's upper bound, `origin` the value of the column
    without flow; `row_scale` the factor s of each row. Capacities may be infinite.
    """

    tail: IntArray
    head: IntArray
    cost: FloatArray
    capacity: FloatArray
    supply: FloatArray
    gain: FloatArray
    origin: FloatArray
    row_scale: FloatArray

    @property
    def nodes(self) -> int:
        """The rows and the ground."""
        return len(self.supply)

    def point(self, flow: FloatArray) -> FloatArray:
        """The values of the columns."""
        return np.asarray(self.origin + flow[: len(self.origin)] / self.gain, dtype=float)

    def row_duals(self, potential: FloatArray) -> FloatArray:
        """The multipliers of the rows; `potential` is by node, and zero at the ground."""
        return np.asarray(self.row_scale * potential[:-1], dtype=float)


def network_of(matrix: ModelMatrix) -> Network | None:
    """The network that a program is; `None` where it is none, or a column has no bound."""
    if (
        matrix.is_discrete
        or not np.isfinite(np.where(matrix.lower > -np.inf, matrix.lower, matrix.upper)).all()
    ):
        return None
    if not (np.isfinite(matrix.row_lower) | np.isfinite(matrix.row_upper)).all():
        return None
    columns = matrix.rows.tocsc()
    columns.sum_duplicates()
    columns.eliminate_zeros()
    entries = np.diff(columns.indptr)
    if entries.max(initial=0) > 2:
        return None
    pairs = np.flatnonzero(entries == 2)
    at = columns.indptr[pairs]
    p, q, a, b = columns.indices[at], columns.indices[at + 1], columns.data[at], columns.data[at + 1]
    scale = _row_scale(matrix.rows.shape[0], p, q, -a / b)
    if not (np.abs(scale[p] * a + scale[q] * b) <= EQUAL * np.abs(scale[p] * a)).all():
        return None
    single = np.flatnonzero(entries == 1)
    only = columns.indptr[single]
    ground, count = len(scale), len(matrix.cost)
    tail, head = np.full(count, ground), np.full(count, ground)
    gain = np.ones(count)
    tail[pairs], head[pairs], gain[pairs] = p, q, scale[p] * a
    tail[single], gain[single] = columns.indices[only], scale[columns.indices[only]] * columns.data[only]
    return _network(matrix, scale, tail, head, gain)


def _row_scale(rows: int, p: IntArray, q: IntArray, ratio: FloatArray) -> FloatArray:
    """A factor for each row with s_q = ratio s_p along a spanning tree of them, and 1 at its roots."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order, connected_components

    entries = np.ones(len(p), dtype=np.int8)
    graph = coo_array((entries, (p, q)), shape=(rows, rows)).tocsr()
    _, component = connected_components(graph, directed=False)
    roots = np.unique(component, return_index=True)[1] if rows else np.zeros(0, dtype=np.int64)
    # One more row stands before a root of each component, so that one search meets them all.
    along = coo_array(
        (
            np.concatenate([entries, np.ones(len(roots), dtype=np.int8)]),
            (np.concatenate([p, np.full(len(roots), rows)]), np.concatenate([q, roots])),
        ),
        shape=(rows + 1, rows + 1),
    ).tocsr()
    before = breadth_first_order(along, rows, directed=False)[1][:rows]
    by_pair = np.full(rows, 1.0)
    for left, right, factor in ((p, q, ratio), (q, p, 1.0 / ratio)):
        fits = before[right] == left
        by_pair[right[fits]] = factor[fits]
    return _products(np.where(before == rows, np.arange(rows), before), by_pair)


def _products(before: IntArray, factor: FloatArray) -> FloatArray:
    """The product of the factors from each place up to its root, which has itself before it; by doubling."""
    product, above = factor.copy(), before.copy()
    roots = before == np.arange(len(before))
    product[roots] = 1.0
    while not (above == above[above]).all():
        product, above = product * product[above], above[above]
    return product


def _network(
    matrix: ModelMatrix, scale: FloatArray, tail: IntArray, head: IntArray, gain: FloatArray
) -> Network:
    """The arcs, each counted from a finite bound and turned so that its flow is not negative."""
    from_lower = np.isfinite(matrix.lower)
    origin = np.where(from_lower, matrix.lower, matrix.upper)
    counted = np.abs(gain) * np.where(from_lower, 1.0, -1.0)
    # A flow leaves the row in which its column, counted from that bound, has a positive entry.
    backward = (gain < 0) == from_lower
    tail, head = np.where(backward, head, tail), np.where(backward, tail, head)
    capacity = np.abs(gain) * (matrix.upper - matrix.lower)
    used = matrix.rows @ origin
    sides = np.stack([scale * (matrix.row_lower - used), scale * (matrix.row_upper - used)])
    least, most = sides.min(axis=0), sides.max(axis=0)
    supply = np.where(np.isfinite(least), least, most)
    loose = np.flatnonzero(least < most)
    ground = np.full(len(loose), len(scale))
    above = np.isfinite(least)[loose]  # then what is more than the least flows in from the ground
    return Network(
        tail=np.concatenate([tail, np.where(above, ground, loose)]),
        head=np.concatenate([head, np.where(above, loose, ground)]),
        cost=np.concatenate([matrix.cost / counted, np.zeros(len(loose))]),
        capacity=np.concatenate([capacity, (most - least)[loose]]),
        supply=np.append(supply, -supply.sum()),
        gain=counted,
        origin=origin,
        row_scale=scale,
    )
