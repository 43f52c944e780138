"""What a storage does beside a rule: it charges from surplus and gives at the peak.

    charge      what the site would export otherwise, within power, capacity and the limits of its feeders
    discharge   what the site imports above a cap, and no more than it imports (with `sink = site` no more
                than what loads and vehicles take)

The cap is that of the day (24 h from the start on): the lowest that the energy above the reserve can keep all
day. A storage that has more than enough makes the site need nothing; one that has less takes the top off. The
reserve is the least state of charge or, where that is more, `soc_final`; a storage that begins below it is
charged up to it at once, from the grid too where its `source` is `any`. So it knows the loads of its day, as
someone who has seen many of them, and no price: it never charges from the grid in order to give later.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.devices.storage import final, kept, ratings
from evdsl.language.spec import Device

DAY = 24.0
HALVINGS = 40
"""Of the interval in which a cap lies."""
ENOUGH = 1e-9
"""kW by which a cap may be missed."""


@dataclass(frozen=True, slots=True)
class Course:
    """What one storage does: kW at the site, and the energy at the edges of the steps, kWh."""

    charge: FloatArray
    discharge: FloatArray
    energy: FloatArray


@dataclass(frozen=True, slots=True)
class _Battery:
    power: tuple[float, float]
    from_surplus: bool
    least: float
    efficiency: tuple[float, float]
    kept: float
    reserve: float
    high: float
    step: float


def course(
    device: Device, net: FloatArray, into: FloatArray, out: FloatArray, step: float, least_power: float = 0.0
) -> Course:
    """The course of a storage at a site that takes `net` without it, kW.

    `into` and `out` are what its feeders, and its `sink`, let through on top of what flows, either way; the
    last of `into` is what the connection lets through. No power lies between zero and `least_power`.
    """
    capacity, initial = device.number("capacity"), device.number("soc_initial")
    (low, high), (least, most) = device.bounds("soc"), final(device)
    reserve, high = max(low, least), min(high, most)
    battery = _Battery(
        ratings(device),
        device.choice("source") != "any",
        least_power,
        (device.charge_efficiency, device.discharge_efficiency),
        kept(device, step),
        reserve * capacity,
        max(high, reserve) * capacity,
        step,
    )
    charge, discharge = np.zeros(len(net)), np.zeros(len(net))
    energy = np.full(len(net) + 1, initial * capacity)
    day = max(math.floor(DAY / step + 1e-9), 1)
    for begin in range(0, len(net), day):
        when = slice(begin, min(begin + day, len(net)))
        given = (net[when].tolist(), into[when].tolist(), out[when].tolist())
        least, most = 0.0, max(float(net[when].max()), 0.0)
        found = _day(battery, float(energy[begin]), least, *given)
        if found is None:
            for _ in range(HALVINGS):
                middle = (least + most) / 2
                if _day(battery, float(energy[begin]), middle, *given) is None:
                    least = middle
                else:
                    most = middle
            found = _day(battery, float(energy[begin]), most, *given)
        assert found is not None, "nothing has to be given below the highest import"
        charge[when], discharge[when], energy[begin + 1 : when.stop + 1] = found
    return Course(charge, discharge, energy)


def _day(
    battery: _Battery, energy: float, cap: float, net: list[float], into: list[float], out: list[float]
) -> tuple[list[float], list[float], list[float]] | None:
    """One day with a cap; `None` where the energy does not keep it."""
    charges, discharges, energies = [], [], []
    (most_in, most_out), (inward, outward) = battery.power, battery.efficiency
    for flow, room, room_out in zip(net, into, out, strict=True):
        energy *= battery.kept
        surplus = max(-flow, 0.0)
        lacking = 0.0
        if not battery.from_surplus:
            lacking = max(battery.reserve - energy, 0.0) / (inward * battery.step)
        fits = max(battery.high - energy, 0.0) / (inward * battery.step)
        charge = max(min(max(surplus, lacking), fits, most_in, room), 0.0)
        if 0.0 < charge < battery.least:
            # Surplus that is too small is left; what lacks is charged with the least power that there is.
            enough = lacking > 0.0 and battery.least <= min(fits, most_in, room)
            charge = battery.least if enough else 0.0
        discharge = 0.0
        if not charge:
            wanted = max(min(flow - cap, most_out, room_out), 0.0)
            if 0.0 < wanted < battery.least:
                if battery.least > min(flow, most_out, room_out):
                    return None
                wanted = battery.least
            held = max(energy - battery.reserve, 0.0) * outward / battery.step
            if wanted > held + ENOUGH:
                return None
            discharge = min(wanted, held)
        energy += battery.step * (inward * charge - discharge / outward)
        charges.append(charge)
        discharges.append(discharge)
        energies.append(energy)
    return charges, discharges, energies
