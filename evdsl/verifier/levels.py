"""Whether powers at the ports keep to their levels, and charging to its one go.

With `min_power` on, for charging and for discharging, presence being the share of the step that a vehicle is
there:

    power = 0   or   power >= presence · min_power
    power = 0   or   power = presence · one of the rates, where the port lists some

both by k / n for a vehicle that uses k of the n phases of its port; and where the class lists some

    power = 0   or   power = presence · one of the rates of the class

by k / m for one that uses k of its own m phases.

With `uninterrupted` on, from the first step in which a vehicle charges to the last one, whatever it gives:

    charge >= presence · (min_power of the port, or 1 % of what class and port can where it has none)
"""

from __future__ import annotations

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Device, Spec
from evdsl.language.values import Const, ListValue
from evdsl.verifier.presence import PortTable, share_of_port
from evdsl.verifier.reading import StoredSchedule
from evdsl.verifier.tolerance import tolerance
from evdsl.verifier.violations import Findings

LEAST = 0.01
"""Of what a vehicle could charge, where `uninterrupted` is on and its port has no `min_power`."""


def check_levels(
    spec: Spec, data: Data, reading: StoredSchedule, ports: PortTable, findings: Findings
) -> None:
    """The levels of both flows, and the pauses between steps of charging."""
    least = np.array([block.number("min_power", 0.0) for block in ports.blocks] + [0.0])
    own, share = share_of_port(spec, data, reading.port, ports, reading.stays.vehicle)
    least = least[ports.block[reading.port]] * share
    if spec.on("min_power"):
        for verb, power in (("charges", reading.charge), ("discharges", reading.discharge)):
            _check_least(verb, power, least * reading.stays.presence, reading, findings)
            _check_rates(spec, verb, power, share, reading, ports, findings)
            _check_own_rates(spec, data, verb, power, own, reading, findings)
    if spec.on("uninterrupted"):
        most = data.vehicles.charge[reading.stays.vehicle] * own
        able = np.minimum(most, ports.charge[reading.port] * share)
        floor = np.where(least > 0, least, np.where(np.isfinite(able), LEAST * able, 0.0))
        _check_pauses(floor * reading.stays.presence, reading, ports, findings)


def _check_least(
    verb: str, power: FloatArray, least: FloatArray, reading: StoredSchedule, findings: Findings
) -> None:
    def describe(at: int, who: str, when: str) -> str:
        bound = f"{least[at]:.8g} kW is the least above zero"
        return f"{who} {verb} {power[at]:.8g} kW at {when}, and {bound} that it may"

    off, stays = np.minimum(power, least - power), reading.stays
    findings.beyond("min-power", "kW", off, tolerance(least), describe, stays.vehicle, stays.step)


def _check_rates(
    spec: Spec,
    verb: str,
    power: FloatArray,
    part: FloatArray,
    reading: StoredSchedule,
    ports: PortTable,
    findings: Findings,
) -> None:
    """Of a port that lists rates, one of them or nothing: how far the nearest is away."""
    stays, block = reading.stays, ports.block[reading.port]
    off, nearest = np.zeros(len(stays)), np.zeros(len(stays))
    for number, port in enumerate(ports.blocks):
        rates = rates_of(port)
        if not rates:
            continue
        mine = np.flatnonzero(block == number)
        levels = np.append(0.0, rates) * part[mine, None] * stays.presence[mine, None]
        distance = np.abs(power[mine, None] - levels)
        closest = distance.argmin(axis=1)[:, None]
        off[mine] = np.take_along_axis(distance, closest, axis=1)[:, 0]
        nearest[mine] = np.take_along_axis(levels, closest, axis=1)[:, 0]

    def describe(at: int, who: str, when: str) -> str:
        port, share = ports.blocks[block[at]], stays.presence[at]
        listed = ", ".join(f"{rate * part[at]:.8g}" for rate in rates_of(port))
        there = "" if share > 1 - 1e-9 else f" (there for {share * spec.step:.3g} h)"
        return f"{who} {verb} {power[at]:.8g} kW at {when}, and `{port.name}` lists {listed} kW{there}"

    findings.beyond("rates", "kW", off, tolerance(nearest), describe, stays.vehicle, stays.step)


def _check_own_rates(
    spec: Spec,
    data: Data,
    verb: str,
    power: FloatArray,
    part: FloatArray,
    reading: StoredSchedule,
    findings: Findings,
) -> None:
    """Of a class that lists rates, one of them or nothing."""
    stays, kind = reading.stays, data.vehicles.category[reading.stays.vehicle]
    off, size = np.zeros(len(stays)), np.zeros(len(stays))
    classes = spec.of_kind("class")
    names = [
        "discharge_rates" if verb == "discharges" and "discharge_rates" in category.given else "rates"
        for category in classes
    ]
    for number, category in enumerate(classes):
        given = category.numbers(names[number])
        for at in np.flatnonzero(kind == number) if given else ():
            levels = [0.0, *(rate * part[at] * stays.presence[at] for rate in given)]
            off[at] = min(abs(power[at] - level) for level in levels)
            size[at] = max(levels)

    def describe(at: int, who: str, when: str) -> str:
        category = classes[kind[at]]
        listed = ", ".join(f"{rate * part[at]:.8g}" for rate in category.numbers(names[kind[at]]))
        return f"{who} {verb} {power[at]:.8g} kW at {when}, and `class {category.name}` lists {listed} kW"

    findings.beyond("rates", "kW", off, tolerance(size), describe, stays.vehicle, stays.step)


def rates_of(port: Device) -> tuple[float, ...]:
    """The powers that a port lists, kW; none where it takes any."""
    value = port.get("rates")
    items = value.items if isinstance(value, ListValue) else (value,)
    return tuple(item.value for item in items if isinstance(item, Const))


def _check_pauses(floor: FloatArray, reading: StoredSchedule, ports: PortTable, findings: Findings) -> None:
    """From the first to the last step in which a vehicle charges it charges, and no less than the floor."""
    stays, charge, slack = reading.stays, reading.charge, tolerance(floor)
    place, vehicles = np.arange(len(stays)), len(stays.first) - 1
    charging = charge > slack
    first, last = np.full(vehicles, len(stays)), np.full(vehicles, -1)
    np.minimum.at(first, stays.vehicle[charging], place[charging])
    np.maximum.at(last, stays.vehicle[charging], place[charging])
    between = (place >= first[stays.vehicle]) & (place <= last[stays.vehicle])
    unplugged = (reading.port < 0) if ports.blocks else np.zeros(len(stays), dtype=bool)
    short = floor - charge
    wrong = between & (~(short <= slack) | (unplugged & ~charging))

    def describe(at: int, who: str, when: str) -> str:
        if not charging[at]:
            return f"{who} pauses at {when} and charges again later, and `uninterrupted` is on"
        bound = f"with `uninterrupted` on {floor[at]:.8g} kW is the least"
        return f"{who} charges {charge[at]:.8g} kW at {when}, and {bound}"

    size = np.maximum(short, 0.0)
    findings.where("uninterrupted", "kW", wrong, size, describe, stays.vehicle, stays.step)
