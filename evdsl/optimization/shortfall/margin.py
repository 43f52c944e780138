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
those behind it, which are bought, are cheaper (`bends`). Elsewhere, where no step has a negative derivative,
no larger amount in any steps is worth anything either: f(x + d) >= f(x) + f'(x; d), and f'(x; d) is at least
the sum over steps. Where the worst off are several, a single one that gets more changes nothing: the
derivative is that of all of them getting more, and who reads it has to see to that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import BoolArray, FloatArray, IntArray
from evdsl.language.site import Meter
from evdsl.language.spec import Spec, Stage
from evdsl.optimization.shortfall.trips import sinks

if TYPE_CHECKING:
    import xarray as xr

SAME = 1e-6
"""Relative: a power so near to the largest is the largest, a share so near to the least the least."""
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
UNMOVED = ("wear", "discharged", "v2g_profit", "waiting_time")


@dataclass(frozen=True, slots=True)
class Extra:
    """One more kWh each: for a vehicle, in a step, at a port of an efficiency, from generator or grid."""

    vehicle: IntArray
    step: IntArray
    efficiency: FloatArray
    from_generator: BoolArray


@dataclass(frozen=True, slots=True)
class Margins:
    """What each extra kWh is worth: by stage its derivative in the sense of making small, and its size."""

    stages: tuple[FloatArray, ...]
    sizes: tuple[FloatArray, ...]


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
    words = _words(spec, data, schedule, shares, extra, least_can_rise)
    found = [_of_stage(stage, words, len(extra.step)) for stage in spec.stages]
    return Margins(tuple(value for value, _ in found), tuple(size for _, size in found))


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


def _of_stage(stage: Stage, words: dict[str, FloatArray], count: int) -> tuple[FloatArray, FloatArray]:
    value, size = np.zeros(count), np.zeros(count)
    for name, weight in stage.weights.items():
        for part, sign in WHOLES.get(name, {name: 1.0}).items():
            if part in words:
                value = value + stage.sign * weight * sign * words[part]
                size = size + np.abs(weight * words[part])
    return value, size


def _words(
    spec: Spec, data: Data, schedule: xr.Dataset, shares: FloatArray, extra: Extra, least_can_rise: bool
) -> dict[str, FloatArray]:
    vehicles, who, step = data.vehicles, extra.vehicle, extra.step
    taken = 1.0 / extra.efficiency
    imported, exported = (np.asarray(schedule[name].values, dtype=float) for name in ("import", "export"))
    less_sold = ~extra.from_generator & (exported[step] > SAME * max(float(exported.max(initial=0.0)), 1.0))
    more_bought = ~extra.from_generator & ~less_sold
    highest = float(imported.max(initial=0.0))
    at_peak = more_bought & (imported[step] >= highest * (1 - SAME) - SAME)
    inside = np.where(np.isnan(vehicles.demand), vehicles.charge_efficiency, 1.0)[who]
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
        "peak": np.where(at_peak, taken / spec.step, 0.0),
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
    grid = spec.only("grid")
    if grid is not None and grid.get("demand_charge") is not None:
        found["demand_cost"] = found["peak"] * grid.number("demand_charge")
    for charge in spec.of_kind("demand_charge"):
        price = _at_largest(data.meters[charge.name], imported)[step]
        dearer = np.where(more_bought, price * taken / spec.step, 0.0)
        found["demand_cost"] = found.get("demand_cost", 0.0) + dearer
    found["revenue"] = data.of_classes(spec, "tariff")[vehicles.category[who], step]
    return found | _of_shares(data, shares, who, inside, least_can_rise)


def _at_largest(meter: Meter, power: FloatArray) -> FloatArray:
    """By step, what is paid for a kW more in it: nothing where no interval is at its most."""
    means, largest = meter.means(power), meter.largest(power)
    paid = largest >= meter.reached * (1 - SAME) - SAME
    at_largest = paid[meter.period] & (means >= largest[meter.period] * (1 - SAME) - SAME)
    dearer = np.zeros(len(power))
    weight = meter.per_kilowatt[meter.period][meter.interval] * meter.share * at_largest[meter.interval]
    np.maximum.at(dearer, meter.step, weight)
    return dearer


def _of_shares(
    data: Data, shares: FloatArray, who: IntArray, inside: FloatArray, least_can_rise: bool
) -> dict[str, FloatArray]:
    need = data.vehicles.need
    asking = need > 0
    rise = inside / np.where(asking, need, np.inf)[who]
    least = worst_off(data, shares)[who] & least_can_rise
    best = shares[who] >= float(shares[asking].max(initial=0.0)) - SAME
    return {
        "fairness": np.where(least, rise, 0.0),
        "fairness_gap": np.where(best, rise, 0.0) - np.where(least, rise, 0.0),
        "lexfairness": rise,
    }
