"""The objective words of a schedule, worked out again from its flows.

Each word is a sum over steps of Δ hours, visits or vehicles; a word whose setting the spec does not give is
absent. With η_p of the port, and worth[t] the `feed_in`, or the `price` where the grid has none:

    cost       = energy_cost - export_revenue + demand_cost + wear - end_value + elsewhere_cost
                 + event_penalty - event_revenue + initial_cost
    end_value  = Σ_v value[v] (energy at the last departure) + Σ_s value[s] (energy at the end)
    initial_cost = Σ_s initial_price[s] (energy at the start)
    elsewhere_cost = Σ_trips elsewhere · max(0, used + soc_min · battery - energy at departure)
    revenue    = Σ Δ (tariff charge - (v2g_reward + β tariff) discharge),   profit = revenue - cost
    v2g_profit = Σ Δ (worth η_p - v2g_reward - price (1 / (η_c η_d) - 1) - wear) discharge
    curtailed  = Σ Δ (available - power)
    waiting_time = Σ_v (begin of the first step with a port - arrival), the whole stay without one
    demand_cost = demand_charge · peak + Σ_blocks Σ_p price · max(0, m_p - reached_p)
    event_penalty = Σ_events penalty Σ Δ w max(0, g - most),   event_revenue = Σ_events reward Σ Δ w saved

with g, most, saved, w as in `evdsl.verifier.events`, and β = 1 where the class has `billing = net`, else 0.

The `scale` of an amount is the sum of the absolute values of its terms: rounding is measured by that,
since earnings and costs may cancel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Device, Spec
from evdsl.language.units import ENERGY, ENERGY_TIME, MASS, MONEY, NUMBER, POWER, TIME, Dimension
from evdsl.verifier.events import drawn_by, given_baseline, most_of, saved_of, share_inside
from evdsl.verifier.metering import bills
from evdsl.verifier.presence import PortTable, available_of
from evdsl.verifier.reading import StoredSchedule
from evdsl.verifier.trips import (
    is_last,
    need_of,
    of_vehicles,
    price_elsewhere,
    to_leave_with,
    vehicle_of,
)

DIMENSIONS: dict[str, Dimension] = {
    "energy_cost": MONEY,
    "export_revenue": MONEY,
    "demand_cost": MONEY,
    "wear": MONEY,
    "end_value": MONEY,
    "elsewhere_cost": MONEY,
    "event_penalty": MONEY,
    "event_revenue": MONEY,
    "initial_cost": MONEY,
    "cost": MONEY,
    "revenue": MONEY,
    "profit": MONEY,
    "v2g_profit": MONEY,
    "co2": MASS,
    "unmet": ENERGY,
    "dissatisfaction": ENERGY,
    "peak": POWER,
    "export_peak": POWER,
    "discharged": ENERGY,
    "curtailed": ENERGY,
    "fairness": NUMBER,
    "fairness_gap": NUMBER,
    "lexfairness": NUMBER,
    "delay": ENERGY_TIME,
    "waiting_time": TIME,
}
"""Every word that is worked out here."""


@dataclass(frozen=True, slots=True)
class Amount:
    """The value of a word in canonical units, and the sum of the absolute values of its terms."""

    value: float
    scale: float

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.value + other.value, self.scale + other.scale)

    def times(self, weight: float) -> Amount:
        """The amount with a weight."""
        return Amount(self.value * weight, self.scale * abs(weight))


ZERO = Amount(0.0, 0.0)


def words(spec: Spec, data: Data, reading: StoredSchedule, ports: PortTable) -> dict[str, Amount]:
    """Every word that the spec gives the settings of."""
    found = {**_site(spec, data, reading), **_vehicles(spec, data, reading)}
    found |= {**_worn_and_left(spec, data, reading), **_drivers(spec, data, reading)}
    found |= _called(spec, data, reading)
    if "energy_cost" in found:
        costs = (
            found["energy_cost"],
            found.get("demand_cost", ZERO),
            found["wear"],
            found.get("elsewhere_cost", ZERO),
            found.get("event_penalty", ZERO),
            found.get("initial_cost", ZERO),
        )
        gains = found.get("export_revenue", ZERO) + found["end_value"] + found.get("event_revenue", ZERO)
        found["cost"] = sum(costs, gains.times(-1.0))
        found["v2g_profit"] = _v2g_profit(spec, data, reading, ports)
        if "revenue" in found:
            found["profit"] = found["revenue"] + found["cost"].times(-1.0)
    return {name: found[name] for name in DIMENSIONS if name in found}


def _total(terms: FloatArray) -> Amount:
    return Amount(float(terms.sum()), float(np.abs(terms).sum()))


def _site(spec: Spec, data: Data, reading: StoredSchedule) -> dict[str, Amount]:
    """What is counted at the connection."""
    imported, exported = spec.step * reading.imported, spec.step * reading.exported
    peak = float(reading.imported.max(initial=0.0))
    outward = float(reading.exported.max(initial=0.0))
    found = {"peak": Amount(peak, peak), "export_peak": Amount(outward, outward)}
    for word, energy, setting in (
        ("energy_cost", imported, "price"),
        ("export_revenue", exported, "feed_in"),
        ("co2", imported, "carbon"),
    ):
        rate = data.over_time("grid", setting)
        if rate is not None:
            found[word] = _total(energy * rate)
    spared = data.over_time("grid", "export_carbon")
    if spared is not None and "co2" in found:
        found["co2"] += _total(exported * spared).times(-1.0)
    grid = spec.only("grid")
    if grid is not None and grid.get("demand_charge") is not None:
        found["demand_cost"] = found["peak"].times(grid.number("demand_charge"))
    for charge in spec.of_kind("demand_charge"):
        found["demand_cost"] = found.get("demand_cost", ZERO) + _billed(charge, spec, reading)
    found["curtailed"] = ZERO
    for device in (*spec.of_kind("solar"), *spec.of_kind("wind")):
        there, used = available_of(device, data), reading.devices[device.name]
        left = spec.step * float((there - used).sum())
        found["curtailed"] += Amount(left, spec.step * float(np.abs(there).sum()))
    return found


def _billed(charge: Device, spec: Spec, reading: StoredSchedule) -> Amount:
    """What a demand charge comes to; of a feeder what flows in counts, and what flows out is nothing."""
    feeder = "".join(charge.names("feeder"))
    power = np.maximum(reading.devices[feeder], 0.0) if feeder else reading.imported
    total = ZERO
    for bill in bills(charge, power, spec):
        total += Amount(bill.amount, bill.price * max(bill.largest, bill.reached))
    return total


def _called(spec: Spec, data: Data, reading: StoredSchedule) -> dict[str, Amount]:
    """What calls cost and pay; what is over or saved is rounded as the powers that it is between."""
    found: dict[str, Amount] = {}
    for event in spec.of_kind("event"):
        hours, drawn = share_inside(event, spec) * spec.step, drawn_by(event, reading)
        if event.get("penalty") is not None:
            paid, most = event.number("penalty") * hours, most_of(event, data)
            amount = Amount(
                float(paid @ np.maximum(drawn - most, 0.0)), float(paid @ np.maximum(np.abs(drawn), most))
            )
            found["event_penalty"] = found.get("event_penalty", ZERO) + amount
        if event.get("reward") is not None:
            paid, baseline = event.number("reward") * hours, given_baseline(event, data)
            amount = Amount(
                float(paid @ saved_of(event, drawn, data)), float(paid @ np.maximum(np.abs(drawn), baseline))
            )
            found["event_revenue"] = found.get("event_revenue", ZERO) + amount
    return found


def _worn_and_left(spec: Spec, data: Data, reading: StoredSchedule) -> dict[str, Amount]:
    """What is paid for the use of batteries, and what they are worth as they are left."""
    stays, vehicles = reading.stays, data.vehicles
    wear = _total(spec.step * reading.discharge * vehicles.wear[stays.vehicle])
    each = np.array([category.number("end_value", 0.0) for category in spec.of_kind("class")])
    has = ~np.isnan(vehicles.battery) & is_last(data)
    left = _total(reading.energy_departure[has] * each[vehicles.category[has]])
    for device in spec.of_kind("storage"):
        given, energy = (reading.devices[f"{device.name}.{flow}"] for flow in ("discharge", "energy_end"))
        wear += _total(spec.step * given * device.number("wear", 0.0))
        left += _total(energy * device.number("end_value", 0.0))
    found = {"wear": wear, "end_value": left}
    bought = [device for device in spec.of_kind("storage") if device.get("initial_price") is not None]
    if bought:
        paid_at_start = (
            reading.devices[f"{device.name}.energy"][:1] * device.number("initial_price") for device in bought
        )
        found["initial_cost"] = sum(map(_total, paid_at_start), ZERO)
    if any(category.get("elsewhere") is not None for category in spec.of_kind("class")):
        price = price_elsewhere(spec, data)
        paid = ~np.isnan(price)
        short = np.maximum(to_leave_with(data) - reading.energy_departure, 0.0)
        # What is bought is a difference of energies, whose rounding is that of these.
        sizes = float((price * (np.abs(to_leave_with(data)) + np.abs(reading.energy_departure)))[paid].sum())
        found["elsewhere_cost"] = Amount(float((price * short)[paid].sum()), sizes)
    return found


def _of_class(spec: Spec, data: Data, reading: StoredSchedule, setting: str) -> FloatArray | None:
    """A series of the classes at each visit, 0 for a class without; `None` where no class has it."""
    stays, classes = reading.stays, spec.of_kind("class")
    series = [data.over_time(f"class {category.name}", setting) for category in classes]
    if all(values is None for values in series):
        return None
    whole = np.array([np.zeros(spec.steps) if values is None else values for values in series])
    return np.asarray(whole[data.vehicles.category[stays.vehicle], stays.step])


def _waiting(spec: Spec, reading: StoredSchedule) -> Amount:
    """What vehicles of cohorts count for while they are in need, each by its state."""
    found = ZERO
    for device in spec.of_kind("cohort"):
        last, given = int(device.number("classes")), device.numbers("dissatisfaction")
        for state in range(1, last + 1):
            weight = given[state] if len(given) > 1 else given[0]
            found += _total(weight * reading.devices[f"{device.name}.count.{state}"])
    return found


def _drivers(spec: Spec, data: Data, reading: StoredSchedule) -> dict[str, Amount]:
    """What drivers pay, less what they are paid."""
    tariff, reward = (_of_class(spec, data, reading, setting) for setting in ("tariff", "v2g_reward"))
    if tariff is None and reward is None:
        return {}
    paid = ZERO if tariff is None else _total(spec.step * tariff * reading.charge)
    back = ZERO if reward is None else _total(spec.step * reward * reading.discharge)
    if tariff is not None:
        net = np.array([category.choice("billing") == "net" for category in spec.of_kind("class")])
        taken_back = np.where(net[data.vehicles.category[reading.stays.vehicle]], reading.discharge, 0.0)
        back += _total(spec.step * tariff * taken_back)
    for device in spec.of_kind("cohort"):
        fee = data.over_time(f"class {device.of}", "tariff")
        if fee is not None:
            paid += _total(spec.step * fee * reading.devices[device.name])
    return {"revenue": paid + back.times(-1.0)}


def _v2g_profit(spec: Spec, data: Data, reading: StoredSchedule, ports: PortTable) -> Amount:
    """What the grid pays for what vehicles give, less rewards, losses and wear."""
    stays, vehicles = reading.stays, data.vehicles
    price, feed_in = data.over_time("grid", "price"), data.over_time("grid", "feed_in")
    assert price is not None, "asked before"
    worth = price if feed_in is None else feed_in
    reward = _of_class(spec, data, reading, "v2g_reward")
    kept = vehicles.charge_efficiency * vehicles.discharge_efficiency
    given = spec.step * reading.discharge
    parts = (
        worth[stays.step] * ports.efficiency[reading.port],
        0.0 if reward is None else -reward,
        -price[stays.step] * (1.0 / kept - 1.0)[stays.vehicle],
        -vehicles.wear[stays.vehicle],
    )
    return sum((_total(given * part) for part in parts), ZERO)


def _vehicles(spec: Spec, data: Data, reading: StoredSchedule) -> dict[str, Amount]:
    """What is counted at the ports and for the drivers."""
    stays, vehicles = reading.stays, data.vehicles
    given = spec.step * reading.discharge
    waited = stays.begin - stays.came[stays.vehicle]
    need = need_of(data)
    asking = need > 0
    share = 1.0 - of_vehicles(reading.unmet, data)[asking] / need[asking]
    least, most = float(share.min(initial=np.inf)), float(share.max(initial=-np.inf))
    return {
        "discharged": _total(given),
        "delay": _total(spec.step * reading.charge * waited),
        "waiting_time": _waited_for_ports(spec, reading, asking[vehicle_of(data)]),
        "unmet": _total(reading.unmet),
        "dissatisfaction": _total(reading.unmet * vehicles.priority) + _waiting(spec, reading),
        "fairness": Amount(least, 1.0) if asking.any() else Amount(1.0, 1.0),
        "lexfairness": Amount(least, 1.0) if asking.any() else Amount(1.0, 1.0),
        "fairness_gap": Amount(most - least, 1.0) if asking.any() else Amount(0.0, 1.0),
    }


def _waited_for_ports(spec: Spec, reading: StoredSchedule, asking: NDArray[np.bool_]) -> Amount:
    """Of stays of who needs something, the hours from arrival until each first holds a port, or leaves."""
    if not spec.of_kind("port"):
        return ZERO
    stays = reading.stays
    waits = np.zeros(len(asking))
    for stay in np.flatnonzero(asking).tolist():
        mine = slice(int(stays.first[stay]), int(stays.first[stay + 1]))
        begin, end, held = stays.begin[mine], stays.end[mine], reading.port[mine] >= 0
        if len(end):
            first = begin[np.argmax(held)] if held.any() else end[-1]
            waits[stay] = first - stays.came[stay]
    return _total(waits)
