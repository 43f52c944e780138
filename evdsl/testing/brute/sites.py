"""Tiny sites as plain numbers, and how they read as text.

A `TinySite` has a few vehicles, steps and ports that list their `rates`: every power is one of a few, so that
all schedules can be written out (`evdsl.testing.brute.search`).
"""

from __future__ import annotations

from dataclasses import dataclass

Series = tuple[float, ...]
"""One number for each step."""


@dataclass(frozen=True, slots=True)
class TinyPorts:
    """A block of ports: how many, powers in kW, losses between them and the site, on the feeder or not.

    `phases` are numbers from 1 in their order; none where it names none and has all three.
    """

    count: int
    power: float
    rates: tuple[float, ...]
    discharge: float
    efficiency: float
    on_feeder: bool
    phases: tuple[int, ...] = ()
    in_order: Series = ()
    """How many of them are in order in each step; none where all are."""


@dataclass(frozen=True, slots=True)
class TinyTrip:
    """An absence from `leaves` to `back`, minutes after midnight, with what it uses, kWh.

    No step has a part of both stays.
    """

    leaves: int
    back: int
    used: float


@dataclass(frozen=True, slots=True)
class TinyVehicle:
    """A vehicle and its class. Times are minutes after midnight, shares 0..1; `battery` 0 is none.

    It asks for `energy` (kWh at the port), or where that is `None` for `target`, a share of its battery.
    """

    arrival: int
    departure: int
    charge: float
    discharge: float
    battery: float
    soc: tuple[float, float]
    efficiency: tuple[float, float]
    comes_with: float | None
    target: float
    energy: float | None
    priority: float
    wear: float
    end_value: float
    blocks: tuple[int, ...]
    """The blocks of ports that it may use."""
    tariff: float = 0.0
    reward: float = 0.0
    pays_net: bool = False
    up_to_target: bool = False
    phases: int | None = None
    taper: tuple[tuple[float, float], ...] = ()
    """States of charge (shares, from 0 to 1) with the most power (kW) there; falling ever faster."""
    trip: TinyTrip | None = None
    widens: bool = False
    """Whether it may come with a state of charge outside of `soc`."""
    elsewhere: float | None = None
    """What a kWh costs on the road, EUR."""
    rates: tuple[float, ...] = ()
    discharge_rates: tuple[float, ...] = ()
    """What its class lists, kW; none where it takes what the ports list."""


@dataclass(frozen=True, slots=True)
class TinyMeter:
    """A demand charge in EUR/kW. `interval` and the ends of its `window` are minutes; `None` is not given."""

    price: float
    interval: int | None
    window: tuple[int, int] | None
    reached: float
    on_feeder: bool


@dataclass(frozen=True, slots=True)
class TinyEvent:
    """A call between two minutes of the day; with `reduce` its `limit` is none. Prices are EUR/kWh."""

    first: int
    last: int
    limit: float
    reduce: float | None
    baseline: Series
    reward: float
    penalty: float | None
    on_feeder: bool


@dataclass(frozen=True, slots=True)
class TinyStage:
    """`minimize Σ weight · word`; a weight below zero is of a word that is better large."""

    weights: tuple[tuple[str, float], ...]
    allowing: float


