"""The limits in the way of amounts in several steps, which pay for a largest of them only together.

Where several steps are tied for the largest import or mean, a kWh more in one of them alone may be too dear
and some in each of them not (`evdsl.optimization.shortfall.ties`). Of a set L of limits, O(L) are the
openings of a vehicle at one group of ports with no other limit full on their way.

Where amounts d >= 0 of O(L) pay, that is f'(x; d) < 0, the limits of L are a cause: with them out of the way
and everybody else as before the vehicle takes e d more for a small e > 0, which no other limit keeps from it,
at one port, and the objective is better by -e f'(x; d) at least. Whether there are such d is the sign of a
linear program, so each L is tried before it is told. Where O(L) without any one limit of L has none, each of
them is needed: with that one as it is, nothing that the vehicle alone does makes the objective better.

More limits out of the way leave no fewer amounts, so it is enough to try each limit once whether it can be
left out of L. One limit that does alone is taken first, of several the one in the way of most energy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evdsl.language.arrays import IntArray
from evdsl.optimization.shortfall.margin import Margins, paying
from evdsl.optimization.shortfall.room import Openings


@dataclass(frozen=True, slots=True)
class Bundle:
    """Openings that pay together once these limits, positions in `Openings.limits`, are out of the way."""

    limits: tuple[int, ...]
    entries: IntArray


def bundle(openings: Openings, found: Margins, mine: IntArray) -> Bundle | None:
    """Openings of a vehicle, ascending, that pay together, with the fewest limits in the way."""
    best: tuple[int, float] | None = None
    result = None
    for group in np.unique(openings.group[mine]):
        one = _of_group(openings, found, mine[openings.group[mine] == group])
        if one is None:
            continue
        order = (len(one.limits), -float(openings.amount[one.entries].sum()))
        if best is None or order < best:
            best, result = order, one
    return result


def _of_group(openings: Openings, found: Margins, mine: IntArray) -> Bundle | None:
    """The same at one group of ports."""

    def without(limits: tuple[int, ...]) -> Bundle:
        """What pays where these limits are out of the way, and no others."""
        others = np.delete(openings.full[mine], limits, axis=1)
        return Bundle(limits, paying(found, mine[~others.any(axis=1)]))

    every = tuple(np.flatnonzero(openings.full[mine].any(axis=0)).tolist())
    whole, nothing = without(every), without(())
    if not len(whole.entries) or len(nothing.entries):
        return nothing if len(nothing.entries) else None
    single = [one for limit in every for one in [without((limit,))] if len(one.entries)]
    if single:
        return max(single, key=lambda one: float(openings.amount[one.entries].sum()))
    for limit in every:
        fewer = without(tuple(other for other in whole.limits if other != limit))
        whole = fewer if len(fewer.entries) else whole
    return whole
