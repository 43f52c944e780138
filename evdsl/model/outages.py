"""Sockets that are out of order, as stays that nobody may refuse: `count` of a `port` over time.

With J the most of `count` at any time, J - count[t] sockets of the block are out of order in step t. They are
written as intervals of time: one begins where the number rises, and the one that began last ends where it
falls, so that at every instant as many of them are there as sockets are out of order.

Claim: vehicles may hold ports such that at every instant no more than count[t] are held if and only if the
holds and these intervals can be given J ports such that none has two at once.

Proof. Holds and intervals that are there at an instant are at most J together if and only if the holds are at
most count[t]; and half-open intervals of which no more than J overlap can be given J ports
(`evdsl.model.intervals`). So an outage is one item more of the counting, whose hold is 1.

Which sockets are out of order is not said by a number: it is decided with the ports of the vehicles. Ports of
such a block are told apart from those of every other, since its outages are its own.
"""

from __future__ import annotations

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.devices import series_key
from evdsl.language.site import Outages, PortGroup
from evdsl.language.spec import Spec


def outages_of(data: Data, groups: tuple[PortGroup, ...]) -> Outages:
    """The outages of all groups, by group and then by their ends."""
    group: list[int] = []
    first: list[int] = []
    last: list[int] = []
    depth: list[int] = []
    for number, one in enumerate(groups):
        if not one.block:
            continue
        count = data.over_time(one.block, "count")
        assert count is not None, "it is over time"
        missing = len(one.names) - np.rint(count).astype(np.int64)
        for begin, end, level in _stacked(missing):
            group.append(number)
            first.append(begin)
            last.append(end)
            depth.append(level)
    step = data.timeline.step
    return Outages(
        np.array(group, dtype=np.int64),
        np.array(first, dtype=float) * step,
        np.array(last, dtype=float) * step,
        np.array(depth, dtype=np.int64),
    )


def ports_in_order(spec: Spec, data: Data) -> FloatArray:
    """How many of all ports are in order, shape (steps,)."""
    total = np.zeros(data.timeline.steps)
    for block in spec.of_kind("port"):
        count = data.over_time(series_key(block), "count")
        total += block.port_count if count is None else count
    return total


def _stacked(missing: IntArray) -> list[tuple[int, int, int]]:
    """Intervals of steps, half-open, of which as many are there in each step as it says; and on how many
    others each lies."""
    begun: list[int] = []
    found: list[tuple[int, int, int]] = []
    for step, number in enumerate([*missing.tolist(), 0]):
        while len(begun) > number:
            begin = begun.pop()
            found.append((begin, step, len(begun)))
        begun += [step] * (number - len(begun))
    return found