@dataclass(frozen=True, slots=True)
class TinySite:
    """A whole problem. Prices are EUR/kWh, `carbon` kg/kWh, powers kW, limits of phases A at 250 V; `None` is
    not given."""

    steps: int
    minutes: int
    rounding: str
    vehicles: tuple[TinyVehicle, ...]
    ports: tuple[TinyPorts, ...]
    price: Series
    feed_in: Series | None
    carbon: Series
    import_limit: Series | None
    export_limit: float | None
    demand_charge: float
    load: Series | None
    load_on_feeder: bool
    feeder_limit: float | None
    solar: Series | None
    on: frozenset[str]
    """The toggles that are on, of all."""
    stages: tuple[TinyStage, ...]
    meters: tuple[TinyMeter, ...] = ()
    by_day: bool = False
    """Whether all is said of days: the site is on a Tuesday, and what other days say is something else."""
    phase_limit: float | None = None
    unbalance_limit: float | None = None
    feeder_phase_limit: float | None = None
    load_phases: tuple[int, ...] = ()
    events: tuple[TinyEvent, ...] = ()

    @property
    def text(self) -> str:
        """The site in the language."""
        length = self.steps * self.minutes
        lines = [
            "station tiny {",
            "  start = 2024-03-12",
            f"  horizon = {length} min",
            f"  step = {self.minutes} min",
            f"  rounding = {self.rounding}",
            *([f"  voltage = {VOLTS} V"] if self.counts_phases else []),
            "}",
            "grid {",
            f"  price = {self._over_time(self.price, 'EUR/kWh')}",
            f"  carbon = {self._over_time(self.carbon, 'kg/kWh')}",
        ]
        if self.feed_in is not None:
            lines.append(f"  feed_in = {self._over_time(self.feed_in, 'EUR/kWh')}")
        if self.import_limit is not None:
            lines.append(f"  import_limit = {self._over_time(self.import_limit, 'kW')}")
        if self.export_limit is not None:
            lines.append(f"  export_limit = {_plain(self.export_limit)} kW")
        if self.demand_charge:
            lines.append(f"  demand_charge = {_plain(self.demand_charge)} EUR/kW")
        for name, limit in (("phase_limit", self.phase_limit), ("unbalance_limit", self.unbalance_limit)):
            lines += [f"  {name} = {_plain(limit)} A"] if limit is not None else []
        lines.append("}")
        if self.feeder_limit is not None:
            lines += ["feeder cable {", f"  limit = {_plain(self.feeder_limit)} kW"]
            most = self.feeder_phase_limit
            lines += [*([f"  phase_limit = {_plain(most)} A"] if most is not None else []), "}"]
        if self.load is not None:
            hangs = ["  feeder = cable"] if self.load_on_feeder else []
            hangs += _phases(self.load_phases)
            lines += ["load house {", f"  power = {self._over_time(self.load, 'kW')}", *hangs, "}"]
        if self.solar is not None:
            lines += ["solar roof {", f"  power = {self._over_time(self.solar, 'kW')}", "}"]
        for number, meter in enumerate(self.meters):
            lines += _meter(number, meter, self.by_day)
        for number, event in enumerate(self.events):
            lines += self._event(number, event)
        for number, ports in enumerate(self.ports):
            in_order = self._over_time(ports.in_order, "") if ports.in_order else str(ports.count)
            lines += _ports(number, ports, in_order)
        for number, vehicle in enumerate(self.vehicles):
            lines += _vehicle(number, vehicle, self.by_day)
        lines += [f"{'enable' if name in self.on else 'disable'} {name}" for name in TOGGLES]
        for place, stage in enumerate(self.stages):
            lines.append(_stage(stage, place > 0))
        return "\n".join(lines) + "\n"

    @property
    def counts_phases(self) -> bool:
        """Whether a limit of single phases is given."""
        limits = (self.phase_limit, self.unbalance_limit, self.feeder_phase_limit)
        return any(limit is not None for limit in limits)

    def _event(self, number: int, event: TinyEvent) -> list[str]:
        asked = ("limit", event.limit) if event.reduce is None else ("reduce", event.reduce)
        return [
            f"event e{number} {{",
            f"  from = {_clock(event.first)}",
            f"  to = {_clock(event.last)}",
            f"  {asked[0]} = {_plain(asked[1])} kW",
            f"  baseline = {self._over_time(event.baseline, 'kW')}",
            f"  reward = {_plain(event.reward)} EUR/kWh",
            *([f"  penalty = {_plain(event.penalty)} EUR/kWh"] if event.penalty is not None else []),
            *(["  days = mon .. wed"] if self.by_day else []),
            *(["  feeder = cable"] if event.on_feeder else []),
            "}",
        ]

    def _over_time(self, values: Series, unit: str) -> str:
        found = f"{_plain(values[0])} {unit}".rstrip()
        if len(set(values)) > 1:
            entries = (
                f"{_clock(at * self.minutes)}: {_plain(one)} {unit}".rstrip() for at, one in enumerate(values)
            )
            found = f"{{ {', '.join(entries)} }}"
        if not self.by_day:
            return found
        other = f"{_plain(values[0] + 1)} {unit}".rstrip()
        if len(values) % 2:
            return f"{{ apr .. feb: {other}, mar: {{ all: {other}, [sun .. tue]: {found}, wed: {other} }} }}"
        return f"{{ mon .. fri: {other}, 2024-03-11 .. 2024-03-12: {found}, all: {other} }}"


TOGGLES = (
    "v2g",
    "partial_charging",
    "exclusive",
    "import_or_export",
    "hold_port",
    "queue",
    "min_power",
    "uninterrupted",
    "curtailment",
)

UNITS = {
    "cost": "",
    "energy_cost": "",
    "demand_cost": "",
    "unmet": "EUR/kWh",
    "dissatisfaction": "EUR/kWh",
    "peak": "EUR/kW",
    "export_peak": "EUR/kW",
    "co2": "EUR/kg",
    "delay": "EUR/kWh/h",
    "waiting_time": "EUR/h",
    "discharged": "EUR/kWh",
    "fairness": "EUR",
    "fairness_gap": "EUR",
    "revenue": "",
    "elsewhere_cost": "",
}
"""The words that are drawn, with what one of their unit is weighed in."""


VOLTS = 250
"""12 A are 3 kW."""


def _phases(some: tuple[int, ...]) -> list[str]:
    return [f"  phases = [{', '.join(f'L{one}' for one in some)}]"] if some else []


