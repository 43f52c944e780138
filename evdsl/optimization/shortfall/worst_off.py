"""What the least share of all is worth to each vehicle that has it: only all of them together make it larger.

Let W be the vehicles whose share is the least, w > 0 what a stage gains where that rises by one, r_e by how
much a kWh of opening e raises the share of its vehicle, and g_e what the kWh costs the stage otherwise. For
amounts d >= 0 of openings the least share rises by s = min_{v in W} Σ_{e of v} r_e d_e, so that for each
λ >= 0 over W with Σ λ_v = 1

    Σ g_e d_e - w s  >=  Σ (g_e - w λ_v(e) r_e) d_e

With c_v = min_e max(g_e, 0) / r_e, the least that v's part of a rise costs, and C = Σ c_v:

    C >= w    λ_v = c_v / C leaves no opening better than nothing: no amounts pay by the share
    C <  w    λ_v = c_v / w + (1 - C/w) / |W| leaves each vehicle one that is worth it, and together they are

So g_e - w λ_v r_e takes the place of the derivative of a kWh to v alone, which is g_e where W is more than
one vehicle, and its signs say what holds of all of them together.
"""

from __future__ import annotations

import numpy as np

from evdsl.language.arrays import BoolArray, FloatArray, IntArray


def parts(cost: FloatArray, rise: FloatArray, who: IntArray, open_to: BoolArray, reward: float) -> FloatArray:
    """λ of the vehicle of each opening, where `rise` is above zero for the openings of W and zero elsewhere.

    `open_to` are those that make no earlier stage worse; a vehicle without one can have no part in a rise.
    """
    found = np.zeros(len(rise))
    mine = rise > 0.0
    if not mine.any() or not reward > 0.0:
        return found
    vehicles, of = np.unique(who[mine], return_inverse=True)
    least = np.full(len(vehicles), np.inf)
    each = np.where(open_to[mine], np.maximum(cost[mine], 0.0) / rise[mine], np.inf)
    np.minimum.at(least, of, each)
    barred = np.isinf(least)
    if barred.any():
        share = barred / barred.sum()
    elif (total := float(least.sum())) >= reward:
        share = least / total
    else:
        share = least / reward + (1.0 - total / reward) / len(least)
    found[mine] = share[of]
    return found
