"""A network in the integers that a flow algorithm takes, so that its answer is a vertex of the exact one.

Flows are counted in quanta of 2**-50 of all that can flow: a path carries what nodes bring, a circle pays
only where an arc of a negative cost is in it, so no optimal flow without idle circles has more on an arc
than the sum of both. Costs are counted in 2**-44 of the largest, and each is raised by a random number of
up to 2**-28: then no circle costs nothing by accident, the arcs between their bounds are a forest, and
which of equal optima is found follows from the seed alone. What rounding takes from a balance that only
just holds, an arc of a few quanta beside each node may bring, at the cost of the dearest arc. Exact again are
`evdsl.solver.network.vertex`, which uses nothing of the integers but which arcs are at which bound, and the
proof of what it makes of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evdsl.language.arrays import IntArray
from evdsl.solver.network.arcs import Network

FlagArray = NDArray[np.bool_]

FLOW_BITS = 50
COST_BITS = 44
RANDOM_BITS = 16


@dataclass(frozen=True, slots=True, eq=False)
class IntegerNetwork:
    """Arcs in integers: those of a network, and behind them two for each node that bring what rounding takes.

    Arcs from a node to itself are left out; `kept` are the places of the others.
    """

    tail: IntArray
    head: IntArray
    capacity: IntArray
    cost: IntArray
    supply: IntArray
    kept: IntArray


def integers_of(network: Network, seed: int = 0) -> IntegerNetwork | None:
    """The network in integers; `None` where nothing bounds what may flow."""
    paying = network.cost < 0
    total = np.abs(network.supply).sum() + network.capacity[paying].sum()
    if not 0 < total < np.inf:
        return None
    kept = np.flatnonzero(network.tail != network.head)
    tail, head = network.tail[kept], network.head[kept]
    quanta = 2.0**FLOW_BITS / total
    capacity = np.rint(np.minimum(network.capacity[kept], total) * quanta).astype(np.int64)
    supply = np.rint(network.supply * quanta).astype(np.int64)
    supply[-1] -= supply.sum()
    most = np.abs(network.cost).max(initial=0.0) or 1.0
    cost = np.rint(network.cost[kept] * (2.0**COST_BITS / most)).astype(np.int64)
    cost += np.random.default_rng(seed).integers(0, 2**RANDOM_BITS, len(cost))
    rows = np.arange(network.nodes - 1)
    ground = np.full(len(rows), network.nodes - 1)
    degree = np.bincount(tail, minlength=network.nodes) + np.bincount(head, minlength=network.nodes)
    spare = np.concatenate([degree[:-1], degree[:-1]]) + 1
    return IntegerNetwork(
        tail=np.concatenate([tail, rows, ground]),
        head=np.concatenate([head, ground, rows]),
        capacity=np.concatenate([capacity, spare]),
        cost=np.concatenate([cost, np.full(len(spare), 2**COST_BITS)]),
        supply=supply,
        kept=kept,
    )


def sides_of(network: Network, asked: IntegerNetwork, flow: IntArray) -> tuple[FlagArray, FlagArray]:
    """Whether each arc of the network is `at its least` and `at its most`: neither is one that is free."""
    own = flow[: len(asked.kept)]
    least = network.cost >= 0
    most = ~least
    least[asked.kept] = own == 0
    most[asked.kept] = (own > 0) & (own == asked.capacity[: len(asked.kept)])
    return least, most