def _plain(value: float) -> str:
    return f"{value:.12f}".rstrip("0").rstrip(".")


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _meter(number: int, meter: TinyMeter, by_day: bool) -> list[str]:
    lines = [f"demand_charge m{number} {{", f"  price = {_plain(meter.price)} EUR/kW"]
    if meter.interval is not None:
        lines.append(f"  interval = {meter.interval} min")
    if meter.window is not None:
        lines.append(f"  window = {_clock(meter.window[0])} .. {_clock(meter.window[1])}")
    if by_day:
        lines.append("  days = fri .. tue")
    if meter.reached:
        lines.append(f"  reached = {_plain(meter.reached)} kW")
    return [*lines, *(["  feeder = cable"] if meter.on_feeder else []), "}"]


def _ports(number: int, ports: TinyPorts, count: str) -> list[str]:
    rates = ", ".join(f"{_plain(rate)} kW" for rate in ports.rates)
    return [
        f"port ac{number} {{",
        f"  count = {count}",
        f"  power = {_plain(ports.power)} kW",
        f"  discharge = {_plain(ports.discharge)} kW",
        f"  efficiency = {_plain(ports.efficiency)}",
        f"  rates = [{rates}]",
        *(["  feeder = cable"] if ports.on_feeder else []),
        *_phases(ports.phases),
        "}",
    ]


def _vehicle(number: int, vehicle: TinyVehicle, by_day: bool) -> list[str]:
    lines = [
        f"class kind{number} {{",
        f"  charge = {_plain(vehicle.charge)} kW",
        f"  discharge = {_plain(vehicle.discharge)} kW",
        f"  charge_efficiency = {_plain(vehicle.efficiency[0])}",
        f"  discharge_efficiency = {_plain(vehicle.efficiency[1])}",
        f"  wear = {_plain(vehicle.wear)} EUR/kWh",
        f"  tariff = {_plain(vehicle.tariff)} EUR/kWh",
        f"  v2g_reward = {_plain(vehicle.reward)} EUR/kWh",
        f"  billing = {'net' if vehicle.pays_net else 'gross'}",
        f"  up_to = {'target' if vehicle.up_to_target else 'full'}",
        f"  ports = [{', '.join(f'ac{block}' for block in vehicle.blocks)}]",
    ]
    for name, rates in (("rates", vehicle.rates), ("discharge_rates", vehicle.discharge_rates)):
        lines += [f"  {name} = [{', '.join(f'{_plain(rate)} kW' for rate in rates)}]"] if rates else []
    lines += [f"  phases = {vehicle.phases}"] if vehicle.phases is not None else []
    if vehicle.battery:
        low, high = vehicle.soc
        lines += [f"  battery = {_plain(vehicle.battery)} kWh", f"  soc = {_plain(low)} .. {_plain(high)}"]
        if vehicle.taper:
            curve = ", ".join(f"{_plain(100 * at)} %: {_plain(power)} kW" for at, power in vehicle.taper)
            lines += [f"  taper = {{ {curve} }}"]
        lines += [f"  end_value = {_plain(vehicle.end_value)} EUR/kWh"]
        lines += ["  outside = widen"] if vehicle.widens else []
    if vehicle.elsewhere is not None:
        lines.append(f"  elsewhere = {_plain(vehicle.elsewhere)} EUR/kWh")
    lines += ["}", f"vehicle v{number} of kind{number} {{", f"  arrival = {_clock(vehicle.arrival)}"]
    lines += [f"  departure = {_clock(vehicle.departure)}", f"  priority = {_plain(vehicle.priority)}"]
    if by_day:
        lines.append("  days = [tue, 2024-03-20]")
    if vehicle.comes_with is not None:
        lines.append(f"  soc_arrival = {_plain(vehicle.comes_with)}")
    if vehicle.energy is None:
        lines.append(f"  soc_target = {_plain(vehicle.target)}")
    else:
        lines.append(f"  energy = {_plain(vehicle.energy)} kWh")
    lines.append("}")
    if vehicle.trip is not None:
        lines += [
            f"trip t{number} of v{number} {{",
            f"  departure = {_clock(vehicle.trip.leaves)}",
            f"  arrival = {_clock(vehicle.trip.back)}",
            f"  used = {_plain(vehicle.trip.used)} kWh",
            *(["  days = mon .. wed"] if by_day else []),
            "}",
        ]
    return lines


def _stage(stage: TinyStage, then: bool) -> str:
    word, weight = stage.weights[0]
    if len(stage.weights) == 1 and abs(weight) == 1:
        said = f"{'minimize' if weight > 0 else 'maximize'} {word}"
    else:
        said = "minimize " + " + ".join(
            f"({_plain(weight)} {UNITS[word]}".rstrip() + f") * {word}" for word, weight in stage.weights
        )
    allowing = f" allowing {_plain(100 * stage.allowing)} %" if stage.allowing else ""
    return ("then " if then else "") + said + allowing
