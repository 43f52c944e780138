"""Which powers are not free between zero and their most, and what they may be instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.site import PowerLevels
from evdsl.language.tolerances import IN_RANGE

TRICKLE = 0.01
"""Of what a vehicle could take: the least of a charge that is not to pause, if `min_power` is not given."""


@dataclass(frozen=True, slots=True)
class OwnRates:
    """The powers that classes list: `rates` by class, `category` and the share of its phases by entry."""

    rates: Sequence[tuple[float, ...]]
    category: IntArray
    share: FloatArray


def levels_of(
    most: FloatArray,
    presence: FloatArray,
    group: IntArray,
    least: FloatArray,
    rates: Sequence[tuple[float, ...]],
    share: FloatArray,
    own: OwnRates,
    *,
    lasting: bool,
) -> PowerLevels:
    """The levels of a flow whose entries have a largest power, a presence and a group of ports.

    `least` and `rates` are by group, for who uses all phases of a port: of each entry `share` is what it uses
    of them. With `lasting` every power has a least one. What the class lists must be a rate of the port too,
    or at least its least.
    """
    floor = least[group] * share
    if lasting:
        floor = np.where(floor > 0.0, floor, TRICKLE * most)
    at_port = np.array([bool(some) for some in rates], dtype=np.bool_)[group]
    at_class = np.array([bool(some) for some in own.rates], dtype=np.bool_)[own.category]
    listed = at_port | at_class
    between, rated = np.flatnonzero(~listed & (floor > 0.0)), np.flatnonzero(listed)
    choice: list[IntArray] = []
    powers: list[FloatArray] = []
    for number, some in enumerate(rates):
        for rate in some:
            level = rate * share[rated]
            able = (group[rated] == number) & ~at_class[rated]
            mine = np.flatnonzero(able & (most[rated] >= level - IN_RANGE))
            choice.append(mine)
            powers.append(presence[rated[mine]] * np.minimum(level[mine], most[rated[mine]]))
    for kind, some in enumerate(own.rates):
        for rate in some:
            level = rate * own.share[rated]
            allowed = level >= floor[rated] - IN_RANGE
            for number, listing in enumerate(rates):
                if listing:
                    levels = np.array(listing)[:, None] * share[rated]
                    allowed &= (np.abs(levels - level) <= IN_RANGE).any(axis=0) | (group[rated] != number)
            able = (own.category[rated] == kind) & allowed
            mine = np.flatnonzero(able & (most[rated] >= level - IN_RANGE))
            choice.append(mine)
            powers.append(presence[rated[mine]] * np.minimum(level[mine], most[rated[mine]]))
    pairs = np.concatenate(choice) if choice else np.zeros(0, dtype=np.int64)
    having, chooser = np.unique(pairs, return_inverse=True)
    return PowerLevels(
        between,
        (presence * floor)[between],
        (presence * most)[between],
        rated,
        pairs,
        np.concatenate(powers) if powers else np.zeros(0),
        chooser,
        len(having),
    )
