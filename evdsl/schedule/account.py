"""Who pays what of a schedule: the money and the emissions of the connection, shared among who uses it.

In each step t the import is paid by those that take power in it, in proportion to what each takes, and the
export earns for those that give power in it, in proportion to what each gives; at the site, kW:

    energy_cost[i]    = Σ_t Δ price[t] import[t] · taken[i,t] / Σ_j taken[j,t]
    export_revenue[i] = Σ_t Δ feed_in[t] export[t] · given[i,t] / Σ_j given[j,t]

and emissions alike, by `carbon` and `export_carbon`. Vehicles, cohorts, loads and storages take; vehicles
that discharge, sun, wind and storages give. So where half of a step's power comes from the roof, a kWh taken
in it costs half the price; what one gives another on the site changes hands for nothing.

Wear, what is charged on the road, what a storage begins with, what is left in a battery and what drivers pay
are known for each on its own. A demand charge is not: which power made the peak is a matter of view, and it
is left to be named apart. Nor is the money of calls (`event`): nobody knows who would have drawn what without
them. The shares add up to the words of the whole schedule, `demand_cost` and the money of calls aside; what
is imported or exported while nobody takes or gives is the connection's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.spec import Spec

if TYPE_CHECKING:
    import xarray as xr

CONNECTION = "connection"
"""The kind of the party that has what nobody takes or gives; no device has that name of a kind."""


@dataclass(frozen=True, slots=True)
class Money:
    """What one party has of each word: money, and `co2` in kg; `taken` and `given` are kWh at the site."""

    taken: float = 0.0
    given: float = 0.0
    energy_cost: float = 0.0
    export_revenue: float = 0.0
    wear: float = 0.0
    end_value: float = 0.0
    elsewhere_cost: float = 0.0
    revenue: float = 0.0
    co2: float = 0.0
    initial_cost: float = 0.0

    @property
    def cost(self) -> float:
        """Its share of `cost`, without that of any demand charge or call."""
        paid = self.energy_cost + self.wear + self.elsewhere_cost + self.initial_cost
        return paid - self.export_revenue - self.end_value


@dataclass(frozen=True, slots=True)
class Party:
    """Who has a share: a vehicle by its position, or a device; `kind` is `vehicle`, or its keyword."""

    name: str
    kind: str
    money: Money
    vehicle: int = -1


@dataclass(frozen=True, slots=True)
class StepRates:
    """What a kWh of each step comes to, shape (steps,): `paid` and `caused` (kg) for one that is taken at the
    site, `earned` and `spared` for one that is given."""

    paid: FloatArray
    earned: FloatArray
    caused: FloatArray
    spared: FloatArray


@dataclass(frozen=True, slots=True)
class VisitPowers:
    """What vehicles take and give, one entry a visit, kW: at their ports, and at the site behind them.

    `port` is the one held, or -1.
    """

    charge: FloatArray
    discharge: FloatArray
    taken: FloatArray
    given: FloatArray
    port: IntArray


@dataclass(frozen=True, slots=True)
class Account:
    """The shares of a schedule, and what they were made with.

    `demand_cost` is shared by nobody, nor is `event_cost`: `event_penalty` less `event_revenue`.
    """

    parties: tuple[Party, ...]
    rates: StepRates
    visits: VisitPowers
    demand_cost: float
    event_cost: float

    def total(self, word: str) -> float:
        """The sum of a word over all parties."""
        return sum(float(getattr(party.money, word)) for party in self.parties)

    @property
    def cost(self) -> float:
        """`cost` of the whole schedule."""
        return self.total("cost") + self.demand_cost + self.event_cost


def account_of(spec: Spec, data: Data, schedule: xr.Dataset, terms: Mapping[str, float]) -> Account:
    """Who has what share; `terms` are the words of the schedule."""
    visits = visit_powers(spec, data, schedule)
    taking = dict(_taking(spec, schedule))
    giving = dict(_giving(spec, schedule))
    steps, at = spec.steps, data.visits.step
    taken = sum(taking.values(), np.bincount(at, visits.taken, minlength=steps).astype(float))
    given = sum(giving.values(), np.bincount(at, visits.given, minlength=steps).astype(float))
    imported, exported = (np.asarray(schedule[name].values, dtype=float) for name in ("import", "export"))
    series = {
        name: np.zeros(steps) if values is None else values
        for name in ("price", "feed_in", "carbon", "export_carbon")
        for values in [data.over_time("grid", name)]
    }
    rates = StepRates(
        _each(series["price"] * imported, taken),
        _each(series["feed_in"] * exported, given),
        _each(series["carbon"] * imported, taken),
        _each(series["export_carbon"] * exported, given),
    )
    parties = [
        *_vehicles(spec, data, schedule, visits, rates),
        *_devices(spec, data, schedule, taking, giving, rates),
    ]
    idle, still = imported * (taken <= 0), exported * (given <= 0)
    own = Money(
        taken=float(idle.sum()) * spec.step,
        given=float(still.sum()) * spec.step,
        energy_cost=float(series["price"] @ idle) * spec.step,
        export_revenue=float(series["feed_in"] @ still) * spec.step,
        co2=float(series["carbon"] @ idle - series["export_carbon"] @ still) * spec.step,
    )
    if own.taken or own.given:
        parties.append(Party(CONNECTION, CONNECTION, own))
    called = terms.get("event_penalty", 0.0) - terms.get("event_revenue", 0.0)
    return Account(tuple(parties), rates, visits, float(terms.get("demand_cost", 0.0)), float(called))


def visit_powers(spec: Spec, data: Data, schedule: xr.Dataset) -> VisitPowers:
    """The powers of the vehicles of a schedule."""
    at = data.visits

    def by_visit(name: str) -> FloatArray:
        values = schedule[name].values
        return np.asarray(values if schedule[name].dims == ("visit",) else values[at.vehicle, at.step])

    blocks = [block for block in spec.of_kind("port") for _ in range(block.port_count)]
    port: IntArray = by_visit("port").astype(np.int64)
    kept = np.array([*(block.number("efficiency") for block in blocks), 1.0])[port]
    charge, discharge = by_visit("charge").astype(float), by_visit("discharge").astype(float)
    return VisitPowers(charge, discharge, charge / kept, discharge * kept, port)


def _each(amount: FloatArray, power: FloatArray) -> FloatArray:
    """An amount of each step for each kW that there is; nothing where there is none."""
    there = power > 0
    return np.where(there, amount / np.where(there, power, 1.0), 0.0)


def _taking(spec: Spec, schedule: xr.Dataset) -> Iterator[tuple[str, FloatArray]]:
    """What each device takes, kW at the site."""
    for device in (*spec.of_kind("load"), *spec.of_kind("cohort")):
        yield device.name, np.maximum(np.asarray(schedule[device.name].values, dtype=float), 0.0)
    for device in spec.of_kind("storage"):
        charge = np.asarray(schedule[f"{device.name}.charge"].values, dtype=float)
        yield device.name, np.maximum(charge, 0.0)


def _giving(spec: Spec, schedule: xr.Dataset) -> Iterator[tuple[str, FloatArray]]:
    """What each device gives, kW at the site."""
    for device in (*spec.of_kind("solar"), *spec.of_kind("wind")):
        yield device.name, np.maximum(np.asarray(schedule[device.name].values, dtype=float), 0.0)
    for device in spec.of_kind("storage"):
        discharge = np.asarray(schedule[f"{device.name}.discharge"].values, dtype=float)
        yield device.name, np.maximum(discharge, 0.0)


def _devices(
    spec: Spec,
    data: Data,
    schedule: xr.Dataset,
    taking: Mapping[str, FloatArray],
    giving: Mapping[str, FloatArray],
    rates: StepRates,
) -> Iterator[Party]:
    step, nothing = spec.step, np.zeros(spec.steps)
    for device in spec.devices:
        name = device.name
        if name not in taking and name not in giving:
            continue
        taken, given = taking.get(name, nothing), giving.get(name, nothing)
        stored = device.kind == "storage"
        tariff = data.over_time(f"class {device.of}", "tariff") if device.kind == "cohort" else None
        money = Money(
            taken=float(taken.sum()) * step,
            given=float(given.sum()) * step,
            energy_cost=float(rates.paid @ taken) * step,
            export_revenue=float(rates.earned @ given) * step,
            wear=float(given.sum()) * step * device.number("wear", 0.0) if stored else 0.0,
            end_value=(
                float(schedule[f"{name}.energy_end"].values) * device.number("end_value", 0.0)
                if stored
                else 0.0
            ),
            initial_cost=(
                float(schedule[f"{name}.energy"].values[0]) * device.number("initial_price", 0.0)
                if stored
                else 0.0
            ),
            revenue=0.0 if tariff is None else float(tariff @ taken) * step,
            co2=float(rates.caused @ taken - rates.spared @ given) * step,
        )
        yield Party(name, device.kind, money)


def _vehicles(
    spec: Spec, data: Data, schedule: xr.Dataset, visits: VisitPowers, rates: StepRates
) -> Iterator[Party]:
    vehicles, step = data.vehicles, spec.step
    when, who = data.visits.step, data.visits.vehicle

    def summed(values: FloatArray) -> list[float]:
        each = np.bincount(who, values * step, minlength=len(vehicles)).astype(float)
        return [float(value) for value in vehicles.of_whole(each)]

    left = np.asarray(schedule["energy_departure"].values, dtype=float)
    worth = np.where(vehicles.end_value != 0, vehicles.end_value * np.nan_to_num(left), 0.0)
    bought = np.nan_to_num(vehicles.elsewhere * np.maximum(vehicles.target - left, 0.0))  # NaN: not to be had
    paid, back = driver_rates(spec, data)
    columns = (
        summed(visits.taken),
        summed(visits.given),
        summed(rates.paid[when] * visits.taken),
        summed(rates.earned[when] * visits.given),
        summed(vehicles.wear[who] * visits.discharge),
        vehicles.of_whole(worth).tolist(),
        vehicles.of_whole(bought).tolist(),
        summed(paid * visits.charge - back * visits.discharge),
        summed(rates.caused[when] * visits.taken - rates.spared[when] * visits.given),
    )
    for at, row in enumerate(zip(*columns, strict=True)):
        if vehicles.is_first[at]:
            yield Party(vehicles.name[at], "vehicle", Money(*row), at)


def driver_rates(spec: Spec, data: Data) -> tuple[FloatArray, FloatArray]:
    """What the driver of each visit pays for a kWh charged, and is paid for one that is given back."""
    tariff, reward = (data.of_classes(spec, setting) for setting in ("tariff", "v2g_reward"))
    who, when = data.visits.vehicle, data.visits.step
    category = data.vehicles.category[who]
    net = data.chosen(spec, "billing", "net")[who]
    if not len(who):
        return np.zeros(0), np.zeros(0)
    return tariff[category, when], reward[category, when] + tariff[category, when] * net
