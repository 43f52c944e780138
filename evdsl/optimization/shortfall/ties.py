"""Steps that are tied for a largest: what one kWh more in a step costs, one in each of them costs together.

A word as `peak` is P max_t p_t. Where the steps T are at the largest, its derivative for amounts d >= 0 is

    P max_{t in T} a_t d_t  >=  P Σ_{t in T} λ_t a_t d_t        for each λ >= 0 with Σ λ_t <= 1

with equality for the best λ. In a single step that is P a_t, which summed over several is too much: who pays
for the largest already may take more in every step that it leaves below. With the other words linear in d,
f'(x; d) >= Σ b_t d_t for b_t = g_t + P λ_t a_t, and by the duality of linear programs

    min { f'(x; d) : d >= 0, Σ d = 1 }  =  max { min_t b_t : λ }

So amounts that pay together exist exactly where no λ has all b_t >= 0. Of several such words each has a λ of
its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray

NOTHING = 1e-6
"""Of the largest term: a bound within it is zero."""
CLEAR = 1e-2
"""Of the largest term: a bound above zero by this much is worth no more of λ."""


@dataclass(frozen=True, slots=True)
class Largest:
    """A largest of several: extra kWh `extra[n]` adds `rise[n]` to that of the tied which is `member[n]`."""

    extra: IntArray
    member: IntArray
    rise: FloatArray

    def alone(self, count: int) -> FloatArray:
        """What each of so many extra kWh adds to the largest, all else as it stands."""
        found = np.zeros(count)
        np.maximum.at(found, self.extra, self.rise)
        return found

    def of(self, some: IntArray) -> Largest:
        """For some extra kWh, ascending, which are counted from 0 then."""
        kept = np.isin(self.extra, some)
        return Largest(np.searchsorted(some, self.extra[kept]), self.member[kept], self.rise[kept])

    def times(self, weight: float) -> Largest:
        """With a weight that is not negative."""
        return Largest(self.extra, self.member, self.rise * weight)

    @property
    def is_tied(self) -> bool:
        """Whether it makes a difference that what is added to one of them is not added to another."""
        return len(np.unique(self.member[self.rise > 0.0])) > 1


def bounds(plain: FloatArray, largest: Sequence[Largest], scale: float) -> FloatArray | None:
    """The b of the λ whose least b is largest; where that is zero, of one with as many as can be above it.

    `plain` is g, `scale` the size of the terms. `None` where the linear program has no answer.
    """
    from scipy import optimize, sparse

    first, rises, sums = 0, [], []
    for one in largest:
        names, member = np.unique(one.member, return_inverse=True)
        shape = (len(plain), len(names))
        rises.append(sparse.coo_array((one.rise / scale, (one.extra, member.reshape(-1))), shape=shape))
        sums.append(np.ones((1, len(names))))
        first += len(names)
    rise, sums_to_one = sparse.hstack(rises, format="csr"), sparse.block_diag(sums, format="csr")
    most = np.concatenate([plain / scale, np.ones(len(largest))])

    def best(ways: int, low: float | None, high: float | None) -> FloatArray | None:
        """The b for the largest sum of so many numbers that are below it: one for all, or one for each."""
        below = sparse.csr_array(np.ones((len(plain), 1))) if ways == 1 else sparse.eye_array(ways)
        nothing = sparse.csr_array((len(largest), ways))
        rows = sparse.vstack([sparse.hstack([-rise, below]), sparse.hstack([sums_to_one, nothing])])
        worth = np.concatenate([np.zeros(first), -np.ones(ways)])
        limits = [(0.0, None)] * first + [(low, high)] * ways
        found = optimize.linprog(worth, rows.tocsr(), most, bounds=limits, method="highs")
        return plain + scale * (rise @ found.x[:first]) if found.status == 0 else None

    found = best(1, None, None)
    if found is None or abs(float(found.min())) > NOTHING * scale:
        return found
    return best(len(plain), -NOTHING, CLEAR)
