"""A site as arrays: what a device, a toggle or an objective word may ask of the data that it is built on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from evdsl.language.arrays import BoolArray, FloatArray, IntArray
from evdsl.language.spec import Device, Spec


@dataclass(frozen=True, slots=True)
class Vehicles:
    """One entry a vehicle. Times are hours from the start, energies kWh, powers kW.

    `arrival` and `departure` are as asked; `begin` and `end` after rounding and cut to the horizon.
    `battery`, `initial`, `low`, `high` and `target` are NaN without a battery (`target` also where
    `energy` is asked for), `demand` (at the port) where a state of charge is. `phases` are those that its
    class uses, NaN where it uses what its port has. `need` is the energy
    asked for: `demand`, or what lies between `initial` and `target`, in the battery.

    With trips an entry is a stay, and a vehicle has several, one after the other: `previous` is the stay
    before it (-1: it is the first), `used` what the trip after it takes out of the battery (kWh; NaN without
    one) and `elsewhere` what a kWh costs that must be charged on that trip (NaN: it is not to be had, and is
    `unmet`). Before a trip the `target` is `low + used`. `need` and `battery` are as asked of the whole
    vehicle at its first stay; `need` is 0 at later ones, and `initial` is NaN there: it follows from the stay
    before.
    """

    name: tuple[str, ...]
    owner: IntArray
    category: IntArray
    arrival: FloatArray
    departure: FloatArray
    begin: FloatArray
    end: FloatArray
    battery: FloatArray
    initial: FloatArray
    low: FloatArray
    high: FloatArray
    target: FloatArray
    demand: FloatArray
    need: FloatArray
    priority: FloatArray
    phases: FloatArray
    charge: FloatArray
    discharge: FloatArray
    charge_efficiency: FloatArray
    discharge_efficiency: FloatArray
    wear: FloatArray
    end_value: FloatArray
    reach: FloatArray
    """The most that each could take at the port during its stay, at full power and whole battery."""
    previous: IntArray
    used: FloatArray
    elsewhere: FloatArray

    def __len__(self) -> int:
        return len(self.name)

    @property
    def is_first(self) -> BoolArray:
        """Of each stay whether its vehicle comes with it: one entry a vehicle."""
        return self.previous < 0

    @property
    def following(self) -> IntArray:
        """The stay after each; -1 for none."""
        found = np.full(len(self), -1, dtype=np.int64)
        later = np.flatnonzero(self.previous >= 0)
        found[self.previous[later]] = later
        return found

    @property
    def first(self) -> IntArray:
        """The first stay of the vehicle of each stay: what stands for the vehicle."""
        # The stays of a vehicle stand one after the other.
        return np.flatnonzero(self.is_first)[np.cumsum(self.is_first) - 1] if len(self) else self.previous

    @property
    def travels(self) -> BoolArray:
        """Of each stay whether its vehicle makes a trip at all."""
        return ~np.isnan(self.used) | ~self.is_first

    @property
    def buys(self) -> BoolArray:
        """Of each stay whether what the trip after it lacks is paid for, and not `unmet`."""
        return ~np.isnan(self.elsewhere)

    def of_whole(self, values: FloatArray) -> FloatArray:
        """The sums of values of stays, at the first stay of each vehicle; 0 at later ones."""
        if self.is_first.all():
            return values
        return np.bincount(self.first, values, minlength=len(self)).astype(float)


@dataclass(frozen=True, slots=True)
class Visits:
    """One entry for each vehicle and step in which it is there, by vehicle, then by step.

    `presence` is the share of the step; the visits of vehicle `v` are `start[v]` to `start[v + 1]`.
    """

    vehicle: IntArray
    step: IntArray
    presence: FloatArray
    start: IntArray

    def __len__(self) -> int:
        return len(self.vehicle)


@dataclass(frozen=True, slots=True)
class Meter:
    """What a demand charge counts: the intervals of its meter, and the periods that are paid for.

    Of interval i the mean is Σ share · power over the pairs (step, interval) that speak of it.

    `period` is that of each interval; the others have one entry for each period. `price` is what a kW costs
    in it, `part` what is paid of that, `reached` what was paid for before the horizon (kW), `begin` and `end`
    the hours from the start between which it lies, cut to the horizon, `cut` whether that leaves out some.
    """

    step: IntArray
    interval: IntArray
    share: FloatArray
    period: IntArray
    price: FloatArray
    part: FloatArray
    reached: FloatArray
    begin: FloatArray
    end: FloatArray
    cut: tuple[bool, ...]

    @property
    def per_kilowatt(self) -> FloatArray:
        """What is paid for a kW of the largest mean of each period."""
        return self.price * self.part

    @property
    def averages(self) -> bool:
        """Whether an interval holds more than one step."""
        return len(self.step) > len(self.period)

    def means(self, power: FloatArray) -> FloatArray:
        """The mean of each interval, kW."""
        weighed = power[self.step] * self.share
        return np.bincount(self.interval, weighed, minlength=len(self.period)).astype(float)

    def largest(self, power: FloatArray) -> FloatArray:
        """The largest mean of each period, kW; 0 where nothing of it is metered."""
        found = np.zeros(len(self.part))
        np.maximum.at(found, self.period, self.means(power))
        return found


@dataclass(frozen=True, slots=True)
class Call:
    """When an event is on: of each step the share inside, and the calls in hours from the start, in order.

    They are cut to the horizon, and do not overlap.
    """

    share: FloatArray
    begin: FloatArray
    end: FloatArray

    @property
    def steps(self) -> IntArray:
        """The steps that lie in a call, in whole or in part."""
        return np.flatnonzero(self.share > 0)


def listed(setting: str, number: int) -> str:
    """The key of an entry of a list of series, counted from 0."""
    return f"{setting}.{number}"


@dataclass(frozen=True, slots=True)
class Site:
    """What a spec stands for in numbers. `series` is keyed by block
    (`evdsl.language.devices.series_key`) and setting.

    `cohorts` are by name who comes in each state and step; shape (states, steps). `meters` are by name what
    demand charges count, `events` by name when they are on.
    """

    series: Mapping[tuple[str, str], FloatArray]
    vehicles: Vehicles
    visits: Visits
    cohorts: Mapping[str, FloatArray]
    meters: Mapping[str, Meter]
    events: Mapping[str, Call]

    def of_classes(self, spec: Spec, setting: str) -> FloatArray:
        """A series setting of every class, zero where it is not given; shape (classes, steps)."""
        nothing = np.zeros(spec.steps)
        classes = spec.of_kind("class")
        return np.array([self.series.get((f"class {c.name}", setting), nothing) for c in classes]).reshape(
            len(classes), spec.steps
        )

    def by_state(self, block: str, setting: str, usual: list[float], steps: int) -> FloatArray:
        """A list of series with an entry for each state, or with one for all; shape (states, steps)."""
        first = self.series.get((block, listed(setting, 0)))
        if first is None:
            return np.repeat(np.array(usual)[:, None], steps, axis=1)
        each = (self.series.get((block, listed(setting, state)), first) for state in range(len(usual)))
        return np.array([*each])

    def chosen(self, spec: Spec, setting: str, choice: str) -> BoolArray:
        """Of each vehicle whether a setting of its class is that one of a few words."""
        classes = [category.choice(setting) == choice for category in spec.of_kind("class")]
        return np.isin(self.vehicles.category, np.flatnonzero(classes))

    def baseline(self, event: Device) -> FloatArray:
        """What would be drawn without the calls of an event that has a baseline, kW."""
        return self.series[event.name, "baseline"]

    def asked(self, event: Device) -> FloatArray:
        """The most that counts as not drawn in calls, kW: what is asked for, or (without `reduce`) all."""
        if event.get("reduce") is None:
            return np.full(len(self.events[event.name].share), np.inf)
        return np.minimum(event.number("reduce"), self.baseline(event))

    def most_drawn(self, event: Device) -> FloatArray:
        """What may be drawn before it is over, kW; outside of calls anything."""
        is_reduced = event.get("reduce") is not None
        most = self.baseline(event) - self.asked(event) if is_reduced else self.series[event.name, "limit"]
        return np.where(self.events[event.name].share > 0, most, np.inf)

    def told_of_calls(self, event: Device, drawn: FloatArray) -> dict[str, FloatArray]:
        """What a schedule says of calls in which so much is drawn: over, saved, baseline, kW; 0 outside."""
        found = {f"{event.name}.over": np.maximum(drawn - self.most_drawn(event), 0.0)}
        if event.get("baseline") is not None:
            inside = self.events[event.name].share > 0
            saved = np.minimum(self.baseline(event) - drawn, self.asked(event))
            found[f"{event.name}.saved"] = np.where(inside, saved, 0.0)
            found[f"{event.name}.baseline"] = self.baseline(event)
        return found

    def over_time(self, block: str, setting: str) -> FloatArray | None:
        """A series setting of a block (of the `grid` by that word), shape (steps,); `None` if not given."""
        return self.series.get((block, setting))


@dataclass(frozen=True, slots=True)
class PortGroup:
    """A group of interchangeable ports; `names` are the ports themselves, `charge` and `discharge` kW.

    `own` where every vehicle brings its own, and none has a name. `phases` are those that it uses, in order;
    which ones counts only where rows speak of phases. `least` is the ports' `min_power`, `rates`
    their allowed powers (kW, rising), where a toggle asks for them.
    """

    own: bool
    names: tuple[str, ...]
    charge: float
    discharge: float
    efficiency: float
    feeder: str = ""
    least: float = 0.0
    rates: tuple[float, ...] = ()
    phases: tuple[int, ...] = (0, 1, 2)
    block: str = ""
    """The block whose ports these are, as series know it, where its `count` changes over time."""


@dataclass(frozen=True, slots=True)
class Outages:
    """One entry for each time for which a socket of a group is out of order; `begin` and `end` in hours.

    `depth` counts those of its group that began before it and are there with it.
    """

    group: IntArray
    begin: FloatArray
    end: FloatArray
    depth: IntArray

    def __len__(self) -> int:
        return len(self.group)


@dataclass(frozen=True, slots=True)
class PowerLevels:
    """Of one flow (charge or discharge), by positions in it; powers are means over the step, kW.

    At `between` the power is zero, or from `least` to `most`. At `rated` it is zero or one of its
    rates: pair i says that `rated[choice[i]]` may have the power `rate[i]`.
    """

    between: IntArray
    least: FloatArray
    most: FloatArray
    rated: IntArray
    choice: IntArray
    rate: FloatArray
    chooser: IntArray
    choosers: int
    """By pair the number of its entry among those that have a rate at all, and how many these are."""


@dataclass(frozen=True, slots=True)
class Slots:
    """One entry for each vehicle, step and group that may be used; by vehicle, group, then step.

    `used` is how many of the group's phases the vehicle uses, `outward` the positions of slots that can
    discharge.
    """

    vehicle: IntArray
    step: IntArray
    visit: IntArray
    group: IntArray
    presence: FloatArray
    charge: FloatArray
    discharge: FloatArray
    efficiency: FloatArray
    used: IntArray
    outward: IntArray

    def __len__(self) -> int:
        return len(self.vehicle)


@dataclass(frozen=True, slots=True)
class States:
    """One entry for each visit of a vehicle that can discharge; the state is that at its end.

    `previous[i]` is followed by `following[i]`; `initial` is the energy on arrival at first visits, else 0;
    `of_slot` is the state of each slot, -1 where the vehicle has none.
    """

    vehicle: IntArray
    visit: IntArray
    previous: IntArray
    following: IntArray
    initial: FloatArray
    of_slot: IntArray

    def __len__(self) -> int:
        return len(self.vehicle)


@dataclass(frozen=True, slots=True)
class PortChoices:
    """One entry for each choice of a group: by a stay, or by a visit where ports may be swapped."""

    vehicle: IntArray
    group: IntArray
    begin: FloatArray
    end: FloatArray
    chooser: IntArray

    def __len__(self) -> int:
        return len(self.vehicle)


@dataclass(frozen=True, slots=True)
class SlotIndex:
    """All of these together. `has_slot` are the vehicles with a slot, `has_states` those with states.

    `gate` names the binary of `port_choices`, empty where nothing is to be chosen.
    """

    groups: tuple[PortGroup, ...]
    counts: IntArray
    slots: Slots
    states: States
    has_states: BoolArray
    has_slot: BoolArray
    gate: str
    port_choices: PortChoices
    choosers: int
    gate_of_slot: IntArray
    levels: Mapping[str, PowerLevels]
    """By flow: where it is not free between zero and its most."""
    steps_by_feeder: Mapping[str, IntArray]
    """For each feeder that a slot hangs on, the step of each slot; -1 for those on another."""
    outages: Outages
