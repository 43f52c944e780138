"""The vertex of a network in floating point, and its potentials: from which arcs are at which bound, alone.

Arcs that are free, between their bounds, are a forest with the ground in one of its trees. Each carries
what the nodes beyond it, seen from the root of its tree, bring and do not keep: one sum from the leaves up
gives the flows. Potentials are the multipliers of the balances: along a free arc they differ by its cost,
which leaves one number for each tree. With those, every arc at its least is to cost no less than its ends
differ by, and every arc at its most no more: differences of the numbers of two trees are bounded, and
shortest paths from anywhere satisfy all of them where the flow is optimal (R. Ahuja, T. Magnanti, J. Orlin,
Network Flows, 1993, ch. 9 and 11). Nothing here is believed: `evdsl.solver.certify` holds the point against
the rows, and proves its worth by the potentials.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.solver.network.arcs import Network

FlagArray = NDArray[np.bool_]

ROUNDS = 2000
"""Of shortest paths: as many as a path has trees on it. With more, what is there is given to the proof."""


@dataclass(frozen=True, slots=True, eq=False)
class _Forest:
    """Nodes in levels from the roots; `arc` is the one to the node `before`, -1 at a root."""

    levels: tuple[IntArray, ...]
    before: IntArray
    arc: IntArray
    tree: IntArray


def vertex_of(
    network: Network, at_least: FlagArray, at_most: FlagArray
) -> tuple[FloatArray, FloatArray] | None:
    """The flow of each arc and the potential of each node; `None` where the free arcs are no forest."""
    if np.isinf(network.capacity[at_most]).any():
        return None
    free = np.flatnonzero(~(at_least | at_most))
    forest = _forest(network, free)
    if forest is None:
        return None
    return _flow(network, forest, at_most), _potential(network, forest, at_least, at_most)


def _forest(network: Network, free: IntArray) -> _Forest | None:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order, connected_components

    nodes = network.nodes
    tail, head = network.tail[free], network.head[free]
    graph = coo_array((np.ones(len(free)), (tail, head)), shape=(nodes, nodes)).tocsr()
    count, tree = connected_components(graph, directed=False)
    if len(free) != nodes - count:
        return None
    # The last node of each tree is its root: the ground is one. Another node stands before all of them.
    roots = nodes - 1 - np.unique(tree[::-1], return_index=True)[1]
    origin = np.full(count, nodes)
    ends = (np.concatenate([tail, origin]), np.concatenate([head, roots]))
    along = coo_array((np.ones(len(free) + count), ends), shape=(nodes + 1, nodes + 1)).tocsr()
    order, before = breadth_first_order(along, nodes, directed=False)
    place = np.empty(nodes + 1, dtype=np.int64)
    place[order] = np.arange(nodes + 1)
    parents = place[before[order[1:]]]
    levels: list[IntArray] = []
    reached = 1
    while reached <= nodes:
        end = 1 + int(np.searchsorted(parents, reached))
        levels.append(order[reached:end])
        reached = end
    arc = np.full(nodes, -1)
    for child, parent in ((tail, head), (head, tail)):
        fits = before[child] == parent
        arc[child[fits]] = free[fits]
    return _Forest(tuple(levels), np.where(before[:nodes] == nodes, -1, before[:nodes]), arc, tree)


def _flow(network: Network, forest: _Forest, at_most: FlagArray) -> FloatArray:
    """What flows on each arc; that of a free one from what the nodes beyond it bring."""
    flow = np.where(at_most, network.capacity, 0.0)
    over = network.supply - np.bincount(network.tail, flow, network.nodes)
    over += np.bincount(network.head, flow, network.nodes)
    for level in reversed(forest.levels[1:]):
        arc, before = forest.arc[level], forest.before[level]
        flow[arc] = np.where(network.tail[arc] == level, over[level], -over[level])
        np.add.at(over, before, over[level])
    return np.clip(flow, 0.0, network.capacity)


def _potential(network: Network, forest: _Forest, at_least: FlagArray, at_most: FlagArray) -> FloatArray:
    """A potential of each node, that of the ground being zero."""
    within = np.zeros(network.nodes)
    for level in forest.levels[1:]:
        arc, before = forest.arc[level], forest.before[level]
        step = np.where(network.tail[arc] == level, network.cost[arc], -network.cost[arc])
        within[level] = within[before] + step
    room = network.cost - within[network.tail] + within[network.head]
    left, right = forest.tree[network.tail], forest.tree[network.head]
    # number[left] - number[right] <= room at the least of an arc, and >= at its most.
    across = left != right
    less, more = at_least & across & (network.capacity > 0), at_most & across
    pairs = np.concatenate([left[less], right[more]]), np.concatenate([right[less], left[more]])
    number = _differences(*pairs, np.concatenate([room[less], -room[more]]), int(forest.tree.max()) + 1)
    potential = within + number[forest.tree]
    return np.asarray(potential - potential[-1], dtype=float)


def _differences(left: IntArray, right: IntArray, room: FloatArray, count: int) -> FloatArray:
    """Numbers with `number[left] - number[right] <= room`: shortest distances from before all of them."""
    number = np.zeros(count)
    if not len(room):
        return number
    order = np.lexsort((room, right, left))
    left, right, room = left[order], right[order], room[order]
    first = np.append(True, (left[1:] != left[:-1]) | (right[1:] != right[:-1]))
    left, right, room = left[first], right[first], room[first]
    begin = np.flatnonzero(np.append(True, left[1:] != left[:-1]))
    who = left[begin]
    for _ in range(ROUNDS):
        nearer = np.minimum(number[who], np.minimum.reduceat(number[right] + room, begin))
        if (nearer >= number[who] - 1e-12 * np.abs(number[who])).all():
            break
        number[who] = nearer
    return number
