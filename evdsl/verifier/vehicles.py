"""Whether each vehicle of a schedule keeps to its powers, its battery and its demand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.spec import Spec
from evdsl.language.values import ChargeTable
from evdsl.verifier.presence import PortTable, share_of_port
from evdsl.verifier.reading import StoredSchedule
from evdsl.verifier.tolerance import SLACK, tolerance
from evdsl.verifier.trips import comes_with, need_of, of_vehicles, price_elsewhere, to_leave_with, vehicle_of
from evdsl.verifier.violations import Findings


def check_powers(
    spec: Spec, data: Data, reading: StoredSchedule, ports: PortTable, findings: Findings
) -> None:
    """Between zero and what presence, class and port allow; nothing back without `v2g` or a battery."""
    stays, vehicles, port = reading.stays, data.vehicles, reading.port
    own, share = share_of_port(spec, data, port, ports, stays.vehicle)
    inward = np.minimum(vehicles.charge[stays.vehicle] * own, ports.charge[port] * share)
    outward = np.minimum(vehicles.discharge[stays.vehicle] * own, ports.discharge[port] * share)
    if not spec.on("v2g"):
        outward[:] = np.inf  # told once, as what it is, and not again as a rate above zero
        _check_nothing_back("v2g-off", "`v2g` is off", np.ones(len(stays), dtype=bool), reading, findings)
    none = np.isnan(vehicles.battery[stays.vehicle])
    _check_nothing_back("no-battery", "it has no battery", none, reading, findings)
    _check_rate("charges", reading.charge, inward, reading, findings)
    _check_taper(spec, data, reading, findings)
    _check_rate("discharges", reading.discharge, outward, reading, findings)
    if spec.on("exclusive"):
        _check_exclusive(reading, findings)


def _check_rate(
    verb: str, power: FloatArray, limit: FloatArray, reading: StoredSchedule, findings: Findings
) -> None:
    most = limit * reading.stays.presence

    def describe(at: int, who: str, when: str) -> str:
        bound = "0 is the least" if power[at] < 0 else f"{most[at]:.8g} kW is the most"
        return f"{who} {verb} {power[at]:.8g} kW at {when}, and {bound} that it may"

    excess = np.maximum(power - most, -power)
    findings.beyond(
        "rate", "kW", excess, tolerance(most), describe, reading.stays.vehicle, reading.stays.step
    )


def _check_taper(spec: Spec, data: Data, reading: StoredSchedule, findings: Findings) -> None:
    """No more than the curve of the class gives, with what is in the battery before and after charging."""
    stays, vehicles = reading.stays, data.vehicles
    most = np.full(len(stays), np.inf)
    for number, category in enumerate(spec.of_kind("class")):
        curve = category.get("taper")
        if not isinstance(curve, ChargeTable):
            continue
        mine = np.flatnonzero(vehicles.category[stays.vehicle] == number)
        who, before = stays.vehicle[mine], reading.energy[mine]
        after = before + spec.step * vehicles.charge_efficiency[who] * reading.charge[mine]
        ends = [_on_curve(curve, energy / vehicles.battery[who]) for energy in (before, after)]
        most[mine] = np.minimum(*ends) * stays.presence[mine]

    def describe(at: int, who: str, when: str) -> str:
        return (
            f"{who} charges {reading.charge[at]:.8g} kW at {when}, and `taper` lets it take {most[at]:.8g} kW"
        )

    excess = reading.charge - most
    findings.beyond("taper", "kW", excess, tolerance(most), describe, stays.vehicle, stays.step)


def _on_curve(curve: ChargeTable, share: FloatArray) -> FloatArray:
    """The power of a curve at states of charge: straight between its entries, and on from its ends."""
    at, power = (np.array(column) for column in zip(*curve.entries, strict=True))
    piece = np.clip(np.searchsorted(at, share, side="right") - 1, 0, len(at) - 2)
    part = (share - at[piece]) / (at[piece + 1] - at[piece])
    return np.asarray(power[piece] + part * (power[piece + 1] - power[piece]), dtype=float)


def _check_nothing_back(
    rule: str, reason: str, where: NDArray[np.bool_], reading: StoredSchedule, findings: Findings
) -> None:
    def describe(at: int, who: str, when: str) -> str:
        return f"{who} discharges {reading.discharge[at]:.8g} kW at {when}, and {reason}"

    excess = np.where(where, reading.discharge, 0.0)
    findings.beyond(rule, "kW", excess, SLACK, describe, reading.stays.vehicle, reading.stays.step)


def _check_exclusive(reading: StoredSchedule, findings: Findings) -> None:
    charge, discharge = reading.charge, reading.discharge

    def describe(at: int, who: str, when: str) -> str:
        powers = f"{charge[at]:.8g} kW and discharges {discharge[at]:.8g} kW"
        return f"{who} charges {powers} at {when}, and `exclusive` is on"

    both, slack = np.minimum(charge, discharge), tolerance(np.maximum(charge, discharge))
    findings.beyond("exclusive", "kW", both, slack, describe, reading.stays.vehicle, reading.stays.step)


def check_batteries(
    spec: Spec, data: Data, reading: StoredSchedule, _ports: PortTable, findings: Findings
) -> None:
    """Energies follow from the flows, from arrival to departure, within the bounds of the class."""
    stays, vehicles = reading.stays, data.vehicles
    everyone = np.arange(len(vehicles))
    _check_arrivals(data, reading, findings)
    following = np.append(reading.energy, np.nan)[1:]
    comes = stays.first[1:] > stays.first[:-1]
    following[stays.first[1:][comes] - 1] = reading.energy_departure[comes]
    risen = following - reading.energy
    gain = spec.step * reading.charge * vehicles.charge_efficiency[stays.vehicle]
    gain -= spec.step * reading.discharge / vehicles.discharge_efficiency[stays.vehicle]
    off = np.abs(risen - gain)

    def describe(at: int, who: str, when: str) -> str:
        change = f"changes by {risen[at]:.8g} kWh in the step of {when}"
        return f"the energy of {who} {change}, and its flows give {gain[at]:.8g} kWh"

    battery = ~np.isnan(vehicles.battery)
    # Not scaled with the battery: both sides are what flows in one step, and 0.01 kW is little there.
    wrong = battery[stays.vehicle] & ~(off <= SLACK)
    findings.where("energy-balance", "kWh", wrong, off, describe, stays.vehicle, stays.step)
    _check_bounds(data, reading.energy, stays.vehicle, stays.step, findings)
    _check_bounds(data, reading.energy_departure, everyone, None, findings)


def _check_arrivals(data: Data, reading: StoredSchedule, findings: Findings) -> None:
    """Each battery begins with what it comes with; one that is there for no step also leaves with it.

    After a trip that is what the stay before and the trip left: no energy comes from nowhere.
    """
    first, end = reading.stays.first[:-1], reading.stays.first[1:]
    initial, begins = comes_with(data, reading.energy_departure), reading.energy_departure.copy()
    comes = end > first
    begins[comes] = reading.energy[first[comes]]
    off = np.abs(begins - initial)

    def describe(at: int, who: str, _when: str) -> str:
        return f"{who} comes with {initial[at]:.8g} kWh, and begins with {begins[at]:.8g} kWh in the schedule"

    wrong = ~np.isnan(data.vehicles.battery) & ~(off <= tolerance(initial))
    findings.where("energy-balance", "kWh", wrong, off, describe, np.arange(len(initial)))


def _check_bounds(
    data: Data, energy: FloatArray, vehicle: IntArray, step: IntArray | None, findings: Findings
) -> None:
    """Energies, each of the vehicle given with it, within the bounds of the class."""
    low, high = data.vehicles.low[vehicle], data.vehicles.high[vehicle]

    def describe(at: int, who: str, when: str) -> str:
        bounds = f"{low[at]:.8g} to {high[at]:.8g} kWh are allowed"
        return f"{who} has {energy[at]:.8g} kWh at {when or 'departure'}, and {bounds}"

    excess = np.maximum(low - energy, energy - high)
    wrong = ~np.isnan(data.vehicles.battery[vehicle]) & ~(excess <= tolerance(high))
    findings.where("soc", "kWh", wrong, excess, describe, vehicle, step)


def check_demands(
    spec: Spec, data: Data, reading: StoredSchedule, _ports: PortTable, findings: Findings
) -> None:
    """What was delivered, and that `unmet` is what is missing: no more, no less."""
    vehicles, unmet = data.vehicles, reading.unmet
    everyone = np.arange(len(vehicles))
    delivered = _delivered(spec, data, reading, findings)
    by_energy = ~np.isnan(vehicles.demand)
    asked = np.where(by_energy, vehicles.demand, to_leave_with(data))
    got = np.where(by_energy, delivered, reading.energy_departure)
    short, slack = asked - got, tolerance(asked)

    def missed(at: int, who: str, _when: str) -> str:
        ends = f"{got[at]:.8g} kWh {'delivered' if by_energy[at] else 'in its battery at departure'}"
        return f"{who} asks for {asked[at]:.8g} kWh, and has {ends} and {unmet[at]:.8g} kWh unmet"

    bought = ~np.isnan(price_elsewhere(spec, data))  # on the road, and so not unmet
    findings.beyond("demand", "kWh", np.where(bought, 0.0, short) - unmet, slack, missed, everyone)
    # Without a battery there is nowhere for more than the demand to go; what came with it may leave with it.
    limited = np.array([c.choice("up_to") == "target" for c in spec.of_kind("class")], dtype=bool)
    limited = limited[vehicles.category] if len(vehicles) else np.zeros(0, dtype=bool)
    closed = limited | (by_energy & np.isnan(vehicles.battery))
    over = got - np.where(by_energy, asked, np.fmax(asked, vehicles.initial))
    findings.where("demand", "kWh", closed & ~(over <= slack), over, missed, everyone)
    need = need_of(data) if spec.on("partial_charging") else np.zeros(len(vehicles))
    most = np.where(bought, 0.0, need[vehicle_of(data)])

    def wrong(at: int, who: str, _when: str) -> str:
        fact = f"the schedule gives `unmet` of {who} as {unmet[at]:.8g} kWh"
        return (
            f"{fact}; by its flows {max(short[at], 0.0):.8g} kWh are missing, and {most[at]:.8g} kWh may be"
        )

    excess = np.maximum(unmet - np.minimum(most, np.maximum(short, 0.0)), -unmet)
    findings.beyond("unmet", "kWh", excess, slack, wrong, everyone)
    together = of_vehicles(unmet, data)

    def more_than_needed(at: int, who: str, _when: str) -> str:
        return f"{who} lacks {together[at]:.8g} kWh over its stays, and {need[at]:.8g} kWh may be"

    several = np.flatnonzero(vehicle_of(data) != everyone)
    whole = np.unique(vehicle_of(data)[several])
    over_all = np.zeros(len(vehicles))
    over_all[whole] = together[whole] - need[whole]
    findings.beyond(
        "unmet", "kWh", over_all, tolerance(need + np.fmax(vehicles.battery, 0.0)), more_than_needed, everyone
    )


def _delivered(spec: Spec, data: Data, reading: StoredSchedule, findings: Findings) -> FloatArray:
    """The energy that each vehicle took at the port, less what it gave, kWh; as the schedule says too."""
    net = spec.step * (reading.charge - reading.discharge)
    delivered = np.bincount(reading.stays.vehicle, net, minlength=len(data.vehicles)).astype(float)

    def describe(at: int, who: str, _when: str) -> str:
        fact = f"the schedule gives `delivered` of {who} as {reading.delivered[at]:.8g} kWh"
        return f"{fact}, and its flows come to {delivered[at]:.8g} kWh"

    off = np.abs(reading.delivered - delivered)
    findings.beyond("delivered", "kWh", off, tolerance(delivered), describe, np.arange(len(data.vehicles)))
    return delivered
