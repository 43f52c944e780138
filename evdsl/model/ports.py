"""Ports that no vehicle can tell apart are one group: who may use which, and where one is to be chosen."""

from __future__ import annotations

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.devices import series_key
from evdsl.language.devices.phases import counts_phases, phases_of, phases_of_port, used_of
from evdsl.language.devices.vehicle_class import listed_rates
from evdsl.language.requirement import distinguished_ports
from evdsl.language.site import PortGroup
from evdsl.language.spec import Device, Spec
from evdsl.language.tolerances import SAME_TIME
from evdsl.language.values import Const, ListValue
from evdsl.model.outages import outages_of


def has_one_port_a_stay(spec: Spec) -> bool:
    """Whether a port is given once for each whole stay; else it is decided at every step who has one."""
    return spec.on("hold_port") and not spec.on("queue")


def port_names(block: Device) -> tuple[str, ...]:
    """The name of each port of a block."""
    return tuple(f"{block.name}.{number + 1}" for number in range(block.port_count))


def groups_of(spec: Spec, whole: bool = False) -> tuple[tuple[PortGroup, ...], np.ndarray]:
    """Groups of ports that all classes see alike, and which class may use which; shape (classes, groups).

    Two kinds of port are alike if every class that may use one may use the other, and has the same
    powers, phases and losses on both, and if no requirement, no objective and no `count` over time tells them
    apart; in a model that is `whole`, each block is a group. Which phases they are counts where rows speak of
    them: ports that rotate are three groups then. Without `port` blocks there is one group without names:
    every vehicle brings its own.
    """
    classes = spec.of_kind("class")
    ports = spec.of_kind("port")
    outward, phased = spec.on("v2g"), counts_phases(spec)
    if not ports:
        own = PortGroup(True, (), np.inf, np.inf if outward else 0.0, 1.0)
        return (own,), np.ones((len(classes), 1), dtype=bool)
    merged: dict[tuple[object, ...], tuple[PortGroup, list[bool]]] = {}
    for port in ports:
        power, back = port.number("power"), port.number("discharge") if outward else 0.0
        feeder, least, rates = "".join(port.names("feeder")), _least(spec, port), _rates_of(spec, port)
        told = whole or port.name in distinguished_ports(spec.requirements, spec.terms)
        over_time = series_key(port) if not isinstance(port.get("count"), Const) else ""
        apart = port.name if told or over_time else ""
        signature: list[object] = [port.number("efficiency"), feeder, least, rates, apart]
        users: list[bool] = []
        for category in classes:
            may = not category.names("ports") or port.name in category.names("ports")
            most = category.number("charge", np.inf), category.number("discharge")
            used, size = np.array([used_of(category, len(phases_of(port)))]), len(phases_of(port))
            said = np.array([category.number("phases", np.nan)])
            seen = tuple(
                float(limited(np.array([one]), other, said, used, size)[0])
                for one, other in zip(most, (power, back), strict=True)
            )
            users.append(may)
            signature.append(seen if may else None)
        for names, phases in _wired(port, phased):
            key = (*signature, phases)
            most_in, most_out = power, back
            if key in merged:
                earlier, _ = merged[key]
                names = earlier.names + names
                most_in, most_out = max(power, earlier.charge), max(back, earlier.discharge)
            efficiency = port.number("efficiency")
            group = PortGroup(
                False, names, most_in, most_out, efficiency, feeder, least, rates, phases, over_time
            )
            merged[key] = group, users
    allowed = np.array([may for _, may in merged.values()], dtype=np.bool_).reshape(len(merged), len(classes))
    return tuple(group for group, _ in merged.values()), allowed.T


def _wired(port: Device, phased: bool) -> list[tuple[tuple[str, ...], tuple[int, ...]]]:
    """The ports of a block by the phases that they use; by their number alone where nothing asks for more."""
    names = port_names(port)
    if not phased:
        return [(names, tuple(range(len(phases_of(port)))))]
    found: dict[tuple[int, ...], tuple[str, ...]] = {}
    for number, name in enumerate(names):
        phases = phases_of_port(port, number)
        found[phases] = (*found.get(phases, ()), name)
    return [(mine, phases) for phases, mine in found.items()] or [((), phases_of_port(port, 0))]


def limited(most: FloatArray, power: float, own: FloatArray, used: IntArray, available: int) -> FloatArray:
    """What vehicles take of a port, kW, of whose phases they use some; `own` are those they have, or NaN."""
    return np.minimum(np.where(np.isnan(own), most, most * used / own), power * used / available)


def _least(spec: Spec, port: Device) -> float:
    """The least power above zero of a port, kW, as far as a toggle asks for it."""
    return port.number("min_power", 0.0) if spec.on("min_power") or spec.on("uninterrupted") else 0.0


