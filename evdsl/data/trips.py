"""Vehicles whose stays are cut by trips: one battery, several stays, one after the other.

The trips of a vehicle are its `trip` blocks and, of `sessions` with a column `used`, what lies between two
rows of one `id`. Each cuts the stay that it lies in. `evdsl.language.devices.trip` says what follows for the
energy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from evdsl.data.draws import ATTEMPTS
from evdsl.data.reader import BlockReader
from evdsl.data.stays import round_stays
from evdsl.data.trip_times import Stay, Trips, read_trips
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.arrays import FloatArray
from evdsl.language.calendar import dates_of_block
from evdsl.language.devices.phases import best_power
from evdsl.language.site import Vehicles
from evdsl.language.spec import Spec
from evdsl.language.tolerances import SAME_TIME
from evdsl.semantics.checks import reach


def with_trips(spec: Spec, group: BlockReader, vehicles: Vehicles) -> Vehicles | None:
    """The stays of a block of vehicles, cut by its trips; `None` where what is wrong was reported."""
    trips = [device for device in spec.of_kind("trip") if device.of == group.device.name]
    repeats = group.device.get("used") is not None
    if not trips and not repeats:
        return vehicles
    before = len(group.problems)
    stays = (
        _of_rows(group, vehicles)
        if repeats
        else [
            [Stay(row, float(vehicles.arrival[row]), float(vehicles.departure[row]))]
            for row in range(len(vehicles))
        ]
    )
    if stays is None:
        return None
    # What is written stands; what is drawn is fitted in between.
    every = [
        read_trips(device, group, stays, vehicles, dates_of_block(spec, device.get("days")))
        for device in trips
    ]
    for read in sorted(every, key=_is_drawn):
        if read is not None:
            _fit(read, group, stays)
    if len(group.problems) > before and any(p.code.startswith("E") for p in group.problems[before:]):
        return None
    found = _assembled(spec, group, stays, vehicles)
    return None if _names_clash(group, found) else found


def _names_clash(group: BlockReader, vehicles: Vehicles) -> bool:
    """E207 where an `id` of a file is what a later stay of another vehicle is called."""
    stays = {name for name, is_first in zip(vehicles.name, vehicles.is_first, strict=True) if not is_first}
    for name, is_first in zip(vehicles.name, vehicles.is_first, strict=True):
        if is_first and name in stays:
            message = f'"{name}" is an `id`, and what a stay of "{name.rpartition("/")[0]}" is called'
            group.report(
                "E207", message, "id", "give the vehicle another `id`, without a stroke and a number"
            )
            return True
    return False


def _is_drawn(trips: Trips | None) -> bool:
    return trips is not None and trips.drawn


def _of_rows(group: BlockReader, vehicles: Vehicles) -> list[list[Stay]] | None:
    """The stays of `sessions` whose rows have one vehicle several times; E406 where two overlap."""
    used = group.values("used")
    if used is None:
        return None
    of_name: dict[str, list[Stay]] = {}
    for row in np.argsort(vehicles.arrival, kind="stable"):
        stay = Stay(int(row), float(vehicles.arrival[row]), float(vehicles.departure[row]))
        earlier = of_name.setdefault(vehicles.name[row], [])
        if earlier:
            last, line = earlier[-1], group.line(int(row))
            if stay.arrival < last.departure - SAME_TIME:
                came, left = group.shown(stay.arrival), group.shown(last.departure)
                message = f'"{vehicles.name[row]}" comes at {came} ({line})'
                message += f" and leaves at {left} ({group.line(last.row)})"
                help = "one vehicle cannot come before it has left: mend the rows, or give them an `id` each"
                group.report("E406", message, "id", help)
                return None
            if used[row] < 0.0:
                message = f"`used` of {line} is {used[row]:g} kWh, below 0"
                group.report("E308", message, "used", "mend the numbers")
                return None
            last.used, last.trip = float(used[row]), f"the way to {line}"
        earlier.append(stay)
    # In the order of the file, by their first rows.
    return sorted(of_name.values(), key=lambda stays: min(stay.row for stay in stays))


def _fit(trips: Trips, group: BlockReader, stays: list[list[Stay]]) -> None:
    """Cuts the stays by the trips of one block; what is drawn and does not fit is drawn again."""
    horizon = group.timeline.horizon
    pending = np.arange(len(trips.vehicle))
    for _ in range(ATTEMPTS if trips.drawn else 1):
        unfit: list[int] = []
        for at in pending:
            own = stays[trips.vehicle[at]]
            leaves, back = float(trips.departure[at]), float(trips.arrival[at])
            place = _place(own, leaves, back)
            if place is None:
                unfit.append(int(at))
            elif back > SAME_TIME and leaves < horizon - SAME_TIME:
                _cut(own, place, leaves, back, float(trips.used[at]), trips.names[at])
        pending = np.array(unfit, dtype=np.int64)
        if not unfit:
            return
        if trips.drawn and not trips.draw_again(pending):
            return
    worst = int(pending[0])
    own = stays[trips.vehicle[worst]]
    if trips.drawn:
        message = f"{trips.names[worst]} hardly ever lies inside the stay"
        trips.report("E510", message, "departure", "move its mean into the stay, or make the stay longer")
    else:
        _report(trips, worst, len(pending), own, group)


def _place(own: Sequence[Stay], leaves: float, back: float) -> int | None:
    """The stay that a trip lies in, and leaves something of."""
    if back <= leaves + SAME_TIME:
        return None
    for number, stay in enumerate(own):
        inside = leaves >= stay.arrival - SAME_TIME and back <= stay.departure + SAME_TIME
        if inside and (leaves > stay.arrival + SAME_TIME or back < stay.departure - SAME_TIME):
            return number
    return None


def _cut(own: list[Stay], place: int, leaves: float, back: float, used: float, name: str) -> None:
    stay = own[place]
    # Whose ends are the same time leaves a stay without length, and not one of a part of a second.
    leaves = leaves if leaves > stay.arrival + SAME_TIME else stay.arrival
    back = back if back < stay.departure - SAME_TIME else stay.departure
    own[place : place + 1] = [
        Stay(stay.row, stay.arrival, leaves, used, name),
        Stay(stay.row, back, stay.departure, stay.used, stay.trip),
    ]


def _report(trips: Trips, at: int, count: int, own: Sequence[Stay], group: BlockReader) -> None:
    """Why a trip does not fit: E406 or E407."""
    leaves, back = float(trips.departure[at]), float(trips.arrival[at])
    name, shown = trips.names[at], group.shown
    more = f"; so {'do' if count > 2 else 'does'} {count - 1} more" if count > 1 else ""
    between = [(one, then) for one, then in pairwise(own) if leaves < then.arrival and back > one.departure]
    came, left = own[0].arrival, own[-1].departure
    stay = f"the stay goes from {shown(came)} to {shown(left)}"
    if back <= leaves + SAME_TIME:
        message = f"{name} is back at {shown(back)} and leaves at {shown(leaves)}"
        trips.report("E406", message + more, "arrival", trips.later("arrival"))
    elif leaves < came - SAME_TIME or back > left + SAME_TIME:
        message = f"{name} lasts from {shown(leaves)} to {shown(back)}, and {stay}"
        setting = "departure" if leaves < came - SAME_TIME else trips.ends_by
        help = "let the vehicle stay longer, or mend the trip"
        if leaves < came - SAME_TIME:
            help = trips.later("departure")
        if trips.dated:
            help = "write a clock time: the trip is made in the stay of each day"
        trips.report("E407", message + more, setting, help)
    elif not between:
        message = f"{name} lasts from {shown(leaves)} to {shown(back)}, and leaves nothing of the stay"
        trips.report("E406", message + more, "departure", "let the vehicle come before it, or stay after it")
    else:
        gone, then = between[0]
        other = f"{gone.trip} begins at {shown(gone.departure)} and is back at {shown(then.arrival)}"
        message = f"{name} lasts from {shown(leaves)} to {shown(back)}, and {other}"
        trips.report(
            "E406", message + more, "departure", "one vehicle makes one trip at a time: move one of them"
        )


def _assembled(
    spec: Spec, group: BlockReader, stays: Sequence[Sequence[Stay]], vehicles: Vehicles
) -> Vehicles:
    """The stays as entries: what a vehicle is stays what it is, what a stay is follows from its trip."""
    horizon, step = group.timeline.horizon, group.timeline.step
    seen = [_seen(own, horizon) for own in stays]
    flat = [stay for own in seen for stay in own]
    # What a vehicle comes with is that of its first row, what it asks for at last that of its last.
    rows = np.array([stay.row for stay in flat], dtype=np.int64)
    count = np.array([len(own) for own in seen], dtype=np.int64)
    start = np.cumsum(count) - count
    number = np.arange(len(flat)) - np.repeat(start, count)
    last = number == np.repeat(count, count) - 1
    used = np.array([stay.used for stay in flat])
    arrival, departure = (np.array([getattr(stay, end) for stay in flat]) for end in ("arrival", "departure"))
    begin, end = round_stays(
        np.clip(arrival, 0.0, horizon), np.clip(departure, 0.0, horizon), group.rounding, step
    )
    taken = {
        column: getattr(vehicles, column)[rows]
        for column in (
            "owner category battery low high priority phases charge discharge charge_efficiency "
            "discharge_efficiency wear end_value demand"
        ).split()
    }
    low, high = taken["low"], taken["high"]
    target = np.where(np.isnan(used), vehicles.target[rows], low + used)
    first = np.repeat(start, count)
    initial = vehicles.initial[rows]
    elsewhere = spec.named("class", group.device.of).number("elsewhere", np.nan)
    lasts = np.maximum(end - begin, 0.0)
    rate = min(best_power(spec, group.category), group.category.number("charge", np.inf))
    most = np.where(lasts > 0.0, lasts * (rate if np.isfinite(rate) else 1.0), 0.0)
    most = np.where((lasts > 0.0) & ~np.isfinite(rate), np.inf, most)
    room = np.where(number == 0, high - initial, high - low) / taken["charge_efficiency"]
    taken["end_value"] = np.where(last, taken["end_value"], 0.0)
    taken["priority"] = taken["priority"][first]
    found = Vehicles(
        name=tuple(
            vehicles.name[own[0].row] + (f"/{place + 1}" if place else "")
            for own in seen
            for place in range(len(own))
        ),
        arrival=arrival,
        departure=departure,
        begin=begin,
        end=end,
        initial=np.where(number == 0, initial, np.nan),
        target=target,
        need=np.zeros(len(flat)),
        reach=np.fmin(most, room),
        previous=np.where(number == 0, -1, np.arange(len(flat)) - 1),
        used=used,
        elsewhere=np.where(np.isnan(used), np.nan, elsewhere),
        **taken,
    )
    return replace(found, need=needs(found))


def needs(vehicles: Vehicles) -> FloatArray:
    """What each vehicle asks for, kWh: all that its trips use and its target, less what it comes with.

    Of the last trip of one that does not come back no more has to be left than the least allowed.
    """
    aim = np.where(np.isnan(vehicles.used), vehicles.target, vehicles.low)
    last = vehicles.following < 0
    asked = vehicles.of_whole(np.nan_to_num(vehicles.used) + np.where(last, aim, 0.0))
    rise = np.maximum(asked - vehicles.initial, 0.0)
    return np.where(vehicles.is_first, rise, 0.0)


def _seen(own: Sequence[Stay], horizon: float) -> list[Stay]:
    """The stays that the horizon sees. A trip that ends behind it ends the vehicle."""
    found: list[Stay] = []
    for stay in own:
        if found and stay.arrival >= horizon - SAME_TIME:
            break
        found.append(stay)
    if found[-1].departure >= horizon - SAME_TIME:
        found[-1] = replace(found[-1], used=np.nan, trip="")
    return found


def shortfalls(vehicles: Vehicles, most: FloatArray) -> FloatArray:
    """What each stay lacks at departure (kWh) where every vehicle always charges, `most` kWh a stay.

    Charging early never makes a later stay lack more: what is in the battery only rises with it.
    """
    lack = np.zeros(len(vehicles))
    left = vehicles.initial.copy()
    for stay in range(len(vehicles)):
        before = int(vehicles.previous[stay])
        if before >= 0:
            left[stay] = max(vehicles.low[stay], left[before] - vehicles.used[before])
        left[stay] = min(vehicles.high[stay], left[stay] + most[stay] * vehicles.charge_efficiency[stay])
        lack[stay] = max(vehicles.target[stay] - left[stay], 0.0)
    return lack


def beyond_reach(spec: Spec, group: BlockReader, vehicles: Vehicles) -> list[Diagnostic]:
    """W103 where vehicles lack something of their trips and targets, however they charge."""
    rate = min(best_power(spec, group.category), group.category.number("charge", np.inf))
    lasts = np.maximum(vehicles.end - vehicles.begin, 0.0)
    most = np.where(lasts > 0.0, np.where(lasts > 0.0, lasts, 1.0) * rate, 0.0)
    lack = vehicles.of_whole(np.where(vehicles.buys, 0.0, shortfalls(vehicles, most)))
    asked = vehicles.need / vehicles.charge_efficiency
    short = lack / vehicles.charge_efficiency
    late = short > reach.SLACK * np.maximum(asked, 1.0)
    if not late.any():
        return []
    worst = int(short.argmax())
    told = (f"`{vehicles.name[worst]}`", float(asked[worst]), float(asked[worst] - short[worst]))
    total = int(vehicles.is_first.sum())
    return [reach.finding(spec, group.device, (int(late.sum()), total), told, "its stays")]
