"""By how much the limits of single phases are missed, in exact fractions, and what a vehicle has of them.

Of the n phases of its port, in their order, a vehicle uses the first k, as many as its class says (m) or all:

    its power is at most k / m of that of its class, and k / n of that of the port, of its levels too
    |Σ takes - gives on a phase| <= phase_limit · V,   of two phases no further apart than unbalance_limit · V

What has k phases takes 1/k on each; a cohort, and what names none, has all three.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from evdsl.language.spec import Device
from evdsl.language.values import ListValue, TextValue
from evdsl.testing.exact.reading import ZERO, Exact, Miss, efficiency, setting

ALL = ("L1", "L2", "L3")


def named(device: Device | None, turn: int = 0) -> tuple[str, ...]:
    """The phases of a block in their order; of a port that rotates, those of the one of that number."""
    value = None if device is None else device.get("phases")
    if isinstance(value, ListValue):
        return tuple(one.value for one in value.items if isinstance(one, TextValue))
    if isinstance(value, TextValue):
        return tuple(ALL[(place + turn) % 3] for place in range(3))
    return ALL


def phases_held(of: Exact, vehicle: int, step: int) -> tuple[str, ...]:
    """The phases that a vehicle uses of the port that it holds, or of its own."""
    port, block = of.port[vehicle][step], of.block(vehicle, step)
    before = 0 if block is None else of.blocks.index(block)  # of one block the ports follow each other
    has = named(block, port - before)
    category = of.category(vehicle)
    return has if category.get("phases") is None else has[: int(category.number("phases"))]


def parts(of: Exact, vehicle: int, step: int) -> tuple[Fraction, Fraction]:
    """The share of the power of its class, and of its port, that the phases let a vehicle have."""
    used, category = len(phases_held(of, vehicle, step)), of.category(vehicle)
    own = Fraction(used) / setting(category, "phases", float(used))
    return own, Fraction(used, len(named(of.block(vehicle, step))))


def phase_rules(of: Exact) -> Iterator[Miss]:
    """The limits of the connection and of each feeder."""
    volts = setting(of.spec.of_kind("station")[0], "voltage", 0.23)
    for node in (*of.spec.of_kind("grid"), *of.spec.of_kind("feeder")):
        block = "grid" if node.kind == "grid" else node.name
        limit, apart = of.series(block, "phase_limit"), of.series(block, "unbalance_limit")
        for step in of.steps if limit or apart else ():
            net, place = _net(of, node, step), f"{block}, {of.local(step)}"
            if limit is not None:
                for phase in ALL:
                    most = volts * limit[step]
                    yield Miss("phase limit", f"{place}, {phase}", abs(net[phase]) - most, most)
            if apart is not None:
                most = volts * apart[step]
                far = max(net.values()) - min(net.values())
                yield Miss("unbalance", place, far - most, max(most, *map(abs, net.values())))


def _net(of: Exact, node: Device, step: int) -> dict[str, Fraction]:
    """What each phase carries into a node, kW."""
    net = dict.fromkeys(ALL, ZERO)
    for vehicle in of.vehicles:
        block = of.block(vehicle, step)
        if _hangs(of, block, node):
            kept, mine = efficiency(block), phases_held(of, vehicle, step)
            power = of.charge[vehicle][step] / kept - of.discharge[vehicle][step] * kept
            for phase in mine:
                net[phase] += power / len(mine)
    for kind in ("load", "cohort", "storage", "solar", "wind"):
        for device in of.spec.of_kind(kind):
            if _hangs(of, device, node):
                mine = ALL if kind == "cohort" else named(device)
                power = of.of(device.name)[step] * (-1 if kind in ("solar", "wind") else 1)
                for phase in mine:
                    net[phase] += power / len(mine)
    return net


def _hangs(of: Exact, device: Device | None, node: Device) -> bool:
    """Whether something hangs on a node, or on a feeder below it."""
    above = "" if device is None else "".join(device.names("feeder"))
    path = [""]
    while above:
        path.append(above)
        above = "".join(of.spec.named("feeder", above).names("feeder"))
    return ("" if node.kind == "grid" else node.name) in path