def _rates_of(spec: Spec, port: Device) -> tuple[float, ...]:
    """The powers of a port that are allowed above zero, rising; none where all are."""
    value = port.get("rates")
    if not spec.on("min_power") or not isinstance(value, ListValue):
        return ()
    return tuple(sorted({item.value for item in value.items if isinstance(item, Const)}))


def own_rates(spec: Spec, flow: str) -> list[tuple[float, ...]]:
    """By class the powers above zero that its vehicles take in a flow, kW; none where they take any."""
    if not spec.on("min_power"):
        return [() for _ in spec.of_kind("class")]
    return [tuple(sorted(set(listed_rates(category, flow)))) for category in spec.of_kind("class")]


def rates_on(data: Data, group: PortGroup) -> tuple[FloatArray, FloatArray]:
    """What each vehicle could charge and discharge on a port of a group, kW."""
    vehicles, used = data.vehicles, phases_used(data, group)
    has_battery, size = ~np.isnan(vehicles.battery), len(group.phases)
    charge = limited(vehicles.charge, group.charge, vehicles.phases, used, size)
    discharge = limited(vehicles.discharge, group.discharge, vehicles.phases, used, size)
    return charge, np.where(has_battery, discharge, 0.0)


def phases_used(data: Data, group: PortGroup) -> IntArray:
    """How many phases each vehicle uses at a port of a group."""
    return np.fmin(data.vehicles.phases, len(group.phases)).astype(np.int64)


def eligible(
    spec: Spec, data: Data, groups: tuple[PortGroup, ...], allowed: np.ndarray, whole: bool = False
) -> np.ndarray:
    """Which vehicle may use which group; shape (vehicles, groups).

    A group that another one beats in everything is left out for a vehicle where the better group has a
    port for everyone at every instant: an exchange of seats never makes a schedule worse then, unless a
    requirement or an objective speaks of ports. In a model that is `whole` none is left out: rows may be
    added that speak of ports.
    """
    may = allowed[data.vehicles.category] if len(data.vehicles) else np.zeros((0, len(groups)), dtype=bool)
    present = data.vehicles.end > data.vehicles.begin + SAME_TIME
    there = np.array([group.own or bool(group.names) for group in groups], dtype=np.bool_)
    may = may & present[:, None] & there
    if whole or len(groups) < 2 or distinguished_ports(spec.requirements, spec.terms):
        return may
    rates = [rates_on(data, group) for group in groups]
    free = [
        depth <= len(group.names) for depth, group in zip(_depths(data, groups, may), groups, strict=True)
    ]
    for better in (g for g in range(len(groups)) if free[g]):
        for worse in range(len(groups)):
            if worse == better or not _may_replace(groups[better], groups[worse]):
                continue
            beats = (rates[better][0] >= rates[worse][0]) & (rates[better][1] >= rates[worse][1])
            equal = (rates[better][0] == rates[worse][0]) & (rates[better][1] == rates[worse][1])
            tie = equal & (groups[better].efficiency == groups[worse].efficiency) & (worse < better)
            drop = may[:, better] & may[:, worse] & beats & ~(tie & free[worse])
            may[:, worse] &= ~drop
    return may


def _may_replace(better: PortGroup, worse: PortGroup) -> bool:
    """Whether what is done on a port of one group could be done on one of the other, power aside."""
    same = (better.feeder, better.least, better.rates, better.phases) == (
        worse.feeder,
        worse.least,
        worse.rates,
        worse.phases,
    )
    # More losses are not always worse: where the price is below zero they are paid for.
    return same and better.efficiency == worse.efficiency


def _depths(data: Data, groups: tuple[PortGroup, ...], may: np.ndarray) -> list[int]:
    """Of each group the most of its ports that could be asked for at one instant, outages among them."""
    outages, vehicles = outages_of(data, groups), data.vehicles
    found: list[int] = []
    for number in range(len(groups)):
        out, who = outages.group == number, may[:, number]
        begin = np.append(vehicles.begin[who], outages.begin[out])
        end = np.append(vehicles.end[who], outages.end[out])
        found.append(_deepest(begin, end) if who.any() else 0)
    return found


def _deepest(begin: FloatArray, end: FloatArray) -> int:
    """The largest number of intervals that are there at one instant."""
    if not len(begin):
        return 0
    order = np.sort(begin)
    return int(
        (
            np.searchsorted(order, order + SAME_TIME, "right")
            - np.searchsorted(np.sort(end), order + SAME_TIME, "right")
        ).max()
    )


def gated_of(spec: Spec, data: Data, groups: tuple[PortGroup, ...], may: np.ndarray) -> np.ndarray:
    """Vehicles whose port is to be chosen: of several groups, or where there are too few."""
    several: np.ndarray = may.sum(axis=1) > 1
    if not spec.of_kind("port"):
        return several
    for index, depth in enumerate(_depths(data, groups, may)):
        if depth > len(groups[index].names):
            several = several | may[:, index]
    return several
