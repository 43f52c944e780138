"""Why a vehicle charges when it does, why it got less than it asked for, what giving back earned it.

| fact | what it holds |
|---|---|
| `stay` | when it is there, what it asks for, gets and lacks |
| `trips` | what its trips use, and what of that is bought on the road |
| `charging` | its runs of charging, the largest first, with the energy and the mean power of each |
| `rank`, `rate_constant` | price and CO2 of what it charges among those of its stay |
| `lower_rate` | how long it takes less than it could at a lower price, and for how long what is full then |
| `move` | what a kWh costs that is charged at another time (tested), and with a full limit eased |
| `short` | why it lacks energy, as `evdsl.optimization.shortfall` proves it |
| `give` | what a kWh more to it costs, and who else gets less then (tested) |
| `given` | what it gives back, what that was worth at the connection, what it wore |
| `given_worth` | what the objective loses where it gives nothing (tested) |

A move is asked for twice: with the other vehicles as they are, and with all decided anew, where others may
change places with it. A limit is said to keep it from a move only where that costs something with the others
as they are, and nothing, or less than nothing, once the limit is larger by what is moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import BoolArray
from evdsl.language.spec import Spec
from evdsl.language.units import symbol
from evdsl.optimization.inquiry.course import ENOUGH, NOTHING, block_of_port, course_of, runs
from evdsl.optimization.inquiry.fact import Fact, Moment, Quantity, Value
from evdsl.optimization.inquiry.limits import SiteLimit, eased, site_limits, spread_at
from evdsl.optimization.inquiry.ranks import SAME, of_course
from evdsl.optimization.inquiry.trial import Change, Demand, NetEnergy, Trial
from evdsl.optimization.result import Result
from evdsl.optimization.rounding import unmet_of
from evdsl.optimization.shortfall.reason import reasons
from evdsl.schedule.energy import lacks

if TYPE_CHECKING:
    import xarray as xr

NOTICED = 0.005
"""kWh: what is less than this is no energy to an operator."""
MOVED = 1.0
"""kWh that are moved, where as much can be."""
LEAST = 0.05
"""kWh: where less can be moved nothing is asked."""
MOVES = 3
"""Times that a kWh is moved to."""
Notify = Callable[[str], None]


def vehicle_facts(
    result: Result, vehicle: int, trial: Trial | None = None, notify: Notify = lambda _: None
) -> tuple[Fact, ...]:
    """The facts of a vehicle, which is named by its first stay; without a `trial` nothing is solved again."""
    return tuple(_Inquiry(result, vehicle, trial, notify).facts())


class _Inquiry:
    def __init__(self, result: Result, vehicle: int, trial: Trial | None, notify: Notify) -> None:
        assert result.schedule is not None, "there is nothing to ask about"
        self.result, self.vehicle, self.trial, self.notify = result, vehicle, trial, notify
        self.spec, self.data = result.spec, result.data
        self.schedule: xr.Dataset = result.schedule
        self.vehicles = self.data.vehicles
        self.stays = tuple(int(at) for at in np.flatnonzero(self.vehicles.first == vehicle))
        self.course = course_of(self.spec, self.data, self.schedule, vehicle)
        self.delivered = np.asarray(self.schedule["delivered"].values, dtype=float)
        self.unmet = unmet_of(self.data, self.schedule)
        self.limits = site_limits(self.spec, self.data, self.schedule)

    def facts(self) -> Iterator[Fact]:
        """In the order in which they are told."""
        yield self._stay()
        yield from self._trips()
        yield self._charging()
        yield from of_course(self.spec, self.data, self.course)
        yield from self._lower_rate()
        yield from self._moves()
        yield from self._short()
        yield from self._given()

    def _stay(self) -> Fact:
        vehicles, at, last = self.vehicles, self.vehicle, self.stays[-1]
        by_energy = not np.isnan(vehicles.demand[at])
        values: dict[str, Value] = {
            "vehicle": vehicles.name[at],
            "class": self.spec.of_kind("class")[int(vehicles.category[at])].name,
            "arrives": Moment(float(vehicles.begin[at])),
            "leaves": Moment(float(vehicles.end[last])),
            "stays": len(self.stays),
            "asked": Quantity(float(vehicles.need[at]), "kWh"),
            "asked_at": "port" if by_energy else "battery",
            "delivered": Quantity(self._sum(self.delivered), "kWh"),
            "missing": Quantity(self._sum(self.unmet), "kWh"),
        }
        if not by_energy and len(self.stays) == 1:
            values["soc_arrival"] = Quantity(float(vehicles.initial[at] / vehicles.battery[at]), "1")
            values["soc_target"] = Quantity(float(vehicles.target[at] / vehicles.battery[at]), "1")
        return Fact("stay", values)

    def _sum(self, values: np.ndarray) -> float:
        return float(values[list(self.stays)].sum())

    def _trips(self) -> Iterator[Fact]:
        vehicles, mine = self.vehicles, list(self.stays)
        used = vehicles.used[mine]
        trips = ~np.isnan(used)
        if not trips.any():
            return
        gained = np.zeros(len(vehicles))
        charge, discharge, who = self.course.charge, self.course.discharge, self.course.stay
        inside = charge * vehicles.charge_efficiency[who] - discharge / vehicles.discharge_efficiency[who]
        np.add.at(gained, who, inside * self.spec.step)
        lack = np.where(vehicles.buys, lacks(gained, gained, self.data), 0.0)[mine]
        price = np.nan_to_num(vehicles.elsewhere[mine])
        yield Fact(
            "trips",
            {
                "trips": int(trips.sum()),
                "used": Quantity(float(used[trips].sum()), "kWh"),
                "bought": Quantity(float(lack.sum()), "kWh"),
                "cost": Quantity(float(lack @ price), self.spec.currency),
            },
        )

    def _charging(self) -> Fact:
        course, step = self.course, self.spec.step
        found = [
            (float(course.charge[run].sum()) * step, run) for run in runs(course, course.charge > NOTHING)
        ]
        found.sort(key=lambda one: (-one[0], one[1].start))
        return Fact(
            "charging",
            {
                "energy": Quantity(float(course.charge.sum()) * step, "kWh"),
                "runs": tuple(self._run(energy, run) for energy, run in found),
            },
        )

    def _run(self, energy: float, run: slice) -> dict[str, Value]:
        course = self.course
        hours = float((course.end[run] - course.begin[run]).sum())
        return {
            "begin": Moment(float(course.begin[run][0])),
            "end": Moment(float(course.end[run][-1])),
            "energy": Quantity(energy, "kWh"),
            "power": Quantity(energy / hours if hours > 0 else 0.0, "kW"),
            "port": self._port(int(course.port[run][0])),
        }

    def _port(self, number: int) -> str:
        return str(self.schedule["port_name"].values[number]) if number >= 0 else ""

    def _lower_rate(self) -> Iterator[Fact]:
        course, price = self.course, self.data.over_time("grid", "price")
        charging = course.charge > NOTHING
        if price is None or not charging.any():
            return
        rate = price[course.step]
        dearest = float(rate[charging].max())
        at = np.flatnonzero(
            (rate < dearest - SAME) & (course.charge < course.most * ENOUGH) & (course.discharge <= NOTHING)
        )
        if not len(at):
            return
        hours: dict[str, float] = {}
        free = 0.0
        for entry in at.tolist():
            length = float(course.end[entry] - course.begin[entry])
            names = self._in_the_way(entry)
            for name in names:
                hours[name] = hours.get(name, 0.0) + length
            free += 0.0 if names else length
        total = float((course.end[at] - course.begin[at]).sum())
        if total <= 1e-6:
            return
        told = sorted(hours.items(), key=lambda one: -one[1])
        yield Fact(
            "lower_rate",
            {
                "than": Quantity(dearest, f"{self.spec.currency}/kWh"),
                "hours": Quantity(total, "h"),
                "full": tuple({"limit": name, "hours": Quantity(value, "h")} for name, value in told),
                "free": Quantity(free, "h"),
            },
        )

    def _in_the_way(self, entry: int) -> list[str]:
        """What is full for the vehicle at an entry of its course: a port, its battery, limits of the site."""
        course = self.course
        if self.spec.of_kind("port") and course.port[entry] < 0:
            return ["no port"]
        who = int(course.stay[entry])
        if not np.isnan(course.energy[entry]) and course.energy[entry] >= self.vehicles.high[who] - NOTICED:
            return ["its battery"]
        return [limit.name for limit in self._full(entry)]

    def _full(self, entry: int) -> list[SiteLimit]:
        """The limits of the site that are full on the way to the port that the vehicle has."""
        port, step = int(self.course.port[entry]), int(self.course.step[entry])
        block = block_of_port(self.spec, port)
        spread = spread_at(self.spec, int(self.vehicles.category[self.course.stay[entry]]), port)
        there = (one for one in self.limits if one.holds_charging[step])
        return [one for one in there if one.is_on_the_way(self.spec, block, spread)]

    def _moves(self) -> Iterator[Fact]:
        course, step = self.course, self.spec.step
        if self.trial is None or not self.trial.can_ask or not (course.charge > NOTHING).any():
            return
        told = 0
        for window in self._windows():
            if told == MOVES:
                return
            elsewhere = float(course.charge[~window].sum()) * step
            room = float((course.most - course.charge + course.discharge)[window].sum()) * step
            amount = min(MOVED, elsewhere, room)
            if amount < LEAST:
                continue
            self.notify("moving a kWh to another time")
            fact = self._move(window, amount)
            if fact is None:
                return
            told += 1
            yield fact

    def _windows(self) -> list[BoolArray]:
        """The times of its stay at one price: the lowest, what is next before that with most energy, and next
        after; then the others, lower prices first. At one price: before its charging, and after it.
        """
        course, price = self.course, self.data.over_time("grid", "price")
        entries = np.arange(len(course))
        charging = np.flatnonzero(course.charge > NOTHING)
        rate = np.zeros(len(course)) if price is None else price[course.step]
        new = (np.abs(np.diff(rate)) > SAME) | (np.diff(course.step) != 1)
        number = np.concatenate([[0], np.cumsum(new)])
        if number[-1] == 0:
            sides = (entries < charging[0], entries > charging[-1])
            return [side for side in sides if side.any()]
        main, last = int(np.bincount(number, course.charge).argmax()), int(number[-1])
        by_price = sorted(range(last + 1), key=lambda at: (float(rate[number == at][0]), abs(at - main)))
        first = [by_price[0], *(at for at in (main - 1, main + 1) if 0 <= at <= last)]
        return [number == at for at in dict.fromkeys([*first, *by_price])]

    def _steps(self, chosen: BoolArray) -> BoolArray:
        steps = np.zeros(self.spec.steps, dtype=np.bool_)
        steps[self.course.step[chosen]] = True
        return steps

    def _net(self, chosen: BoolArray) -> float:
        return float((self.course.charge - self.course.discharge)[chosen].sum()) * self.spec.step

    def _as_much(self) -> NetEnergy:
        """In all as much as in the schedule."""
        everywhere = np.ones(self.spec.steps, dtype=np.bool_)
        total = self._net(np.ones(len(self.course), dtype=np.bool_))
        return NetEnergy(self.stays, everywhere, total, total)

    def _move(self, window: BoolArray, amount: float) -> Fact | None:
        assert self.trial is not None
        course, price = self.course, self.data.over_time("grid", "price")
        before, after = self._moved(window, amount)
        change, alone = self.trial.change(before, after), self._alone(before, after)
        if change is None or alone is None:
            return None
        values: dict[str, Value] = {
            "begin": Moment(float(course.begin[window][0])),
            "end": Moment(float(course.end[window][-1])),
            "amount": Quantity(amount, "kWh"),
            **self._worth(change),
            "others_kept": self._worth(alone),
        }
        if price is not None:
            values["rate"] = Quantity(float(price[course.step[window]].mean()), f"{self.spec.currency}/kWh")
        if self._is_lower(window) and (alone.amount is None or alone.amount > 0):
            values |= self._with_limit_eased(window, amount)
        return Fact("move", values, tested=True)

    def _moved(
        self, window: BoolArray, amount: float, into: BoolArray | None = None
    ) -> tuple[Demand, Demand]:
        """What it takes in a window now, and so much more, in all as much; all of that more `into` a part."""
        total = self._as_much()
        parts = [window] if into is None else [window, into]
        now, more = (
            tuple(NetEnergy(self.stays, self._steps(part), self._net(part) + extra) for part in parts)
            for extra in (0.0, amount)
        )
        return Demand((*now, total)), Demand((*more, total))

    def _alone(self, before: Demand, after: Demand) -> Change | None:
        """What a demand costs where the other vehicles do what they do."""
        assert self.trial is not None
        return self.trial.change(replace(before, alone=self.stays), replace(after, alone=self.stays))

    def _worth(self, change: Change) -> dict[str, Value]:
        """A change as values: `worse` by how much, in which stage."""
        if change.amount is None and change.stage < 0:
            return {"worse": None, "objective": None, "ports_anew": change.anew}
        stage = self.spec.stages[change.stage]
        unit = symbol(stage.dimension, self.spec.currency)
        worse = None if change.amount is None else Quantity(change.amount, unit)
        return {"worse": worse, "objective": f"{stage.sense} {stage.text}", "ports_anew": change.anew}

    def _is_lower(self, window: BoolArray) -> bool:
        """Whether the price of a window is lower than what it pays on average, where there are prices."""
        course, price = self.course, self.data.over_time("grid", "price")
        if price is None:
            return True
        rate = price[course.step]
        paid = float(course.charge @ rate / course.charge.sum())
        return float(rate[window].mean()) <= paid + SAME

    def _with_limit_eased(self, window: BoolArray, amount: float) -> dict[str, Value]:
        """The same move, others as they are, into one step of the window in which what is full is larger.

        Where all of it does not go there, since something else is full then, a little of it is tried.
        """
        course, step = self.course, self.spec.step
        room = np.where(window, course.most - course.charge + course.discharge, 0.0) * step
        full = [entry for entry in np.flatnonzero(room > LEAST).tolist() if self._full(entry)]
        if not full:
            return {}
        entry = max(full, key=lambda at: (float(room[at]), -at))
        limits = self._full(entry)
        block = block_of_port(self.spec, int(course.port[entry]))
        efficiency = 1.0 if block is None else block.number("efficiency")
        only = np.arange(len(course)) == entry
        at = int(course.step[entry])
        for kwh in dict.fromkeys((min(amount, float(room[entry])), LEAST)):
            kilowatts = kwh / step / efficiency
            before, after = self._moved(window, kwh, only)
            series = eased(self.data, limits, at, kilowatts)
            change = self._alone(before, replace(after, series=series))
            if change is None or change.amount is None or change.amount > 0:
                continue
            plain = self._alone(before, after)
            if plain is None or (plain.amount is not None and plain.amount <= 0):
                continue
            return {
                "kept_by": tuple(limit.name for limit in limits),
                "eased": {
                    "begin": Moment(at * step),
                    "end": Moment((at + 1) * step),
                    "amount": Quantity(kwh, "kWh"),
                    "by": Quantity(kilowatts, "kW"),
                    **self._worth(change),
                },
            }
        return {}

    def _short(self) -> Iterator[Fact]:
        missing = self._sum(self.unmet)
        if missing <= NOTICED:
            return
        why = reasons(self.result, NOTICED)
        told = next((why[stay] for stay in self.stays if stay in why), None)
        if told is not None:
            values: dict[str, Value] = {"code": told.code, "reason": told.text}
            yield Fact("short", {"missing": Quantity(missing, "kWh"), **values, "limits": told.limits})
            if told.code == "stay":
                return
        yield from self._give(missing)

    def _give(self, missing: float) -> Iterator[Fact]:
        if self.trial is None or not self.trial.can_ask:
            return
        everywhere = np.ones(self.spec.steps, dtype=np.bool_)
        total = self._net(np.ones(len(self.course), dtype=np.bool_))
        at = self.vehicle
        by_energy = not np.isnan(self.vehicles.demand[at])
        amount = min(MOVED, missing if by_energy else missing / float(self.vehicles.charge_efficiency[at]))
        self.notify("giving it a kWh more")
        before = Demand((NetEnergy(self.stays, everywhere, total),))
        after = Demand((NetEnergy(self.stays, everywhere, total + amount),))
        found = self.trial.losers(before, after, self.delivered)
        if found is None:
            return
        change, lost = found
        losers = sorted(
            ((kwh, who) for who, kwh in lost.items() if who != at), key=lambda one: (-one[0], one[1])
        )
        yield Fact(
            "give",
            {
                "amount": Quantity(amount, "kWh"),
                **self._worth(change),
                "losers": tuple(
                    {"vehicle": self.vehicles.name[who], "less": Quantity(kwh, "kWh")} for kwh, who in losers
                ),
            },
            tested=True,
        )

    def _given(self) -> Iterator[Fact]:
        course, step, vehicles = self.course, self.spec.step, self.vehicles
        if not (course.discharge > NOTHING).any():
            return
        energy = course.discharge * step
        worn = float(energy @ vehicles.wear[course.stay])
        values: dict[str, Value] = {
            "energy": Quantity(float(energy.sum()), "kWh"),
            "runs": tuple(
                self._run(float(energy[run].sum()), run) for run in runs(course, course.discharge > NOTHING)
            ),
            "wear": Quantity(worn, self.spec.currency),
        }
        worth = _worth_of_a_kwh(self.spec, self.result, self.schedule)
        if worth is not None:
            blocks = [block_of_port(self.spec, int(port)) for port in course.port]
            efficiency = np.array([1.0 if block is None else block.number("efficiency") for block in blocks])
            values["worth"] = Quantity(float((energy * efficiency) @ worth[course.step]), self.spec.currency)
        rewards = self.data.of_classes(self.spec, "v2g_reward")[vehicles.category[course.stay], course.step]
        values["reward"] = Quantity(float(energy @ rewards), self.spec.currency)
        yield Fact("given", values)
        if self.trial is None or not self.trial.can_ask:
            return
        self.notify("letting it give nothing")
        change = self.trial.change(Demand(), Demand(giving_nothing=self.stays))
        if change is not None:
            yield Fact("given_worth", self._worth(change), tested=True)


def _worth_of_a_kwh(spec: Spec, result: Result, schedule: xr.Dataset) -> np.ndarray | None:
    """What a kWh that is given at the connection brings by step: `feed_in` where the site exports, else the
    `price` that is not paid."""
    price, feed_in = (result.data.over_time("grid", name) for name in ("price", "feed_in"))
    if price is None:
        return None
    exports = np.asarray(schedule["export"].values, dtype=float) > NOTHING
    sold = np.zeros(spec.steps) if feed_in is None else feed_in
    return np.where(exports, sold, price)
