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
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.spec import Spec
from evdsl.optimization.inquiry.course import ENOUGH, NOTHING, block_of_port, runs
from evdsl.optimization.inquiry.fact import Fact, Moment, Quantity, Value
from evdsl.optimization.inquiry.moves import MOVED, moves
from evdsl.optimization.inquiry.ranks import SAME, of_course
from evdsl.optimization.inquiry.subject import Subject
from evdsl.optimization.inquiry.trial import Demand, Trial, as_values
from evdsl.optimization.result import Result
from evdsl.optimization.rounding import unmet_of
from evdsl.optimization.shortfall.reason import reasons
from evdsl.schedule.energy import lacks

if TYPE_CHECKING:
    import xarray as xr

NOTICED = 0.005
"""kWh: what is less than this is no energy to an operator."""
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
        self.subject = Subject.of(result, vehicle)
        self.stays, self.course = self.subject.stays, self.subject.course
        self.delivered = np.asarray(self.schedule["delivered"].values, dtype=float)
        self.unmet = unmet_of(self.data, self.schedule)

    def facts(self) -> Iterator[Fact]:
        """In the order in which they are told."""
        yield self._stay()
        yield from self._trips()
        yield self._charging()
        yield from of_course(self.spec, self.data, self.course)
        yield from self._lower_rate()
        yield from moves(self.subject, self.trial, self.notify)
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
        return [limit.name for limit in self.subject.full_limits(entry)]

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
        subject, at = self.subject, self.vehicle
        by_energy = not np.isnan(self.vehicles.demand[at])
        amount = min(MOVED, missing if by_energy else missing / float(self.vehicles.charge_efficiency[at]))
        self.notify("giving it a kWh more")
        before = Demand((subject.takes_in_all(subject.total),))
        after = Demand((subject.takes_in_all(subject.total + amount),))
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
                **as_values(change, self.spec),
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
            yield Fact("given_worth", as_values(change, self.spec), tested=True)


def _worth_of_a_kwh(spec: Spec, result: Result, schedule: xr.Dataset) -> np.ndarray | None:
    """What a kWh that is given at the connection brings by step: `feed_in` where the site exports, else the
    `price` that is not paid."""
    price, feed_in = (result.data.over_time("grid", name) for name in ("price", "feed_in"))
    if price is None:
        return None
    exports = np.asarray(schedule["export"].values, dtype=float) > NOTHING
    sold = np.zeros(spec.steps) if feed_in is None else feed_in
    return np.where(exports, sold, price)
