"""Who can hold a port when with `queue` on: all ways of giving each stay one part of it are tried.

A hold is none, or a block of ports from the first of some steps of a stay to the last; in time, from there
to there, or as long as the vehicle is there. Of all ways of giving holds those are left in which no port is
held by two at one time. A schedule is one where in some way each vehicle holds, in every step in which it
has power, a port of the block at which it has it; its waiting time is the least of these ways.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from evdsl.language.arrays import FloatArray, IntArray
from evdsl.testing.brute.sites import TinySite, TinyVehicle
from evdsl.testing.brute.vehicles import NOBODY, RoundedStay, are_in_order, can_be_seated, need_of, stays_of

Hold = tuple[int, int, int]
"""A block, and the first and last step; `NONE` is none."""
NONE: Hold = (NOBODY, NOBODY, NOBODY)


def least_waits(site: TinySite, blocks: list[IntArray]) -> FloatArray:
    """By schedule the least waiting time in hours; infinite where nobody could hold ports so.

    `blocks` are by vehicle where it has power, over (schedule, step).
    """
    pairs = [
        (vehicle, stay, np.where(np.array(stay.presence) > 0, block, NOBODY))
        for vehicle, block in zip(site.vehicles, blocks, strict=True)
        for stay in stays_of(site, vehicle)
    ]
    each = [_holds(vehicle, stay) for vehicle, stay, _ in pairs]
    asks = [need_of(site, vehicle) > 0 for vehicle, _, _ in pairs]
    ways, waits = _ways(site, [stay for _, stay, _ in pairs], asks, each)
    asked = [_asked(one, hold) for (_, _, one), hold in zip(pairs, each, strict=True)]
    kinds, which = np.unique(np.stack([number for number, _ in asked], axis=1), axis=0, return_inverse=True)
    found = np.full(len(kinds), np.inf)
    for kind, numbers in enumerate(kinds):
        fits = np.ones(len(ways), dtype=np.bool_)
        for place, number in enumerate(numbers):
            fits &= asked[place][1][number][ways[:, place]]
        found[kind] = waits[fits].min(initial=np.inf)
    return np.asarray(found[which.reshape(-1)])


def _holds(vehicle: TinyVehicle, stay: RoundedStay) -> list[Hold]:
    there = [step for step, share in enumerate(stay.presence) if share > 0]
    runs = ((first, last) for first in there for last in there if first <= last)
    return [NONE, *((block, *run) for run in runs for block in vehicle.blocks)]


def _ways(
    site: TinySite, stays: list[RoundedStay], asks: list[bool], each: list[list[Hold]]
) -> tuple[IntArray, FloatArray]:
    """All ways that can be seated, as numbers of holds, and for how long those who ask wait in each."""
    counts = tuple(ports.count for ports in site.ports)
    kept: list[tuple[int, ...]] = []
    waits: list[float] = []
    for numbers in product(*(range(len(holds)) for holds in each)):
        chosen = [holds[number] for holds, number in zip(each, numbers, strict=True)]
        spans = tuple(
            (max(stay.begin, first * site.minutes), min(stay.end, (last + 1) * site.minutes))
            for stay, (_, first, last) in zip(stays, chosen, strict=True)
        )
        held = tuple(block for block, _, _ in chosen)
        if can_be_seated(held, spans, counts) and are_in_order(site, held, spans):
            until = [
                stay.end if hold == NONE else span[0]
                for stay, hold, span in zip(stays, chosen, spans, strict=True)
            ]
            waited = (
                end - stay.begin for stay, end, asking in zip(stays, until, asks, strict=True) if asking
            )
            kept.append(numbers)
            waits.append(sum(waited) / 60)
    return np.array(kept), np.array(waits)


def _asked(blocks: IntArray, holds: list[Hold]) -> tuple[IntArray, list[np.ndarray]]:
    """By schedule the number of what it asks of a hold, and of each number which holds give that."""
    rows, which = np.unique(blocks, axis=0, return_inverse=True)
    given: list[np.ndarray] = []
    for row in rows.tolist():
        used = [(step, block) for step, block in enumerate(row) if block != NOBODY]
        given.append(
            np.array(
                [all(block == b and first <= s <= last for s, b in used) for block, first, last in holds],
                dtype=np.bool_,
            )
        )
    return np.asarray(which).reshape(-1), given
