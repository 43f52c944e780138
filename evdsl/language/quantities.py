"""The quantities of single vehicles and steps that a requirement, a let or an objective may speak of.

| | over | |
|---|---|---|
| `charge`, `discharge` | vehicle, step | kW at the port, mean over the step; 0 while the vehicle is away |
| `energy` | vehicle, step | kWh in the battery when the step begins; only while it is there |
| `soc` | vehicle, step | `energy` over `battery`; only while it is there |
| `energy[v, departure]`, `soc` | vehicle | as it leaves for good, or the horizon ends |
| `import`, `export` | step | kW at the connection |
| `unmet` | vehicle | kWh asked for and not delivered |
| `delivered` | vehicle | kWh at the port, less what was given back |
| `price`, `feed_in`, `carbon` | step | of the grid |
| `revenue` | vehicle | money: what its driver pays less what is paid back, as the word counts it |
| `wear` | vehicle | money: what the wear of its battery costs |
| `energy_cost`, `export_revenue` | vehicle | money: its share of those words; in a `let` alone |
| `tariff`, `v2g_reward` | vehicle, step | of its class, for a kWh; 0 where the class has none |
| `need`, `battery` | vehicle | kWh asked for, and that the battery holds |
| `priority` | vehicle | a number |
| `NAME.power` | step | kW that `solar`, `wind` give, `load`, `storage`, `cohort` take, a `feeder` carries |
| `NAME.available` | step | kW that `solar` or `wind` could give |
| `NAME.charge`, `NAME.discharge` | step | kW of a storage, at the site |
| `NAME.waiting` | step | vehicles of a `cohort` in need when the step begins |
| `NAME.energy`, `NAME.soc` | step | of a storage, when the step begins |
| `NAME.energy_end` | | kWh in a storage when the horizon ends |
| `NAME.capacity` | | kWh: of a `storage`, as it is given or chosen |
| `NAME.peak`, `NAME.limit` | | kW: of `solar` and `wind`, of a `feeder`, alike |
| `NAME.power_rating` | | kW: the `power` of a storage; `charge_rating`, `discharge_rating` of each way |
| `NAME.energy_cost` | | money: the share of a `load`, `storage` or `cohort`; in a `let` alone |
| `NAME.export_revenue` | | money: the share of `solar`, `wind` or a `storage`; in a `let` alone |

What the connection costs in a step is shared by what each takes in it, at the site, and what it earns by what
each gives (Δ in hours, η the efficiency of the port):

    energy_cost[i]    = Σ_t Δ price[t] import[t] takes[i,t] / Σ_j takes[j,t]       takes: charge / η
    export_revenue[i] = Σ_t Δ feed_in[t] export[t] gives[i,t] / Σ_j gives[j,t]     gives: discharge · η

Vehicles, loads, storages and cohorts take, vehicles, storages, sun and wind give: their shares add up to the
words. A negative price is shared alike, and what one gives another inside the site is not paid.

A vehicle is a variable (`for v in vehicles`), the name of a `vehicle`, one of a fleet by its number,
`vans[3]`, or one of a file by its `id`, `log["1_1_194"]`. The name of a fleet or class is the sum of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from evdsl.language.declaration import Curve
from evdsl.language.units import ENERGY, MASS_PER_ENERGY, MONEY, MONEY_PER_ENERGY, NUMBER, POWER, Dimension


@dataclass(frozen=True, slots=True)
class QuantityDeclaration:
    """A quantity: what stands in its brackets (`vehicle`, `step`), and what may be said of it.

    `adds` where a set of vehicles stands for a sum over them; `needs_battery` where it has no meaning
    without one; `of_ports` where a block of ports has its own share; `negative` where it may lie below 0.
    `written` is how it is written where that is another name, with a word in its brackets.
    `shared` where it is a share of what the connection costs or earns: a quotient of decisions, which reports
    tell and no linear problem holds. `size` where it is a setting that may be chosen: one number for the
    whole horizon.
    """

    name: str
    dimension: Dimension
    over: tuple[str, ...]
    decided: bool = True
    curve: Curve = Curve.LINEAR
    adds: bool = True
    needs_battery: bool = False
    of_ports: bool = False
    negative: bool = False
    written: str = ""
    shared: bool = False
    size: bool = False

    def usage(self, owner: str = "") -> str:
        """How it is written: `charge[v, t]`."""
        if self.written:
            return self.written
        letters = ", ".join("v" if kind == "vehicle" else "t" for kind in self.over)
        name = f"{owner}.{self.name}" if owner else self.name
        return f"{name}[{letters}]" if letters else name


BOTH, VEHICLE, STEP = ("vehicle", "step"), ("vehicle",), ("step",)

QUANTITIES: dict[str, QuantityDeclaration] = {
    declared.name: declared
    for declared in (
        QuantityDeclaration("charge", POWER, BOTH, of_ports=True),
        QuantityDeclaration("discharge", POWER, BOTH, of_ports=True),
        QuantityDeclaration("energy", ENERGY, BOTH, needs_battery=True),
        QuantityDeclaration("soc", NUMBER, BOTH, adds=False, needs_battery=True),
        QuantityDeclaration("import", POWER, STEP),
        QuantityDeclaration("export", POWER, STEP),
        QuantityDeclaration("unmet", ENERGY, VEHICLE, curve=Curve.CONVEX),
        QuantityDeclaration("delivered", ENERGY, VEHICLE, of_ports=True, negative=True),
        QuantityDeclaration("revenue", MONEY, VEHICLE, of_ports=True, negative=True),
        QuantityDeclaration("wear", MONEY, VEHICLE, of_ports=True),
        QuantityDeclaration("energy_cost", MONEY, VEHICLE, of_ports=True, negative=True, shared=True),
        QuantityDeclaration("export_revenue", MONEY, VEHICLE, of_ports=True, negative=True, shared=True),
        QuantityDeclaration("tariff", MONEY_PER_ENERGY, BOTH, decided=False, adds=False, negative=True),
        QuantityDeclaration("v2g_reward", MONEY_PER_ENERGY, BOTH, decided=False, adds=False, negative=True),
        QuantityDeclaration("price", MONEY_PER_ENERGY, STEP, decided=False, negative=True),
        QuantityDeclaration("feed_in", MONEY_PER_ENERGY, STEP, decided=False, negative=True),
        QuantityDeclaration("carbon", MASS_PER_ENERGY, STEP, decided=False, negative=True),
        QuantityDeclaration("need", ENERGY, VEHICLE, decided=False),
        QuantityDeclaration("battery", ENERGY, VEHICLE, decided=False, needs_battery=True),
        QuantityDeclaration("priority", NUMBER, VEHICLE, decided=False, adds=False),
    )
}

DEPARTURE = "departure"
"""What stands in the place of a step where the state of a battery is asked for as its vehicle leaves."""
AT_DEPARTURE: dict[str, QuantityDeclaration] = {
    "energy": QuantityDeclaration(
        "energy_departure", ENERGY, VEHICLE, needs_battery=True, written=f"energy[v, {DEPARTURE}]"
    ),
    "soc": QuantityDeclaration(
        "soc_departure", NUMBER, VEHICLE, adds=False, needs_battery=True, written=f"soc[v, {DEPARTURE}]"
    ),
}
"""By quantity what it is of a vehicle that leaves for good: at the end of its last stay."""
DECLARED = QUANTITIES | {declared.name: declared for declared in AT_DEPARTURE.values()}
"""Every quantity that no device owns, by its name in a spec that is resolved."""
STATES = frozenset(["energy", "soc", *(declared.name for declared in AT_DEPARTURE.values())])
"""Those that speak of what is in the battery of a vehicle."""

SHARED_BY: dict[str, str] = {"energy_cost": "price", "export_revenue": "feed_in"}
"""Shares, with the price of the `grid` that is shared."""

OF_GRID = ("price", "feed_in", "carbon")
"""Those that the `grid` gives, as settings."""

_POWER = QuantityDeclaration("power", POWER, STEP)
_AVAILABLE = QuantityDeclaration("available", POWER, STEP, decided=False)
_PAYS = QuantityDeclaration("energy_cost", MONEY, (), negative=True, shared=True)
_EARNS = QuantityDeclaration("export_revenue", MONEY, (), negative=True, shared=True)
RATING_NAMES = {"power": "power_rating", "charge": "charge_rating", "discharge": "discharge_rating"}
"""How the largest power of a storage is called where its flow has the name of the setting."""
_CAPACITY = QuantityDeclaration("capacity", ENERGY, (), size=True)
_PEAK = QuantityDeclaration("peak", POWER, (), size=True)
OF_DEVICES: dict[str, dict[str, QuantityDeclaration]] = {
    "solar": {"power": _POWER, "available": _AVAILABLE, "export_revenue": _EARNS, "peak": _PEAK},
    "wind": {"power": _POWER, "available": _AVAILABLE, "export_revenue": _EARNS, "peak": _PEAK},
    "load": {"power": QuantityDeclaration("power", POWER, STEP, decided=False), "energy_cost": _PAYS},
    "cohort": {
        "power": _POWER,
        "waiting": QuantityDeclaration("waiting", NUMBER, STEP),
        "energy_cost": _PAYS,
    },
    "feeder": {
        "power": QuantityDeclaration("power", POWER, STEP, negative=True),
        "limit": QuantityDeclaration("limit", POWER, (), size=True),
    },
    "storage": {
        "power": QuantityDeclaration("power", POWER, STEP, negative=True),
        "charge": QuantityDeclaration("charge", POWER, STEP),
        "discharge": QuantityDeclaration("discharge", POWER, STEP),
        "energy": QuantityDeclaration("energy", ENERGY, STEP),
        "soc": QuantityDeclaration("soc", NUMBER, STEP),
        "energy_end": QuantityDeclaration("energy_end", ENERGY, ()),
        "energy_cost": _PAYS,
        "export_revenue": _EARNS,
        "capacity": _CAPACITY,
        **{name: QuantityDeclaration(name, POWER, (), size=True) for name in RATING_NAMES.values()},
    },
}
"""Those of a device, by its kind; `NAME[t]` is `NAME.power[t]`."""


def quantity_of_size(setting: str) -> str:
    """How requirements and objectives call the size that a setting of a device gives."""
    return RATING_NAMES.get(setting, setting)


def setting_of_size(quantity: str) -> str:
    """The setting of a size by the name of its quantity."""
    return next((setting for setting, name in RATING_NAMES.items() if name == quantity), quantity)
