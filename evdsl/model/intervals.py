"""Intervals of time that share a number of equal places: their deepest overlaps, a place for each.

Claim: half-open intervals of which no more than J overlap at any instant can be given J places.

Proof. Take them by begin and give each the lowest place that is free: when one begins, at most J - 1 others
are there, so a place is free. (Interval graphs are perfect.) Instants at which an interval begins suffice,
since the set of those present only shrinks in between; of these only the maximal sets matter.
"""

from __future__ import annotations

import heapq

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.tolerances import SAME_TIME


def cliques(begin: FloatArray, end: FloatArray) -> list[IntArray]:
    """The maximal sets of half-open intervals that overlap at an instant, as positions."""
    events = sorted(
        [(float(b), 1, i) for i, b in enumerate(begin) if end[i] > b + SAME_TIME]
        + [(float(e) - SAME_TIME, 0, i) for i, e in enumerate(end) if e > begin[i] + SAME_TIME]
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


def assign(begin: FloatArray, end: FloatArray, preferred: IntArray, count: int) -> IntArray:
    """A port for each interval, such that none has two at once: lowest free, or the preferred one.

    Raises where more than `count` overlap, which the rows of the model do not allow.
    """
    result = np.full(len(begin), -1)
    free = list(range(count))
    busy: list[tuple[float, int]] = []
    for item in np.lexsort((np.arange(len(begin)), begin)):
        while busy and busy[0][0] <= begin[item] + SAME_TIME:
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
