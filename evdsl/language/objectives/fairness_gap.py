"""`fairness_gap`: the best-served vehicle's share less the worst-served one's, 0..1.

With x[v] what vehicle v takes over what it needs, its share is min(1, x[v]), and with decisions gap, worst
and, where a vehicle can take more than it asks for, one binary full:

    worst <= 1 - unmet[v] / need[v]                                     for every v that needs something
    x[v] <= worst + gap + full · (most[v] - 1),   full <= worst + gap

where most[v] is the largest x[v] that power, stay and battery allow. full = 0 says that the best share is
worst + gap, full = 1 that it is 1. Without the binary the gap could be hidden: `unmet` is at least what
is missing, and a vehicle that takes all it asked for could be called unserved. Vehicles without a
battery never take more than they ask for; where all are so, there is no binary.

Of a vehicle that makes trips what it takes says nothing of its share: what it takes after a trip was lacked
on it. Its share stands itself below worst + gap, with `unmet` as it is and not only at least that: `over` is
what it has too much at its last departure, and one of the two is zero (as of `en_route` and `spare`).

    1 - unmet[v] / need[v] <= worst + gap,    energy at departure + unmet - over = target

Made small only. Without vehicles that need anything it is 0.
"""

from __future__ import annotations

from typing import Any

from evdsl.language import stays
from evdsl.language.builder import Builder, Linear
from evdsl.language.combinatorial import Complementarity
from evdsl.language.declaration import Curve, Word
from evdsl.language.devices.vehicle import net_energy
from evdsl.language.objectives.fairness import each, row_size, unmet_of
from evdsl.language.units import NUMBER


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    unmet, needs = builder.get("unmet"), builder.data.vehicles.need
    counted = (needs > 0).nonzero()[0]
    if unmet is None or not len(counted):
        return builder.zero()
    place = builder.spec.source_span()
    gap = builder.variable("fairness_gap", "one", 1, place, upper=1.0)
    worst = builder.variable("fairness_gap.worst", "one", 1, place, upper=1.0)
    size = row_size(needs[counted])
    lost = builder.scale(unmet_of(builder, counted), size / needs[counted])
    least = builder.scale(each(builder, worst, "served", len(counted)), size)
    builder.rows("site.fairness_gap.worst", lost + least, "<=", size, place)
    travels = builder.data.vehicles.travels
    _best(builder, worst + gap, counted[~travels[counted]])
    _best_of_trips(builder, worst + gap, counted[travels[counted]])
    return builder.total(gap)


def _best(builder: Builder, best: Linear, counted: Any) -> None:
    """What each vehicle takes is at most the best share, unless that is one."""
    vehicles, place = builder.data.vehicles, builder.spec.source_span()
    asks_energy = vehicles.demand == vehicles.demand
    most = _most(builder)
    full = None
    if (most[counted] > 1.0).any():
        full = builder.variable("fairness_gap.full", "one", 1, place, binary=True)
        builder.rows("site.fairness_gap.full", full - best, "<=", 0.0, place)
    for kind, mine in (("port", asks_energy), ("battery", ~asks_energy)):
        who = counted[mine[counted]]
        took = net_energy(builder, who, kind == "battery", kind) if len(who) else None
        if took is None:
            continue
        size = row_size(vehicles.need[who])
        left = builder.scale(took, size / vehicles.need[who])
        left = left - builder.scale(each(builder, best, kind, len(who)), size)
        if full is not None:
            beyond = (most[who] - 1.0).clip(min=0.0)
            left = left - builder.scale(each(builder, full, kind, len(who)), size * beyond)
        builder.rows(f"site.fairness_gap.{kind}", left, "<=", 0.0, place)


def _best_of_trips(builder: Builder, best: Linear, who: Any) -> None:
    """Shares of vehicles that make trips are at most the best one, with what they lack and no more."""
    if not len(who):
        return
    vehicles, place = builder.data.vehicles, builder.spec.source_span()
    size = row_size(vehicles.need[who])
    lost = builder.scale(unmet_of(builder, who, "travelling"), size / vehicles.need[who])
    most = builder.scale(each(builder, best, "travelling", len(who)), size)
    builder.rows("site.fairness_gap.trips", lost + most, ">=", size, place)
    mine = vehicles.need[vehicles.first] > 0
    last = (mine & vehicles.travels & (vehicles.following < 0) & ~vehicles.buys).nonzero()[0]
    if not len(last):
        return
    room = (vehicles.high - vehicles.target)[last].clip(min=0.0)
    over = builder.variable("fairness_gap.over", "over", len(last), place, upper=room)
    left = builder.take(builder.need("unmet"), last, "over") - over
    for part in (net_energy(builder, last, True, "over"), stays.decided_start(builder, last, "over")):
        left = left if part is None else left + part
    known = stays.known_start(vehicles)
    builder.rows("site.fairness_gap.over", left, "==", (vehicles.target - known)[last], place)
    builder.demand(
        Complementarity(
            name="fairness_gap.left",
            subject="departure",
            dimension="over",
            first="unmet",
            second="fairness_gap.over",
            first_cap=stays.most_unmet(vehicles)[last],
            second_cap=room,
            owner=place,
            first_at=last,
        )
    )


def _most(builder: Builder) -> Any:
    """The largest x of each vehicle that its power, its stay and its battery allow; 0 without need."""
    vehicles, slots = builder.data.vehicles, builder.slot_index.slots
    most = vehicles.need * 0.0
    power = builder.spec.step * slots.presence * slots.charge
    for at in ((vehicles.need > 0) & (vehicles.battery == vehicles.battery)).nonzero()[0]:
        energy = float(power[slice(*slots.vehicle.searchsorted([at, at + 1]))].sum())
        if vehicles.demand[at] != vehicles.demand[at]:
            room = vehicles.high[at] - vehicles.initial[at]
            energy = min(energy * vehicles.charge_efficiency[at], room)
        most[at] = energy / vehicles.need[at]
    return most


WORD = Word(
    "fairness_gap",
    NUMBER,
    "the best-served vehicle's share less the worst-served one's",
    expression,
    curve=Curve.CONVEX,
)
