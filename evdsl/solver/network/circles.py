"""Circles of arcs that are between their bounds, sent round until one of them is at a bound.

In an optimal flow such a circle costs nothing in either direction, since both are open: what is sent round
changes no balance and no cost. Random costs leave few of them, where the random numbers along one add up to
zero. Arcs are added one by one to a forest; one that closes a circle closes at least one arc of it.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from evdsl.language.arrays import IntArray
from evdsl.solver.network.integers import IntegerNetwork

MOST = 200
"""Circles that are sent round, each with a search of its tree; a flow that has more is no answer."""

Neighbours = dict[int, dict[int, int]]
"""By node, the nodes next to it and the arc between them."""


def without_circles(asked: IntegerNetwork, flow: IntArray) -> IntArray | None:
    """A flow of the same cost whose free arcs are a forest; `None` where it has too many circles."""
    free = np.flatnonzero((flow > 0) & (flow < asked.capacity))
    if _is_forest(asked, free):
        return flow
    flow, count = flow.copy(), 0
    next_to: Neighbours = {}
    for arc in free.tolist():
        tail, head = int(asked.tail[arc]), int(asked.head[arc])
        path = _path(next_to, head, tail)
        if path is not None:
            count += 1
            if count > MOST:
                return None
            _send_round(asked, flow, [arc, *path], tail)
            for other in path:
                if not 0 < flow[other] < asked.capacity[other]:
                    ends = int(asked.tail[other]), int(asked.head[other])
                    for here, there in (ends, ends[::-1]):
                        del next_to[here][there]
        if 0 < flow[arc] < asked.capacity[arc]:
            next_to.setdefault(tail, {})[head] = arc
            next_to.setdefault(head, {})[tail] = arc
    return flow


def _is_forest(asked: IntegerNetwork, arcs: IntArray) -> bool:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    nodes = len(asked.supply)
    ends = asked.tail[arcs], asked.head[arcs]
    graph = coo_array((np.ones(len(arcs), dtype=np.int8), ends), shape=(nodes, nodes)).tocsr()
    return len(arcs) == nodes - int(connected_components(graph, directed=False)[0])


def _path(next_to: Neighbours, start: int, end: int) -> list[int] | None:
    """The arcs from one node of a forest to another, in order; `None` where they are in two trees."""
    if start not in next_to or end not in next_to:
        return None
    came: dict[int, tuple[int, int]] = {start: (-1, -1)}
    waiting = deque([start])
    while waiting and end not in came:
        here = waiting.popleft()
        for there, arc in next_to[here].items():
            if there not in came:
                came[there] = (here, arc)
                waiting.append(there)
    if end not in came:
        return None
    arcs: list[int] = []
    while end != start:
        end, arc = came[end]
        arcs.append(arc)
    return arcs[::-1]


def _send_round(asked: IntegerNetwork, flow: IntArray, arcs: list[int], start: int) -> None:
    """As much as fits, from the tail of the first arc along all of them."""
    forward, at = [], start
    for arc in arcs:
        forward.append(int(asked.tail[arc]) == at)
        at = int(asked.head[arc] if forward[-1] else asked.tail[arc])
    along = np.array(forward)
    room = np.where(along, asked.capacity[arcs] - flow[arcs], flow[arcs]).min()
    flow[arcs] += np.where(along, room, -room)
