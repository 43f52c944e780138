"""The phases of a site: what hangs on which, and what a current is worth.

The linear model of charging networks: nominal voltage on every phase, power factor 1. With V the `voltage` of
the station (phase to neutral), a current I on each of n phases is a power of n · I · V.

What takes power says its `phases`, in order; without it, all three. A port may `rotate`: of its charge points
the first uses L1 L2 L3, the next L2 L3 L1, the next L3 L1 L2, and so on. A class may say how many `phases`
its vehicles use, m: on a port with n phases these are the first k = min(m, n), and a vehicle then takes at
most

    min(class charge · k / m, port power · k / n)

so that neither carries more on a phase than it may; `min_power` and `rates` of the port are taken by k / n as
well. A class that does not say takes what its port has (k = n, and the charge of the class as it is). What a
power is spread over carries the same on each: with share[i,φ] = 1/k on each phase that i uses, else 0,

    net[φ,t] = Σ_i share[i,φ] · (takes_i[t] - gives_i[t])                          kW at the site
    |net[φ,t]| <= phase_limit[t] · V                 of the `grid`, and of a `feeder` with what hangs on it
    |net[φ,t] - net[ψ,t]| <= unbalance_limit[t] · V  of the `grid`, for each pair of phases

A cohort is many vehicles as one number, and counts as balanced over three phases. The sum of the phases is
what the meter sees, so no cost depends on them.
"""

from __future__ import annotations

from math import inf

from evdsl.language.declaration import Setting, Shape
from evdsl.language.spec import Device, Spec
from evdsl.language.units import CURRENT
from evdsl.language.values import ListValue, TextValue

LABELS = ("L1", "L2", "L3")
ROTATE = "rotate"
NOMINAL = 0.23
"""kW for each ampere on a phase where the station does not say otherwise: 230 V."""
PAIRS = ((0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1))
"""Of two phases, the one that may carry so much more than the other."""

PHASES = Setting(
    "phases",
    Shape.PHASES,
    "the phases that it uses; without it, all three",
    example="[L1]",
)
PHASES_OF_PORTS = Setting(
    "phases",
    Shape.PHASES,
    "the phases that it uses, in order; `rotate` begins one further at each port; without it, L1, L2, L3",
    choices=(ROTATE,),
    example="[L1]",
)


def phase_limit(doc: str) -> Setting:
    """The limit of each phase of a connection or a cable."""
    return Setting("phase_limit", Shape.SERIES, doc, CURRENT, minimum=0.0, relaxed_by="more", example="63 A")


def phases_of(device: Device) -> tuple[int, ...]:
    """The phases that a block uses, from 0, in its order; of a port that rotates, those of the first."""
    value = device.get("phases")
    if not isinstance(value, ListValue):
        return (0, 1, 2)
    return tuple(LABELS.index(item.value) for item in value.items if isinstance(item, TextValue))


def rotates(port: Device) -> bool:
    """Whether each charge point of a port begins one phase further than the one before."""
    return port.choice("phases") == ROTATE


def phases_of_port(port: Device, number: int) -> tuple[int, ...]:
    """The phases of the charge point of that number, from 0."""
    turn = number % len(LABELS) if rotates(port) else 0
    return phases_of(port)[turn:] + phases_of(port)[:turn]


def used_of(category: Device, available: int) -> int:
    """How many phases a vehicle of a class uses of those that its port has."""
    return min(int(category.number("phases", float(available))), available)


def best_power(spec: Spec, category: Device, of_any_count: bool = False) -> float:
    """The largest power (kW) that a class takes at a port that it may use; 0 where it may use none, infinite
    where nothing bounds it. With `of_any_count` also at a block that has no port."""
    if not spec.of_kind("port"):
        return category.number("charge", inf)
    usable = _usable(spec, category, of_any_count)
    return max((_power_at(category, port) for port in usable), default=0.0)


def best_rate(spec: Spec, category: Device) -> float:
    """The largest entry of its `rates` (kW) that a class can be on at a port that it may use; 0 where it may
    use none, infinite where nothing bounds it. An entry is for all m phases of a class: on k, k / m of it."""
    if not spec.of_kind("port"):
        return category.number("charge", inf)
    usable = _usable(spec, category)
    return max((_power_at(category, port) / _part_at(category, port) for port in usable), default=0.0)


def _usable(spec: Spec, category: Device, of_any_count: bool = False) -> list[Device]:
    allowed = category.names("ports")
    there = (one for one in spec.of_kind("port") if of_any_count or one.port_count)
    return [one for one in there if not allowed or one.name in allowed]


def _power_at(category: Device, port: Device) -> float:
    count = len(phases_of(port))
    used = used_of(category, count)
    own = category.number("charge", inf) * used / category.number("phases", float(used))
    return min(own, port.number("power", 0.0) * used / count)


def _part_at(category: Device, port: Device) -> float:
    """The part of its phases that a class uses at a port; all where it does not say how many it has."""
    used = used_of(category, len(phases_of(port)))
    return used / category.number("phases", float(used))


def spread_of(device: Device) -> tuple[float, ...]:
    """The share of its power that a device has on each phase."""
    mine = phases_of(device)
    return tuple((phase in mine) / len(mine) for phase in range(len(LABELS)))


def voltage(spec: Spec) -> float:
    """What an ampere on one phase is worth, kW."""
    return spec.of_kind("station")[0].number("voltage", NOMINAL)


def counts_phases(spec: Spec) -> bool:
    """Whether anything is asked of single phases: else no row speaks of them."""
    asking = (*spec.of_kind("grid"), *spec.of_kind("feeder"))
    return any(d.get(name) is not None for d in asking for name in ("phase_limit", "unbalance_limit"))
