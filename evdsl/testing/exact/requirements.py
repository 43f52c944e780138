"""By how much the requirements of a spec are missed, in exact fractions: each cell by recursion on its sides.

A cell without a meaning (the battery of a vehicle that is away, a step before the horizon) is not asked for,
and sums, means and extremes pass over it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import product

from evdsl.language.quantities import SHARED_BY
from evdsl.language.requirement import Term
from evdsl.language.sets import AllSteps, AnySet, AsOne, AtTime, ClockSteps, GroupSet, Place, VehicleSet
from evdsl.language.values import Aggregated, Const, Operation, Quantity, Value, WordUse
from evdsl.testing.exact.objectives import WORDS, off_the_bill, rate
from evdsl.testing.exact.reading import ZERO, Exact, ExactAmount, Miss, available, setting
from evdsl.testing.exact.shares import device_share, vehicle_share
from evdsl.testing.exact.vehicles import first_stay, need_of, next_stay

NEAR = Fraction(1, 3_600_000)
"""Hours, a millisecond: a step that begins so near to an end of a range begins at it."""


@dataclass(frozen=True, slots=True)
class _Some:
    """Vehicles that are taken as one, or one of them; at these blocks of ports alone, or at all."""

    vehicles: tuple[int, ...]
    ports: tuple[str, ...]
    single: bool


SAME_NUMBER = Fraction(1, 10**9)
"""Of the larger of two numbers: what lies nearer together is not one above the other."""

Member = _Some | int
"""What a bound variable stands for: vehicles, or a step."""


def requirement_rules(of: Exact) -> Iterator[Miss]:
    """Every requirement in each of its cells."""
    for own in of.spec.requirements:
        names = [binder.name for binder in own.binders]
        for cell in product(*(_members(of, binder.over) for binder in own.binders)):
            bound = dict(zip(names, cell, strict=True))
            left, right = _value(of, own.left, bound), _value(of, own.right, bound)
            if left is None or right is None:
                continue
            excess = left.value - right.value
            by = {"<=": excess, ">=": -excess, "==": abs(excess)}[own.relation]
            yield Miss(f"require {own.name}", own.text, by, left.scale + right.scale)


def value_of(of: Exact, value: Value) -> ExactAmount | None:
    """What an expression without free variables is worth; `None` where it has no meaning."""
    return _value(of, value, {})


def term_worth(of: Exact, term: Term) -> ExactAmount:
    """What a term of an objective is worth."""
    found = _value(of, term.value, {})
    assert found is not None, "what has no value is refused"
    return found


def _members(of: Exact, over: AnySet) -> list[Member]:
    if isinstance(over, VehicleSet):
        return [_Some((vehicle,), over.ports, True) for vehicle in _of_blocks(of, over)]
    if isinstance(over, GroupSet):
        return [_Some(_of_blocks(of, group), group.ports, False) for group in over.groups]
    if isinstance(over, AllSteps):
        return [*of.steps]
    if isinstance(over, ClockSteps):
        return [step for step in of.steps if _on_clock(of, over, step)]
    low, high = (Fraction(of.data.timeline.hours(when)) - NEAR for when in (over.low, over.high))
    return [step for step in of.steps if low <= step * of.step < high]


def _of_blocks(of: Exact, over: VehicleSet) -> tuple[int, ...]:
    found: list[int] = []
    for v in (stay for stay in of.vehicles if first_stay(of, stay) == stay):
        block, name = of.spec.devices[int(of.data.vehicles.owner[v])].name, of.data.vehicles.name[v]
        if block in over.blocks or any((each.block, each.name) == (block, name) for each in over.members):
            found.append(v)
    return tuple(found)


def _on_clock(of: Exact, over: ClockSteps, step: int) -> bool:
    now = of.data.timeline.local(step * of.spec.step)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = Fraction((now - midnight) / timedelta(hours=1)) + NEAR
    if over.low < over.high:
        return over.low <= since < over.high
    return not over.high <= since < over.low


def _value(of: Exact, value: Value, bound: Mapping[str, Member]) -> ExactAmount | None:
    match value:
        case Const(value=number):
            return ExactAmount.of([Fraction(number)])
        case WordUse(name=name):
            return WORDS[name](of)
        case Quantity():
            return _quantity(of, value, bound)
        case Aggregated():
            return _aggregate(of, value, bound)
        case Operation(operator=operator, operands=operands):
            parts = [_value(of, operand, bound) for operand in operands]
            known = [part for part in parts if part is not None]
            return _combined(operator, known) if len(known) == len(parts) else None
    raise TypeError(f"{type(value).__name__} has no place in a requirement")


def _aggregate(of: Exact, value: Aggregated, bound: Mapping[str, Member]) -> ExactAmount | None:
    inner = [_value(of, value.body, {**bound, value.variable: one}) for one in _members(of, value.over)]
    found = [each for each in inner if each is not None]
    if value.function == "sum":
        return sum(found, ExactAmount(ZERO, ZERO))
    if not found:
        return None
    if value.function == "mean":
        return sum(found, ExactAmount(ZERO, ZERO)).times(Fraction(1, len(found)))
    return _combined(value.function, found)


def _combined(operator: str, parts: list[ExactAmount]) -> ExactAmount:
    found = parts[0]
    for part in parts[1:]:
        match operator:
            case "+":
                found = found + part
            case "-":
                found = found - part
            case "*":
                found = ExactAmount(found.value * part.value, found.scale * part.scale)
            case "/":
                found = found.times(1 / part.value)
            case "above":
                room = SAME_NUMBER * max(abs(found.value), abs(part.value))
                found = ExactAmount.of([Fraction(found.value - part.value > room)])
            case "min":
                found = ExactAmount(min(found.value, part.value), max(found.scale, part.scale))
            case _:
                found = ExactAmount(max(found.value, part.value), max(found.scale, part.scale))
    return found


def _step(of: Exact, place: Place, bound: Mapping[str, Member]) -> int | None:
    if isinstance(place, AtTime):
        found = int((Fraction(of.data.timeline.hours(place.when)) + NEAR) / of.step)
    else:
        assert not isinstance(place, AsOne)
        member = bound[place.variable]
        assert isinstance(member, int)
        found = member + place.shift
    return found if found in of.steps else None


def _some(of: Exact, place: Place, bound: Mapping[str, Member]) -> _Some:
    if isinstance(place, AsOne):
        vehicles = _of_blocks(of, place.vehicles)
        return _Some(vehicles, place.vehicles.ports, len(vehicles) == 1)
    assert not isinstance(place, AtTime)
    member = bound[place.variable]
    assert not isinstance(member, int)
    return member


def _quantity(of: Exact, asked: Quantity, bound: Mapping[str, Member]) -> ExactAmount | None:
    if asked.name == "energy_end":
        return ExactAmount.of(of.of(f"{asked.owner}.energy_end"))
    if asked.owner and asked.name in SIZES:
        kinds = ("storage", "solar", "wind", "feeder")
        (owner,) = (one for kind in kinds for one in of.spec.of_kind(kind) if one.name == asked.owner)
        return ExactAmount.of([setting(owner, SIZES[asked.name])])
    if asked.owner and asked.name in SHARED_BY:
        return ExactAmount.of(device_share(of, asked.name, asked.owner, step) for step in of.steps)
    if asked.owner or asked.name in OVER_TIME:
        step = _step(of, asked.places[0], bound)
        return None if step is None else ExactAmount.of([_along(of, asked)[step]])
    some = _some(of, asked.places[0], bound)
    if len(asked.places) == 1:
        return ExactAmount.of(_of_vehicle(of, asked.name, vehicle, some.ports) for vehicle in some.vehicles)
    step = _step(of, asked.places[1], bound)
    if step is None:
        return None
    if asked.name in ("tariff", "v2g_reward"):
        return ExactAmount.of([rate(of, some.vehicles[0], step, asked.name)])
    here = [stay for vehicle in some.vehicles for stay in _there(of, vehicle, step)]
    if asked.name in ("energy", "soc"):  # with which the step begins, of who leaves and is back in it
        here = [
            next(_there(of, vehicle, step))
            for vehicle in some.vehicles
            if any(True for _ in _there(of, vehicle, step))
        ]
    if some.single and not here and asked.name in ("energy", "soc"):
        return None
    return ExactAmount.of(_state(of, asked.name, vehicle, step, some.ports) for vehicle in here)


def _stays(of: Exact, vehicle: int) -> Iterator[int]:
    """All stays of a vehicle, from its first."""
    stay: int | None = vehicle
    while stay is not None:
        yield stay
        stay = next_stay(of, stay)


def _there(of: Exact, vehicle: int, step: int) -> Iterator[int]:
    """The stays of a vehicle that have a share of a step."""
    return (stay for stay in _stays(of, vehicle) if of.stays[stay].presence[step] > 0)


SIZES = {name: name for name in ("capacity", "peak", "limit")} | {
    f"{setting}_rating": setting for setting in ("power", "charge", "discharge")
}
OVER_TIME = ("import", "export", "price", "feed_in", "carbon")


def _along(of: Exact, asked: Quantity) -> tuple[Fraction, ...]:
    """What is told by step alone."""
    if asked.owner == "let":
        found = of.series("let", asked.name)
    elif not asked.owner:
        found = of.of(asked.name) if asked.name in ("import", "export") else of.series("grid", asked.name)
    elif asked.name == "power":
        found = of.of(asked.owner)
    elif asked.name == "available":
        owner = next(each for each in of.spec.devices if each.name == asked.owner)
        found = available(of, owner)
    elif asked.name == "soc":
        capacity = setting(of.spec.named("storage", asked.owner), "capacity")
        found = tuple(energy / capacity for energy in of.of(f"{asked.owner}.energy"))
    else:
        found = of.of(f"{asked.owner}.{asked.name}")
    assert found is not None, "a series that is not given is refused"
    return found


def _state(of: Exact, name: str, vehicle: int, step: int, ports: tuple[str, ...]) -> Fraction:
    """What is told by vehicle and step, of one that is there."""
    block = of.block(vehicle, step)
    if ports and (block is None or block.name not in ports):
        return ZERO
    if name in ("charge", "discharge"):
        return (of.charge if name == "charge" else of.discharge)[vehicle][step]
    energy = of.held("energy", vehicle)[step]
    assert energy is not None, "asked of a battery alone"
    return energy / of.number("battery", vehicle) if name == "soc" else energy


def _money(of: Exact, name: str, vehicle: int, step: int, ports: tuple[str, ...]) -> Fraction:
    """What a vehicle pays, or wears, for each hour of a step."""
    given = _state(of, "discharge", vehicle, step, ports)
    if name == "wear":
        return of.number("wear", vehicle) * given
    back = rate(of, vehicle, step, "v2g_reward") + off_the_bill(of, vehicle, step)
    return rate(of, vehicle, step, "tariff") * _state(of, "charge", vehicle, step, ports) - back * given


def _of_vehicle(of: Exact, name: str, vehicle: int, ports: tuple[str, ...]) -> Fraction:
    """What is told by vehicle alone."""
    if name == "delivered":
        flows = (
            _state(of, "charge", stay, step, ports) - _state(of, "discharge", stay, step, ports)
            for stay in _stays(of, vehicle)
            for step in of.stays[stay].steps
        )
        return of.step * sum(flows, ZERO)
    if name in ("revenue", "wear"):
        amounts = (
            _money(of, name, stay, step, ports)
            for stay in _stays(of, vehicle)
            for step in of.stays[stay].steps
        )
        return of.step * sum(amounts, ZERO)
    if name in SHARED_BY:
        money = (
            vehicle_share(of, name, stay, step)
            for stay in _stays(of, vehicle)
            for step in of.stays[stay].steps
            if not ports or ((block := of.block(stay, step)) is not None and block.name in ports)
        )
        return sum(money, ZERO)
    if name == "need":
        return need_of(of, vehicle)
    if name in ("energy_departure", "soc_departure"):
        left = of.at("energy_departure", [*_stays(of, vehicle)][-1])
        assert left is not None, "asked of a battery alone"
        return left / of.number("battery", vehicle) if name == "soc_departure" else left
    if name == "unmet":
        return sum((of.at("unmet", stay) or ZERO for stay in _stays(of, vehicle)), ZERO)
    return of.number(name, vehicle)
