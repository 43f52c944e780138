"""By how much the rules of vehicles and their ports are missed, in exact fractions.

With n the presence of vehicle v in step t of Δ hours, and p the port that it holds there:

    0 <= charge <= n min(class charge, power of p)          0 <= discharge <= n min(class, p), 0 without `v2g`
    each of class and port as far as the vehicle uses their phases (`evdsl.testing.exact.phases`)
    nothing where it is away, or holds no port of a site with ports; p is one that its class may use
    e(0) = energy on arrival,  e(t+1) = e(t) + Δ (η_c charge - discharge / η_d),  low <= e <= high
    charge <= n min(P(e / battery), P((e + Δ η_c charge) / battery)),  P the `taper` of the class
    missing = demand - Σ Δ (charge - discharge)   or   target - e at departure
    missing >= 0, or e at departure <= max(target, e(0)), of a class with `up_to = target`
    unmet = max(missing, 0) <= need, and 0 without `partial_charging`

After a trip, e(0) = max(low, e at the departure before - used), and what a stay lacks of used + low is its
unmet, or bought where the class has an `elsewhere`; all stays of a vehicle lack at most need together, where

    need = max(0, Σ used + target - energy on arrival), with low for the target if it does not come back

No port is held by two at one time, and with `hold_port` none is changed during a stay; with `queue` beside
it, the steps with a port are one run, on one port. With `exclusive`,
min(charge, discharge) = 0; with `min_power` each power is one of its levels; with `uninterrupted` charging
does not pause between the first and the last step that has some.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, pairwise

from evdsl.language.spec import Device
from evdsl.language.values import ChargeTable, Const
from evdsl.testing.exact.phases import parts
from evdsl.testing.exact.reading import ZERO, Exact, Miss, setting

TRICKLE = Fraction(1, 100)
"""Of what a vehicle could charge: the least that is no pause, where its port has no `min_power`."""

STARTED = Fraction(1, 10**5)
"""kW above which a vehicle charges."""


def vehicle_rules(of: Exact) -> Iterator[Miss]:
    """Every rule of every vehicle."""
    for vehicle in of.vehicles:
        for step in of.steps:
            place = f"{of.name(vehicle)}, {of.local(step)}"
            if of.stays[vehicle].presence[step] > 0:
                yield from _powers(of, vehicle, step, place)
            else:
                yield from _away(of, vehicle, step, place)
        yield from _energies(of, vehicle)
        if first_stay(of, vehicle) == vehicle and next_stay(of, vehicle) is not None:
            own = [stay for stay in of.vehicles if first_stay(of, stay) == vehicle]
            lacked = sum((of.at("unmet", stay) or ZERO for stay in own), ZERO)
            most = need_of(of, vehicle) if of.spec.on("partial_charging") else ZERO
            yield Miss(
                "unmet over all stays", of.name(vehicle), lacked - most, of.known("high", vehicle) or most
            )
        if of.spec.on("uninterrupted"):
            yield from _pauses(of, vehicle)
        if of.spec.on("hold_port") and of.spec.on("queue"):
            yield from _queued(of, vehicle)
        elif of.spec.on("hold_port"):
            held = {of.port[vehicle][step] for step in of.stays[vehicle].steps}
            yield Miss("hold_port", of.name(vehicle), Fraction(max(len(held) - 1, 0)))
    for one, other in combinations(of.vehicles, 2):
        yield from _sharing(of, one, other)
    for block in of.spec.of_kind("port"):
        if not isinstance(block.settings["count"], Const):
            in_order = of.series(f"port {block.name}", "count")
            assert in_order is not None, "it is over time"
            for step in of.steps:
                yield from _out_of_order(of, block, step, in_order[step])


def _out_of_order(of: Exact, block: Device, step: int, in_order: Fraction) -> Iterator[Miss]:
    """By how many more ports of a block are held in a step than are in order, at the worst instant."""
    held = [
        (max(of.stays[one].begin, Fraction(step)), min(of.stays[one].end, Fraction(step + 1)))
        for one in of.vehicles
        if of.block(one, step) is block
    ]
    at_once = max((sum(begin <= when < end for begin, end in held) for when, _ in held), default=0)
    yield Miss("ports in order", f"{block.name}, {of.local(step)}", at_once - in_order)


def _queued(of: Exact, vehicle: int) -> Iterator[Miss]:
    """How often a vehicle takes a port, above once."""
    before, takes = -1, 0
    for port in (of.port[vehicle][step] for step in of.stays[vehicle].steps):
        takes += port >= 0 and port != before
        before = port
    yield Miss("queue", of.name(vehicle), Fraction(max(takes - 1, 0)))


def _away(of: Exact, vehicle: int, step: int, place: str) -> Iterator[Miss]:
    yield Miss("presence", place, abs(of.charge[vehicle][step]))
    yield Miss("presence", place, abs(of.discharge[vehicle][step]))
    holds = of.port[vehicle][step] >= 0 or of.held("energy", vehicle)[step] is not None
    yield Miss("presence", place, Fraction(int(holds)))


def _powers(of: Exact, vehicle: int, step: int, place: str) -> Iterator[Miss]:
    charge, discharge = of.charge[vehicle][step], of.discharge[vehicle][step]
    block, share = of.block(vehicle, step), of.stays[vehicle].presence[step]
    most, back = most_of(of, vehicle, step)
    for name, power, limit in (("charge", charge, most), ("discharge", discharge, back)):
        yield Miss(f"{name} at least zero", place, -power)
        if limit is not None:
            yield Miss(f"{name} at most", place, power - limit, limit)
        if of.spec.on("min_power") and block is not None:
            level = share * parts(of, vehicle, step)[1]
            yield Miss("levels", place, _off_level(block, level, power), power)
        rates = _own_rates(of.category(vehicle), name) if of.spec.on("min_power") else ()
        if rates:
            level = share * parts(of, vehicle, step)[0]
            off = min(abs(power - level * Fraction(rate)) for rate in (0.0, *rates))
            yield Miss("levels", place, off, power)
    if of.spec.on("exclusive"):
        yield Miss("exclusive", place, min(charge, discharge), max(charge, discharge))
    allowed = of.category(vehicle).names("ports")
    refused = block is not None and bool(allowed) and block.name not in allowed
    yield Miss("port allowed", place, Fraction(int(refused)))


def most_of(of: Exact, vehicle: int, step: int) -> tuple[Fraction | None, Fraction | None]:
    """The most that a vehicle may charge and discharge in a step at the port that it holds; kW."""
    share, block = of.stays[vehicle].presence[step], of.block(vehicle, step)
    if block is None and of.spec.of_kind("port"):
        return ZERO, ZERO
    own, port = parts(of, vehicle, step)
    limits = [(own, of.known("charge", vehicle)), (port, None if block is None else setting(block, "power"))]
    known = [share * part * limit for part, limit in limits if limit is not None]
    back = own * (of.known("discharge", vehicle) or ZERO)
    if block is not None:
        back = min(back, port * setting(block, "discharge"))
    able = of.spec.on("v2g") and of.known("battery", vehicle) is not None
    return min(known, default=None), share * back if able else ZERO


def _own_rates(category: Device, flow: str) -> tuple[float, ...]:
    """The powers that a class lists for a flow; none where it takes any."""
    setting = "discharge_rates" if flow == "discharge" and category.get("discharge_rates") else "rates"
    return category.numbers(setting)


def _off_level(block: Device, share: Fraction, power: Fraction) -> Fraction:
    """How far a power lies from the nearest one that the port allows."""
    rates = block.numbers("rates")
    if rates:
        return min(abs(power - share * Fraction(rate)) for rate in (0.0, *rates))
    least = share * setting(block, "min_power")
    return max(min(power, least - power), ZERO)


def _pauses(of: Exact, vehicle: int) -> Iterator[Miss]:
    charging = [step for step in of.stays[vehicle].steps if of.charge[vehicle][step] > STARTED]
    if not charging:
        return
    for step in range(charging[0], charging[-1] + 1):
        place, power = f"{of.name(vehicle)}, {of.local(step)}", of.charge[vehicle][step]
        block, most = of.block(vehicle, step), most_of(of, vehicle, step)[0]
        least = ZERO if block is None else parts(of, vehicle, step)[1] * setting(block, "min_power")
        floor = least * of.stays[vehicle].presence[step] if least else TRICKLE * (most or ZERO)
        yield Miss("uninterrupted", place, floor - power, floor)
        yield Miss("uninterrupted", place, Fraction(int(power == 0)))


def _energies(of: Exact, vehicle: int) -> Iterator[Miss]:
    """The battery from arrival to departure, and what became of the demand."""
    place, stored = of.name(vehicle), of.held("energy", vehicle)
    battery, energy = of.known("battery", vehicle), comes_with(of, vehicle)
    inward, outward = (of.number(f"{flow}_efficiency", vehicle) for flow in ("charge", "discharge"))
    taken = ZERO
    for step in of.stays[vehicle].steps:
        charge, discharge = of.charge[vehicle][step], of.discharge[vehicle][step]
        taken += of.step * (charge - discharge)
        if battery is None or energy is None:
            yield Miss("no battery", place, Fraction(int(stored[step] is not None)))
            continue
        yield from _stored(f"{place}, {of.local(step)}", stored[step], energy)
        yield from _tapered(of, vehicle, step, energy)
        energy += of.step * (inward * charge - discharge / outward)
        yield from _within(of, vehicle, f"{place}, after {of.local(step)}", energy)
    if battery is not None and energy is not None:
        yield from _stored(f"{place}, at departure", of.at("energy_departure", vehicle), energy)
    delivered = of.at("delivered", vehicle)
    assert delivered is not None, "it is what flows make"
    yield Miss("delivered", place, abs(delivered - taken), taken)
    yield from _demand(of, vehicle, taken, energy)


def _tapered(of: Exact, vehicle: int, step: int, energy: Fraction) -> Iterator[Miss]:
    """Above what the curve of the class gives before and after the charging of a step."""
    curve = of.category(vehicle).get("taper")
    if not isinstance(curve, ChargeTable):
        return
    charge, battery = of.charge[vehicle][step], of.number("battery", vehicle)
    after = energy + of.step * of.number("charge_efficiency", vehicle) * charge
    most = min(_given(curve, energy / battery), _given(curve, after / battery))
    most *= of.stays[vehicle].presence[step]
    yield Miss("taper", f"{of.name(vehicle)}, {of.local(step)}", charge - most, most)


def _given(curve: ChargeTable, share: Fraction) -> Fraction:
    """The power of a curve at a state of charge: the piece whose end lies beyond it, or the last."""
    points = [(Fraction(at), Fraction(power)) for at, power in curve.entries]
    pieces = list(pairwise(points))
    (low, first), (high, last) = next((piece for piece in pieces if share < piece[1][0]), pieces[-1])
    return first + (last - first) * (share - low) / (high - low)


def _stored(place: str, stored: Fraction | None, energy: Fraction) -> Iterator[Miss]:
    yield Miss("energy", place, Fraction(1) if stored is None else abs(stored - energy), energy)


def _within(of: Exact, vehicle: int, place: str, energy: Fraction) -> Iterator[Miss]:
    low, high = of.number("low", vehicle), of.number("high", vehicle)
    category = of.spec.of_kind("class")[int(of.data.vehicles.category[vehicle])]
    if category.choice("outside") == "widen":  # what it comes with is its bound where that lies outside
        begins = of.number("initial", vehicle)
        ends = (Fraction(share) * of.number("battery", vehicle) for share in category.bounds("soc"))
        low, high = (choose(end, begins) for choose, end in zip((min, max), ends, strict=True))
    yield Miss("state of charge", place, max(low - energy, energy - high), high)


def _demand(of: Exact, vehicle: int, taken: Fraction, energy: Fraction | None) -> Iterator[Miss]:
    place, demand, target = of.name(vehicle), of.known("demand", vehicle), of.known("target", vehicle)
    unmet = of.at("unmet", vehicle)
    assert unmet is not None, "it is what flows leave"
    missing, limited = ZERO, of.category(vehicle).choice("up_to") == "target"
    if demand is not None:
        missing = demand - taken
        if limited or of.known("battery", vehicle) is None:
            yield Miss("demand", place, -missing, demand)
    elif energy is not None:
        target = to_leave_with(of, vehicle)
        missing = target - energy
        if limited:
            most = max(target, of.number("initial", vehicle))
            yield Miss("up to the target", place, energy - most, most)
    if price_elsewhere(of, vehicle) is not None:
        missing = ZERO
    most = need_of(of, first_stay(of, vehicle)) if of.spec.on("partial_charging") else ZERO
    size = demand or target or ZERO
    yield Miss("unmet is what is missing", place, abs(unmet - max(missing, ZERO)), size)
    yield Miss("unmet at most", place, unmet - most, size)


def first_stay(of: Exact, stay: int) -> int:
    """The stay with which the vehicle of a stay came."""
    before = int(of.data.vehicles.previous[stay])
    return stay if before < 0 else first_stay(of, before)


def next_stay(of: Exact, stay: int) -> int | None:
    """The stay after the trip after a stay; none where the vehicle does not come back."""
    return next((other for other in of.vehicles if int(of.data.vehicles.previous[other]) == stay), None)


def comes_with(of: Exact, stay: int) -> Fraction | None:
    """What a stay begins with: what it came with, or what the stay before and the trip left."""
    before = int(of.data.vehicles.previous[stay])
    if before < 0:
        return of.known("initial", stay)
    left, low = of.at("energy_departure", before), of.number("low", stay)
    assert left is not None, "who makes trips has a battery"
    return max(low, left - of.number("used", before))


def to_leave_with(of: Exact, stay: int) -> Fraction:
    """What a stay is asked to end with: for its trip, or the target."""
    used = of.known("used", stay)
    return of.number("target", stay) if used is None else of.number("low", stay) + used


def price_elsewhere(of: Exact, stay: int) -> Fraction | None:
    """What a kWh costs on the trip after a stay; nothing without a trip, or without a price."""
    if of.known("used", stay) is None or "elsewhere" not in of.category(stay).given:
        return None
    return setting(of.category(stay), "elsewhere")


def need_of(of: Exact, vehicle: int) -> Fraction:
    """The energy that a vehicle asks for, kWh; nothing at its later stays."""
    if int(of.data.vehicles.previous[vehicle]) >= 0:
        return ZERO
    demand = of.known("demand", vehicle)
    if demand is not None:
        return demand
    asked, stay, last = ZERO, vehicle, vehicle
    while True:
        asked += of.known("used", stay) or ZERO
        following = next_stay(of, stay)
        if following is None:
            last = stay
            break
        stay = following
    end = of.number("target", last) if of.known("used", last) is None else of.number("low", last)
    return max(asked + end - of.number("initial", vehicle), ZERO)


def _sharing(of: Exact, one: int, other: int) -> Iterator[Miss]:
    """Hours for which two vehicles hold the same port."""
    first, second = of.stays[one], of.stays[other]
    for step in of.steps:
        port = of.port[one][step]
        if port < 0 or port != of.port[other][step]:
            continue
        begin = max(first.begin, second.begin, Fraction(step))
        end = min(first.end, second.end, Fraction(step + 1))
        place = f"{of.name(one)} and {of.name(other)}, {of.local(step)}"
        yield Miss("port of one", place, of.step * (end - begin))
