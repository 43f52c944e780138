"""What a stage loses for one kWh more to a vehicle in a step, all else as it stands.

The one-sided derivative of each word for a kWh at the port in step t, which takes 1/η_p from the site: from
what a generator does not use, or from the connection, where it lessens an export before it adds to an
import. With η = 1 for a demand in energy and η_c for one in state of charge:

    unmet            -η
    dissatisfaction  -priority η
    end_value        η_c value
    revenue          tariff[t]
    delay            time since arrival
    curtailed        -1/η_p, from a generator
    export_revenue   -feed_in[t]/η_p,   co2   export_carbon[t]/η_p, where the site exports; else
    energy_cost      price[t]/η_p,   co2   carbon[t]/η_p,   peak   1/(Δ η_p) at the largest import
    demand_cost      the price of a kW times its share of the mean, in an interval that is billed
    fairness         η/need of a vehicle that is worst off;  lexfairness  of any
    fairness_gap     the negative of that, and η/need of one that is best off
    elsewhere_cost   -η times its price, where it makes less lack on a trip that is paid for

Of a stay of a vehicle that makes trips the kWh goes to what lacks next
(`evdsl.optimization.shortfall.trips`): it counts in `unmet` where that is missing, in `end_value` where the
last stay ends with it.

Every word is linear or, made small, convex in the powers, but where the site exports what earns more than
an import costs (`feed_in` above `price`, `export_carbon` above `carbon`): there the first kWh is dear, and
those behind it, which are bought, are cheaper (`bends`). Elsewhere f(x + d) >= f(x) + f'(x; d), and where no
largest is tied, f'(x; d) is the sum over steps: where no step has a negative derivative, no larger amount in
any steps is worth anything either. Where several steps are tied for the largest import or the largest mean,
the sum is too much, and `lower` has what is not (`evdsl.optimization.shortfall.ties`). Where the worst off
are several, a single one that gets more changes nothing: each has a part of what it is worth that all of them
get more (`evdsl.optimization.shortfall.worst_off`), and who reads it has to see to it that they can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import BoolArray, FloatArray, IntArray
from evdsl.language.site import Meter
from evdsl.language.spec import Spec, Stage
from evdsl.optimization.shortfall.ties import Largest, bounds
from evdsl.optimization.shortfall.trips import sinks
from evdsl.optimization.shortfall.worst_off import parts

if TYPE_CHECKING:
    import xarray as xr

SAME = 1e-6
"""Relative: a power so near to the largest is the largest, a share so near to the least the least."""
WORTH = 1e-6
"""Of the size of the terms that cancel: a derivative below it is rounding."""
PAID = 1e-5
"""Of the largest term: what amounts in several steps pay together below it may be rounding."""
LEAST = {"fairness": 1.0, "fairness_gap": -1.0}
"""Words of the least share, with the sign that it has in them."""
SHARES = ("fairness", "fairness_gap", "lexfairness")
COST = {
    "energy_cost": 1.0,
    "export_revenue": -1.0,
    "demand_cost": 1.0,
    "end_value": -1.0,
    "elsewhere_cost": 1.0,
}
PROFIT = {"revenue": 1.0, **{name: -weight for name, weight in COST.items()}}
WHOLES = {"cost": COST, "profit": PROFIT}
"""Words that are sums of others; wear and rewards of discharging do not change, nor who holds a port."""
UNMOVED = ("wear", "discharged", "v2g_profit", "waiting_time", "initial_cost")
INTAKE = {"energy_cost", "export_revenue", "demand_cost", "co2", "peak", "curtailed", *WHOLES}
"""Words that what the site takes and gives changes."""


@dataclass(frozen=True, slots=True)
class Extra:
    """One more kWh each: for a vehicle, in a step, at a port of an efficiency, from generator or grid."""

    vehicle: IntArray
    step: IntArray
    efficiency: FloatArray
    from_generator: BoolArray


@dataclass(frozen=True, slots=True)
class Margins:
    """What each extra kWh is worth: by stage its derivative in the sense of making small, and its size.

    `largest` are the parts of it that are largest of several, by stage, `plain` is what is left without them.
    """

    stages: tuple[FloatArray, ...]
    sizes: tuple[FloatArray, ...]
    plain: tuple[FloatArray, ...]
    largest: tuple[tuple[Largest, ...], ...]


def unknown_words(spec: Spec) -> tuple[str, ...]:
    """Words of the stages whose derivative is not known here."""
    # What an extra kWh adds to the flow of a feeder is not known here: nobody says which port it takes.
    by_feeder = any(charge.names("feeder") for charge in spec.of_kind("demand_charge"))
    known = {
        *SHARES,
        *WHOLES,
        *UNMOVED,
        *PROFIT,
        "unmet",
        "dissatisfaction",
        "delay",
        "curtailed",
        "co2",
        "peak",
    }
    unknown = {"demand_cost", *WHOLES} if by_feeder else set()
    return tuple(
        name for stage in spec.stages for name in stage.weights if name not in known or name in unknown
    )


def worst_off(data: Data, shares: FloatArray) -> BoolArray:
    """The vehicles with the least share of those that need something."""
    asking = data.vehicles.need > 0
    return asking & (shares <= float(shares[asking].min(initial=1.0)) + SAME)


def margins(
    spec: Spec, data: Data, schedule: xr.Dataset, shares: FloatArray, extra: Extra, least_can_rise: bool
) -> Margins:
    """The derivatives of every stage for each extra kWh.

    `least_can_rise` where all of the worst off can get more.
    """
    words = _words(spec, data, schedule, shares, extra)
    largest = _largest(spec, data, schedule, extra)
    rise = _rise(data, extra) * (worst_off(data, shares)[extra.vehicle] & least_can_rise)
    found: list[Of_stage] = []
    allowed = np.ones(len(extra.step), dtype=np.bool_)
    for stage in spec.stages:
        value, size, plain, tied = _of_stage(stage, words, largest, len(extra.step))
        reward = -stage.sign * sum(sign * stage.weights.get(name, 0.0) for name, sign in LEAST.items())
        gain = reward * rise * parts(value, rise, extra.vehicle, allowed, reward)
        found.append((value - gain, size + np.abs(gain), plain - gain, tied))
        allowed &= _sign(value - gain, size + np.abs(gain)) <= 0
    values, sizes, without, largest_of = zip(*found, strict=True)
    return Margins(values, sizes, without, largest_of)


def gains(found: Margins) -> IntArray:
    """-1 where an extra kWh makes the first stage that it changes better, +1 where worse, else 0."""
    result = np.zeros(len(found.stages[0]), dtype=np.int64)
    for value, size in zip(found.stages, found.sizes, strict=True):
        result = np.where(result == 0, _sign(value, size), result)
    return result


def lower(found: Margins, some: IntArray) -> Margins | None:
    """Of some extra kWh, ascending, derivatives of which any amounts lose at least the sum.

    They are those of each alone, but where several are tied for a largest. Where an earlier stage gets worse
    by one, what it is for a later one does not count. `None` where that is not known.
    """
    values, left = [], np.ones(len(some), dtype=np.bool_)
    for at, (value, size) in enumerate(zip(found.stages, found.sizes, strict=True)):
        bound, mine = value[some], some[left]
        largest = [one.of(mine) for one in found.largest[at]]
        if any(one.is_tied for one in largest):
            of_mine = bounds(found.plain[at][mine], largest, float(size[mine].max()))
            if of_mine is None:
                return None
            bound[left] = of_mine
        values.append(bound)
        left &= _sign(bound, size[some]) == 0
    return Margins(tuple(values), tuple(size[some] for size in found.sizes), (), ())


def paying(found: Margins, some: IntArray) -> IntArray:
    """Of some extra kWh, ascending, those of which amounts together make the objective better; none else.

    They are those worth something but for a largest, as others only make amounts worse, of the first stage in
    which the least derivative over all amounts is negative. To a later stage come those that alone change no
    earlier one, as together then they make none worse.
    """
    left = some
    for at, (value, size) in enumerate(zip(found.stages, found.sizes, strict=True)):
        if not len(left):
            break
        scale, plain = float(size[left].max()), found.plain[at][left]
        least = bounds(plain, [one.of(left) for one in found.largest[at]], scale) if scale else value[left]
        if least is None:
            break
        if float(least.min()) < -PAID * scale:
            return left[plain < 0.0]
        left = left[_sign(value[left], size[left]) == 0]
    return some[:0]


def _sign(value: FloatArray, size: FloatArray) -> IntArray:
    return np.where(np.abs(value) > WORTH * size, np.sign(value), 0.0).astype(np.int64)


def bends(spec: Spec, data: Data, schedule: xr.Dataset, extra: Extra) -> BoolArray:
    """Of each extra kWh whether further ones cost less: the site exports, and to import is cheaper than that.

    By the price of energy and its carbon alone: what the peak adds to an import is left out, to be safe.
    """
    exported = np.asarray(schedule["export"].values, dtype=float)
    sells = exported > SAME * max(float(exported.max(initial=0.0)), 1.0)
    found = np.zeros(len(exported), dtype=bool)

    def rate(name: str) -> FloatArray:
        series = data.over_time("grid", name)
        return np.zeros(len(exported)) if series is None else series

    for stage in spec.stages:
        weights: dict[str, float] = {}
        for name, weight in stage.weights.items():
            for part, sign in WHOLES.get(name, {name: 1.0}).items():
                weights[part] = weights.get(part, 0.0) + stage.sign * weight * sign
        cost, earned, co2 = (weights.get(name, 0.0) for name in ("energy_cost", "export_revenue", "co2"))
        bought = cost * rate("price") + co2 * rate("carbon")
        less_sold = -earned * rate("feed_in") + co2 * rate("export_carbon")
        found |= sells & (bought < less_sold - SAME * np.abs(less_sold))
    return np.asarray(found[extra.step])


Of_stage = tuple[FloatArray, FloatArray, FloatArray, tuple[Largest, ...]]


def _of_stage(
    stage: Stage, words: dict[str, FloatArray], largest: dict[str, list[Largest]], count: int
) -> Of_stage:
    plain, size, tied = np.zeros(count), np.zeros(count), []
    value = np.zeros(count)
    for name, weight in stage.weights.items():
        for part, sign in WHOLES.get(name, {name: 1.0}).items():
            own = stage.sign * weight * sign
            if part in words:
                plain = plain + own * words[part]
                size = size + np.abs(weight * words[part])
            if part in largest and own:
                alone = [one.alone(count) for one in largest[part]]
                value = value + own * sum(alone, np.zeros(count))
                size = size + np.abs(weight) * sum(alone, np.zeros(count))
                tied += [one.times(own) for one in largest[part]]
    return plain + value, size, plain, tuple(tied)


def _words(
    spec: Spec, data: Data, schedule: xr.Dataset, shares: FloatArray, extra: Extra
) -> dict[str, FloatArray]:
    vehicles, who, step = data.vehicles, extra.vehicle, extra.step
    taken = 1.0 / extra.efficiency
    less_sold = _less_sold(schedule, extra)
    more_bought = ~extra.from_generator & ~less_sold
    inside = _inside(data, extra)
    begin = np.maximum(vehicles.begin[who], step * spec.step)
    lacks, last = sinks(data, schedule), np.append(vehicles.first[1:] != vehicles.first[:-1], True)
    worths = np.nan_to_num(vehicles.end_value * vehicles.charge_efficiency)[np.flatnonzero(last)]
    worths = worths[np.cumsum(vehicles.is_first) - 1] * lacks.kept
    found = {
        "unmet": -inside * lacks.unmet[who],
        "dissatisfaction": -inside * vehicles.priority[who] * lacks.unmet[who],
        "end_value": worths[who] * ~np.isnan(vehicles.battery[who]),
        "elsewhere_cost": -inside * lacks.price[who],
        "delay": begin - vehicles.begin[who],
        "curtailed": np.where(extra.from_generator, -taken, 0.0),
    }
    for word, setting, when, sign in (
        ("energy_cost", "price", more_bought, 1.0),
        ("co2", "carbon", more_bought, 1.0),
        ("export_revenue", "feed_in", less_sold, -1.0),
    ):
        series = data.over_time("grid", setting)
        if series is not None:
            found[word] = np.where(when, sign * series[step] * taken, 0.0)
    spared = data.over_time("grid", "export_carbon")
    if spared is not None and "co2" in found:
        found["co2"] = found["co2"] + np.where(less_sold, spared[step] * taken, 0.0)
    found["revenue"] = data.of_classes(spec, "tariff")[vehicles.category[who], step]
    # What the worst off gain by their least share is not the gain of one of them: see `margins`.
    rise = _rise(data, extra)
    best = shares >= float(shares[vehicles.need > 0].max(initial=0.0)) - SAME
    return found | {"fairness_gap": rise * best[who], "lexfairness": rise}


def _inside(data: Data, extra: Extra) -> FloatArray:
    """What of each extra kWh counts for what its vehicle asks for."""
    vehicles = data.vehicles
    return np.where(np.isnan(vehicles.demand), vehicles.charge_efficiency, 1.0)[extra.vehicle]


def _less_sold(schedule: xr.Dataset, extra: Extra) -> BoolArray:
    """Of each extra kWh whether it lessens what the site exports."""
    exported = np.asarray(schedule["export"].values, dtype=float)
    sells = exported > SAME * max(float(exported.max(initial=0.0)), 1.0)
    return np.asarray(~extra.from_generator & sells[extra.step], dtype=bool)


def _largest(spec: Spec, data: Data, schedule: xr.Dataset, extra: Extra) -> dict[str, list[Largest]]:
    """By word what it pays for a largest of several."""
    imported = np.asarray(schedule["import"].values, dtype=float)
    bought = np.flatnonzero(~extra.from_generator & ~_less_sold(schedule, extra))
    power = 1.0 / (extra.efficiency * spec.step)
    highest = imported >= float(imported.max(initial=0.0)) * (1 - SAME) - SAME
    at_peak = bought[highest[extra.step[bought]]]
    peak = Largest(at_peak, extra.step[at_peak], power[at_peak])
    costs: list[Largest] = []
    grid = spec.only("grid")
    if grid is not None and grid.get("demand_charge") is not None:
        costs.append(peak.times(grid.number("demand_charge")))
    for charge in spec.of_kind("demand_charge"):
        costs += _of_periods(data.meters[charge.name], imported, bought, extra.step, power)
    return {"peak": [peak], "demand_cost": costs}


def _of_periods(
    meter: Meter, imported: FloatArray, bought: IntArray, step: IntArray, power: FloatArray
) -> list[Largest]:
    """What each period is paid for: the largest mean of its intervals, where it is above what was reached."""
    means, largest = meter.means(imported), meter.largest(imported)
    paid = largest >= meter.reached * (1 - SAME) - SAME
    tied = paid[meter.period] & (means >= largest[meter.period] * (1 - SAME) - SAME)
    found = []
    for period in np.unique(meter.period[tied]):
        pairs = np.flatnonzero((tied & (meter.period == period))[meter.interval])
        # Each extra kWh with each interval that its step speaks of.
        pairs = pairs[np.argsort(meter.step[pairs], kind="stable")]
        low, high = (np.searchsorted(meter.step[pairs], step[bought], side) for side in ("left", "right"))
        many = high - low
        who = np.repeat(bought, many)
        pair = pairs[np.arange(len(who)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(low, many)]
        rise = power[who] * meter.share[pair] * meter.per_kilowatt[period]
        found.append(Largest(who, meter.interval[pair], rise))
    return found


def _rise(data: Data, extra: Extra) -> FloatArray:
    """By how much each extra kWh raises the share of its vehicle."""
    vehicles, who = data.vehicles, extra.vehicle
    asking = vehicles.need > 0
    return _inside(data, extra) / np.where(asking, vehicles.need, np.inf)[who]
