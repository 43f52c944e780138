"""Why the schedule is as it is, by vehicle: the sentences of `evdsl explain --vehicle --quick`, folded.

Nothing is solved again for a page, so that one of a thousand vehicles is made at once. Told are those that
are short, who lacks most first, and of the others those that move most energy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import BoolArray
from evdsl.optimization.inquiry.vehicle import vehicle_facts
from evdsl.optimization.rounding import unmet_of
from evdsl.report.facts import NOTICED
from evdsl.report.inquiry.sentences import sentences
from evdsl.report.numbers import energy, plural, printable
from evdsl.report.page.html import Element, element
from evdsl.report.page.tables import folded
from evdsl.schedule.account import visit_powers

if TYPE_CHECKING:
    from evdsl.optimization.result import Result

SHORT, OTHERS = 100, 20
"""Vehicles that are told of."""


def why(result: Result, is_asked: bool = True) -> list[Element]:
    """What is to be said of each vehicle that is told of; `is_asked` where `evdsl explain` can say more."""
    schedule, vehicles = result.schedule, result.data.vehicles
    assert schedule is not None
    if not len(vehicles):
        return []
    missing = vehicles.of_whole(unmet_of(result.data, schedule))
    powers = visit_powers(result.spec, result.data, schedule)
    moved = vehicles.of_whole(
        np.bincount(
            result.data.visits.vehicle, powers.charge + powers.discharge, minlength=len(vehicles)
        ).astype(float)
    )
    first = np.asarray(vehicles.is_first, dtype=np.bool_)
    short = first & (missing > NOTICED)
    chosen = [*_most(missing, short, SHORT), *_most(moved, first & ~short & (moved > 0), OTHERS)]
    if not chosen:
        return []
    left = int(first.sum()) - len(chosen)
    return [
        element("p", *_introduction(left, is_asked)),
        *(folded(_summary(vehicles.name[at], float(missing[at])), *_told(result, at)) for at in chosen),
    ]


def _most(size: np.ndarray, among: BoolArray, count: int) -> list[int]:
    """The largest first, equal ones in their order."""
    order = np.argsort(-size, kind="stable")
    return [int(at) for at in order[among[order]][:count]]


def _introduction(left: int, is_asked: bool) -> list[Element | str]:
    told: list[Element | str] = []
    if left:
        told.append(
            f"{plural(left, 'vehicle')} more {'is' if left == 1 else 'are'} not told of: "
            "those come first that are short, then those that move most energy. "
        )
    if is_asked:
        command = element("code", "evdsl explain SPEC --vehicle NAME")
        told += ["What other hours would cost, and who would get less, is solved for by ", command, "."]
    return told


def _summary(name: str, missing: float) -> str:
    lacks = f", {energy(missing)} kWh missing" if missing > NOTICED else ""
    return f"{printable(name, 60)}{lacks}"


def _told(result: Result, vehicle: int) -> list[Element]:
    told = sentences(vehicle_facts(result.as_chosen, vehicle), result.spec, result.data)
    return [element("p", text) for text in told]
