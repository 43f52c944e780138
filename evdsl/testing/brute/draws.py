"""Tiny sites at random, whose schedules can all be written out.

Up to three vehicles, six steps and two blocks of ports with one or two `rates`. All amounts are multiples of
coarse ones: a limit is kept, met to the last digit, or missed by far more than what solvers overlook.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from evdsl.testing.brute.sites import (
    UNITS,
    Series,
    TinyEvent,
    TinyMeter,
    TinyPorts,
    TinySite,
    TinyStage,
    TinyTrip,
    TinyVehicle,
)
from evdsl.testing.brute.vehicles import used_of

BITS = 18
"""A site has up to 2^18 schedules for each way of giving ports to vehicles."""
QUEUED = 4
"""The most steps where each vehicle may hold a port for any part of its stay."""


@st.composite
def tiny_sites(draw: st.DrawFn) -> TinySite:
    """A site whose schedules can all be written out."""
    on = {"min_power", "import_or_export"}
    for toggle, often in CHANCES:
        if draw(st.sampled_from(often)):
            on.add(toggle)
    number, blocks = draw(st.sampled_from([1, 2, 3, 3])), draw(st.sampled_from([1, 1, 2]))
    feeder = draw(st.booleans())
    rates = draw(st.sampled_from([1, 1, 1, 2]))
    ports = tuple(draw(_tiny_ports(rates, feeder)) for _ in range(blocks))
    most = _most_steps(number, blocks, rates, on)
    steps = draw(st.one_of(st.just(most), st.just(most), st.integers(1, most)))
    ports = tuple(replace(one, in_order=draw(_in_order(steps, one.count))) for one in ports)
    minutes = draw(st.sampled_from([30, 60, 15, 30, 120]))
    vehicles = tuple(
        draw(_on_the_road(draw(_tiny_vehicle(steps, minutes, blocks)), minutes)) for _ in range(number)
    )
    solar = draw(st.one_of(st.none(), _series(steps, [2, 4.5, 0, 9])))
    below = ("curtailment" not in on or solar is None) and draw(st.booleans())
    load = draw(st.one_of(st.none(), _series(steps, [1, 2.5, 0, 5])))
    stages = draw(_stages(frozenset(on), any(vehicle.elsewhere is not None for vehicle in vehicles)))
    if any(word == "export_peak" for stage in stages for word, _ in stage.weights):
        on.discard("curtailment")  # what is exported would be one more choice
    phased = draw(st.sampled_from([False, False, True]))
    on_phases = phased and (solar is None or "curtailment" not in on)
    if phased:
        ports = tuple(replace(one, phases=draw(st.sampled_from(PHASES))) for one in ports)
        vehicles = tuple(replace(v, phases=draw(st.sampled_from([None, 1, 3, 2]))) for v in vehicles)
    vehicles = tuple(_able(vehicle, ports) for vehicle in vehicles)
    return TinySite(
        steps=steps,
        minutes=minutes,
        rounding=draw(st.sampled_from(["exact", "exact", "floor", "inward"])),
        vehicles=vehicles,
        ports=ports,
        price=draw(_series(steps, [0.1, 0.2, 0.35, 0, *([-0.15] if below else [])])),
        feed_in=draw(st.one_of(st.none(), _series(steps, [0.3, 0.08, 0, -0.05]))),
        carbon=draw(_series(steps, [0.2, 0.4, 0.05, 0])),
        import_limit=draw(st.one_of(st.none(), _series(steps, [12, 20, 8, 6]))),
        export_limit=draw(st.sampled_from([None, None, 20, 5, 0])),
        demand_charge=draw(st.sampled_from([0, 0, 0.5])),
        load=load,
        load_on_feeder=feeder and load is not None and draw(st.booleans()),
        feeder_limit=draw(st.sampled_from([15, 8, 20, 6])) if feeder else None,
        solar=solar,
        on=frozenset(on),
        stages=stages,
        meters=tuple(
            draw(_meter(steps, minutes, feeder)) for _ in range(draw(st.sampled_from([0, 0, 1, 2])))
        ),
        by_day=draw(st.sampled_from([False, False, True])),
        phase_limit=draw(st.sampled_from([16, 12, 30, None])) if on_phases else None,
        unbalance_limit=draw(st.sampled_from([None, 12, 6, 20])) if phased else None,
        feeder_phase_limit=draw(st.sampled_from([None, 12, 16])) if phased and feeder else None,
        load_phases=draw(st.sampled_from(PHASES)) if phased and load is not None else (),
        # What the sun gives beyond what is taken would be one more choice, where less drawn is paid for.
        events=() if solar is not None and "curtailment" in on else draw(_events(steps, minutes, feeder)),
    )


@st.composite
def _events(draw: st.DrawFn, steps: int, minutes: int, feeder: bool) -> tuple[TinyEvent, ...]:
    """No call, or one or two, which may begin and end inside a step."""
    found: list[TinyEvent] = []
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2]))):
        length = steps * minutes
        first = draw(st.sampled_from([0, minutes, minutes // 2])) % length
        last = draw(st.sampled_from([length, first + minutes // 2, first + minutes]))
        last = last if last > first else length
        found.append(
            TinyEvent(
                first=first,
                last=last,
                limit=draw(st.sampled_from([6, 3, 8, 0])),
                reduce=draw(st.sampled_from([None, None, 3, 5.5])),
                baseline=draw(_series(steps, [7, 4, 11, 0])),
                reward=draw(st.sampled_from([0.1, 0.3, 0])),
                penalty=draw(st.sampled_from([None, 0.2, 0.5, 0.05])),
                on_feeder=feeder and draw(st.booleans()),
            )
        )
    return tuple(found)


PHASES: tuple[tuple[int, ...], ...] = ((), (1,), (2, 3), (1,), (3, 1, 2), (2,))
"""What ports and loads name; none is all."""

CHANCES: tuple[tuple[str, list[bool]], ...] = (
    ("v2g", [True, False]),
    ("partial_charging", [True] * 5 + [False]),
    ("exclusive", [True, True, False]),
    ("hold_port", [True, True, False]),
    ("queue", [True, False, False]),
    ("uninterrupted", [False, False, True]),
    ("curtailment", [True, True, True, False]),
)


def _most_steps(vehicles: int, blocks: int, rates: int, on: set[str]) -> int:
    """As many steps as leave no more than 2^BITS schedules."""
    charging, giving = rates, rates if "v2g" in on else 0
    ways = charging + giving + (0 if "exclusive" in on else charging * giving)
    choices = 1 + ways * (1 if "hold_port" in on and "queue" not in on else blocks)
    return max(1, min(QUEUED if "queue" in on else 6, int(BITS / (vehicles * math.log2(choices)) + 1e-9)))


def _series(steps: int, amounts: Sequence[float]) -> st.SearchStrategy[Series]:
    one = st.sampled_from(amounts)
    changing = st.tuples(*[one] * steps)
    return st.one_of(one.map(lambda value: (value,) * steps), changing, changing)


@st.composite
def _meter(draw: st.DrawFn, steps: int, minutes: int, feeder: bool) -> TinyMeter:
    intervals = [minutes * n for n in (1, 2, 3, 4) if 60 % (minutes * n) == 0 or minutes * n in (120, 240)]
    third = st.integers(0, 3 * steps).map(lambda number: number * minutes // 3)
    window = st.lists(third, min_size=2, max_size=2, unique=True).map(lambda ends: (ends[0], ends[1]))
    return TinyMeter(
        price=draw(st.sampled_from([0.5, 2, 0.1])),
        interval=draw(st.sampled_from([None, *intervals, 15])),
        window=draw(st.one_of(st.none(), st.none(), window)),
        reached=draw(st.sampled_from([0, 0, 3, 5.5])),
        on_feeder=feeder and draw(st.booleans()),
    )


@st.composite
def _tiny_ports(draw: st.DrawFn, rates: int, feeder: bool) -> TinyPorts:
    listed = draw(st.sampled_from([[3.0], [4.5], [7.0]] if rates == 1 else [[3.0, 7.0], [2.5, 4.5]]))
    return TinyPorts(
        count=draw(st.sampled_from([1, 2, 3, 2])),
        power=draw(st.sampled_from([7, 11, listed[-1]])),
        rates=tuple(listed),
        discharge=draw(st.sampled_from([7, 11, 7, 0])),
        efficiency=draw(st.sampled_from([1, 1, 0.9])),
        on_feeder=feeder and draw(st.sampled_from([True, True, False])),
    )


def _in_order(steps: int, count: int) -> st.SearchStrategy[Series]:
    """How many of some ports are in order in each step, all of them in one at least; or nothing is said."""
    changing = st.tuples(*[st.sampled_from([*range(count), count])] * steps)
    said = changing.filter(lambda each: max(each) == count and len(set(each)) > 1)
    return st.one_of(st.just(()), st.just(()), said) if steps > 1 else st.just(())


@st.composite
def _tiny_vehicle(draw: st.DrawFn, steps: int, minutes: int, blocks: int) -> TinyVehicle:
    step = st.integers(0, steps - 1).map(lambda number: number * minutes)
    beside = st.sampled_from([0, 0, 0, 5, minutes - 5, minutes // 3])
    arrival = draw(st.one_of(st.just(0), st.just(0), step)) + draw(beside)
    most = (steps + 1) * minutes - arrival
    stay = draw(st.sampled_from([most] * 4 + [most - minutes, 3 * minutes, 2 * minutes + 10, 10]))
    battery = draw(st.sampled_from([20, 40, 10, 20, 6, 0]))
    soc = draw(st.sampled_from([(0.0, 1.0), (0.0, 1.0), (0.1, 0.9)]))
    by_energy = not battery or draw(st.booleans())
    comes_with = draw(st.sampled_from([0.5, 0.2, 0.1, 0.8, *([None] if by_energy else [])]))
    some = st.lists(st.integers(0, blocks - 1), min_size=1, unique=True)
    widens = bool(battery) and comes_with is not None and draw(st.sampled_from([False, False, False, True]))
    if widens:
        soc, comes_with = (0.3, 0.7), draw(st.sampled_from([0.1, 0.2, 0.9, 0.8, 0.5]))
    charge, discharge = draw(st.sampled_from([11, 7, 11, 7, 3])), draw(st.sampled_from([7, 11, 0, 4.5]))
    return TinyVehicle(
        arrival=arrival,
        departure=arrival + max(5, min(stay, most)),
        charge=charge,
        discharge=discharge,
        battery=battery,
        soc=soc,
        efficiency=draw(st.sampled_from([(1.0, 1.0), (0.9, 0.9), (0.9, 0.8), (0.5, 1.0)])),
        comes_with=comes_with if battery else None,
        target=draw(st.sampled_from([0.5, 0.7, 0.3] if widens else [0.8, 0.5, 0.9, 0.3])),
        energy=draw(st.sampled_from([7, 14, 20, 4.5, 9, 3, 0])) if by_energy else None,
        priority=draw(st.sampled_from([1, 1, 2, 0.5, 0])),
        wear=draw(st.sampled_from([0, 0, 0.02])),
        end_value=draw(st.sampled_from([0, 0, 0.15])) if battery else 0,
        blocks=tuple(sorted(draw(st.one_of(st.just(range(blocks)), some)))),
        tariff=draw(st.sampled_from([0, 0.4, 0.25])),
        reward=draw(st.sampled_from([0, 0.05, 0.3])),
        pays_net=draw(st.booleans()),
        widens=widens,
        up_to_target=draw(st.sampled_from([False, False, True])),
        rates=draw(_own_rates(charge)),
        discharge_rates=draw(_own_rates(discharge)),
        taper=draw(st.sampled_from([(), (), *CURVES])) if battery and comes_with is not None else (),
    )


def _own_rates(most: float) -> st.SearchStrategy[tuple[float, ...]]:
    """What its class may list up to its power; mostly nothing."""
    listed = [
        tuple(rate for rate in rates if rate <= most) for rates in ((3.0, 7.0), (4.5,), (2.5, 3.0, 7.0))
    ]
    return st.sampled_from([(), (), (), *listed])


def _able(vehicle: TinyVehicle, ports: Sequence[TinyPorts]) -> TinyVehicle:
    """The same without `rates` of its class, where no port that it may use gives it the least of them."""
    at_ports = []
    for block in vehicle.blocks:
        own, port = used_of(vehicle, ports[block])
        at_ports.append(min(own * vehicle.charge, port * ports[block].power) / own)
    return replace(vehicle, rates=()) if min(vehicle.rates, default=0.0) > max(at_ports) else vehicle


@st.composite
def _on_the_road(draw: st.DrawFn, vehicle: TinyVehicle, minutes: int) -> TinyVehicle:
    """The same with a trip, where it has a battery: it comes with some charge and may leave with any."""
    if not vehicle.battery or vehicle.widens or not draw(st.booleans()):
        return vehicle
    beside = st.sampled_from([0, 0, 5, minutes // 3, minutes - 5])
    leaves = vehicle.arrival + draw(st.integers(0, 2)) * minutes + draw(beside)
    # Back in a later step: none has a part of both stays.
    back = (-(-leaves // minutes) + draw(st.integers(0, 2))) * minutes + draw(beside)
    inside = leaves > vehicle.arrival and leaves < back <= vehicle.departure
    if not inside or leaves // minutes == back // minutes:
        return vehicle
    used = draw(st.sampled_from([3, 7, 0, 12, 1.5]))
    price = draw(st.sampled_from([None, None, 0.6, 0.15, 0]))
    comes_with = vehicle.comes_with or draw(st.sampled_from([0.5, 0.2, 0.8]))
    trip = TinyTrip(leaves, back, used)
    return replace(
        vehicle,
        trip=trip,
        elsewhere=price,
        energy=None,
        comes_with=comes_with,
        up_to_target=False,
    )


CURVES = (
    ((0.0, 11.0), (0.5, 11.0), (1.0, 1.0)),
    ((0.0, 7.0), (0.4, 7.0), (0.8, 3.5), (1.0, 0.0)),
    ((0.0, 2.0), (0.3, 8.0), (1.0, 3.0)),
)

LARGE = ("fairness", "revenue")
"""Words that are better large."""


@st.composite
def _stages(draw: st.DrawFn, on: frozenset[str], bought: bool) -> tuple[TinyStage, ...]:
    found = []
    # When each first holds a port is not written out where ports are dealt anew at every step.
    kept_out = {*(() if "hold_port" in on else ("waiting_time",)), *(() if bought else ("elsewhere_cost",))}
    words = sorted(word for word in UNITS if word not in kept_out)
    for place in range(draw(st.sampled_from([1, 1, 2]))):
        allowing = draw(st.sampled_from([0, 0, 0.1])) if place else 0
        if draw(st.sampled_from([True, False, False])):
            word = draw(st.sampled_from(words))
            weights: tuple[tuple[str, float], ...] = ((word, -1.0 if word in LARGE else 1.0),)
        else:
            some = st.sampled_from([*words, "cost", "cost", "cost"])
            chosen = draw(st.lists(some, min_size=1, max_size=2, unique=True))
            amounts = {word: draw(st.sampled_from([0.6, 0.05, 2])) for word in chosen}
            amounts.setdefault("unmet", draw(st.sampled_from([0.6, 0.15, 2])))
            weights = tuple((word, -w if word in LARGE else w) for word, w in amounts.items())
        found.append(TinyStage(weights, allowing))
    return tuple(found)
